// What tickets are about: the words of money, of people and access, of the platform's own parts, of clusters, and of the
// office. Read by classify.ts; the weights say how surely a word means its concept.

import type { Table } from './cues.ts'

export type Subject = 'money' | 'access' | 'product' | 'cluster' | 'office'

export const SUBJECTS: Table<Subject> = {
  /** What is paid, how, and what it costs. */
  money: [
    [
      4,
      `invoice*, billing, billed, refund*, reimburse*, credit note*, receipt*, vat, tax id, tax number, purchase order,
      overcharge*, overbill*, pricing, payment*, dunning, bookkeep*, accounts payable, double charge*, sales tax,
      reverse charge, debit*, direct debit, sepa, iban, wire transfer, bank transfer, pro rata, prorated, chargeback*,
      charged twice|us|me|our|for|again, been charged, was charged, were charged, bill us|me, the bill, our bill,
      monthly bill, outstanding balance, card declined, card ? expired, credit card*, our card, new card`,
    ],
    [
      3,
      `how much ?? cost*, what ?? cost*, price*, discount*, coupon*, voucher*, promo code, subscription*, annual plan,
      starter plan, team plan, business plan, pro plan, enterprise plan, free plan, free tier, minimum term,
      committed plan, commitment, renewal*, renew, cancel ?? subscription|plan|contract, downgrade, trial, credits,
      sla credit, po number, po, procurement, accounting, accountant*, finance, line item*, cost estimate, cost report,
      spend, spending, budget, usd, eur, gbp, dollars, euros, currency, fiscal, overdue, pay, paid, paying, unpaid,
      costs, charges, charge*, bill, bills, amount due, cost ?? from|to, switch ? to ? annual`,
    ],
    [1, 'cost, plan, amount*, card, bank, contract, credit, upgrade ?? plan, expensive, cheaper'],
    // In the words of people who never saw a cluster.
    [
      3,
      `money back, paid twice, tax, taxes, taxed, reminder ? fee|letter, what do we owe, we owe, you owe, price list,
      cost centre*, cost center*, billing address, company name on, registered address, quarter end, year end,
      accounts department, controller, controlling, deposit, instalment*, quarterly, per month, a month, tariff*,
      expense*, reimbursed, your bill, last bill, next bill, bank details, bank account, standing order, cheque, remit*, owed,
      creditor*, debtor*, supplier form, supplier portal, vendor form, tax exempt*, committed use, reservation`,
    ],
  ],
  /** Who may come in, as whom, and what they may do. */
  access: [
    [
      4,
      `password*, passwd, pw reset, passphrase, passkey*, 2fa, mfa, two factor, second factor, totp, otp,
      authenticator, recovery code*, backup code*, yubikey*, security key*, sso, saml, scim, single sign on, oidc login,
      offboard*, onboard*, locked out, account ?? locked|suspended|blocked|disabled|deactivated, lock|unlock ?? account,
      invite*, invitation*, delete ?? account, close ?? account, transfer ?? ownership, ownership, left the company,
      has left us, ex employee*, ex colleague*, former employee*, former staff, former colleague*, add|remove ?? user*,
      add|remove ?? member*, add|remove ?? colleague*, add|remove ?? admin*, add|remove ?? owner*, second owner,
      new owner, org owner, organi* owner, rename ?? organi*, rename ?? org, organi* name, merge ?? org*, erasure,
      change ?? e mail, change ?? email, change ?? login*, sign in ?? account, who has access, admin rights,
      admin role, revoke ?? token*, revoke ?? key*, revoke ?? access, remove ?? access, leaked ?? token*,
      leaked ?? key*, stolen ?? token*, impossible travel, new sign in, service user*`,
    ],
    [
      3,
      `account, accounts, login, logins, log in, logging in, logged in, logged out, sign in, signing in, sign ins,
      signed in, sign up, sign ? in, access to ? cluster*|project|organi*|account|console|portal, idp,
      identity provider, okta, entra, azure ad, keycloak, google workspace, permission*, role, roles, custom role*, which role*, read only access,
      read only account, contractor*, freelancer*, auditor*, colleague* ?? can not, deactivated user*, our organi*,
      seat, seats, captcha, verification code, verification e mail, verification mail`,
    ],
    [
      2,
      `member*, organi*, org, orgs, owner*, admin, admins, administrator*, profile, access, session*, credential*,
      teammate*, newcomer*, new colleague*, new hire*, privilege*, least privilege, employee*, ldap, api key*,
      personal token*, api token*, access token*, user name, username, workspace*`,
    ],
    [1, 'colleague*, user, users, token*, intern, cto, verify, team'],
    // In the words of people who never saw a cluster.
    [
      4,
      `let me|us|her|him in, get into ? account|console|portal, back in, kicked out, thrown out of,
      log me in, code ? to my phone, text message, six digits, sms code, fingerprint*, erase ? user|account|me|data, article 17,
      art 17, delete my|me|his|her ? account|data|user|profile, personal data, forget me, successor, takes over from,
      took over from, hand over, handover, on leave, parental leave, maternity, trainee*, new starter*, joins us, join us,
      joined us, starts on monday, no longer with us, no longer work* for|here, has retired, retired, give ?? access, grant*,
      right to see, rights, allowed to, married name, maiden name, surname, new phone, changed phone*, lost ? phone,
      stolen phone|laptop, same login, shared login`,
    ],
  ],
  /** The platform itself: what it shows, documents, sends, and the tools that talk to it. */
  product: [
    [
      4,
      `dashboard, web ui, webui, ui, gui, dropdown*, drop down, tooltip*, sidebar, modal, wizard, checkbox*, typo*,
      misspel*, spelling, dark mode, dark theme, openapi*, swagger, changelog, cli, terraform provider, tf provider,
      provider version, pulumi, sdk*, client library, go client, python client, devtools, developer tools,
      status page, your docs, the docs, docs page, docs say, documentation, api docs, api reference, white screen,
      white page, blank page, blank screen, unknown flag, unknown field, exit code 0, web terminal, web console,
      web page, your api, public api, rest api, api returns|answers|endpoint|says, pagination, rate limit header*,
      release notes, nil pointer dereference, invalid memory address, steps to reproduce, perpetual diff, button*, btn, your ui, bug report,
      forces replacement, your console, the console, console page, your webhook*, webhook* ? delivered|arrive*|fire*,
      notification webhook, event* ? delivered, browser*, safari, firefox, chrome, incognito, private window,
      your website, your site, your app, mobile app, search box, search filter, audit log page, request id*`,
    ],
    [
      3,
      `console, portal, panel, button*, btn, tab, form, dialog*, page, pages, menu, menus, icon*, label ? wrong,
      table, column*, sort, sorted, sorting, filter*, theme, chart, charts, graph, widget*, docs, doc page, readme,
      reference, terraform, tf, webhook*, notification*, csv export, csv, pdf, download*, export, list page,
      overview, banner, screen, layout, translat*, localiz*, localis*, dates ? shown, time zone*, timezone*,
      kubeconfig download, download ? kubeconfig, completion, subcommand*, command line, flag, flags, click, clicked,
      clicking, spinner, reload*, hard refresh, response body, json schema, spec, idempotency, codegen*, api, sign* me
      out, login page, field ? greyed, preview, scrollbar, scroll, keyboard, shortcut*, font*, wording, client, terminal`,
    ],
    [1, 'field, fields, display*, shows, website, link*, url, version, release, feature, template, view, schema'],
    // Theirs, in everyday words.
    [
      4,
      `your ? console|portal|panel|screen|page|pages|button|chart*|graph*|dashboard|app|menu|list|form|alerts|email*|mail|mails,
      your command line*, your programme, your program, your tool, your web*, your interface, your export*, your report*,
      your link, control panel, command line programme, night time colours, night mode, bright mode, light mode, colour*,
      contrast, legend, screen reader, check box, tick box, box asked, search field, search bar, autocomplete, the bin,
      popup, pop up, help page*, help text*, manual says, guide says, tutorial says, translated, german version, spelled,
      spelt, greyed, hover*`,
    ],
  ],
  /** Clusters, what runs in them, under and around them. */
  cluster: [
    [
      4,
      `crashloop*, crashloopbackoff, imagepullbackoff, errimagepull, oomkilled, notready, failedscheduling,
      failedmount, failedattachvolume, containercreating, createcontainer*, evicted, terminating, diskpressure,
      memorypressure, pidpressure, kubelet, kube proxy, etcd*, coredns, kubeproxy, multi attach, pvc, pvcs, pv,
      pvs, persistent volume*, persistentvolume*, storageclass*, storage class*, volumesnapshot*, statefulset*,
      daemonset*, cronjob*, replicaset*, hpa, vpa, pdb, pdbs, poddisruptionbudget*, networkpolic*, network polic*,
      netpol, ingress*, ingressclass*, control plane, apiserver, api server, kube api*, cni, calico, cilium, flannel,
      istio*, linkerd, envoy, service mesh, side car*, sidecar*, cert manager, admission webhook*, validating*,
      mutating*, webhook ? denied, failed calling webhook, conntrack*, nf conntrack, iptables, ipvs, containerd,
      csi, cri, velero, restic, karpenter, cluster autoscaler, autoscaler, metrics server, node pool* ? stuck,
      incoming webhook, konnectivity*, x509, certificate ? expired, tls handshake, handshake timeout, gpu*, nvidia*,
      leader election*, node* ? notready, kyverno, gatekeeper, split brain, patroni, acme, letsencrypt, let's encrypt,
      http01, crypto miner, cryptominer*, miner, xmrig, exec|logs|attach ? port forward, port forward*`,
    ],
    [
      3,
      `node, nodes, pod, pods, cluster, clusters, deployment, deployments, container*, namespace*, helm, kubectl,
      kustomize, argocd, argo, flux, fluxcd, load balancer*, loadbalancer*, lb, lbs, nodeport*, clusterip, external ip,
      egress ip, egress ips, nat gateway, nat, vpn, ipsec, wireguard, vpc, peering, subnet*, firewall*, security group*,
      dns, mtu, volume*, snapshot*, disk, disks, storage, backup*, restore*, image pull*, image*, registry, docker,
      replica*, drain*, cordon*, taint*, toleration*, worker, workers, vm, vms, bare metal, kernel, node image*,
      certificate*, cert, certs, tls, ssl, service account*, serviceaccount*, rbac, clusterrole*, secrets, configmap*,
      crd*, operator*, cgroup*, sysctl, ntp, clock drift, probe*, liveness, readiness, oom, cpu quota, quota*,
      prometheus, grafana, loki, fluent*, thanos, alertmanager, opensearch, elastic*, kafka, rabbitmq, redis, postgres*,
      mysql, mariadb, mongo*, cassandra, database*, zone*, region, availability zone*, failover, kubernetes, k8s,
      upstream*, proxy*, nginx, traefik, haproxy, gateway, websocket*, grpc, packet*, latency, throughput, iops, fsync,
      egress, sni, ephemeral storage, sandbox, autoscal*, scale up, scale down, scaled, scaling, rolling update*,
      rollout*, hotfix, node group*, node pool*, nodepool*, nodepools, workload*, kubeconfig, kernel panic, arm64,
      alertname, firing, pagerduty, longhorn, ceph, rook, nfs, s3, bucket*, minio, service type, shards, runner*`,
    ],
    [
      2,
      `502, 503, 504, 502s, 503s, 504s, timeout*, timed out, i o timeout, connection refused|reset, memory, cpu,
      network*, traffic, server, servers, shop, checkout, site, website, web site, our app, our application*, restart*,
      upgrade*, deploy, deploys, deployed, deploying, ip, ips, port, ports, host, hosts, domain, log line*, logs,
      maintenance, job, jobs, cron, ci, pipeline*, service, services, endpoint*, throttl*, bandwidth, instance*, our api,
      machines, machine, hosting, cloud provider*`,
    ],
    [1, 'queue*, application*, app, apps, production, prod, staging, environment, patch, requests, data'],
    // What customers of customers see: the site, its certificate, its mails and pictures.
    [
      3,
      `our ? site|website|shop|store|app|portal|page|pages|system|systems|server|servers|api|product|homepage|webshop|intranet,
      our forum|blog|game|service, visitor*, shopper*, basket*, cart, landing page, home page, homepage, start page, photos,
      pictures, upload*, web shop, online shop, padlock, not private, connection is not, not secure, our users|customers|
      clients|members|readers|patients|students|guests|drivers, bookings, order form, contact form, booking form,
      newsletter ?? not, till, tills, cash desk*, payments hang, card payments, card terminal*, sensor*, messages queue,
      queue is growing, new version ? online, night job, nightly job, scheduled task*, machine room, host name*,
      subdomain*, redirect, www, search engine, cache, caching, crawler*, memory leak, copies of`,
    ],
  ],
  /** Law, sales, praise, jobs and meetings: nobody has to look at a cluster. */
  office: [
    [
      6,
      `soc 2, soc2, iso 27001, iso27001, iso 9001, gdpr art, dpa, data processing agreement, sub processor*, subprocessor*,
      nda, non disclosure, security questionnaire, vendor questionnaire, questionnaire*, penetration test*, pentest our,
      we'll pentest, will pentest, hipaa, pci dss, pci, data residency, whitepaper, certification, kudos, say thank*,
      just ? thank*, big thanks, hiring, job opening*, vacanc*, careers, cv, internship, application as,
      partnership, reseller*, partner program*, press inquiry, journalist*, kubecon, meetup, webinar*, quote for, volume pricing, evaluating you, evaluating your, comparing ?? providers,
      talk to about, case study, testimonial, brand guideline*, resell*, white label, partner programme, eol date*, end of life, until when,
      no action needed, nothing to do, swag, visit you, feedback survey, vendor assessment, due diligence,
      business continuity plan, disclosure polic*, bug bounty, terms of service, accessibility statement, vpat,
      carbon footprint, sustainability`,
    ],
    [
      3,
      `compliance, legal, audit report*, quote, evaluat*, references, agreement, certificate of, praise, thanks to, press,
      conference, training, workshop*, sales, logo, compliment*, applause, thesis, article about, interview, speaker,
      sponsor*, donate, trade fair, tender, rfp, insurance, auditors ask, partner manager, account manager`,
    ],
  ],
}

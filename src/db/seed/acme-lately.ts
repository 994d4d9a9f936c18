// What keeps Acme and the support team busy: the last three weeks, in every state of being worked on.

import { type Story, text } from './story.ts'

export const acmeLately: Story[] = [
  {
    at: '-16 13:40',
    by: 'tomasz',
    subject: 'Deployment broken',
    description: 'Hi, it does not work again. Please have a look, thanks.',
    acknowledged: true,
    after: [
      {
        at: '-16 14:00',
        by: 'sam',
        say: text`
          Hi Tomasz, gladly, but I need a little more to begin with: which cluster and which deployment, and what do \
          kubectl describe and the last events say?`,
      },
      { at: '-16 14:01', by: 'sam', update: { status: 'waiting_customer' } },
      {
        at: '-15 10:30',
        by: 'tomasz',
        say: 'Sorry, that was written in a hurry. It was a typo in our image tag, solved on our side.',
      },
      { at: '-15 10:31', by: 'tomasz', close: true },
    ],
  },
  {
    at: '-14 09:15',
    by: 'mara',
    cluster: 'data-platform',
    category: 'technical',
    subject: 'Restore test: backup is complete, but two volumes come back empty',
    description: text`
      In our quarterly restore test the namespace warehouse came back within 12 minutes, all objects there. But the \
      volumes of postgres-0 and postgres-1 are empty, although the backup says Completed with 0 errors, 3 warnings.

      level=warning msg="volume postgres-data in pod warehouse/postgres-0 is declared in pod but not included: no \
      volume snapshotter for driver" backup=nightly

      Has this been so for all our backups? We changed the storage class of these two to fast-ssd two months ago.`,
    after: [
      { at: '-14 09:30', by: 'jonas', update: { status: 'in_progress', severity: 'high', assignee: 'jonas' } },
      {
        at: '-14 10:15',
        by: 'jonas',
        say: text`
          Good that you test this. Short answer: since that change of class the nightly backups hold the objects, \
          but not the contents of these two volumes. All others are complete, I have checked each one.

          The snapshot class for fast-ssd is in place now, and a backup I have just made holds both volumes (212 GB). \
          Please run the restore once more with backup manual-2.`,
      },
      {
        at: '-14 10:18',
        by: 'jonas',
        note: 'We should alert on this warning, for all customers. Talk to the backup people tomorrow.',
      },
      {
        at: '-13 15:20',
        by: 'mara',
        say: 'Restored with all data, checksums match. Will you warn about this by yourselves from now on?',
      },
      {
        at: '-12 09:40',
        by: 'jonas',
        say: text`
          Yes: a backup that leaves out a declared volume counts as failed from today on, and you get a mail. Your \
          question was a good one.`,
      },
      { at: '-12 09:41', by: 'jonas', update: { status: 'resolved' } },
    ],
  },
  {
    at: '-12 11:20',
    by: 'priya',
    cluster: 'staging',
    subject: 'staging cannot start new versions, registry certificate rejected',
    description: text`
      Every deployment to staging hangs since about 10:40, the new pods stay in ImagePullBackOff and the old ones go \
      on. From kubectl describe, here of the cart, but the search service has the same:

      Failed to pull image "registry.acme.example/shop/cart:5.9.0": failed to do request: Head \
      "https://registry.acme.example/v2/shop/cart/manifests/5.9.0": tls: failed to verify certificate: x509: \
      certificate has expired or is not yet valid

      docker pull of the same image works on my laptop.`,
    after: [
      {
        at: '-12 11:34',
        by: 'priya',
        say: text`
          The hint about the older ticket was right: the certificate was renewed again this morning, and again the \
          file had no intermediate one. Appended, pulls work, and it is part of our script now.`,
      },
      {
        at: '-12 11:50',
        by: 'sam',
        say: 'Well done! I note for us to check for incomplete chains when a registry is added.',
      },
      { at: '-12 11:51', by: 'sam', update: { status: 'resolved' } },
    ],
  },
  {
    at: '-10 09:50',
    by: 'tomasz',
    cluster: 'prod-eu',
    subject: '502 for a few seconds with every rollout of the cart',
    description: text`
      Whenever we roll out shop/cart, the ingress answers 502 Bad Gateway for two to five seconds, about 300 requests \
      each time. maxUnavailable is 0, readiness probe is there.

      [error] 31#31: *918273 connect() failed (111: Connection refused) while connecting to upstream, upstream: \
      "http://10.42.7.31:8080/cart"`,
    answers: [
      { question: 'Since when does this happen?', answer: 'Since we moved to the new ingress, two weeks ago.' },
      {
        question: 'What was changed shortly before it began (an upgrade, a deployment, a setting), if anything?',
        answer: 'ingress-nginx 4.11 to 4.13, nothing in our charts.',
      },
    ],
    after: [
      { at: '-10 10:25', by: 'ines', update: { status: 'in_progress', assignee: 'ines' } },
      {
        at: '-10 10:40',
        by: 'ines',
        say: text`
          Your pods stop listening the moment they get SIGTERM, while the ingress learns of it a second or two later. \
          A preStop hook with a sleep of 10 seconds closes the gap, and terminationGracePeriodSeconds must be longer \
          than that. Could you try it with the cart?`,
      },
      { at: '-10 10:41', by: 'ines', update: { status: 'waiting_customer' } },
    ],
  },
  {
    at: '-8 13:10',
    by: 'priya',
    cluster: 'prod-us',
    subject: 'Autoscaler does not scale the search service',
    description: text`
      kubectl get hpa search shows <unknown>/70% since yesterday afternoon, and it stays at 3 replicas whatever the \
      load.

      Warning  FailedGetResourceMetric  4m (x1182 over 19h)  horizontal-pod-autoscaler  failed to get cpu \
      utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API

      kubectl top pods works for all other namespaces. We added a sidecar to search yesterday.`,
    after: [
      { at: '-8 13:55', by: 'sam', update: { status: 'triaging', assignee: 'sam' } },
      {
        at: '-8 14:10',
        by: 'sam',
        say: text`
          Does the new sidecar have a CPU request? Without one on every container the utilisation of the pod cannot be \
          computed. As a stopgap you can set the replicas by hand, the autoscaler leaves them alone while it knows \
          nothing.`,
      },
      { at: '-8 15:02', by: 'priya', say: 'It has: 50m CPU. Set to 8 replicas by hand for tonight. Still <unknown>.' },
      {
        at: '-7 09:15',
        by: 'sam',
        note: text`
          metrics-server drops the pod because of a container with a zero timestamp (the sidecar is a native one, \
          restartPolicy Always). Known upstream, fixed in 0.8.1. Needs a maintenance window on prod-us, Inês knows.`,
      },
      {
        at: '-7 09:30',
        by: 'sam',
        say: text`
          Found: the metrics server in prod-us cannot read pods with the new kind of sidecar. There is a version that \
          can; we would like to install it tomorrow at 06:00 (UTC). kubectl top is away for a minute, nothing else.`,
      },
      { at: '-7 09:31', by: 'sam', update: { status: 'in_progress', severity: 'medium' } },
    ],
  },
  {
    at: '-6 16:05',
    by: 'acmeOps',
    source: 'agent',
    category: 'bug',
    subject: 'CLI 2.14.0 panics when a cluster has no nodes',
    description: text`
      The nightly inventory job fails since dev-sandbox is scaled to zero in the evening.

      $ cluster list -o json
      panic: runtime error: index out of range [0] with length 0

      goroutine 1 [running]:
      main.renderNodes(...)
      	cmd/cluster_list.go:118
      main.runClusterList(0xc000312c08, {0xc00021a0e0, 0x0, 0x2})
      	cmd/cluster_list.go:64 +0x2f1

      Works with 2.13.4 and the same account. Exit code 2.`,
    environment: { agent: 'acme-ops', version: '0.31.2', cli: '2.14.0', job: 'inventory-nightly' },
    after: [
      { at: '-5 08:40', by: 'jonas', update: { status: 'in_progress', severity: 'medium', assignee: 'jonas' } },
      {
        at: '-5 08:44',
        by: 'jonas',
        say: 'Thank you for the trace, that is enough to find it. 2.14.1 is planned for this week.',
      },
    ],
  },
  {
    at: '-4 09:25',
    by: 'ines',
    cluster: 'prod-eu',
    category: 'technical',
    severity: 'high',
    source: 'portal',
    subject: 'Load balancer takes healthy nodes out of rotation (called in by Tomasz)',
    description: text`
      Tomasz called at 09:10: since the maintenance of the load balancers last night two of 14 nodes change between \
      healthy and unhealthy every minute, and connections to the shop drop each time. On the nodes nothing is wrong, \
      the health check port 31522 answers within a millisecond from inside. From the balancer's log:

      backend prod-eu-11 DOWN: dial tcp 10.20.4.17:31522: i/o timeout (2 of 5 checks)`,
    after: [
      { at: '-4 09:26', by: 'ines', update: { status: 'in_progress', assignee: 'ines' } },
      {
        at: '-4 10:10',
        by: 'ines',
        say: text`
          Tomasz, the two nodes are in the rack that got new switches; the checks to them cross a link that loses \
          about 2 % of packets. I have taken both out of the pool, so that nothing flaps, and the network team is \
          replacing the optics. 12 nodes carry the load easily (41 % CPU).`,
      },
      {
        at: '-4 10:32',
        by: 'tomasz',
        say: 'Confirmed, no drops since 10:05. Please tell us before you put them back.',
      },
      {
        at: '-3 09:00',
        by: 'sam',
        note: 'Optics swapped at 22:40, link clean overnight (0 of 1.2 M lost). Waiting for Tomasz to pick a time.',
      },
    ],
  },
  {
    at: '-2 10:30',
    by: 'mara',
    cluster: 'data-platform',
    subject: 'API server of data-platform is slow: etcd says apply request took too long',
    description: text`
      kubectl get pods takes 4 to 9 seconds on data-platform since about 09:30 today. Nothing is down, but our \
      operators reconcile late and Airflow complains.

      etcd-0 {"level":"warn","msg":"apply request took too \
      long","took":"1.871224s","expected-duration":"100ms","prefix":"read-only range \
      ","request":"key:\"/registry/events/\" range_end:\"/registry/events0\""}
      etcd-0 {"level":"warn","msg":"failed to revoke lease","error":"context deadline exceeded"}

      No changes on our side this morning. There are 310,000 events in the namespace spark, is that the cause?`,
    after: [
      { at: '-2 10:48', by: 'jonas', update: { status: 'triaging', assignee: 'jonas' } },
      {
        at: '-2 11:20',
        by: 'jonas',
        say: text`
          Very likely. A job in spark is retried twice a second (spark-compact-28, image not found) and each try \
          writes several events. Could you suspend it? I raise the limits of etcd meanwhile.`,
      },
    ],
  },
  {
    at: '-1 15:35',
    by: 'tomasz',
    cluster: 'prod-us',
    subject: 'Pod stuck in ContainerCreating, volume still attached to another node',
    description: text`
      After a node was replaced, sessions-1 does not start on the new one:

      Warning  FailedAttachVolume  attachdetach-controller  Multi-Attach error for volume "pvc-5b1f0c9e" Volume is \
      already exclusively attached to one node and can't be attached to another

      It started when worker-us-2 was drained at 14:50. sessions-0 and -2 are fine, so logins work, but without a \
      spare.`,
  },
  {
    at: '14 minutes ago',
    by: 'priya',
    cluster: 'staging',
    reviewPending: true,
    subject: 'Ingress on staging serves the wrong certificate for search',
    description: text`
      Since we added the second host an hour ago, search.staging.acme.example comes with the certificate of \
      cart.staging.acme.example and browsers refuse it. cert-manager says that both certificates are Ready.`,
  },
]

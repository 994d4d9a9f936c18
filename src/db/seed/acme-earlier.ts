// What went wrong at Acme four to six weeks ago: most of it is long resolved.

import { type Story, text } from './story.ts'

export const acmeEarlier: Story[] = [
  {
    at: '-30 08:41',
    by: 'mara',
    cluster: 'prod-eu',
    clusterThen: { state: 'degraded' },
    severity: 'critical',
    subject: 'Nodes go NotReady one after another since the upgrade to 1.35.6',
    description: text`
      Hello,

      since last night's upgrade from 1.34.9 to 1.35.6 our worker nodes in prod-eu turn NotReady, one about every \
      40 minutes. They come back by themselves after ten minutes or so, but in that time their pods are rescheduled, \
      the others fill up, and then the next one goes. Three of 14 nodes so far, checkout is slow for everybody.

      From the journal of one of them (worker-07):

      05:52:11 kubelet[1187]: generic.go:256] "GenericPLEG: Unable to retrieve pods" err="rpc error: code = \
      DeadlineExceeded desc = context deadline exceeded"
      05:52:14 kubelet[1187]: kubelet.go:2451] "Skipping pod synchronization" err="PLEG is not healthy: pleg was last \
      seen active 3m7.81s ago; threshold is 3m0s"

      Nothing else was changed. Can somebody look at this with us now, please? We have cordoned worker-07 and left it \
      as it is for you.`,
    after: [
      { at: '-30 08:47', by: 'jonas', update: { status: 'in_progress', assignee: 'jonas' } },
      {
        at: '-30 08:49',
        by: 'jonas',
        say: text`
          Good morning Mara, I am on it. Thank you for leaving worker-07 alone, that helps a lot. I have stopped the \
          rollout for the remaining control plane add-ons so that nothing else moves while we look.`,
      },
      {
        at: '-30 09:20',
        by: 'jonas',
        note: text`
          containerd 2.1 on these nodes sits at 4 GB RSS, lots of exec probes (every 2 s on ~60 pods per node). Looks \
          like the shim leak that Sam saw last month. Checking whether their node image has the fix.`,
      },
      {
        at: '-30 09:31',
        by: 'tomasz',
        join: {
          subject: 'Pods of the shop are being moved around all the time',
          description: text`
            The cart service was rescheduled four times since 6 o'clock. kubectl get nodes shows worker-03 and \
            worker-11 as NotReady right now. Mara says it is the upgrade, so I would rather not open another ticket.`,
        },
      },
      {
        at: '-30 10:05',
        by: 'jonas',
        say: text`
          Found it: the container runtime on the new node image leaks memory with every exec probe, and your checkout \
          pods run such a probe every two seconds. When the runtime is short of memory it stops answering, and the \
          node is taken for dead.

          The image with the fix is being rolled out to prod-eu now, two nodes at a time. Until it has reached a \
          node, a higher periodSeconds on these probes (10 or more) keeps it alive.`,
      },
      {
        at: '-30 10:22',
        by: 'mara',
        say: 'Probes are at 15 s on all checkout deployments now. No further node lost in the last half hour.',
      },
      {
        at: '-30 13:40',
        by: 'jonas',
        say: 'All 14 nodes run the new image, the last one since 13:28. The runtime stays below 300 MB everywhere.',
      },
      { at: '-28 09:02', by: 'mara', say: 'Two quiet nights, probes are back to 5 s. Thank you, that was quick.' },
      { at: '-28 09:10', by: 'jonas', update: { status: 'resolved' } },
      { at: '-27 08:05', by: 'mara', close: true },
    ],
  },
  {
    at: '-29 10:15',
    by: 'tomasz',
    cluster: 'prod-eu',
    source: 'cli',
    subject: 'Image pulls from our own registry fail: certificate has expired',
    description: text`
      Since this morning no new pod of the shop starts, they are all in ImagePullBackOff. What runs, runs on.

      Failed to pull image "registry.acme.example/shop/cart:5.8.1": failed to do request: Head \
      "https://registry.acme.example/v2/shop/cart/manifests/5.8.1": tls: failed to verify certificate: x509: \
      certificate has expired or is not yet valid

      The registry's certificate is fine in my browser, valid for another year. We renewed it yesterday.`,
    environment: { cli: '2.14.0', os: 'linux/amd64', command: 'ticket create' },
    after: [
      { at: '-29 10:31', by: 'sam', update: { status: 'in_progress', assignee: 'sam', severity: 'critical' } },
      {
        at: '-29 10:33',
        by: 'sam',
        say: text`
          Hi Tomasz, your registry sends only its own certificate since yesterday, without the intermediate one. \
          Browsers \
          fetch that by themselves; containerd does not, and falls back to an old chain of ours that ended last night.

          Could you append the intermediate certificate to the file that the registry serves? From the outside:

          openssl s_client -connect registry.acme.example:443 -showcerts

          should list two certificates instead of one.`,
      },
      { at: '-29 11:02', by: 'tomasz', say: 'That was it. Two certificates now, and the pods come up. Thanks!' },
      { at: '-29 11:10', by: 'sam', update: { status: 'resolved' } },
    ],
  },
  {
    at: '-26 14:20',
    by: 'mara',
    cluster: 'prod-us',
    source: 'cli',
    subject: 'DNS lookups time out for a few seconds every few minutes',
    description: text`
      Pods in prod-us see lookups that take exactly five seconds, in bursts, a few times an hour, for names inside and \
      outside of the cluster alike.

      dial tcp: lookup payments.shop.svc.cluster.local on 10.43.0.10:53: read udp 10.42.3.17:41822->10.43.0.10:53: \
      i/o timeout

      It started two days ago, after we scaled the checkout from 20 to 60 replicas for the sale. CoreDNS itself looks \
      bored (3 % CPU, two replicas). Roughly 1 in 500 requests is affected, so customers do notice.`,
    after: [
      { at: '-26 14:52', by: 'ines', update: { status: 'triaging', assignee: 'ines' } },
      {
        at: '-26 15:30',
        by: 'ines',
        say: text`
          Exactly five seconds is the resolver's own time-out, so packets are lost on the way. The connection tables \
          of two nodes are full (nf_conntrack: table full, dropping packet), both of them run many checkout pods. I \
          have doubled the limit there and switched on the node-local DNS cache, which needs no entry per lookup.`,
      },
      { at: '-26 15:31', by: 'ines', update: { status: 'resolved' } },
      {
        at: '-24 08:12',
        by: 'mara',
        say: text`
          Sorry, it is back since six this morning, though much rarer: 14 lookups of five seconds in two hours, all \
          of them on worker-us-4.`,
      },
      {
        at: '-24 09:05',
        by: 'ines',
        say: text`
          You are right: worker-us-4 was replaced last night, and the new node came up with the old limit. The \
          setting is part of the node pool now, so that new nodes have it from the start. I will watch it for two \
          more days.`,
      },
      { at: '-22 15:45', by: 'ines', say: 'No dropped packet on any node for two days. I consider this done.' },
      { at: '-22 15:46', by: 'ines', update: { status: 'resolved' } },
    ],
  },
  {
    at: '-25 09:05',
    by: 'acmeOps',
    cluster: 'data-platform',
    source: 'agent',
    subject: 'Volume data-kafka-2 is 92 % full and grows by 3 % an hour',
    description: text`
      Filed automatically by the alert KubePersistentVolumeFillingUp.

      namespace: kafka
      persistentvolumeclaim: data-kafka-2
      capacity: 500Gi, used: 461Gi, inodes free: 97 %
      predicted to be full: in about 2 h 40 min
      runbook: expand the claim to 750Gi; the storage class does not allow it (allowVolumeExpansion is not set):

      persistentvolumeclaims "data-kafka-2" is forbidden: only dynamically provisioned pvc can be resized and the \
      storageclass that provisions the pvc must support resize`,
    environment: { agent: 'acme-ops', version: '0.31.2', alert: 'KubePersistentVolumeFillingUp' },
    after: [
      { at: '-25 09:09', by: 'sam', update: { status: 'in_progress', severity: 'high', assignee: 'sam' } },
      {
        at: '-25 09:26',
        by: 'sam',
        say: text`
          The storage class fast-ssd allows expansion now; data-kafka-2 is at 750Gi and the file system has grown \
          with it, without a restart of the broker. data-kafka-0 and -1 are at 71 %, you may want to enlarge them as \
          well.`,
      },
      { at: '-25 10:40', by: 'tomasz', say: 'Done for all three, and retention is down to 5 days. Good robot.' },
      { at: '-25 10:44', by: 'sam', update: { status: 'resolved' } },
    ],
  },
  {
    at: '-21 11:30',
    by: 'priya',
    cluster: 'staging',
    subject: 'Pods evicted all day: low on resource ephemeral-storage',
    description: text`
      Our end-to-end tests on staging are killed in the middle, about every third run, since yesterday.

      Status: Failed  Reason: Evicted  Exit Code: 137
      Message: The node was low on resource: ephemeral-storage. Threshold quantity: 4294967296, available: 3911240Ki. \
      Container e2e was using 18207Mi, request is 0.

      The pod writes traces to /tmp. Before, this was no problem with the same tests. Environment of the container, in \
      case it matters:

      NODE_OPTIONS=--max-old-space-size=4096
      DB_HOST=postgres.staging.svc
      DB_PASSWORD=correct-horse-7-battery
      TRACE_DIR=/tmp/traces`,
    after: [
      {
        at: '-21 12:10',
        by: 'ines',
        say: text`
          Hi Priya, three things came together: the new node image has a smaller root disk (40 instead of 80 GB), the \
          traces have grown to 18 GB, and the pod requests no ephemeral storage, so the scheduler puts several of \
          them on one node.

          Please set a request (20Gi) and write the traces to an emptyDir with a sizeLimit. And do change that \
          database password: it was in your first message, where we have removed it.`,
      },
      { at: '-21 12:11', by: 'ines', update: { status: 'waiting_customer' } },
      {
        at: '-20 16:35',
        by: 'priya',
        say: 'Oops, thanks for removing it. Password changed, request and sizeLimit are in. Six green runs in a row 🎉',
      },
      { at: '-20 16:50', by: 'ines', update: { status: 'resolved' } },
      { at: '-19 09:00', by: 'priya', close: true },
    ],
  },
  {
    at: '-19 13:25',
    by: 'tomasz',
    cluster: 'edge-warsaw',
    clusterThen: { state: 'offline' },
    subject: 'Warehouse cluster is shown as offline, but it works',
    description: text`
      edge-warsaw is "offline" in the portal since Saturday 02:10. The scanners work and kubectl over the VPN works, \
      both nodes are Ready. The agent in the cluster repeats this every 30 s.

      level=error msg="tunnel closed" err="websocket: close 1006 (abnormal closure): unexpected EOF" retry_in=30s

      On Friday night the provider of the warehouse replaced the firewall, that is the only change I know of.`,
    after: [
      { at: '-19 14:15', by: 'jonas', update: { status: 'triaging', assignee: 'jonas' } },
      {
        at: '-19 14:40',
        by: 'jonas',
        say: text`
          Dzień dobry Tomasz, the tunnel is opened and then cut after exactly 60 seconds without traffic, so I think \
          of an idle time-out in that new firewall. Version 1.9 of the agent sends a ping every 20 s; yours is 1.6. \
          Could you upgrade it? helm upgrade with the values you have is enough.`,
      },
      { at: '-19 14:41', by: 'jonas', update: { status: 'waiting_customer' } },
      {
        at: '-18 09:10',
        by: 'tomasz',
        say: text`
          Helm refuses, because of labels that our warehouse people put on the namespace:

          Error: UPGRADE FAILED: metadata.labels: Invalid value: "склад-2": a valid label must be an empty string or \
          consist of alphanumeric characters

          Is that ours to fix?`,
      },
      {
        at: '-18 09:32',
        by: 'jonas',
        say: text`
          That one is: the chart copies the label from your values file (site: склад-2) to its pods, and label values \
          are ASCII only. Put the name into an annotation instead, those may hold any text: "Склад № 2, Варшава" is \
          fine.`,
      },
      { at: '-18 10:05', by: 'tomasz', say: 'Agent 1.9 is in, tunnel is up since 09:58. Dziękuję!' },
      { at: '-18 10:30', by: 'jonas', update: { status: 'resolved' } },
    ],
  },
]

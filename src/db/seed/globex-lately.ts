// What is going on at Globex now.

import { type Story, text } from './story.ts'

export const globexLately: Story[] = [
  {
    at: '-12 15:25',
    by: 'daniel',
    subject: 'Terraform: please support labels on node pools',
    description: text`
      The API can set labels and taints on a node pool, the Terraform provider (1.8) only taints. We have to patch the \
      labels by hand after each apply. Would be nice to have both.`,
    after: [
      {
        at: '-12 16:00',
        by: 'sam',
        say: 'Makes sense, and it is not much work: I have opened an issue for the provider, planned for 1.9.',
      },
      { at: '-12 16:01', by: 'sam', update: { assignee: 'sam' } },
    ],
  },
  {
    at: '-10 08:20',
    by: 'lea',
    cluster: 'gx-test',
    clusterThen: { state: 'online' },
    subject: 'NetworkPolicy blocks more than it says',
    description: text`
      On gx-test we added a policy that allows the namespace api to reach postgres on 5432. Since then nothing else \
      reaches postgres any more, not even the backup job in its own namespace. I expected that a policy only adds \
      permissions.

      pg_dump: error: connection to server at "postgres.db.svc" (10.43.118.20), port 5432 failed: Connection timed out`,
    after: [
      {
        at: '-10 09:05',
        by: 'jonas',
        say: text`
          Hello Léa, as soon as one policy selects a pod, all traffic to it that no policy allows is denied. So the \
          backup needs a rule, too: add a second entry under "from" with an empty podSelector, that stands for \
          everything in the same namespace.`,
      },
      { at: '-10 09:06', by: 'jonas', update: { status: 'waiting_customer' } },
      { at: '-10 09:40', by: 'lea', say: 'Merci, it works. Perhaps a sentence about it in your documentation?' },
      { at: '-10 10:15', by: 'jonas', say: 'Good idea, it is there now, with your example.' },
      { at: '-10 10:16', by: 'jonas', update: { status: 'resolved' } },
    ],
  },
  {
    at: '-7 10:35',
    by: 'daniel',
    cluster: 'gx-core',
    subject: 'Cannot apply any Ingress: admission webhook times out',
    description: text`
      Since 10:05 every change to an Ingress on gx-core is refused after ten seconds.

      Error from server (InternalError): error when creating "ingress.yaml":
      Internal error occurred: failed calling webhook "validate.nginx.ingress.kubernetes.io": failed to call webhook: \
      Post "https://ingress-nginx-controller-admission.ingress-nginx.svc:443/networking/v1/ingresses?timeout=10s": \
      context deadline exceeded

      Existing routes work. We enabled a stricter firewall for the nodes this morning, but I do not see the \
      connection.`,
    after: [
      { at: '-7 10:50', by: 'ines', update: { status: 'in_progress', assignee: 'ines' } },
      {
        at: '-7 11:15',
        by: 'ines',
        say: text`
          There is one: the API server calls that webhook on port 8443 of the nodes, which the new firewall does not \
          let in from the control plane. Please allow TCP 8443 from 10.20.0.0/24 to the nodes. I check in the meantime \
          why our template for the firewall leaves it out.`,
      },
      {
        at: '-6 13:20',
        by: 'daniel',
        say: 'Allowed, and it works from two of three control plane nodes. The third still runs into the timeout.',
      },
      {
        at: '-6 14:05',
        by: 'ines',
        note: text`
          Third control plane node has an address in 10.20.1.0/24, see network change 2291. Firewall template needs \
          both.`,
      },
    ],
  },
  {
    at: '-6 09:10',
    by: 'lea',
    cluster: 'gx-core',
    subject: 'helm upgrade fails on gx-core, failed calling webhook',
    description: text`
      Our release of the customer API is blocked. helm upgrade stops at the ingress with

      Error: UPGRADE FAILED: cannot patch "customer-api" with kind Ingress:
      Internal error occurred: failed calling webhook "validate.nginx.ingress.kubernetes.io": failed to call webhook: \
      Post "https://ingress-nginx-controller-admission.ingress-nginx.svc:443/networking/v1/ingresses?timeout=10s": \
      context deadline exceeded

      Tried three times this morning, once it went through.`,
    after: [
      {
        at: '-6 09:35',
        by: 'ines',
        say: text`
          Hello Léa, this is what Daniel reported in #8: one control plane node cannot reach the webhook yet, so it \
          depends on which of them takes your request. Trying again helps for now. I close this one, so that we \
          have all in one place; you will see in #8 when it is done.`,
      },
      { at: '-6 09:36', by: 'ines', update: { status: 'closed' } },
    ],
  },
  {
    at: '-5 07:30',
    by: 'globexWatch',
    cluster: 'gx-core',
    source: 'api',
    subject: 'DiskPressure on gx-core-worker-9',
    description: text`
      alertname=NodeDiskPressure severity=warning node=gx-core-worker-9

      kubelet: "Image garbage collection failed multiple times in a row" err="failed to garbage collect required \
      amount of images. Attempted to free 12884901888 bytes, but only found 0 bytes eligible to free"

      /var/lib/containerd 91 % since 06:50.`,
    after: [
      { at: '-5 08:05', by: 'sam', update: { status: 'in_progress', assignee: 'sam' } },
      {
        at: '-5 08:40',
        by: 'sam',
        say: text`
          The space is taken by logs of one container: telemetry-7 writes 2 GB an hour. Daniel, could you look at its \
          log level?`,
      },
      { at: '-5 08:41', by: 'sam', update: { status: 'waiting_customer' } },
    ],
  },
  {
    at: '-3 11:00',
    by: 'daniel',
    category: 'other',
    subject: 'Question: how long do you keep supporting 1.34?',
    description: text`
      gx-analytics is on 1.34.9 and the vendor of our forecasting software takes his time. How long can we stay, and \
      what \
      happens at the end: are we upgraded, or left alone?`,
    after: [
      {
        at: '-3 13:50',
        by: 'jonas',
        say: text`
          For another four months. After that you get no fixes, but nothing is upgraded without you for another six \
          months. You find the dates of all versions in the portal under Lifecycle. Shall I remind you a month before?`,
      },
      { at: '-3 13:51', by: 'jonas', update: { status: 'waiting_customer' } },
      { at: '-2 09:15', by: 'daniel', say: 'Yes please, to me and Léa.' },
    ],
  },
  {
    at: '-1 16:20',
    by: 'lea',
    cluster: 'gx-test',
    subject: 'Upgrade of gx-test hangs at 66 %',
    description:
      'The upgrade to 1.36.2 shows "2 of 3 nodes" since this afternoon and does not go on. Is it safe to wait?',
  },
]

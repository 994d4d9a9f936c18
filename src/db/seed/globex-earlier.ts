// What Globex wrote about earlier.

import { type Story, text } from './story.ts'

export const globexEarlier: Story[] = [
  {
    at: '-29 09:40',
    by: 'daniel',
    cluster: 'gx-core',
    subject: 'Address of the device gateway changed after we recreated its service',
    description: text`
      We deleted and recreated the service device-gateway (type LoadBalancer) during a cleanup, and it came back as \
      203.0.113.91 instead of 203.0.113.44. The old address is burnt into about 6,000 devices in the field, none \
      of them has been able to connect since 09:20:

      gateway: dial tcp 203.0.113.44:8883: connect: no route to host

      Can we have 203.0.113.44 back, please? This is urgent.`,
    severity: 'critical',
    after: [
      { at: '-29 09:45', by: 'sam', update: { status: 'in_progress', assignee: 'sam' } },
      {
        at: '-29 09:58',
        by: 'sam',
        say: text`
          You are lucky, nobody got the address yet: 203.0.113.44 is yours again and reserved for Globex. Please add \
          loadBalancerIP: 203.0.113.44 to the service and apply it, then it stays also when the service goes.`,
      },
      { at: '-29 10:14', by: 'daniel', say: 'Devices are coming back, 4,100 already. I can breathe again. Thank you!' },
      { at: '-29 10:50', by: 'sam', update: { status: 'resolved' } },
      { at: '-28 08:30', by: 'daniel', close: true },
    ],
  },
  {
    at: '-27 07:55',
    by: 'lea',
    subject: 'Impossible de se connecter au tableau de bord depuis ce matin',
    description: text`
      Bonjour,

      depuis ce matin vers 7 h 30, aucun de nous ne peut ouvrir le tableau de bord : après la saisie du mot de passe, \
      la page reste blanche. La console du navigateur affiche :

      GET https://portal.example/api/session 431 (Request Header Fields Too Large)

      En navigation privée, cela fonctionne. Nous sommes quatre dans le même cas.

      Merci d'avance,
      Léa Fournier`,
    category: 'account',
    after: [
      { at: '-27 08:20', by: 'ines', update: { status: 'triaging', assignee: 'ines' } },
      {
        at: '-27 08:31',
        by: 'ines',
        say: text`
          Bonjour Léa, merci pour la ligne de la console, elle dit tout : une version publiée hier soir laisse des \
          cookies trop grands. Supprimez les cookies du portail et reconnectez-vous, cela suffit. La correction est \
          en ligne depuis 8 h 25 pour tous les autres.`,
      },
      { at: '-27 08:45', by: 'lea', say: 'Parfait, tout le monde est de nouveau connecté. Merci !' },
      { at: '-27 08:50', by: 'ines', update: { status: 'resolved', severity: 'medium' } },
    ],
  },
  {
    at: '-24 13:15',
    by: 'globexWatch',
    cluster: 'gx-analytics',
    source: 'api',
    subject: 'GPU node gx-gpu-1: pods pending, Insufficient nvidia.com/gpu',
    description: text`
      alertname=KubePodNotScheduled severity=warning namespace=forecast

      0/6 nodes are available: 2 Insufficient nvidia.com/gpu, 4 node(s) didn't match Pod's node affinity/selector. \
      preemption: 0/6 nodes are available

      Pending pods: forecast-train-0, forecast-train-1. Allocatable nvidia.com/gpu on gx-gpu-1 is 0 (was 2) since the \
      node was rebooted at 12:40.`,
    environment: { alertmanager: '0.28.1', group: 'gx-analytics/forecast' },
    after: [
      { at: '-24 13:32', by: 'jonas', update: { status: 'in_progress', assignee: 'jonas' } },
      {
        at: '-24 14:20',
        by: 'jonas',
        say: text`
          The node came back from its reboot with a new kernel, for which the driver had not been built. It is now \
          (570.86), the device plugin sees both GPUs, and your two pods are running. Kernel updates on GPU nodes wait \
          for the driver from now on.`,
      },
      { at: '-24 14:21', by: 'jonas', update: { status: 'resolved' } },
      { at: '-23 09:00', by: 'daniel', close: true },
    ],
  },
  {
    at: '-20 10:10',
    by: 'lea',
    category: 'billing',
    subject: 'Refund for the GPU node that was not usable',
    description: text`
      Dear support, one of our two GPU nodes had no working driver from 12:40 to 14:15 (your colleague Jonas repaired \
      it, ticket #3). Our contract says that unavailable GPU hours are not charged. Could we get a credit note for \
      these two hours, please?`,
    after: [
      { at: '-20 11:00', by: 'ines', update: { status: 'in_progress', assignee: 'ines' } },
      { at: '-20 11:04', by: 'ines', note: 'Contract checked: yes, per started hour. 2 × 3.92 €.' },
      {
        at: '-19 09:30',
        by: 'ines',
        say: 'Of course. Two hours (7.84 €) will be on the next invoice as a credit. Thank you for your patience.',
      },
      { at: '-19 09:31', by: 'ines', update: { status: 'resolved' } },
    ],
  },
  {
    at: '-18 14:30',
    by: 'daniel',
    category: 'bug',
    subject: 'Webhook notifications for cluster events arrive twice',
    description: text`
      Every time something happens to a cluster, your webhook calls our endpoint twice, about 30 seconds apart, with \
      the same event id. We answer with status 200 within 80 ms, as our access log shows.

      14:02:11 POST /hooks/platform 200 0.079 evt_01KX9Q
      14:02:41 POST /hooks/platform 200 0.081 evt_01KX9Q

      We do ignore the second one, but the pager rings twice. It started last week.`,
    after: [
      { at: '-18 15:10', by: 'sam', update: { status: 'triaging', assignee: 'sam' } },
      {
        at: '-17 10:25',
        by: 'sam',
        say: text`
          We read your answer as a failure: it comes with an empty Content-Type header, which our client rejects since \
          last week's release. The next release takes it as the success it is. Until then any content type helps.`,
      },
      { at: '-17 10:26', by: 'sam', update: { status: 'in_progress', severity: 'low' } },
      { at: '-14 15:00', by: 'sam', say: 'Released today at 14:40.' },
      { at: '-14 15:01', by: 'sam', update: { status: 'waiting_customer' } },
      { at: '-13 08:40', by: 'daniel', say: 'Confirmed, once per event since then. Can be closed.' },
      { at: '-13 09:06', by: 'sam', update: { status: 'closed' } },
    ],
  },
]

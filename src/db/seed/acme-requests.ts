// What Acme asked for rather than complained of: invoices, accounts, wishes, questions.

import { type Story, text } from './story.ts'

export const acmeRequests: Story[] = [
  {
    at: '-28 15:10',
    by: 'mara',
    category: 'billing',
    subject: 'The last invoice lists prod-us twice',
    description: text`
      On the invoice for last month, positions 3 and 4 are the same: "prod-us, 9 nodes, 744 h", 1,284.60 € each. We \
      have \
      one cluster of that name only. Could you please check and send a corrected invoice? Our accounting closes the \
      month next week.`,
    after: [
      { at: '-28 15:42', by: 'ines', update: { status: 'in_progress', assignee: 'ines' } },
      {
        at: '-27 10:20',
        by: 'ines',
        say: text`
          You are right, and I am sorry: the cluster was counted once under its old name before you renamed it, and \
          once under the new one. The corrected invoice is in your portal, the difference of 1,284.60 € is credited.`,
      },
      { at: '-27 10:21', by: 'ines', update: { status: 'resolved' } },
      { at: '-27 11:55', by: 'mara', close: true },
    ],
  },
  {
    at: '-27 13:30',
    by: 'priya',
    subject: 'Feature request: scale node pools by the clock',
    description: text`
      Our staging and sandbox clusters are idle from 19:00 to 07:00 and all weekend. It would be great if a node pool \
      could have a schedule ("0 nodes at night, 4 on working days") without a cron job of our own that calls your API \
      and breaks with each token rotation.

      Time zones with summer time would be lovely, our office is in Stockholm.`,
    after: [
      {
        at: '-26 09:45',
        by: 'sam',
        say: text`
          Thank you, Priya, well described. You are not the first to ask; I have put it in front of the product team \
          with your example. I leave this open and tell you here when there is something to try.`,
      },
      { at: '-26 09:46', by: 'sam', update: { status: 'triaging' } },
      {
        at: '-13 14:05',
        by: 'tomasz',
        join: {
          subject: 'Switch off node pools at night',
          description: text`
            Can you please add a way to switch off the nodes of a pool outside of office hours? For the warehouse it \
            would be Sunday 00:00 to Monday 04:00. The review showed me that Priya asked for the same, so count me in.`,
        },
      },
      {
        at: '-6 11:15',
        by: 'sam',
        note: text`
          Product: schedules are planned for next quarter, beta list is open. Put Acme on it (Priya agreed on the \
          phone).`,
      },
    ],
  },
  {
    at: '-23 10:50',
    by: 'tomasz',
    category: 'account',
    subject: 'New colleagues sign in by SSO and see nothing',
    description: text`
      Two people who joined us this week can sign in with our SAML login, but land on an empty page: "You do not \
      belong to an organisation yet". For everybody who was here before it works. Their group in our directory is the \
      same as mine (shop-engineering).`,
    after: [
      { at: '-23 11:25', by: 'jonas', update: { status: 'triaging', assignee: 'jonas' } },
      {
        at: '-23 11:40',
        by: 'jonas',
        say: text`
          Hello Tomasz, signing in proves who somebody is, it does not make them a member: an admin of Acme has to \
          invite them once. Is it possible that someone did that by hand for the earlier colleagues? If you send me \
          the two addresses and Mara agrees, I can add them right away.`,
      },
      { at: '-23 11:41', by: 'jonas', update: { status: 'waiting_customer' } },
      { at: '-23 13:05', by: 'mara', say: 'Agreed: hanna@acme.example and oskar@acme.example, both as members.' },
      { at: '-23 13:20', by: 'jonas', say: 'Both are in and should see your clusters after signing in again.' },
      { at: '-23 13:21', by: 'jonas', update: { status: 'resolved' } },
    ],
  },
  {
    at: '-22 09:35',
    by: 'priya',
    category: 'bug',
    severity: 'low',
    source: 'portal',
    subject: 'Usage chart says Stockholm and shows UTC',
    description: text`
      The chart "CPU by namespace" on the usage page has the wrong hours: the axis is labelled Europe/Stockholm, but \
      the nightly job of 01:00 shows an hour or two too early, at the time that it is in UTC.

      Steps: set the browser to Europe/Stockholm, open Usage, choose "last 60 days", point at any night. The tooltip \
      is right, the axis is not. Firefox, also in Chrome. Not urgent at all, just odd.`,
    environment: { page: '/usage?range=60d', browser: 'Firefox', timezone: 'Europe/Stockholm' },
    after: [
      {
        at: '-22 10:30',
        by: 'sam',
        say: 'Nice catch, I can reproduce it here. Handed to the people who make the portal.',
      },
      { at: '-22 10:31', by: 'sam', update: { status: 'triaging', assignee: 'sam' } },
    ],
  },
  {
    at: '-17 15:20',
    by: 'mara',
    category: 'other',
    subject: 'Where can I find your current ISO 27001 certificate?',
    description: text`
      Our auditors ask for the certificate of every provider, valid at the end of the year. The one on your \
      website ends before that. Is there a newer one already, and could you send it to me, please?`,
    after: [
      {
        at: '-17 16:02',
        by: 'ines',
        say: text`
          The surveillance audit was two weeks ago and went well; the new certificate comes within four \
          weeks and will be in your portal under Documents. Would a letter from the auditor help until then?`,
      },
      { at: '-17 16:03', by: 'ines', update: { status: 'waiting_customer' } },
      { at: '-16 08:50', by: 'mara', say: 'Four weeks are early enough, no letter needed. Thank you.' },
      { at: '-16 09:10', by: 'ines', update: { status: 'resolved' } },
      { at: '-16 09:12', by: 'ines', update: { status: 'closed' } },
    ],
  },
  {
    at: '-15 08:30',
    by: 'mara',
    category: 'account',
    severity: 'high',
    subject: 'Phone lost: locked out of two-factor login',
    description: text`
      I have lost my phone on the train, and with it the authenticator for my account here. Recovery codes were in the \
      password manager, which asks for the same phone. I am writing from a session that is still open on my laptop; \
      it will end tonight. Please reset the second factor for mara@acme.example, you can call me at the number in the \
      contract.`,
    after: [
      { at: '-15 08:36', by: 'jonas', update: { status: 'in_progress', assignee: 'jonas' } },
      {
        at: '-15 08:52',
        by: 'jonas',
        note: 'Called back at the number in the contract, asked the two agreed questions. It is her.',
      },
      {
        at: '-15 08:55',
        by: 'jonas',
        say: text`
          Thank you for the call. The second factor of your account is reset and all other sessions are ended. You \
          will be asked to set up a new one when you sign in next; please print the recovery codes this time.`,
      },
      {
        at: '-15 09:20',
        by: 'mara',
        say: 'Back in, codes are printed and in the safe. Thanks for being strict on the phone.',
      },
      { at: '-15 09:25', by: 'jonas', update: { status: 'resolved' } },
      { at: '-14 10:00', by: 'jonas', update: { status: 'closed' } },
    ],
  },
  {
    at: '-11 10:05',
    by: 'mara',
    category: 'feature_request',
    subject: 'Export of the audit log to our own bucket',
    description: text`
      We need a way to keep the audit log (who changed which cluster, who read which kubeconfig) for five years. In \
      the portal it goes back 90 days. Could you offer an export to S3, daily is enough, as JSON lines?`,
    after: [
      {
        at: '-11 13:15',
        by: 'ines',
        say: text`
          Hello Mara, there is no export yet. What works today is the API: audit entries can be read in pages, also by \
          a token with read rights only, so a small job could fetch yesterday's each night. I keep your wish open.`,
      },
      { at: '-11 13:16', by: 'ines', update: { severity: null } },
    ],
  },
  {
    at: '-3 14:45',
    by: 'mara',
    category: 'billing',
    subject: 'New VAT number and address from next month',
    description: text`
      Acme moves: from the first of next month please put this on our invoices.

      Acme Trading AB, Hamngatan 12, 411 14 Göteborg, VAT SE556677889901

      The cost centre (4410) stays the same.`,
  },
]

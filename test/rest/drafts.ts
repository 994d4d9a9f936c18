// What the tests of REST report, and the shortest way to a ticket.

import { expect } from 'vitest'
import { bearer, type RestAnswer, rest, TICKETS } from '../support/app.ts'

/** New and well described: nothing to flag, nothing to ask. */
export const outage = {
  subject: 'Nodes of prod go NotReady after the upgrade to 1.31.2',
  description:
    'Since 08:10 this morning three of five workers of prod are NotReady. It began with the upgrade from 1.30.6 ' +
    'to 1.31.2. The kubelet says: "failed to run Kubelet: unable to determine runtime API version". To reproduce: ' +
    'restart the kubelet on worker-3. All 40 pods of the shop are pending.',
}

export const invoice = {
  subject: 'The invoice for October is missing',
  description: 'We have not received the invoice for October 2026 and need it for our accounting.',
}

export const wish = {
  subject: 'Please add a dark theme to the dashboard',
  description: 'We would like the dashboard to have a dark theme, since our operators work at night.',
}

/** Flagged as too vague, with questions. */
export const vague = { subject: 'Help', description: 'it does not work' }

interface Where {
  url: string
}

/** Files a ticket with a token, whatever the review says; answers its body. */
export async function file(app: Where, token: string, fields: object = outage): Promise<RestAnswer['body']> {
  const answer = await rest(app, bearer(token), 'POST', TICKETS, { acknowledged: true, ...fields })
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.body
}

/** Has a draft reviewed; answers the review. */
export async function review(app: Where, token: string, fields: object = outage): Promise<RestAnswer['body']> {
  const answer = await rest(app, bearer(token), 'POST', `${TICKETS}/review`, fields)
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return answer.body
}

/** Where and of which kind the problems of a 422 are. */
export function problems({ status, body }: RestAnswer): string[] {
  expect(status, JSON.stringify(body)).toBe(422)
  return body.detail.map(({ loc, type }: { loc: unknown[]; type: string }) => `${loc.join('.')}: ${type}`)
}

/** The sentences of a 422. */
export const sentences = ({ body }: RestAnswer): string[] => body.detail.map(({ msg }: { msg: string }) => msg)

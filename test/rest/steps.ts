// What transports.test.ts does once over each transport: every operation that both offer, as it succeeds and as it fails.

import { randomUUID } from 'node:crypto'
import { ask, bearer, type Customer, type TestApp } from '../support/app.ts'
import { outage, vague, wish } from './drafts.ts'
import type { Input, Outcome, Transport } from './transports.ts'

/** One customer's side of the comparison, and what its steps have made so far, by name. */
export interface World {
  customer: Customer
  transport: Transport
  made: Record<string, string>
  tokens: Record<'customer' | 'reader' | 'platform' | 'team' | 'nobody', string>
}

export interface Step {
  operation: string
  input: (made: Record<string, string>) => Input
  as?: keyof World['tokens']
  /** The name under which later steps know what this one made. */
  makes?: string
  /** What it should come to: so that both are not wrong in the same way. */
  gives: Outcome['kind']
  /** What the team or time does first. */
  before?: (app: TestApp, made: Record<string, string>) => Promise<unknown>
}

const [filingKey, sayingKey, attachingKey] = [randomUUID(), randomUUID(), randomUUID()]
const facts = { name: 'prod', state: 'online', controlPlanes: 3, nodes: 5 }
export const unknown = randomUUID()

const file =
  (input: Input): Step['input'] =>
  ({ ticket }) => ({ ticketId: ticket, name: 'node.log', bytes: 'Ready', ...input })
const attach = (input: Input, gives: Step['gives']): Step => ({
  operation: 'uploadAttachment',
  input: file(input),
  gives,
})

const move = (status: string) => (app: TestApp, made: Record<string, string>) =>
  ask(
    app,
    bearer(app.team.token),
    `mutation ($id: ID!, $status: TicketStatus) {
    updateTicket(input: { ticketId: $id, status: $status }) { __typename } }`,
    { id: made.ticket, status },
  )
const expire = (app: TestApp, made: Record<string, string>) =>
  app.database.prisma.review.update({ where: { id: made.old as string }, data: { expiresAt: new Date(0) } })

export const STEPS: Step[] = [
  { operation: 'upsertCluster', as: 'platform', input: () => facts, makes: 'cluster', gives: 'done' },
  { operation: 'upsertCluster', as: 'platform', input: () => ({ ...facts, name: 'PROD', kind: 'eks' }), gives: 'done' },
  { operation: 'upsertCluster', as: 'platform', input: () => ({ ...facts, name: ' ', nodes: -1 }), gives: 'input' },
  { operation: 'upsertCluster', as: 'platform', input: () => ({ ...facts, name: 'a\u0000b' }), gives: 'input' },
  { operation: 'upsertCluster', as: 'customer', input: () => facts, gives: 'refused' },
  { operation: 'upsertCluster', as: 'team', input: () => facts, gives: 'input' },

  { operation: 'reviewTicket', input: () => outage, makes: 'review', gives: 'done' },
  { operation: 'reviewTicket', input: () => vague, makes: 'vague', gives: 'done' },
  {
    operation: 'reviewTicket',
    input: () => ({ ...wish, category: 'billing', source: 'agent' }),
    makes: 'old',
    gives: 'done',
  },
  {
    operation: 'reviewTicket',
    input: (made) => ({ ...outage, clusterId: made.cluster }),
    makes: 'second',
    gives: 'done',
  },
  { operation: 'reviewTicket', input: () => ({ ...outage, clusterId: unknown }), gives: 'input' },
  { operation: 'reviewTicket', input: () => ({ subject: 'No', description: 'Too short' }), gives: 'input' },
  { operation: 'reviewTicket', input: () => ({ ...outage, environment: ['no object'] }), gives: 'input' },
  { operation: 'reviewTicket', input: () => outage, as: 'reader', gives: 'refused' },
  { operation: 'reviewTicket', input: () => outage, as: 'nobody', gives: 'refused' },
  { operation: 'reviewTicket', input: () => outage, as: 'team', gives: 'input' },

  {
    operation: 'createTicket',
    input: ({ review }) => ({ reviewId: review, severity: 'high' }),
    makes: 'ticket',
    gives: 'done',
  },
  { operation: 'createTicket', input: ({ review }) => ({ reviewId: review, severity: 'low' }), gives: 'done' },
  { operation: 'createTicket', input: (made) => ({ reviewId: made.vague }), gives: 'review_required' },
  {
    operation: 'createTicket',
    input: (made) => ({ reviewId: made.vague, acknowledged: true }),
    makes: 'flagged',
    gives: 'done',
  },
  { operation: 'createTicket', before: expire, input: ({ old }) => ({ reviewId: old }), gives: 'input' },
  { operation: 'createTicket', input: () => ({ reviewId: unknown }), gives: 'input' },
  { operation: 'createTicket', input: () => vague, gives: 'review_required' },
  { operation: 'createTicket', input: () => ({}), gives: 'input' },
  { operation: 'createTicket', input: () => ({ subject: 'No description' }), gives: 'input' },
  { operation: 'createTicket', input: () => ({ ...wish, idempotencyKey: filingKey }), makes: 'wish', gives: 'done' },
  { operation: 'createTicket', input: () => ({ ...wish, idempotencyKey: filingKey }), gives: 'done' },
  { operation: 'createTicket', input: () => ({ ...outage, idempotencyKey: filingKey }), gives: 'input' },
  {
    operation: 'createTicket',
    input: (made) => ({
      ...vague,
      acknowledged: true,
      clusterId: made.cluster,
      source: 'cli',
      environment: { os: 'linux' },
      clarificationAnswers: [{ question: 'Since when?', answer: 'Since Monday.' }],
    }),
    gives: 'done',
  },
  {
    operation: 'createTicket',
    input: () => ({ ...vague, clarificationAnswers: [{ questionId: 'no_such', answer: 'x' }, { answer: 'y' }] }),
    gives: 'input',
  },
  { operation: 'createTicket', input: () => wish, as: 'reader', gives: 'refused' },

  { operation: 'addComment', input: (made) => ({ ticketId: made.ticket, body: '  Hello  ' }), gives: 'done' },
  { operation: 'addComment', input: (made) => ({ ticketId: made.ticket, body: ' ' }), gives: 'input' },
  { operation: 'addComment', input: (made) => ({ ticketId: made.ticket, body: 'x'.repeat(10_001) }), gives: 'input' },
  { operation: 'addComment', input: () => ({ ticketId: unknown, body: 'Hello' }), gives: 'not_found' },
  { operation: 'addComment', input: () => ({ ticketId: 'nope', body: 'Hello' }), gives: 'not_found' },
  {
    operation: 'addComment',
    before: move('WAITING_CUSTOMER'),
    input: (made) => ({ ticketId: made.ticket, body: 'Here is my answer.', idempotencyKey: sayingKey }),
    gives: 'done',
  },
  {
    operation: 'addComment',
    input: (made) => ({ ticketId: made.ticket, body: 'Here is my answer.', idempotencyKey: sayingKey }),
    gives: 'done',
  },
  {
    operation: 'addComment',
    as: 'team',
    input: (made) => ({ ticketId: made.ticket, body: 'We see it.' }),
    gives: 'done',
  },
  {
    operation: 'addComment',
    as: 'reader',
    input: (made) => ({ ticketId: made.ticket, body: 'Hello' }),
    gives: 'refused',
  },

  {
    operation: 'linkTicket',
    before: move('RESOLVED'),
    input: ({ ticket, second }) => ({ ticketId: ticket, reviewId: second, stillHappening: true }),
    gives: 'done',
  },
  { operation: 'linkTicket', input: ({ ticket, second }) => ({ ticketId: ticket, reviewId: second }), gives: 'done' },
  { operation: 'linkTicket', input: ({ ticket, review }) => ({ ticketId: ticket, reviewId: review }), gives: 'input' },
  { operation: 'linkTicket', input: (made) => ({ ticketId: made.wish, reviewId: made.second }), gives: 'input' },
  { operation: 'linkTicket', input: ({ ticket, old }) => ({ ticketId: ticket, reviewId: old }), gives: 'input' },
  { operation: 'linkTicket', input: ({ ticket }) => ({ ticketId: ticket, reviewId: unknown }), gives: 'input' },
  { operation: 'linkTicket', input: ({ second }) => ({ ticketId: unknown, reviewId: second }), gives: 'not_found' },
  { operation: 'createTicket', input: ({ second }) => ({ reviewId: second }), gives: 'input' },

  attach({ name: '../../etc/node.log', bytes: 'NotReady', idempotencyKey: attachingKey }, 'done'),
  attach({ name: '../../etc/node.log', bytes: 'NotReady', idempotencyKey: attachingKey }, 'done'),
  attach({ name: 'node.log', bytes: 'Ready', idempotencyKey: attachingKey }, 'input'),
  attach({ name: 'shot.png', bytes: '<!doctype html><script>alert(1)</script>' }, 'input'),
  attach({ name: 'empty.log', bytes: '' }, 'input'),
  { ...attach({ name: 'values.yaml', bytes: 'replicas: 3' }, 'done'), as: 'team', before: move('WAITING_CUSTOMER') },
  attach({ name: 'values.yaml', bytes: 'replicas: 4' }, 'done'),
  { ...attach({ name: 'node.log', bytes: 'Ready' }, 'done'), before: move('RESOLVED') },
  { ...attach({ name: 'node.log', bytes: 'Ready' }, 'refused'), as: 'reader' },
  { ...attach({ name: 'node.log', bytes: 'Ready' }, 'not_found'), input: file({ ticketId: unknown }) },

  { operation: 'closeTicket', input: ({ ticket }) => ({ ticketId: ticket }), gives: 'done' },
  { operation: 'closeTicket', input: ({ ticket }) => ({ ticketId: ticket }), gives: 'done' },
  { operation: 'closeTicket', as: 'team', input: (made) => ({ ticketId: made.flagged }), gives: 'done' },
  { operation: 'closeTicket', input: () => ({ ticketId: unknown }), gives: 'not_found' },
  { operation: 'closeTicket', as: 'reader', input: ({ ticket }) => ({ ticketId: ticket }), gives: 'refused' },
  { operation: 'addComment', input: ({ ticket }) => ({ ticketId: ticket, body: 'Too late' }), gives: 'input' },
  attach({}, 'input'),
]

// Two organisations with one of everything, and ways to ask for one's things as the other: for the tests of tenants.

import { v7 as uuid } from 'uuid'
import { Prisma } from '../../src/generated/prisma/client.ts'
import { ask, bearer, type Customer, type TestApp, TICKETS } from '../support/app.ts'

export type Headers = Record<string, string>

/** What an organisation has, by the names that requests give it. */
export interface Ids {
  organisationId: string
  ticketId: string
  number: number
  clusterId: string
  reviewId: string
  tokenId: string
  personId: string
  commentId: string
  noteId: string
  listCursor: string
  clusterCursor: string
  commentCursor: string
  eventCursor: string
  asOf: string
}

const FILE = `mutation ($input: CreateTicketInput!) { createTicket(input: $input) {
  ... on CreateTicketPayload { ticket { id number asOf } } ... on Error { message } } }`
const REVIEW = `mutation ($input: ReviewTicketInput!) { reviewTicket(input: $input) {
  ... on ReviewTicketPayload { review { id } } ... on Error { message } } }`
const SAY = `mutation ($input: AddCommentInput!) { addComment(input: $input) {
  ... on AddCommentPayload { comment { id } } ... on Error { message } } }`
const CLUSTER = `mutation ($input: UpsertClusterInput!) { upsertCluster(input: $input) {
  ... on UpsertClusterPayload { cluster { id } } ... on Error { message } } }`
const TOKEN = `mutation { createApiToken(input: { name: "exporter", scopes: [TICKETS_READ] }) {
  ... on CreateApiTokenPayload { token { id } } ... on Error { message } } }`
const CURSORS = `query ($id: ID!) { tickets(first: 1) { pageInfo { endCursor } } clusters { pageInfo { endCursor } }
  ticket(id: $id) { asOf comments { pageInfo { startCursor } } events { pageInfo { startCursor } } } }`

/** A draft that passes the review; `word` makes its text recognisable. */
export const draftAbout = (word: string) => ({
  subject: `Pods of ${word} crash after the upgrade to 1.31.2`,
  description:
    `Since 08:10 this morning all pods of ${word} restart with "OOMKilled" and exit code 137. It began with the ` +
    'upgrade from 1.30.6 to 1.31.2. To reproduce: scale the deployment to 3 replicas and wait for two minutes.',
})

type Made = Record<string, Record<string, Record<string, never>>>

/** One of everything for an organisation, written by its own people, the team and the platform. */
export async function fill(app: TestApp, { organisationId, token, admin }: Customer, word: string): Promise<Ids> {
  const [customer, team, session] = [bearer(token), bearer(app.team.token), await admin.signIn()]
  const make = (headers: Headers, document: string, input?: object) =>
    ask<Made, object>(app, headers, document, { input })
  const cluster = await make(team, CLUSTER, {
    organisationId,
    name: `${word}-prod`,
    state: 'running',
    description: `The shop of ${word}`,
    controlPlanes: 3,
    nodes: 5,
  })
  const clusterId = idOf(cluster)
  const filed = await make(customer, FILE, { ...draftAbout(word), clusterId })
  const { id: ticketId, number } = (filed.createTicket as unknown as { ticket: { id: string; number: number } }).ticket
  const comment = await make(customer, SAY, { ticketId, body: `It happens on ${word} worker-3 too.` })
  const note = await make(team, SAY, { ticketId, body: `Secret thoughts about ${word}`, internal: true })
  const review = await make(customer, REVIEW, { ...draftAbout(`${word} again`), clusterId })
  const made = await make(session, TOKEN)
  const cursors = await ask<Cursors, object>(app, customer, CURSORS, { id: ticketId })
  return {
    organisationId,
    ticketId,
    number,
    clusterId,
    reviewId: idOf(review),
    tokenId: idOf(made),
    personId: admin.id,
    commentId: idOf(comment),
    noteId: idOf(note),
    listCursor: cursors.tickets.pageInfo.endCursor,
    clusterCursor: cursors.clusters.pageInfo.endCursor,
    commentCursor: cursors.ticket.comments.pageInfo.startCursor,
    eventCursor: cursors.ticket.events.pageInfo.startCursor,
    asOf: cursors.ticket.asOf,
  }
}

interface Cursors {
  tickets: { pageInfo: { endCursor: string } }
  clusters: { pageInfo: { endCursor: string } }
  ticket: {
    asOf: string
    comments: { pageInfo: { startCursor: string } }
    events: { pageInfo: { startCursor: string } }
  }
}

/** The id of the only thing in a mutation's answer. */
function idOf(made: Made): string {
  const [payload] = Object.values(made)
  const thing = payload?.comment ?? Object.values(payload ?? {})[0]
  if (!thing?.id) throw new Error(`nothing was made: ${JSON.stringify(made)}`)
  return thing.id
}

/** Ids of the same form that belong to nobody, also inside the cursors. */
export function nobodys(ids: Ids): Ids {
  const made = new Map<string, string>()
  const other = (text: string) => text.replace(UUID, (id) => made.get(id) ?? (made.set(id, uuid()).get(id) as string))
  const cursor = (text: string) => {
    const life = Buffer.from(text, 'base64url').toString().split(' ')[1]
    if (life) made.set(life, life)
    return Buffer.from(other(Buffer.from(text, 'base64url').toString())).toString('base64url')
  }
  const entries = Object.entries(ids).map(([name, value]) => {
    if (typeof value === 'number') return [name, 999_999]
    return [name, UUID.test(value) ? other(value) : cursor(value)]
  })
  return Object.fromEntries(entries)
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** An answer without what differs between any two: the names that were asked for, and the request's own id. */
export function neutral(text: string, asked: Ids): string {
  let neutralText = text.replace(/"requestId":"[^"]*"/g, '"requestId":""')
  for (const [name, value] of Object.entries(asked)) {
    if (typeof value === 'string') neutralText = neutralText.replaceAll(value, `<${name}>`)
  }
  return neutralText
}

export interface Reply {
  status: number
  text: string
}

/** The raw text of an answer with its headers, but for those that every answer has anew. */
export async function raw(
  app: TestApp,
  headers: Headers,
  method: string,
  path: string,
  body?: unknown,
): Promise<Reply & { head: string }> {
  const json: Headers = body === undefined ? {} : { 'content-type': 'application/json' }
  const text = body === undefined ? null : JSON.stringify(body)
  const response = await fetch(`${app.url}${path}`, { method, headers: { ...json, ...headers }, body: text })
  const kept = [...response.headers].filter(([name]) => name !== 'date' && name !== 'x-request-id')
  return { status: response.status, text: await response.text(), head: JSON.stringify(kept) }
}

/** A GraphQL answer as text. */
export const rawGraphQL = (app: TestApp, headers: Headers, query: string, variables?: object) =>
  raw(app, headers, 'POST', '/graphql', { query, variables })

/** Where a caller finds the tickets: by token under /api/v1, by cookie without. */
export const ticketMount = (headers: Headers) => (headers.cookie ? TICKETS.replace('/api/v1', '') : TICKETS)

const TABLES = [
  'organisation_counters',
  'members',
  'clusters',
  'tickets',
  'comments',
  'attachments',
  'reviews',
  'ticket_events',
  'api_tokens',
  'idempotency_keys',
]

/** Every row of an organisation. A token's last use is written beside requests, so it is left out. */
export async function rowsOf(app: TestApp, organisationId: string): Promise<unknown[]> {
  const each = TABLES.map((name) => {
    const table = Prisma.raw(name)
    return Prisma.sql`SELECT ${name} AS table, to_jsonb(x) - 'last_used_at' AS row FROM ${table} x
      WHERE x.organisation_id = ${organisationId}::uuid`
  })
  return app.database.query(Prisma.sql`${Prisma.join(each, ' UNION ALL ')} ORDER BY 1, 2`)
}

// One of everything for an organisation, each text and name of it with the organisation's own word in it, so that
// whatever gets out is recognised: for the tests of tenants.

import { ask, bearer, type Customer, rest, type TestApp, TICKETS } from '../support/app.ts'
import { uploadByRest } from '../support/uploads.ts'

export type Headers = Record<string, string>

/** What an organisation has, by the names that requests give it. */
export interface Names {
  organisationId: string
  ticketId: string
  /** A ticket that is closed. */
  closedId: string
  /** Of ticketId, as it is searched for: #71. */
  numbered: string
  clusterId: string
  clusterName: string
  /** Not used yet. */
  reviewId: string
  /** Joined to ticketId. */
  usedReviewId: string
  tokenId: string
  personId: string
  commentId: string
  /** Of an internal note. */
  noteId: string
  attachmentId: string
  listCursor: string
  updatedCursor: string
  severityCursor: string
  clusterCursor: string
  organisationCursor: string
  commentCursor: string
  eventCursor: string
  /** Of the ticket. */
  asOf: string
  /** Of the organisation's list. */
  listAsOf: string
  /** The idempotency key under which everything here was made. */
  key: string
  /** A word that only this organisation writes. */
  word: string
}

export type Name = keyof Names

/** What two organisations may both write: each finds its own ticket alike, and not the other's. */
export const TWIN = {
  subject: 'kubelet cannot pull registry images after certificate rotation',
  description:
    'Since 08:10 this morning the kubelet says: "x509: certificate signed by unknown authority (registry-7)" on all ' +
    'five workers. It began with the rotation of certificates. To reproduce: pull any image with crictl.',
}

/** A draft that passes the review; `word` makes its text recognisable. */
export const draftAbout = (word: string) => ({
  subject: `${TWIN.subject} of ${word}`,
  description: `${TWIN.description} The nodes are those of ${word}.`,
})

type Made = Record<string, Record<string, { id: string; number: number } & Record<string, string>>>

const PAYLOADS: Record<string, string> = {
  createTicket: 'CreateTicketPayload { ticket { id number } }',
  reviewTicket: 'ReviewTicketPayload { review { id } }',
  addComment: 'AddCommentPayload { comment { id } }',
  linkTicket: 'LinkTicketPayload { comment { id } }',
  closeTicket: 'CloseTicketPayload { ticket { id } }',
  updateTicket: 'UpdateTicketPayload { ticket { id } }',
  upsertCluster: 'UpsertClusterPayload { cluster { id } }',
  createApiToken: 'CreateApiTokenPayload { token { id } }',
}

/** Runs a mutation that must succeed; gives the thing that its payload holds. */
export async function make(app: TestApp, who: Headers, field: string, input: object) {
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input!`
  const document = `mutation ($input: ${type}) { ${field}(input: $input) { ... on ${PAYLOADS[field]}
    ... on Error { message } } }`
  const thing = Object.values((await ask<Made, object>(app, who, document, { input }))[field] ?? {})[0]
  if (!thing?.id) throw new Error(`${field} made nothing: ${JSON.stringify(thing)}`)
  return thing
}

export interface Kind {
  word: string
  severity: 'HIGH' | 'CRITICAL'
  /** The first ticket has the number after it. */
  number: number
}

/** The name of a cluster that each organisation has. */
export const SHARED = 'prod-1'

/** Written by the organisation's own people, by the team and by the platform. */
export async function fill(app: TestApp, customer: Customer, { word, severity, number: before }: Kind): Promise<Names> {
  const { organisationId, token, admin } = customer
  const [own, team, session] = [bearer(token), bearer(app.team.token), await admin.signIn()]
  const key = `${word}-key`
  const keyed = { idempotencyKey: key }
  const clusterName = `${word}-prod`
  const where = { organisationId }
  await app.database.prisma.organisationCounters.update({ where, data: { ticketNumber: before } })
  const { id: clusterId } = await make(app, { ...team, 'idempotency-key': key }, 'upsertCluster', {
    ...{ organisationId, name: clusterName, kind: `${word}-kind`, state: `${word}-state`, controlPlanes: 3, nodes: 5 },
    ...{ description: `The shop of ${word}`, environment: `${word}-live`, kubeVersion: `1.31-${word}` },
  })
  await make(app, team, 'upsertCluster', {
    organisationId,
    name: SHARED,
    state: `${word}-state`,
    controlPlanes: 1,
    nodes: 2,
  })
  const about = { clusterId, environment: { host: `${word}.example` }, acknowledged: true }
  const filed = { ...draftAbout(word), ...about, severity, ...keyed }
  const { id: ticketId, number } = await make(app, own, 'createTicket', filed)
  const closed = await make(app, session, 'createTicket', { ...draftAbout(`old ${word}`), acknowledged: true })
  const said = await make(app, session, 'addComment', { ticketId, body: `Also on ${word}-worker-3.`, ...keyed })
  const note = { ticketId, body: `${WHISPER} about ${word}`, internal: true }
  const { id: noteId } = await make(app, team, 'addComment', note)
  await make(app, team, 'updateTicket', { ticketId, assigneeId: app.team.tess.id, category: 'BUG' })
  const file = { name: `${word}.log`, bytes: `The log of ${word}` }
  const attached = await uploadByRest(app, { ...own, 'idempotency-key': key }, ticketId, file)
  const { id: reviewId } = await make(app, own, 'reviewTicket', { ...draftAbout(`${word} again`), clusterId })
  const { id: usedReviewId } = await make(app, own, 'reviewTicket', draftAbout(`${word} once more`))
  await make(app, own, 'linkTicket', { ticketId, reviewId: usedReviewId, ...keyed })
  await make(app, { ...session, 'idempotency-key': key }, 'closeTicket', { ticketId: closed.id })
  const exporter = await make(app, session, 'createApiToken', { name: `${word} exporter`, scopes: ['TICKETS_READ'] })
  return {
    ...{ organisationId, ticketId, closedId: closed.id, numbered: `#${number}`, clusterId, clusterName, reviewId },
    ...{ usedReviewId, tokenId: exporter.id, personId: admin.id, commentId: said.id, noteId },
    attachmentId: attached.body.attachments[0].id,
    ...(await cursorsOf(app, own, ticketId)),
    ...{ key, word },
  }
}

/** What no customer may read, of their own organisation either. */
export const WHISPER = 'xylophone'

const CURSORS = `query ($id: ID!) {
  tickets(first: 1) { asOf pageInfo { endCursor } }
  updated: tickets(first: 1, orderBy: { field: UPDATED_AT, direction: DESC }) { pageInfo { endCursor } }
  severe: tickets(first: 1, orderBy: { field: SEVERITY, direction: DESC }) { pageInfo { endCursor } }
  clusters { pageInfo { endCursor } }
  organisations { pageInfo { endCursor } }
  ticket(id: $id) { asOf comments { pageInfo { startCursor } } events { pageInfo { startCursor } } } }`

// biome-ignore lint/suspicious/noExplicitAny: one answer of many shapes
type Pages = Record<string, any>

async function cursorsOf(app: TestApp, who: Headers, id: string) {
  const pages = await ask<Pages, object>(app, who, CURSORS, { id })
  return {
    listCursor: pages.tickets.pageInfo.endCursor,
    updatedCursor: pages.updated.pageInfo.endCursor,
    severityCursor: pages.severe.pageInfo.endCursor,
    clusterCursor: pages.clusters.pageInfo.endCursor,
    organisationCursor: pages.organisations.pageInfo.endCursor,
    commentCursor: pages.ticket.comments.pageInfo.startCursor,
    eventCursor: pages.ticket.events.pageInfo.startCursor,
    asOf: pages.ticket.asOf,
    listAsOf: pages.tickets.asOf,
  } as const
}

/** Whatever an organisation can do that others might notice, over both transports. */
export async function bustle(app: TestApp, customer: Customer, names: Names): Promise<void> {
  const { token, admin, organisationId } = customer
  const { word, ticketId, clusterId } = names
  const [own, team, session] = [bearer(token), bearer(app.team.token), await admin.signIn()]
  const filed = await rest(app, own, 'POST', TICKETS, { ...draftAbout(`${word} now`), acknowledged: true })
  if (filed.status !== 201) throw new Error(JSON.stringify(filed.body))
  await make(app, session, 'addComment', { ticketId: filed.body.id, body: `It goes on at ${word}.` })
  await make(app, team, 'addComment', { ticketId, body: `We look into ${word}.` })
  await make(app, team, 'updateTicket', { ticketId, status: 'RESOLVED', severity: 'LOW' })
  await make(app, own, 'addComment', { ticketId, body: `No, ${word} is still down.` })
  await uploadByRest(app, own, ticketId, { name: `${word}-2.log`, bytes: `More of ${word}` })
  const { id: reviewId } = await make(app, own, 'reviewTicket', { ...draftAbout(`${word} too`), clusterId })
  await make(app, own, 'linkTicket', { ticketId, reviewId })
  await make(app, own, 'closeTicket', { ticketId: filed.body.id })
  const facts = { organisationId, name: `${word}-test`, state: 'running', controlPlanes: 1, nodes: 2 }
  await make(app, team, 'upsertCluster', facts)
  await make(app, session, 'createApiToken', { name: `${word} second`, scopes: ['TICKETS_WRITE'] })
}

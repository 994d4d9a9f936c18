// A story in which something of every kind happens to a ticket, and what the feeds of everybody should bring of it: used
// by the tests of feeds.

import { file, run } from '../graphql/fixtures.ts'
import { ask, bearer, type Customer, type TestApp } from '../support/app.ts'
import type { Event } from './follow.ts'

export type Headers = Record<string, string>

export interface Story {
  customer: Headers
  team: Headers
  /** The ticket of the story, and another of the same organisation, on which somebody has the last word. */
  ticketId: string
  otherId: string
  /** What was known before it began, as a customer, as the team, and over all organisations. */
  start: Record<'own' | 'team' | 'desk', string>
}

export async function tellStory(app: TestApp): Promise<Story> {
  const customer = bearer(app.acme.token)
  const team = bearer(app.team.token)
  const otherId = await file(app, customer)
  const start = {
    own: await asOf(app, customer),
    team: await asOf(app, team, app.acme.organisationId),
    desk: await asOf(app, team),
  }
  const ticketId = await tell(app, app.acme, { hidden: true })
  await run(app, customer, 'addComment', { ticketId: otherId, body: 'The last.' })
  return { customer, team, ticketId, otherId, start }
}

export async function asOf(app: TestApp, headers: Headers, organisationId?: string): Promise<string> {
  const document = 'query ($of: ID) { tickets(filter: { organisationId: $of }) { asOf } }'
  const variables = { of: organisationId }
  return (await ask<{ tickets: { asOf: string } }, object>(app, headers, document, variables)).tickets.asOf
}

/** Something of every kind happens to a new ticket; `hidden`: also what only the team sees. */
export async function tell(
  app: TestApp,
  { organisationId, token }: Customer,
  { hidden }: { hidden: boolean },
): Promise<string> {
  const theirs = bearer(token)
  const team = bearer(app.team.token)
  const id = await file(app, theirs, { severity: 'LOW' })
  const say = (headers: Headers, body: string, internal = false) =>
    run(app, headers, 'addComment', { ticketId: id, body, internal })
  const update = (input: object) => run(app, team, 'updateTicket', { ticketId: id, ...input })
  await say(theirs, 'It is urgent.')
  if (hidden) await say(team, 'Ask the platform team.', true)
  await update({ status: 'TRIAGING', severity: 'HIGH', ...(hidden ? { assigneeId: app.team.tess.id } : {}) })
  if (hidden) await update({ assigneeId: app.team.tom.id })
  await update({ category: 'BUG' })
  await say(team, 'It is mended.')
  await update({ status: 'RESOLVED' })
  if (hidden) await say(team, 'Was it?', true)
  await say(theirs, 'It is back.')
  const draft = { subject: 'The node pool fails', description: 'The node pool fails with an error.', organisationId }
  const { review } = await run(app, theirs, 'reviewTicket', draft, 'review { id }')
  await run(app, theirs, 'linkTicket', { reviewId: review.id, ticketId: id }, 'comment { id }')
  if (hidden) await update({ assigneeId: null })
  await run(app, theirs, 'closeTicket', { ticketId: id })
  return id
}

export const WHOLE = `cursor type at ticketId ticketVersion ticketTeamVersion internal actor { id type label }
  ticket { id version status }
  ... on TicketStatusChanged { from to } ... on TicketUpdated { changes { field from to } }
  ... on TicketLinked { linkedReports comment { id } } ... on ReviewCompleted { aiReviewStatus }
  ... on CommentAdded { comment { id body internal createdAt author { type label } } }
  ... on TicketAssigned { whoHad: from { id name } whoHas: to { id name } }`

export const FEED = `subscription ($ticketId: ID, $organisationId: ID, $types: [TicketEventType!], $after: String) {
  ticketEvents(ticketId: $ticketId, organisationId: $organisationId, types: $types, after: $after) { ${WHOLE} } }`

// biome-ignore lint/suspicious/noExplicitAny: events of every type
export type Whole = Omit<Event, 'comment'> & Record<string, any>

/** A ticket's history as somebody reads it. */
export async function history(app: TestApp, headers: Headers, id: string): Promise<Whole[]> {
  const document = `query ($id: ID!) { ticket(id: $id) { events(first: 100) { nodes { ${WHOLE} } } } }`
  const { ticket } = await ask<{ ticket: { events: { nodes: Whole[] } } }, object>(app, headers, document, { id })
  return ticket.events.nodes
}

/** Both tickets', in the order of the log: of the other one only the last word. */
export async function histories(app: TestApp, { ticketId, otherId }: Story, headers: Headers): Promise<Whole[]> {
  const last = (await history(app, headers, otherId)).find(isLast) as Whole
  return [...(await history(app, headers, ticketId)), last]
}

export const isClosed = ({ type, to }: Whole) => type === 'TICKET_STATUS_CHANGED' && to === 'CLOSED'
export const isLast = ({ comment }: Whole) => comment?.body === 'The last.'
export const withoutCursors = (events: readonly Whole[]) => events.map(({ cursor, ...rest }) => rest)

// What an operation left in the log, in short, and what holds for each: used by operations.test.ts.

import { expect } from 'vitest'
import { ask, type TestApp } from '../support/app.ts'

const HISTORY = `query ($id: ID!) { ticket(id: $id) { version teamVersion updatedAt
  events(first: 100) { nodes { type ticketVersion ticketTeamVersion internal at actor { type label } ticket { id }
    ... on TicketStatusChanged { from to } ... on TicketUpdated { changes { field from to } }
    ... on TicketLinked { linkedReports comment { body } } ... on CommentAdded { comment { author { type label } body internal } }
    ... on TicketAssigned { whoHad: from { name } whoHas: to { name } } ... on ReviewCompleted { aiReviewStatus } } } } }`

interface Event {
  type: string
  ticketVersion: number
  ticketTeamVersion: number | null
  internal: boolean
  actor: { type: string; label: string }
  from?: string
  to?: string
  changes?: { field: string; from: string | null; to: string | null }[]
  linkedReports?: number
  comment?: { author: { type: string; label: string }; body: string }
  whoHad?: { name: string } | null
  whoHas?: { name: string } | null
  aiReviewStatus?: string
}
interface History {
  version: number
  teamVersion: number | null
  updatedAt: string
  events: { nodes: Event[] }
}

/** A ticket's versions and its whole history, as somebody sees them. */
export const history = async (app: TestApp, id: string, headers: Headers) =>
  (await ask<{ ticket: History }, object>(app, headers, HISTORY, { id })).ticket

/** An event in short: "[…]" where it is hidden, the author's type with a comment, what changed with an update. */
export function short(event: Event): string {
  const { type, comment, from, to, changes, whoHad, whoHas, aiReviewStatus } = event
  const name = type.replace('TICKET_', '')
  const details = [
    comment && type === 'COMMENT_ADDED' ? comment.author.type : null,
    from ? `${from}>${to}` : null,
    changes?.map((change) => `${change.field} ${change.from}>${change.to}`).join(', '),
    type === 'TICKET_ASSIGNED' ? `${whoHad?.name ?? 'nobody'}>${whoHas?.name ?? 'nobody'}` : null,
    aiReviewStatus,
  ].filter((detail) => detail)
  const text = [name, ...details].join(' ')
  return event.internal ? `[${text}]` : text
}

type Headers = Record<string, string>

/** Who looks at what happened. */
export interface Readers {
  app: TestApp
  team: Headers
  customer: Headers
}

interface Told {
  events: string[]
  actors: string[]
  comments: string[]
}

/**
 * Runs `work` and gives the events that it made. Checks on the way what holds for each operation: one transaction's
 * events share a version, hidden ones leave it, and the customer sees the same story without what is hidden.
 */
export async function told(readers: Readers, id: string, work: () => Promise<unknown>): Promise<Told> {
  const { app, team, customer } = readers
  const before = await history(app, id, team)
  await work()
  const after = await history(app, id, team)
  const events = after.events.nodes.slice(before.events.nodes.length)
  const isPublic = events.some(({ internal }) => !internal)
  expect(after.version - before.version).toBe(isPublic ? 1 : 0)
  expect((after.teamVersion ?? 0) - (before.teamVersion ?? 0)).toBe(events.length > 0 ? 1 : 0)
  for (const event of events) {
    expect(event).toMatchObject({ ticketVersion: after.version, ticketTeamVersion: after.teamVersion, ticket: { id } })
  }
  if (!isPublic) expect(after.updatedAt).toBe(before.updatedAt)

  const seen = await history(app, id, customer)
  expect(seen).toMatchObject({ version: after.version, teamVersion: null, updatedAt: after.updatedAt })
  const visible = after.events.nodes.filter(({ internal }) => !internal)
  expect(seen.events.nodes).toEqual(visible.map((event) => ({ ...event, ticketTeamVersion: null })))
  return {
    events: events.map(short),
    actors: [...new Set(events.map(({ actor }) => `${actor.type} ${actor.label}`))],
    comments: events.flatMap(({ type, comment }) => (type === 'COMMENT_ADDED' && comment ? [comment.body] : [])),
  }
}

// The judgement: what each subscriber received against the log itself, and the log against everything else.

import { type Cursor, decodeCursor } from '../../src/events/cursor.ts'
import type { Outside } from './database.ts'
import type { Told } from './streams.ts'
import type { Subscriber } from './subscribers.ts'

/** A row of the log, with 64-bit integers as bigint. */
export interface Logged {
  organisation: string
  seq: bigint
  publicSeq: bigint | null
  pos: bigint
  xid: bigint
  type: string
  ticketId: string
  ticketVersion: number
  teamVersion: number
  commentId: string | null
  text: string | null
}

/** In (pos, organisation, seq) order, as PostgreSQL sorts. */
export async function readLog(outside: Outside): Promise<Logged[]> {
  const rows = await outside.query<Record<keyof Logged, string | null>>(`
    SELECT e.organisation_id AS organisation, e.seq, e.public_seq AS "publicSeq", e.pos, e.xid, e.type,
      e.ticket_id AS "ticketId", e.ticket_version AS "ticketVersion", e.team_version AS "teamVersion",
      c.id AS "commentId", c.body AS text
    FROM ticket_events e LEFT JOIN comments c ON e.type = 'comment_added' AND c.id::text = e.payload->>'commentId'
    ORDER BY e.pos, e.organisation_id, e.seq`)
  return rows.map((row) => ({
    ...(row as unknown as Logged),
    seq: BigInt(row.seq as string),
    publicSeq: row.publicSeq === null ? null : BigInt(row.publicSeq),
    pos: BigInt(row.pos as string),
    xid: BigInt(row.xid as string),
  }))
}

/** The events that a subscriber may see and had not seen in the state it began with, in the order of its feed. */
export async function expectedOf(subscriber: Subscriber, log: Logged[], outside: Outside): Promise<Logged[]> {
  const { side, feed } = subscriber
  const start = decodeCursor(subscriber.asOf)
  if (!start) throw new Error(`${subscriber.name} began with a cursor that is none`)
  const visible = log.filter(
    (event) =>
      (side === 'team' || event.publicSeq !== null) &&
      (feed.ticketId === null || event.ticketId === feed.ticketId) &&
      (feed.organisationId === null || event.organisation === feed.organisationId),
  )
  if (start.kind === 'desk') {
    const seen = await seenBy(outside, start.snapshot)
    return visible.filter(({ xid }) => !seen.has(xid))
  }
  return visible.filter((event) => (placeIn(start, event) as bigint) > start.place).sort(bySeq)
}

const bySeq = (a: Logged, b: Logged) => (a.seq < b.seq ? -1 : 1)

const placeIn = ({ kind }: Cursor, { seq, publicSeq }: Logged) => (kind === 'customer' ? publicSeq : seq)

/** The transactions of the log that a snapshot saw, as PostgreSQL judges it. */
async function seenBy(outside: Outside, snapshot: string | null): Promise<Set<bigint>> {
  const rows = await outside.query<{ xid: string }>(
    `SELECT DISTINCT xid FROM ticket_events
     WHERE pg_visible_in_snapshot(xid::text::xid8, $1::pg_snapshot)`,
    [snapshot],
  )
  return new Set(rows.map(({ xid }) => BigInt(xid)))
}

/** An event in one line, as this subscriber must be told it. */
function lineOf({ side, feed }: Subscriber, event: Logged): string {
  const place = side === 'customer' ? `public ${event.publicSeq}` : `seq ${event.seq}`
  const where = feed.organisationId === null ? `pos ${event.pos} ${event.organisation} ${place}` : place
  const versions = `v${event.ticketVersion}${side === 'team' ? `/${event.teamVersion}` : ''}`
  const internal = event.publicSeq === null ? ' internal' : ''
  const comment = event.commentId === null ? '' : ` comment ${event.commentId} "${event.text}"`
  return `${where} ${event.type} of ${event.ticketId} ${versions}${internal}${comment}`
}

function lineTold({ side }: Subscriber, event: Told): string {
  const cursor = decodeCursor(event.cursor)
  const versions = `v${event.ticketVersion}${side === 'team' ? `/${event.teamVersion}` : ''}`
  const internal = event.internal ? ' internal' : ''
  const comment = event.commentId === null ? '' : ` comment ${event.commentId} "${event.text}"`
  return `${placeTold(cursor)} ${event.type} of ${event.ticketId} ${versions}${internal}${comment}`
}

function placeTold(cursor: Cursor | null): string {
  if (cursor?.kind === 'desk') return `pos ${cursor.pos} ${cursor.organisationId} seq ${cursor.seq}`
  return cursor ? `${cursor.kind === 'customer' ? 'public' : 'seq'} ${cursor.place}` : 'no place'
}

/** Null when the subscriber received exactly what it must have; else what is wrong, in figures and the first example. */
export function difference(subscriber: Subscriber, expected: Logged[]): string | null {
  const must = expected.map((event) => lineOf(subscriber, event))
  const did = subscriber.received.map((event) => lineTold(subscriber, event))
  const first = must.findIndex((line, n) => line !== did[n])
  if (first === -1 && did.length === must.length) return null
  const at = first === -1 ? must.length : first
  const lost = must.filter(notIn(did))
  const alien = did.filter(notIn(must))
  const twice = did.length - new Set(did).size
  return [
    `${subscriber.name}: ${must.length} expected, ${did.length} received; ${lost.length} lost, ${alien.length} not in ` +
      `the log, ${twice} twice; the first difference is number ${at}:`,
    `expected: ${must[at]}`,
    `received: ${did[at]}`,
    `cursor before: ${subscriber.received[at - 1]?.cursor ?? subscriber.asOf}`,
  ].join('\n      ')
}

const notIn = (list: string[]) => {
  const set = new Set(list)
  return (line: string) => !set.has(line)
}

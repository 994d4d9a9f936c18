// The event log: the one place that takes numbers, raises versions and writes a ticket's rows and events. Whoever
// changes a ticket describes it as a TicketChange, so no operation can forget an event: none writes any.

import { createHash } from 'node:crypto'
import { NIL } from 'uuid'
import type { Actor } from '../context.ts'
import type { Tx } from '../db/client.ts'
import type { ListPlace } from '../db/reads/tickets.ts'
import { type Attachment, type Comment, Prisma, type Ticket, type TicketEvent } from '../generated/prisma/client.ts'
import { type PendingEvent, REDACTED, type TicketChange } from './change.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { WakeUps } from './wakeup.ts'

export interface EventLog {
  /** Which life of the database this is; part of every cursor. */
  life: string
  /** Writes the change and its events in `tx`, late. A change without effect writes nothing. */
  commit(tx: Tx, change: TicketChange): Promise<Committed>
  /** The cursor of the state that a row of a ticket shows, in the numbering of the side that reads it. */
  asOf(side: Side, ticket: Ticket): string
  /** The cursor of the state that a list shows. */
  asOfList(side: Side, place: ListPlace): string
  /** The place that a cursor of an organisation's log stands for; null: it is not one of this log, for this side. */
  placeOf(side: Side, organisationId: string, cursor: string): bigint | null
  /** The cursor of an event in its organisation's log. */
  cursorOf(side: Side, event: TicketEvent): string
  /** The cursor of an event in the desk's log; `snapshot` is carried on from the list that replay began at. */
  deskCursorOf(event: TicketEvent, snapshot: string | null): string
  /** Call when `tx` has been committed: whoever follows the logs that it wrote to is told. */
  committed(tx: Tx): void
}

type Side = 'customer' | 'team'

/** The ticket as it is after the change, and what the change hung on it. */
export interface Committed {
  ticket: Ticket
  comments: Comment[]
  attachment: Attachment | null
}

/** The places of one transaction: the last ones it took. */
interface Places {
  ticketNumber: number
  seq: bigint
  publicSeq: bigint
  pos: bigint
  xid: bigint
}

/** Without wake-ups nobody is told of what is committed: for what writes before anybody listens. */
export function makeEventLog(life: string, wakeUps?: Pick<WakeUps, 'announce'>): EventLog {
  const written = new WeakMap<Tx, Set<string>>()
  const organisationCursor = (kind: Side, organisationId: string, place: bigint) =>
    encodeCursor({ kind, life, organisationId, place })
  return {
    life,
    async commit(tx, change) {
      const { organisationId } = change.after
      written.set(tx, (written.get(tx) ?? new Set()).add(organisationId))
      return commit(tx, change)
    },
    committed: (tx) => wakeUps?.announce(written.get(tx) ?? []),
    deskCursorOf: ({ pos, organisationId, seq }, snapshot) =>
      encodeCursor({ kind: 'desk', life, pos, organisationId, seq, snapshot }),
    placeOf(side, organisationId, text) {
      const cursor = decodeCursor(text)
      if (cursor === null || cursor.kind === 'desk' || cursor.kind !== side || cursor.life !== life) return null
      return cursor.organisationId === organisationId ? cursor.place : null
    },
    asOf: (side, ticket) =>
      organisationCursor(side, ticket.organisationId, side === 'team' ? ticket.lastSeq : ticket.lastPublicSeq),
    asOfList: (side, place) =>
      place.organisationId === null
        ? encodeCursor({ kind: 'desk', life, ...startOf(place.snapshot) })
        : organisationCursor(side, place.organisationId, side === 'team' ? place.seq : place.publicSeq),
    cursorOf: (side, { organisationId, seq, publicSeq }) =>
      organisationCursor(side, organisationId, side === 'team' ? seq : (publicSeq as bigint)),
  }
}

/** Replay begins at the snapshot's xmin: what was in flight then may have places from there on. */
function startOf(snapshot: string) {
  return { pos: BigInt(snapshot.split(':')[0] as string), organisationId: NIL, seq: 0n, snapshot }
}

async function commit(tx: Tx, change: TicketChange): Promise<Committed> {
  const events = change.events()
  if (events.length === 0) return { ticket: change.after, comments: [], attachment: null }
  const publicCount = events.filter((event) => !event.hidden).length

  // From here the organisation's other writers wait: nothing but the rows that carry the numbers, then the commit.
  const places = await takePlaces(tx, change, events.length, publicCount)
  const placed = place(events, places, publicCount)
  const ticket = numbered(change, places, publicCount > 0)
  const comments = numberedComments(change, placed)
  await writeTicket(tx, change, ticket)
  const attachment = numberedAttachment(change, placed)
  if (comments.length > 0) await tx.comment.createMany({ data: comments })
  if (attachment) await tx.attachment.createMany({ data: attachment })
  await writeRedactions(tx, change)
  await writeEvents(tx, ticket, change, placed)
  return { ticket, comments, attachment }
}

/**
 * The row lock makes the order of seq the order of commits, without holes. pos is this transaction's id, unless an
 * earlier holder of the lock had a later one: a transaction may take its id early and its places late.
 */
async function takePlaces(tx: Tx, change: TicketChange, count: number, publicCount: number): Promise<Places> {
  const [places] = await tx.$queryRaw<Places[]>`
    UPDATE organisation_counters SET
      ticket_number = ticket_number + ${change.before === null ? 1 : 0},
      seq = seq + ${count},
      public_seq = public_seq + ${publicCount},
      pos = GREATEST(pos, pg_current_xact_id()::text::bigint),
      public_revision = public_revision + ${publicCount > 0 ? 1 : 0},
      team_revision = team_revision + 1
    WHERE organisation_id = ${change.after.organisationId}::uuid
    RETURNING ticket_number AS "ticketNumber", seq, public_seq AS "publicSeq", pos,
      pg_current_xact_id()::text::bigint AS xid`
  if (!places) throw new Error(`organisation ${change.after.organisationId} has no counters`)
  return places
}

type PlacedEvent = PendingEvent & { seq: bigint; publicSeq: bigint | null; pos: bigint; xid: bigint }

function place(events: PendingEvent[], { seq, publicSeq, pos, xid }: Places, publicCount: number): PlacedEvent[] {
  let nextSeq = seq - BigInt(events.length)
  let nextPublic = publicSeq - BigInt(publicCount)
  return events.map((event) => {
    nextSeq += 1n
    if (!event.hidden) nextPublic += 1n
    return { ...event, seq: nextSeq, publicSeq: event.hidden ? null : nextPublic, pos, xid }
  })
}

/** A hidden change moves nothing that a customer can read: neither version, nor updatedAt, nor lastPublicSeq. */
function numbered({ before, after, now }: TicketChange, places: Places, isPublic: boolean): Ticket {
  return {
    ...after,
    number: before === null ? places.ticketNumber : after.number,
    version: after.version + (isPublic ? 1 : 0),
    teamVersion: after.teamVersion + 1,
    lastSeq: places.seq,
    lastPublicSeq: isPublic ? places.publicSeq : after.lastPublicSeq,
    updatedAt: isPublic ? now : after.updatedAt,
  }
}

async function writeTicket(tx: Tx, change: TicketChange, ticket: Ticket): Promise<void> {
  const { clusterContext, environment, ...columns } = ticket
  if (change.before === null) {
    const json = { clusterContext: orNull(clusterContext), environment: orNull(environment) }
    await tx.ticket.createMany({ data: { ...columns, ...json } })
  } else {
    const { organisationId, id, number, subject, description, createdAt, ...mutable } = columns
    const isRedacted = change.redactions.some(({ of }) => of === 'ticket')
    // Elsewhere the text stays as it is: to write it again would compute the columns for search anew.
    const text = isRedacted ? { subject, description, environment: orNull(environment) } : {}
    await tx.ticket.updateMany({ where: { id }, data: { ...mutable, ...text } })
  }
}

/** SHA-256 of nothing at all, which is what is left of a file. */
const EMPTY_SHA256 = createHash('sha256').digest('hex')

/** Of the ticket's own text writeTicket has taken care. Columns for search follow by themselves. */
async function writeRedactions(tx: Tx, { redactions }: TicketChange): Promise<void> {
  for (const redaction of redactions) {
    if (redaction.of === 'ticket') continue
    const where = { id: redaction.id }
    if (redaction.of === 'comment') await tx.comment.updateMany({ where, data: { body: REDACTED } })
    else await tx.attachment.updateMany({ where, data: { filename: REDACTED, sizeBytes: 0, sha256: EMPTY_SHA256 } })
  }
}

function numberedComments(change: TicketChange, events: PlacedEvent[]): Comment[] {
  const seqs = new Map(events.filter(({ type }) => type === 'comment_added').map((e) => [e.payload.commentId, e.seq]))
  return change.comments.map((comment) => ({ ...comment, seq: seqs.get(comment.id) as bigint }))
}

function numberedAttachment({ attachment }: TicketChange, events: PlacedEvent[]): Attachment | null {
  const event = events.find(({ type }) => type === 'attachment_added')
  return attachment && event ? { ...attachment, seq: event.seq } : null
}

async function writeEvents(tx: Tx, ticket: Ticket, change: TicketChange, events: PlacedEvent[]): Promise<void> {
  await tx.ticketEvent.createMany({
    data: events.map(({ hidden, payload, ...event }) => ({
      ...event,
      ...actorColumns(change.actor),
      organisationId: ticket.organisationId,
      ticketId: ticket.id,
      ticketVersion: ticket.version,
      teamVersion: ticket.teamVersion,
      payload: payload as Prisma.InputJsonObject,
      createdAt: change.now,
    })),
  })
}

const actorColumns = (actor: Actor) => ({ actorType: actor.type, actorId: actor.id, actorLabel: actor.label })

const orNull = (json: Prisma.JsonValue) => (json === null ? Prisma.DbNull : (json as Prisma.InputJsonValue))

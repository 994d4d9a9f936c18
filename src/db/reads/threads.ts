// What hangs on a ticket and is numbered by the log: comments, attachments and events. All of it is read up to the
// `last_seq` of the ticket's row in hand, so that an answer shows one state of the ticket.

import { type Attachment, type Comment, Prisma, type Ticket, type TicketEvent } from '../../generated/prisma/client.ts'
import type { Database } from '../client.ts'
import { attachmentColumns, commentColumns, eventColumns } from './columns.ts'
import { byIndex, type Page, type PageRequest, toPage } from './keyset.ts'
import { type Scope, visibleComments, visibleEvents, within } from './scope.ts'

/** A page by place: of comments by their ids (seq would betray the notes between them), of events by seq or public_seq. */
export interface ThreadRequest<Place extends string | bigint> extends Pick<PageRequest, 'first' | 'last'> {
  after?: Place | undefined
  before?: Place | undefined
}

/** Null for a ticket that knows no such place: the cursor is not one of this list. */
export type ThreadPage<Row> = Page<Row> | null

/** What one kind of thread looks like in SQL. */
interface Thread {
  table: Prisma.Sql
  columns: Prisma.Sql
  visible: Prisma.Sql
  /** The column that cursors count by, and the value of it that a cursor stands for; null: none here. */
  place: Prisma.Sql
  at(cursor: string | bigint): Prisma.Sql
}

export function commentPages(
  database: Database,
  scope: Scope,
  tickets: readonly Ticket[],
  request: ThreadRequest<string>,
): Promise<ThreadPage<Comment>[]> {
  const visible = visibleComments(scope)
  const at = (id: string | bigint) => Prisma.sql`(SELECT c.seq FROM comments c
    WHERE c.organisation_id = t.organisation_id AND c.ticket_id = t.id AND c.id = ${id}::uuid AND ${visible})`
  const thread = { table: Prisma.sql`comments c`, columns: commentColumns, visible, place: Prisma.sql`seq`, at }
  return threadPages<Comment>(database, thread, tickets, request)
}

export function eventPages(
  database: Database,
  scope: Scope,
  tickets: readonly Ticket[],
  request: ThreadRequest<bigint>,
): Promise<ThreadPage<TicketEvent>[]> {
  const place = scope.side === 'team' ? Prisma.sql`seq` : Prisma.sql`public_seq`
  const at = (cursor: string | bigint) => Prisma.sql`${cursor}::int8`
  const thread = { table: Prisma.sql`ticket_events e`, columns: eventColumns, visible: visibleEvents(scope), place, at }
  return threadPages<TicketEvent>(database, thread, tickets, request)
}

async function threadPages<Row extends { seq: bigint }>(
  database: Database,
  thread: Thread,
  tickets: readonly Ticket[],
  request: ThreadRequest<string | bigint>,
): Promise<ThreadPage<Row>[]> {
  const { first, last, after, before } = request
  const { place, at } = thread
  const order = first === undefined ? Prisma.sql`DESC` : Prisma.sql`ASC`
  const rest = Prisma.sql`FROM ${thread.table}
    WHERE organisation_id = t.organisation_id AND ticket_id = t.id AND seq <= t.last_seq AND ${thread.visible}`
  const bound = (cursor: string | bigint | undefined, sign: Prisma.Sql) =>
    cursor === undefined ? Prisma.sql`true` : Prisma.sql`${place} ${sign} ${at(cursor)}`
  const exists = (cursor: string | bigint | undefined, sign: Prisma.Sql) =>
    cursor === undefined ? Prisma.sql`false` : Prisma.sql`EXISTS (SELECT ${rest} AND ${bound(cursor, sign)})`
  const known = [after, before].filter((c) => c !== undefined).map((c) => Prisma.sql`${at(c)} IS NOT NULL`)
  const rows = await database.query<Row & PageFacts>(Prisma.sql`
    SELECT t.i, page.*, ${exists(after, Prisma.sql`<=`)} AS "atOrBeforeAfter",
      ${exists(before, Prisma.sql`>=`)} AS "atOrAfterBefore",
      ${known.length === 0 ? Prisma.sql`true` : Prisma.join(known, ' AND ')} AS known
    FROM ${ticketRows(tickets)}
    LEFT JOIN LATERAL (
      SELECT ${thread.columns} ${rest} AND ${bound(after, Prisma.sql`>`)} AND ${bound(before, Prisma.sql`<`)}
      ORDER BY seq ${order} LIMIT ${(first ?? last ?? 0) + 1}
    ) page ON true
    ORDER BY t.i, page.seq ${order}`)
  return byIndex(rows, tickets.length).map((own) => {
    const facts = own[0] as PageFacts
    const found = own.filter(({ seq }) => seq !== null)
    return facts.known ? toPage<Row>(found, request, facts) : null
  })
}

interface PageFacts {
  i: number
  atOrBeforeAfter: boolean
  atOrAfterBefore: boolean
  known: boolean
}

/** The tickets in hand as a table `t (i, organisation_id, id, last_seq)`. */
function ticketRows(tickets: readonly Ticket[]): Prisma.Sql {
  return Prisma.sql`unnest(
      ${tickets.map((_, i) => i)}::int[], ${tickets.map((t) => t.organisationId)}::uuid[],
      ${tickets.map((t) => t.id)}::uuid[], ${tickets.map((t) => t.lastSeq)}::int8[]
    ) AS t (i, organisation_id, id, last_seq)`
}

/** How many comments of each ticket the scope may read. */
export async function commentCounts(database: Database, scope: Scope, tickets: readonly Ticket[]): Promise<number[]> {
  const rows = await database.query<{ n: bigint }>(Prisma.sql`
    SELECT (SELECT count(*) FROM comments c
      WHERE c.organisation_id = t.organisation_id AND c.ticket_id = t.id AND c.seq <= t.last_seq
        AND ${visibleComments(scope)}) AS n
    FROM ${ticketRows(tickets)} ORDER BY t.i`)
  return rows.map(({ n }) => Number(n))
}

/** Every comment of a ticket that a customer may read, oldest first: the REST contract's thread has no pages. */
/** @param most of them, the latest, in the order of the log. */
export async function publicComments(database: Database, ticket: Ticket, most: number): Promise<Comment[]> {
  const latest = await database.query<Comment>(Prisma.sql`
    SELECT ${commentColumns} FROM comments c
    WHERE c.organisation_id = ${ticket.organisationId}::uuid AND c.ticket_id = ${ticket.id}::uuid
      AND c.seq <= ${ticket.lastSeq}::int8 AND NOT c.internal
    ORDER BY c.seq DESC LIMIT ${most}::int4`)
  return latest.reverse()
}

export async function commentsById(database: Database, scope: Scope, ids: readonly string[]): Promise<Comment[]> {
  return database.query<Comment>(Prisma.sql`
    SELECT ${commentColumns} FROM comments c WHERE c.id = ANY (${ids}::uuid[]) AND ${visibleComments(scope)}
      AND ${within(scope, 'c')}`)
}

export async function attachmentsOf(database: Database, tickets: readonly Ticket[]): Promise<Attachment[][]> {
  const rows = await database.query<Attachment & { i: number }>(Prisma.sql`
    SELECT t.i, ${attachmentColumns} FROM ${ticketRows(tickets)}
    JOIN attachments a ON a.organisation_id = t.organisation_id AND a.ticket_id = t.id AND a.seq <= t.last_seq
    ORDER BY a.seq`)
  return byIndex(rows, tickets.length)
}

export async function attachmentsById(database: Database, scope: Scope, ids: readonly string[]): Promise<Attachment[]> {
  return database.query<Attachment>(Prisma.sql`
    SELECT ${attachmentColumns} FROM attachments a WHERE a.id = ANY (${ids}::uuid[])
      AND ${within(scope, 'a')}`)
}

// Tickets for reading: one by id or number, and pages of lists with their count and cursor in one statement, so that
// page, count and `asOf` are of one snapshot.

import { Prisma, type Ticket } from '../../generated/prisma/client.ts'
import type { Database } from '../client.ts'
import { ticketColumns } from './columns.ts'
import { isCountedExactly, type TicketFilter, ticketFilter } from './filter.ts'
import {
  byIndex,
  decodePlace,
  encodePlace,
  isId,
  isNumberIn,
  isTime,
  type Page,
  type PageRequest,
  toPage,
} from './keyset.ts'
import { type Scope, within } from './scope.ts'

export interface TicketOrder {
  field: 'created_at' | 'updated_at' | 'severity'
  direction: 'asc' | 'desc'
}

export interface TicketListRequest extends PageRequest {
  filter: TicketFilter
  orderBy: TicketOrder
  /** Whether the count is wanted. */
  counted: boolean
  /** REST's offset pages: rows to skip. */
  offset?: number
}

/** Whose tickets a list shows: an organisation's, one cluster's of it, or (null) those of all organisations. */
export interface TicketListParent {
  organisationId: string | null
  clusterId?: string
}

/** The log's place in the snapshot of a list: one organisation's, or the desk's over all of them. */
export type ListPlace =
  | { organisationId: string; seq: bigint; publicSeq: bigint }
  | { organisationId: null; snapshot: string }

export interface TicketPage extends Page<Ticket> {
  orderBy: TicketOrder
  /** Null when it was not asked for. Exact up to COUNTED, and beyond it where isCountedExactly says so. */
  total: number | null
  totalIsExact: boolean
  place: ListPlace
}

/** Where a count that is not kept exact stops. */
export const COUNTED = 10_000

export async function ticketsById(database: Database, scope: Scope, ids: readonly string[]): Promise<Ticket[]> {
  return database.query<Ticket>(Prisma.sql`
    SELECT ${ticketColumns} FROM tickets t WHERE t.id = ANY (${ids}::uuid[]) AND ${within(scope, 't')}`)
}

export async function ticketByNumber(
  database: Database,
  organisationId: string,
  number: number,
): Promise<Ticket | null> {
  const [ticket] = await database.query<Ticket>(Prisma.sql`
    SELECT ${ticketColumns} FROM tickets t
    WHERE t.organisation_id = ${organisationId}::uuid AND t.number = ${number}::int`)
  return ticket ?? null
}

/** Null when `text` is no cursor of a list in this order. */
export const decodeTicketPlace = (orderBy: TicketOrder, text: string) =>
  decodePlace(
    orderName(orderBy),
    [orderBy.field === 'severity' ? isNumberIn(0, SEVERITIES.length + 1) : isTime, isId],
    text,
  )

export function encodeTicketPlace(orderBy: TicketOrder, ticket: Ticket): string {
  return encodePlace(orderName(orderBy), [placeValue(orderBy, ticket), ticket.id])
}

const orderName = ({ field, direction }: TicketOrder) => `${field} ${direction}`

const SEVERITIES = ['low', 'medium', 'high', 'critical']

function placeValue({ field, direction }: TicketOrder, ticket: Ticket): string | number {
  if (field === 'created_at') return ticket.createdAt.toISOString()
  if (field === 'updated_at') return ticket.updatedAt.toISOString()
  return ticket.severity === null ? noSeverity(direction) : SEVERITIES.indexOf(ticket.severity) + 1
}

/** Tickets without a severity come last in either direction. */
const noSeverity = (direction: 'asc' | 'desc') => (direction === 'asc' ? SEVERITIES.length + 1 : 0)

interface ListRow extends Ticket {
  i: number
  total: bigint | null
  seq: bigint | null
  publicSeq: bigint | null
  snapshot: string
  atOrBeforeAfter: boolean
  atOrAfterBefore: boolean
}

/**
 * A page for each parent, all in one statement. Cursors must have been checked with decodeTicketPlace. Parents are all
 * of one kind (organisations, clusters, or one that stands for all organisations).
 */
export async function ticketPages(
  database: Database,
  scope: Scope,
  parents: readonly TicketListParent[],
  request: TicketListRequest,
): Promise<TicketPage[]> {
  const rows = await database.query<ListRow>(pagesSql(scope, parents, request))
  return byIndex(rows, parents.length).map((own, index) => {
    const [facts] = own as [ListRow]
    const organisationId = parents[index]?.organisationId ?? null
    const total = facts.total === null ? null : Number(facts.total)
    const exact = organisationId !== null && isCountedExactly(request.filter)
    return {
      ...toPage<Ticket>(
        own.filter(({ id }) => id !== null),
        request,
        facts,
      ),
      orderBy: request.orderBy,
      total: total === null || exact ? total : Math.min(total, COUNTED),
      totalIsExact: exact || (total ?? 0) <= COUNTED,
      place:
        organisationId === null
          ? { organisationId: null, snapshot: facts.snapshot }
          : { organisationId, seq: facts.seq ?? 0n, publicSeq: facts.publicSeq ?? 0n },
    }
  })
}

function pagesSql(scope: Scope, parents: readonly TicketListParent[], request: TicketListRequest): Prisma.Sql {
  const { filter, orderBy, first, last, after, before, offset } = request
  const ofAll = parents[0]?.organisationId === null
  const conditions = [
    ofAll ? Prisma.sql`true` : Prisma.sql`t.organisation_id = p.organisation_id`,
    parents[0]?.clusterId ? Prisma.sql`t.cluster_id = p.cluster_id` : Prisma.sql`true`,
    ticketFilter(filter, scope, ofAll ? null : Prisma.sql`p.organisation_id`),
  ]
  const matching = Prisma.join(conditions, ' AND ')
  const forward = first !== undefined
  const ascending = (orderBy.direction === 'asc') === forward
  const past = (cursor: string | undefined, side: 'after' | 'before') =>
    cursor === undefined ? Prisma.sql`true` : compare(orderBy, cursor, side)
  const exists = (cursor: string | undefined, side: 'after' | 'before') =>
    cursor === undefined
      ? Prisma.sql`false`
      : Prisma.sql`EXISTS (SELECT FROM tickets t WHERE ${matching} AND NOT ${compare(orderBy, cursor, side)})`
  const limited = ofAll || !isCountedExactly(filter) ? Prisma.sql`LIMIT ${COUNTED + 1}` : Prisma.empty
  const total = request.counted
    ? Prisma.sql`(SELECT count(*) FROM (SELECT FROM tickets t WHERE ${matching} ${limited}) counted)`
    : Prisma.sql`NULL::bigint`

  return Prisma.sql`
    SELECT p.i, page.*, counters.seq, counters.public_seq AS "publicSeq", ${total} AS total,
      pg_current_snapshot()::text AS snapshot,
      ${exists(after, 'after')} AS "atOrBeforeAfter", ${exists(before, 'before')} AS "atOrAfterBefore"
    FROM unnest(
      ${parents.map((_, i) => i)}::int[],
      ${parents.map((parent) => parent.organisationId)}::uuid[],
      ${parents.map((parent) => parent.clusterId ?? null)}::uuid[]
    ) AS p (i, organisation_id, cluster_id)
    LEFT JOIN organisation_counters counters ON counters.organisation_id = p.organisation_id
    LEFT JOIN LATERAL (
      SELECT ${ticketColumns}, ${sortKey(orderBy)} AS sort_key FROM tickets t
      WHERE ${matching} AND ${past(after, 'after')} AND ${past(before, 'before')}
      ORDER BY ${sortKey(orderBy)} ${order(ascending)}, t.id ${order(ascending)}
      LIMIT ${(first ?? last ?? 0) + 1} ${offset ? Prisma.sql`OFFSET ${offset}` : Prisma.empty}
    ) page ON true
    ORDER BY p.i, page.sort_key ${order(ascending)}, page.id ${order(ascending)}`
}

const order = (ascending: boolean) => (ascending ? Prisma.sql`ASC` : Prisma.sql`DESC`)

function sortKey({ field, direction }: TicketOrder): Prisma.Sql {
  if (field === 'created_at') return Prisma.sql`t.created_at`
  if (field === 'updated_at') return Prisma.sql`t.updated_at`
  const none = Prisma.raw(String(noSeverity(direction)))
  return Prisma.sql`coalesce(array_position(enum_range(NULL::ticket_severity), t.severity), ${none})`
}

/** Rows that come after (or before) the cursor's place in list order. */
function compare(orderBy: TicketOrder, cursor: string, side: 'after' | 'before'): Prisma.Sql {
  const [value, id] = decodeTicketPlace(orderBy, cursor) as (string | number)[]
  const type = orderBy.field === 'severity' ? Prisma.sql`int` : Prisma.sql`timestamptz`
  const sign = (orderBy.direction === 'asc') === (side === 'after') ? Prisma.sql`>` : Prisma.sql`<`
  return Prisma.sql`(${sortKey(orderBy)}, t.id) ${sign} (${value}::${type}, ${id}::uuid)`
}

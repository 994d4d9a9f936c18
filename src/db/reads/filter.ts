// TicketFilter as SQL over `tickets t`. Shared by lists, counts and statistics.

import type { AiReviewStatus, TicketSource, TicketStatus } from '../../generated/prisma/client.ts'
import { Prisma, type TicketCategory, type TicketSeverity } from '../../generated/prisma/client.ts'
import { type Scope, visibleComments } from './scope.ts'

/** Absent and empty lists do not filter. A null in `severity` stands for tickets without one. */
export interface TicketFilter {
  status?: TicketStatus[]
  category?: TicketCategory[]
  severity?: (TicketSeverity | null)[]
  source?: TicketSource[]
  aiReviewStatus?: AiReviewStatus[]
  clusterId?: string[]
  /** Search text; see the REST contract, "Search, counts, callers". */
  q?: string
  createdAfter?: Date
  createdBefore?: Date
  updatedAfter?: Date
  updatedBefore?: Date
  resolvedAfter?: Date
  resolvedBefore?: Date
  assigneeId?: string[]
  unassigned?: boolean
  createdById?: string
}

/** A word that is in more than 10,000 tickets is searched in the newest of them; one more tells that there are more. */
const SEARCHED = 10_001
/** Shorter texts have no trigram to look up. */
const SHORTEST_PART = 3

/** `organisation` is the expression of the organisation searched, or null for all of them. */
export function ticketFilter(filter: TicketFilter, scope: Scope, organisation: Prisma.Sql | null): Prisma.Sql {
  const { clusterId, assigneeId, severity } = filter
  const conditions = [
    anyOf('status', 'ticket_status', filter.status),
    anyOf('category', 'ticket_category', filter.category),
    anyOf('source', 'ticket_source', filter.source),
    anyOf('ai_review_status', 'ai_review_status', filter.aiReviewStatus),
    anyOf('cluster_id', 'uuid', clusterId),
    anyOf('assignee_id', 'uuid', assigneeId),
    severity?.length ? severityFilter(severity) : null,
    filter.createdAfter ? Prisma.sql`t.created_at > ${filter.createdAfter}` : null,
    filter.createdBefore ? Prisma.sql`t.created_at < ${filter.createdBefore}` : null,
    filter.updatedAfter ? Prisma.sql`t.updated_at > ${filter.updatedAfter}` : null,
    filter.updatedBefore ? Prisma.sql`t.updated_at < ${filter.updatedBefore}` : null,
    filter.resolvedAfter ? Prisma.sql`t.resolved_at > ${filter.resolvedAfter}` : null,
    filter.resolvedBefore ? Prisma.sql`t.resolved_at < ${filter.resolvedBefore}` : null,
    filter.unassigned === true ? Prisma.sql`t.assignee_id IS NULL` : null,
    filter.unassigned === false ? Prisma.sql`t.assignee_id IS NOT NULL` : null,
    filter.createdById ? Prisma.sql`t.created_by_id = ${filter.createdById}::uuid` : null,
    filter.q === undefined ? null : search(filter.q, scope, organisation),
  ].filter((condition) => condition !== null)
  return conditions.length === 0 ? Prisma.sql`true` : Prisma.join(conditions, ' AND ')
}

/** Lists without filter and by status, cluster or category are counted exactly at any size. */
export function isCountedExactly(filter: TicketFilter): boolean {
  const { status, category, clusterId, ...others } = filter
  return Object.values(others).every((value) => value === undefined || (Array.isArray(value) && value.length === 0))
}

function anyOf(column: string, type: string, values: readonly string[] | undefined): Prisma.Sql | null {
  if (!values?.length) return null
  return Prisma.sql`${Prisma.raw(`t.${column}`)} = ANY (${values}::text[]::${Prisma.raw(type)}[])`
}

function severityFilter(values: readonly (TicketSeverity | null)[]): Prisma.Sql {
  const named = values.filter((value) => value !== null)
  const orNone = values.includes(null) ? Prisma.sql`OR t.severity IS NULL` : Prisma.empty
  return Prisma.sql`(t.severity = ANY (${named}::text[]::ticket_severity[]) ${orNone})`
}

/**
 * `#12` is a number. Anything else: all its words in subject and description, or all in one comment that the scope may
 * read, or the whole of it a part of the subject. The text never reaches a query language of the database's own.
 */
function search(q: string, scope: Scope, organisation: Prisma.Sql | null): Prisma.Sql {
  const number = /^#(\d{1,9})$/.exec(q)?.[1]
  if (number) return Prisma.sql`t.number = ${Number(number)}::int`
  const inOrganisation = (alias: string) =>
    organisation ? Prisma.sql`${Prisma.raw(alias)}.organisation_id = ${organisation}` : Prisma.sql`true`
  const words = Prisma.sql`plainto_tsquery('simple', fold(${q}))`
  const found = [
    Prisma.sql`(SELECT x.id FROM tickets x WHERE ${inOrganisation('x')} AND x.search @@ ${words}
      ORDER BY x.created_at DESC LIMIT ${SEARCHED})`,
    Prisma.sql`(SELECT c.ticket_id FROM comments c
      WHERE ${inOrganisation('c')} AND c.search @@ ${words} AND ${visibleComments(scope)}
      ORDER BY c.created_at DESC LIMIT ${SEARCHED})`,
  ]
  if ([...q].length >= SHORTEST_PART) {
    found.push(Prisma.sql`(SELECT x.id FROM tickets x
      WHERE ${inOrganisation('x')} AND fold(x.subject) LIKE '%' || ${withoutWildcards(q)} || '%'
      ORDER BY x.created_at DESC LIMIT ${SEARCHED})`)
  }
  return Prisma.sql`t.id IN (${Prisma.join(found, ' UNION ')})`
}

/** Escaped after folding, since folding can make a wild card of another character (U+FF05 becomes a per cent sign). */
function withoutWildcards(q: string): Prisma.Sql {
  return Prisma.sql`regexp_replace(fold(${q}), '([\\\\%_])', '\\\\\\1', 'g')`
}

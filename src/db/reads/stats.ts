// Counts and medians over a filtered set of tickets, in one statement.

import type { TicketCategory, TicketSeverity, TicketStatus } from '../../generated/prisma/client.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database } from '../client.ts'
import { type TicketFilter, ticketFilter } from './filter.ts'
import { type Scope, within } from './scope.ts'

export interface TicketStats {
  total: number
  byStatus: Partial<Record<TicketStatus, number>>
  byCategory: Partial<Record<TicketCategory, number>>
  /** `none`: tickets without a severity. */
  bySeverity: Partial<Record<TicketSeverity | 'none', number>>
  unassigned: number
  /** Seconds; null when no ticket has one. */
  medianFirstResponseSeconds: number | null
  medianResolutionSeconds: number | null
}

export async function ticketStats(database: Database, scope: Scope, filter: TicketFilter): Promise<TicketStats> {
  const organisation = scope.organisationId === null ? null : Prisma.sql`${scope.organisationId}::uuid`
  const [row] = await database.query<TicketStats & { total: bigint; unassigned: bigint }>(Prisma.sql`
    WITH found AS MATERIALIZED (
      SELECT t.status, t.category, t.severity, t.assignee_id, t.created_at, t.first_response_at, t.resolved_at
      FROM tickets t WHERE ${within(scope, 't')} AND ${ticketFilter(filter, scope, organisation)}
    )
    SELECT
      count(*) AS total,
      count(*) FILTER (WHERE assignee_id IS NULL) AS unassigned,
      (SELECT coalesce(jsonb_object_agg(status, n), '{}')
        FROM (SELECT status, count(*) AS n FROM found GROUP BY status) s) AS "byStatus",
      (SELECT coalesce(jsonb_object_agg(category, n), '{}')
        FROM (SELECT category, count(*) AS n FROM found GROUP BY category) c) AS "byCategory",
      (SELECT coalesce(jsonb_object_agg(coalesce(severity::text, 'none'), n), '{}')
        FROM (SELECT severity, count(*) AS n FROM found GROUP BY severity) v) AS "bySeverity",
      round(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM first_response_at - created_at)))::float8
        AS "medianFirstResponseSeconds",
      round(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM resolved_at - created_at)))::float8
        AS "medianResolutionSeconds"
    FROM found`)
  const stats = row as NonNullable<typeof row>
  return { ...stats, total: Number(stats.total), unassigned: Number(stats.unassigned) }
}

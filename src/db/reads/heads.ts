// Where the logs end just now.

import { Prisma } from '../../generated/prisma/client.ts'
import type { Database } from '../client.ts'

export interface OrganisationHead {
  /** The last event. */
  seq: bigint
  /** The same in the numbering of the side that asks. */
  place: bigint
  /** The seq of the place that was asked for; null when there is none. */
  asked: bigint | null
}

/** Null: there is no such organisation. */
export async function organisationHead(
  database: Database,
  organisationId: string,
  side: 'customer' | 'team',
  asked: bigint | null = null,
): Promise<OrganisationHead | null> {
  const place = side === 'team' ? Prisma.sql`c.seq` : Prisma.sql`c.public_seq`
  // A customer's numbering leaves out what is hidden; the index on (organisation_id, public_seq) finds the event.
  const askedSeq =
    side === 'team'
      ? Prisma.sql`${asked}::int8`
      : Prisma.sql`CASE WHEN ${asked}::int8 = 0 THEN 0 ELSE (SELECT e.seq FROM ticket_events e
          WHERE e.organisation_id = c.organisation_id AND e.public_seq = ${asked}::int8) END`
  const [head] = await database.query<OrganisationHead>(Prisma.sql`
    SELECT c.seq, ${place} AS place, ${askedSeq} AS asked
    FROM organisation_counters c WHERE c.organisation_id = ${organisationId}::uuid`)
  return head ?? null
}

export interface DeskHead {
  /** pg_current_snapshot() as text, and where what has not begun yet will begin. */
  snapshot: string
  xmax: bigint
}

export async function deskHead(database: Database): Promise<DeskHead> {
  const [head] = await database.query<DeskHead>(Prisma.sql`
    SELECT now.snapshot::text AS snapshot, pg_snapshot_xmax(now.snapshot)::text::int8 AS xmax
    FROM (SELECT pg_current_snapshot() AS snapshot) now`)
  return head as DeskHead
}

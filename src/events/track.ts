// Reading the log in order. A track is one log to follow: an organisation's, in the order of its commits, or the desk's
// over all organisations, in (pos, organisation, seq) order behind the transactions that are still in flight.

import { NIL } from 'uuid'
import type { Database } from '../db/client.ts'
import { eventColumns } from '../db/reads/columns.ts'
import { Prisma, type TicketEvent, type TicketEventType } from '../generated/prisma/client.ts'

/** Which events a reader may see and wants. */
export interface Filter {
  side: 'customer' | 'team'
  ticketId: string | null
  types: readonly TicketEventType[] | null
}

export const EVERYTHING: Filter = { side: 'team', ticketId: null, types: null }

export const passes = ({ side, ticketId, types }: Filter, event: TicketEvent): boolean =>
  (side === 'team' || event.publicSeq !== null) &&
  (ticketId === null || event.ticketId === ticketId) &&
  (types === null || types.includes(event.type))

/** A place in a track: every event up to and with it comes before. Within an organisation only seq counts. */
export interface Place {
  pos: bigint
  organisationId: string
  seq: bigint
}

/** Events after a place, in order, and the place through which nothing is missing. */
export interface Stretch {
  events: TicketEvent[]
  through: Place
  /** There may be more behind `through`. */
  more: boolean
  /** Desk only: events beyond `through` have been committed and wait for a transaction in flight. */
  heldBack: boolean
}

export interface Track {
  /** Tracks of one process that read the same thing have the same name. */
  name: string
  /** Null: all organisations. */
  organisationId: string | null
  read(after: Place, filter: Filter): Promise<Stretch>
  compare(a: Place, b: Place): number
  placeOf(event: TicketEvent): Place
}

const STRETCH = 500

export function organisationTrack(database: Database, organisationId: string): Track {
  const at = (seq: bigint): Place => ({ pos: 0n, organisationId, seq })
  return {
    name: organisationId,
    organisationId,
    compare: (a, b) => sign(a.seq - b.seq),
    placeOf: ({ seq }) => at(seq),
    async read(after, filter) {
      // The row lock on the counters makes seq the order of commits without holes: what is committed is a prefix.
      const rows = await database.query<TicketEvent & { head: bigint }>(Prisma.sql`
        SELECT page.*, counters.seq AS head FROM organisation_counters counters LEFT JOIN LATERAL (
          SELECT ${eventColumns} FROM ticket_events e
          WHERE e.organisation_id = counters.organisation_id AND e.seq > ${after.seq}::int8 AND ${wanted(filter)}
          ORDER BY e.seq LIMIT ${STRETCH}
        ) page ON true
        WHERE counters.organisation_id = ${organisationId}::uuid ORDER BY page.seq`)
      const events = rows.filter(({ seq }) => seq !== null)
      const more = events.length === STRETCH
      const head = more ? (events.at(-1) as TicketEvent).seq : (rows[0]?.head ?? after.seq)
      return { events, through: at(head), more, heldBack: false }
    },
  }
}

export function deskTrack(database: Database): Track {
  return {
    name: 'desk',
    organisationId: null,
    compare: comparePlaces,
    placeOf: ({ pos, organisationId, seq }) => ({ pos, organisationId, seq }),
    async read(after, filter) {
      // pos is at least the transaction's own id, and a transaction in flight has an id from the snapshot's xmin on: no
      // event before xmin can still appear. A plain "later than the last seen" loses what commits late.
      const rows = await database.query<TicketEvent & { xmin: bigint; held: boolean }>(Prisma.sql`
        WITH snapshot AS MATERIALIZED (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::int8 AS xmin)
        SELECT page.*, snapshot.xmin,
          EXISTS (SELECT FROM organisation_counters c WHERE c.pos >= snapshot.xmin) AS held
        FROM snapshot LEFT JOIN LATERAL (
          SELECT ${eventColumns} FROM ticket_events e
          WHERE (e.pos, e.organisation_id, e.seq) > (${after.pos}::int8, ${after.organisationId}::uuid, ${after.seq}::int8)
            AND e.pos < snapshot.xmin AND ${wanted(filter)}
          ORDER BY e.pos, e.organisation_id, e.seq LIMIT ${STRETCH}
        ) page ON true
        ORDER BY page.pos, page."organisationId", page.seq`)
      const [{ xmin, held }] = rows as [(typeof rows)[number]]
      const events = rows.filter(({ seq }) => seq !== null)
      const more = events.length === STRETCH
      const last = events.at(-1)
      const watermark = { pos: xmin, organisationId: NIL, seq: 0n }
      const through = more && last ? this.placeOf(last) : later(after, watermark)
      return { events, through, more, heldBack: held }
    },
  }
}

function wanted({ side, ticketId, types }: Filter): Prisma.Sql {
  const conditions = [
    side === 'team' ? Prisma.sql`true` : Prisma.sql`e.public_seq IS NOT NULL`,
    ticketId === null ? Prisma.sql`true` : Prisma.sql`e.ticket_id = ${ticketId}::uuid`,
    types === null ? Prisma.sql`true` : Prisma.sql`e.type = ANY (${[...types]}::text[]::ticket_event_type[])`,
  ]
  return Prisma.join(conditions, ' AND ')
}

const later = (a: Place, b: Place) => (comparePlaces(a, b) < 0 ? b : a)

function comparePlaces(a: Place, b: Place): number {
  if (a.pos !== b.pos) return sign(a.pos - b.pos)
  // PostgreSQL compares UUIDs by their bytes, as their lower-case text does.
  if (a.organisationId !== b.organisationId) return a.organisationId < b.organisationId ? -1 : 1
  return sign(a.seq - b.seq)
}

const sign = (n: bigint) => (n < 0n ? -1 : n > 0n ? 1 : 0)

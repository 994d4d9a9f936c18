// What lags behind, as a scrape of the metrics wants to know it: one statement, on a connection of its own, so that it
// is answered when all others are taken, and given up soon when the database is not there.

import pg from 'pg'
import { Prisma } from '../generated/prisma/client.ts'

export interface Backlog {
  /** Since when the oldest transaction on the server holds back the feed of all organisations; 0: none does. */
  watermarkLagSeconds: number | null
  /** Tickets that wait for a model's review. */
  pendingReviews: number
}

export interface BacklogReader {
  /** Null when the database does not answer in time. Those who ask at once share one answer. */
  read(): Promise<Backlog | null>
  close(): Promise<void>
}

const PATIENCE_MS = 1500
const IDLE_MS = 60_000

/** @param url of the server itself; connected to at the first read. */
export function openBacklog(url: string): BacklogReader {
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
    connectionTimeoutMillis: PATIENCE_MS,
    statement_timeout: PATIENCE_MS,
    query_timeout: PATIENCE_MS,
    idleTimeoutMillis: IDLE_MS,
    allowExitOnIdle: true,
    application_name: 'deskwire metrics',
  })
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  let reading: Promise<Backlog | null> | null = null
  return {
    read() {
      reading ??= ask(pool).finally(() => {
        reading = null
      })
      return reading
    },
    close: () => pool.end(),
  }
}

/**
 * A transaction holds the feed back from the moment it has an id; one that was prepared has no process any more. Of
 * those of other roles a role without pg_read_all_stats sees the id and not the time: then there is no answer.
 */
const BACKLOG = Prisma.sql`
  WITH holding AS (
    SELECT backend_xid AS xid, xact_start AS since FROM pg_stat_activity WHERE backend_xid IS NOT NULL
    UNION ALL SELECT transaction, prepared FROM pg_prepared_xacts
  ), oldest AS (SELECT since FROM holding ORDER BY age(xid) DESC LIMIT 1)
  SELECT CASE WHEN EXISTS (SELECT FROM oldest)
      THEN (SELECT greatest(extract(epoch FROM clock_timestamp() - since), 0)::float8 FROM oldest) ELSE 0 END
      AS "watermarkLagSeconds",
    (SELECT count(*) FROM pending_reviews)::int AS "pendingReviews"`

async function ask(pool: pg.Pool): Promise<Backlog | null> {
  try {
    const { rows } = await pool.query<Backlog>(BACKLOG.text)
    return rows[0] ?? null
  } catch {
    return null
  }
}

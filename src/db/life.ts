// Which life of the event log the database is in, and whether it still is the database that was given it. The places of
// the log hold transaction ids of one PostgreSQL: restored from a dump into another one, or copied, the database begins
// at smaller ids, and both the team's feed and the cursors that are out there would be answered wrongly.

import pg from 'pg'
import type { Logger } from 'pino'
import { Prisma } from '../generated/prisma/client.ts'
import type { Database } from './client.ts'

export interface Life {
  /** Part of every cursor. */
  id: string
  /** Why this cannot be the database that the life was given to; null: it is that one. */
  restored: string | null
}

/** For whoever runs the service: what is wrong, and what to do. */
export const restoredSentence = (reason: string): string =>
  `This database has been restored or copied: ${reason}. Subscriptions and cursors are refused until ` +
  '"npm run admin -- events restored" has been run.'

const AHEAD = 'its event log holds transaction ids that this PostgreSQL server has not reached'

/** Where the server does not let us ask which cluster it is. */
const UNKNOWN_SYSTEM = 'unknown'

type Queries = Pick<Database, 'query'>

/** Null: no life has been given to it yet. */
export async function readLife(database: Queries): Promise<Life | null> {
  const system = await systemIdentifier(database)
  // The greatest place is one step in the index on it, and the snapshot that judges it is the one that found it: what
  // has been committed here has an id below its xmax.
  const [row] = await database.query<{
    id: string
    knownSystem: string
    isOther: boolean
    isAhead: boolean
  }>(Prisma.sql`
    SELECT life.life AS id, life.system_identifier AS "knownSystem", life.database_oid <> here.oid::bigint AS "isOther",
      coalesce((SELECT max(pos) FROM ticket_events) >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint, false)
        AS "isAhead"
    FROM database_life life, pg_database here WHERE here.datname = current_database()`)
  return row ? { id: row.id, restored: reasonIn({ ...row, system }) } : null
}

interface Signs {
  system: string
  knownSystem: string
  isOther: boolean
  isAhead: boolean
}

function reasonIn({ system, knownSystem, isOther, isAhead }: Signs): string | null {
  const isKnown = system !== UNKNOWN_SYSTEM && knownSystem !== UNKNOWN_SYSTEM
  if (isKnown && system !== knownSystem) return 'its event log was written on another PostgreSQL server'
  if (isAhead) return AHEAD
  if (isOther) return 'its event log was written in another database of this PostgreSQL server'
  return null
}

/** Gives a life to a database that has none; of two that do so at once, one does. */
export async function giveLife(database: Queries, id: string): Promise<void> {
  const system = await systemIdentifier(database)
  await database.query(Prisma.sql`
    INSERT INTO database_life (life, system_identifier, database_oid)
    SELECT ${id}::uuid, ${system}, oid::bigint FROM pg_database WHERE datname = current_database()
    ON CONFLICT DO NOTHING`)
}

/**
 * Begins a new life in a transaction: every event of the earlier ones comes before whatever happens from now on. Returns how
 * many events have been moved there.
 */
export async function renewLife({ query, execute }: Statements, id: string): Promise<{ events: number }> {
  const system = await systemIdentifier({ query })
  // Whoever has taken a place commits first, and nobody takes one until all are moved.
  await execute(Prisma.sql`LOCK TABLE organisation_counters IN SHARE ROW EXCLUSIVE MODE`)
  await execute(Prisma.sql`DELETE FROM database_life`)
  await execute(Prisma.sql`
    INSERT INTO database_life (life, system_identifier, database_oid)
    SELECT ${id}::uuid, ${system}, oid::bigint FROM pg_database WHERE datname = current_database()`)
  await execute(Prisma.sql`UPDATE organisation_counters SET pos = 0 WHERE pos <> 0`)
  // An old xid can be beyond every snapshot of this server: a list that shows the event would be followed by it once
  // more. 0 is before them all. The same place for all is fine: (pos, organisation, seq) is still an order, and keeps
  // that of each organisation.
  const events = await execute(Prisma.sql`UPDATE ticket_events SET pos = 0, xid = 0 WHERE pos <> 0 OR xid <> 0`)
  return { events }
}

/** Of one transaction, whatever it was begun with. `execute` tells how many rows were written. */
interface Statements extends Queries {
  execute(statement: Prisma.Sql): Promise<number>
}

/** The number that initdb gave the cluster: a copy on another server has another. */
async function systemIdentifier(database: Queries): Promise<string> {
  const [may] = await database.query<{ ask: boolean }>(
    Prisma.sql`SELECT has_function_privilege('pg_control_system()', 'execute') AS ask`,
  )
  if (!may?.ask) return UNKNOWN_SYSTEM
  const [system] = await database.query<{ id: string }>(
    Prisma.sql`SELECT system_identifier::text AS id FROM pg_control_system()`,
  )
  return system?.id ?? UNKNOWN_SYSTEM
}

export interface LifeWatch {
  /** As it was found last. */
  readonly life: Life
  /** From now on looks every two seconds, and calls when something has changed. */
  follow(onChange: (life: Life) => void): void
  close(): Promise<void>
}

export interface LifeWatchOptions {
  /** Past a pooler, whose connections are few. */
  url: string
  /** The life that the start has read. */
  known: string
  logger: Logger
}

const LOOK_MS = 2000
const ANSWER_MS = 5000

/**
 * Looks once, and then on a connection of its own for as long as the server runs: it is to notice a new life, or a
 * database that was exchanged beneath it. A database that is away changes nothing.
 */
export async function watchLife({ url, known, logger }: LifeWatchOptions): Promise<LifeWatch> {
  const { database, close } = openConnection(url)
  let life: Life = { id: known, restored: null }
  let timer: NodeJS.Timeout | undefined
  let looking = false

  /** Whether something has changed, which the log says. */
  async function look(): Promise<boolean> {
    const found = await readLife(database).catch(() => null)
    if (found === null || (found.id === life.id && found.restored === life.restored)) return false
    // That the ids have caught up makes it no other database.
    if (found.id === life.id && life.restored === AHEAD && found.restored === null) return false
    if (found.restored !== null) logger.error(restoredSentence(found.restored))
    else logger.info({ life: found.id }, 'The event log has begun a new life: cursors of earlier ones are refused')
    life = found
    return true
  }

  async function lookAgain(onChange: (life: Life) => void): Promise<void> {
    if (looking) return
    looking = true
    const hasChanged = await look()
    looking = false
    if (hasChanged && timer) onChange(life)
  }

  await look()
  return {
    get life() {
      return life
    },
    follow(onChange) {
      timer = setInterval(() => void lookAgain(onChange), LOOK_MS).unref()
    },
    async close() {
      clearInterval(timer)
      timer = undefined
      await close()
    },
  }
}

/** One that comes back by itself: who needs the database for more says that it was lost. */
function openConnection(url: string): { database: Queries; close(): Promise<void> } {
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
    connectionTimeoutMillis: ANSWER_MS,
    query_timeout: ANSWER_MS,
    application_name: 'deskwire life',
  })
  pool.on('error', () => {})
  return {
    database: { query: async <Row>({ text, values }: Prisma.Sql) => (await pool.query(text, values)).rows as Row[] },
    close: () => pool.end(),
  }
}

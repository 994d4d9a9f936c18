// The door to PostgreSQL: Prisma for writes, prepared statements on the same pool for the hot reads.

import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { type Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { Tracing } from '../telemetry/tracing.ts'
import { isConflict } from './faults.ts'
import { reportStatements, traceStatements, watchPool } from './pool.ts'

/** A transaction: the only connection that may be used inside `write`. */
export type Tx = Prisma.TransactionClient

export interface Database {
  prisma: PrismaClient
  /** Runs one statement as a prepared one and returns its rows, with 64-bit integers as bigint. */
  query<Row>(statement: Prisma.Sql): Promise<Row[]>
  /**
   * Runs `body` in one transaction, and again from its beginning where PostgreSQL ended it in favour of another one.
   * Nothing in it may wait for the network or use another connection.
   */
  write<T>(body: (tx: Tx) => Promise<T>): Promise<T>
  connections(): Connections
  /** Returns what ends it. */
  watch(watcher: Watcher): () => void
  close(): Promise<void>
}

/** Of the pool, at this moment. `waiting`: requests for one that have none yet. */
export interface Connections {
  total: number
  idle: number
  waiting: number
}

/** Who wants to know how the database does. */
export interface Watcher {
  /** A statement or transaction that found no idle connection has got one, or given up, after so many seconds. */
  waited?(seconds: number): void
  /** A connection could not be had, or was lost. */
  failed?(error: Error): void
  /** A connection was used, and nothing was wrong with it. */
  works?(): void
}

export interface DatabaseOptions {
  /** Off behind a transaction pooler, where a named statement may meet another server connection. */
  preparedStatements?: boolean
  /** Called with the text of every statement that goes out: tests count them. */
  onStatement?: (text: string) => void
  tracing?: Tracing
}

const POOL_SIZE = 10
const CONNECT_TIMEOUT_MS = 10_000
/** A stalled transaction holds back the team's feed on the whole server, so it is ended. */
const LONGEST_TRANSACTION_MS = 15_000
/** Who waits for a lock learns in time that it could not be had. */
const LOCK_TIMEOUT_MS = 10_000
const STATEMENT_TIMEOUT_MS = 30_000
/** Of transactions that got in each other's way; between them some milliseconds, not the same ones for both. */
const ATTEMPTS = 4
const BETWEEN_ATTEMPTS_MS = 20

const TRANSACTION = { attributes: { 'db.system.name': 'postgresql' } }

const INT8 = 20
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === INT8 ? BigInt : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

export function openDatabase(url: string, options: DatabaseOptions = {}): Database {
  const { preparedStatements = true, onStatement, tracing } = options
  const pool = new pg.Pool({
    connectionString: inUtc(url),
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: LONGEST_TRANSACTION_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'deskwire',
  })
  const watchers = watchPool(pool)
  if (tracing) traceStatements(pool, tracing)
  if (onStatement) pool.on('connect', (client) => reportStatements(client, onStatement))
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) })

  return {
    prisma,
    async query<Row>(statement: Prisma.Sql) {
      const name = preparedStatements ? statementName(statement.text) : undefined
      const result = await pool.query({ text: statement.text, values: statement.values, name, types })
      return result.rows as Row[]
    },
    write(body) {
      const run = () => untilNoConflict(() => prisma.$transaction(body, WITHIN))
      return tracing ? tracing.span('transaction', TRANSACTION, run) : run()
    },
    connections: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    watch(watcher) {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    async close() {
      await prisma.$disconnect()
      await pool.end()
    },
  }
}

const WITHIN = { maxWait: CONNECT_TIMEOUT_MS, timeout: LONGEST_TRANSACTION_MS }

async function untilNoConflict<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (attempt === ATTEMPTS || !isConflict(error)) throw error
      await pause(attempt * BETWEEN_ATTEMPTS_MS * (1 + Math.random()))
    }
  }
}

/**
 * Prisma's adapter writes timestamps without an offset and reads every offset as UTC, so that the session must be in
 * UTC, whatever the server's own time zone is.
 */
function inUtc(url: string): string {
  const address = new URL(url)
  const options = [address.searchParams.get('options'), '-c TimeZone=UTC'].filter(Boolean).join(' ')
  address.searchParams.set('options', options)
  return address.href
}

const names = new Map<string, string>()

/** PostgreSQL keeps 63 bytes of a name: a digest of the text, remembered, since texts come from a bounded set. */
function statementName(text: string): string {
  const known = names.get(text)
  if (known) return known
  const name = createHash('sha256').update(text).digest('base64url')
  names.set(text, name)
  return name
}

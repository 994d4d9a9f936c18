// The door to PostgreSQL: Prisma for writes, prepared statements on the same pool for the hot reads.

import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { type Prisma, PrismaClient } from '../generated/prisma/client.ts'
import { isConflict } from './faults.ts'

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
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** Off behind a transaction pooler, where a named statement may meet another server connection. */
  preparedStatements?: boolean
  /** Called with the text of every statement that goes out: tests count them. */
  onStatement?: (text: string) => void
  /** Called when an idle connection breaks; the pool makes a new one by itself. */
  onConnectionLost?: (error: Error) => void
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

const INT8 = 20
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === INT8 ? BigInt : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

export function openDatabase(url: string, options: DatabaseOptions = {}): Database {
  const { preparedStatements = true, onStatement, onConnectionLost } = options
  const pool = new pg.Pool({
    connectionString: inUtc(url),
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: LONGEST_TRANSACTION_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'deskwire',
  })
  pool.on('error', (error) => onConnectionLost?.(error))
  // A client that is being handed out has no listener for a moment: its loss then would end the process. Whoever uses
  // it hears of it from the statement.
  pool.on('connect', (client) => client.on('error', () => {}))
  if (onStatement) pool.on('connect', (client) => reportStatements(client, onStatement))
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) })

  return {
    prisma,
    async query<Row>(statement: Prisma.Sql) {
      const name = preparedStatements ? statementName(statement.text) : undefined
      const result = await pool.query({ text: statement.text, values: statement.values, name, types })
      return result.rows as Row[]
    },
    write: (body) => untilNoConflict(() => prisma.$transaction(body, TRANSACTION)),
    async close() {
      await prisma.$disconnect()
      await pool.end()
    },
  }
}

const TRANSACTION = { maxWait: CONNECT_TIMEOUT_MS, timeout: LONGEST_TRANSACTION_MS }

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

function reportStatements(client: pg.PoolClient, onStatement: (text: string) => void) {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown
  client.query = ((...args: [string | { text: string }, ...unknown[]]) => {
    onStatement(typeof args[0] === 'string' ? args[0] : args[0].text)
    return query(...args)
  }) as typeof client.query
}

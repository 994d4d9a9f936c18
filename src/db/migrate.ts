// Brings a database to this version: applies prisma/migrations at start, each once, whoever starts first.

import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import pg from 'pg'
import { StartError } from '../config.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { checkServer, connectProblem, searchWarning } from './checks.ts'
import type { Database } from './client.ts'

export interface Migration {
  name: string
  sql: string
  /** SHA-256 of the text with Unix line ends, in hexadecimal: a checkout on Windows has the same. */
  checksum: string
}

/** What the database says of a migration that was applied. */
export type AppliedMigration = Pick<Migration, 'name' | 'checksum'>

export interface MigrateOptions {
  /** Told in whole sentences what the operator should know, such as a locale in which search misses words. */
  onNotice?: (message: string) => void
  /** Tests give their own; the default is what prisma/migrations holds. */
  migrations?: Migration[]
}

/** Any fixed number: who holds it applies migrations. Advisory locks count per database. */
const LOCK = 5_207_310_411
const CONNECT_TIMEOUT_MS = 10_000
const UNDEFINED_TABLE = '42P01'

/** As Prisma makes it, so that its own tools can read what was applied. */
const TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id                  varchar(36) PRIMARY KEY NOT NULL,
  checksum            varchar(64) NOT NULL,
  finished_at         timestamptz,
  migration_name      varchar(255) NOT NULL,
  logs                text,
  rolled_back_at      timestamptz,
  started_at          timestamptz NOT NULL DEFAULT now(),
  applied_steps_count integer NOT NULL DEFAULT 0
)`

const APPLIED = `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
  FROM _prisma_migrations WHERE rolled_back_at IS NULL`

/**
 * Applies what is missing and returns the names of it. `databaseUrl` must lead to the server itself, not to a pooler.
 * Throws a StartError when the database cannot be reached or used, or does not hold what the migrations say.
 */
export async function migrate(databaseUrl: string, options: MigrateOptions = {}): Promise<string[]> {
  const { onNotice = () => {}, migrations = readMigrations() } = options
  const client = await connect(databaseUrl)
  try {
    await checkServer(client)
    await takeLock(client, onNotice)
    const applied = await applyMissing(client, migrations, onNotice)
    const warning = await searchWarning(client)
    if (warning) onNotice(warning)
    return applied
  } catch (error) {
    throw connectProblem(error, databaseUrl) ?? error
  } finally {
    // The lock belongs to this connection and goes with it.
    await client.end()
  }
}

/** What prisma/migrations holds, in the order in which it is applied. */
export function readMigrations(): Migration[] {
  const folder = new URL('../../prisma/migrations/', import.meta.url)
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => asMigration(name, readFileSync(new URL(`${name}/migration.sql`, folder), 'utf8')))
}

export function asMigration(name: string, text: string): Migration {
  const sql = text.replaceAll('\r\n', '\n')
  return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
}

/** Asked every few seconds: the folder is read once. */
let needed: string[] | undefined

/** Whether everything that this version needs is applied. Throws when the database cannot be reached. */
export async function isMigrated(database: Database): Promise<boolean> {
  try {
    const rows = await database.query<{ name: string; finished: boolean }>(Prisma.raw(APPLIED))
    const finished = new Set(rows.filter((row) => row.finished).map((row) => row.name))
    needed ??= readMigrations().map((migration) => migration.name)
    return needed.every((name) => finished.has(name))
  } catch (error) {
    if ((error as { code?: string }).code === UNDEFINED_TABLE) return false
    throw error
  }
}

/** In the order of their names, which is that in which they are applied; empty where there is no table of them. */
export async function readApplied(client: pg.Client): Promise<AppliedMigration[]> {
  const { rows: tables } = await client.query(`SELECT FROM pg_tables
    WHERE schemaname = 'public' AND tablename = '_prisma_migrations'`)
  if (tables.length === 0) return []
  const { rows } = await client.query<AppliedMigration & { finished: boolean }>(APPLIED)
  const finished = rows.filter((row) => row.finished).map(({ name, checksum }) => ({ name, checksum }))
  return finished.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A connection to the server itself. Throws a StartError that says why there is none. */
export async function connect(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'deskwire migrations',
  })
  // A connection that breaks fails the statement that waits on it; without a listener it would end the process too.
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (error) {
    throw connectProblem(error, databaseUrl) ?? error
  }
}

/** Until the connection ends nobody else prepares this database. */
export async function takeLock(client: pg.Client, onNotice: (message: string) => void): Promise<void> {
  const { rows } = await client.query<{ free: boolean }>('SELECT pg_try_advisory_lock($1) AS free', [LOCK])
  if (rows[0]?.free) return
  onNotice('Waiting for another process that is preparing the same database.')
  await client.query('SELECT pg_advisory_lock($1)', [LOCK])
}

async function applyMissing(client: pg.Client, migrations: Migration[], onNotice: (message: string) => void) {
  // Prisma reads the tables in `public`, whatever the role's own path is.
  await client.query('SET search_path TO public')
  await client.query('SET client_min_messages TO warning')
  await client.query(TABLE)
  const { rows } = await client.query<{ name: string; checksum: string; finished: boolean }>(APPLIED)
  const recorded = new Map(rows.map((row) => [row.name, row]))
  const missing = migrations.filter((migration) => !isApplied(migration, recorded.get(migration.name)))
  const known = new Set(migrations.map((migration) => migration.name))
  const newer = rows.find((row) => !known.has(row.name))
  if (newer)
    onNotice(`A newer version of Deskwire has used this database: its migration ${newer.name} is not known here.`)
  for (const migration of missing) await apply(client, migration)
  return missing.map((migration) => migration.name)
}

function isApplied({ name, checksum }: Migration, row: { checksum: string; finished: boolean } | undefined): boolean {
  if (!row) return false
  if (!row.finished) {
    throw new StartError(
      `The migration ${name} was begun by another tool and never finished: restore or repair the database.`,
    )
  }
  if (row.checksum === checksum) return true
  throw new StartError(
    `The migration ${name} has been edited since it was applied to this database: ` +
      'undo the edit, and put the change into a new migration.',
  )
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('BEGIN')
  try {
    await run(client, migration)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartError(`The migration ${migration.name} failed and was undone: ${reason}.`, { cause: error })
  }
}

/** Into an empty schema, in the caller's own transaction. */
export async function applyAll(client: pg.Client, migrations: readonly Migration[]): Promise<void> {
  await client.query(TABLE)
  for (const migration of migrations) await run(client, migration)
}

async function run(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query(sql)
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
     VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
    [randomUUID(), checksum, name],
  )
}

// Puts a whole database in the place of what is there, in one transaction: all of the backup, or what was there before.

import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { StartError } from '../config.ts'
import { checkServer, connectProblem } from './checks.ts'
import { renewLife } from './life.ts'
import { applyAll, connect, type Migration, takeLock } from './migrate.ts'
import { FAITHFUL_SETTINGS, type Table, tablesInOrder, tablesMadeBy } from './tables.ts'

/** A table of the backup, with the names of its columns and its rows as dump.ts gives them. */
export interface Part {
  name: string
  columns: readonly string[]
  rows(): AsyncIterable<string>
}

export interface Load {
  /** Of every version that this program knows: what they have made is replaced, and nothing else. */
  known: readonly Migration[]
  /** What had been applied to the database that was backed up. */
  migrations: readonly Migration[]
  /** In an order in which each row finds those that it refers to. */
  parts: readonly Part[]
  /** Whether objects in the store, of attachments that are in no table any more, are to be removed from there. */
  dropObjects: boolean
}

export interface Target {
  /** Whether there is anything that somebody could miss. */
  hasContent(): Promise<boolean>
  /** Returns the database's new life: cursors of before are refused. Throws without having changed anything. */
  load(load: Load): Promise<string>
  close(): Promise<void>
}

/** Of JSON in one statement. */
const BATCH = 1024 * 1024

/**
 * Nobody else can migrate or load the database until it is closed. `url` leads past a pooler.
 * Throws a StartError where it cannot be used, or is being used.
 */
export async function openTarget(url: string, onNotice: (message: string) => void): Promise<Target> {
  const client = await connect(url)
  try {
    await client.query(FAITHFUL_SETTINGS)
    // Somebody else's open transaction on a table that is to go: told, and not waited for without end.
    await client.query(`SET lock_timeout TO '30s'`)
    await checkServer(client)
    await takeLock(client, onNotice)
    await refuseInUse(client)
  } catch (error) {
    await client.end()
    throw connectProblem(error, url) ?? error
  }
  return {
    hasContent: () => hasContent(client),
    async load(load) {
      const life = await inTransaction(client, () => replace(client, load))
      // Without it the planner, and the search for duplicates with it, knows nothing of the rows for a while.
      await client.query(`ANALYZE ${load.parts.map(({ name }) => client.escapeIdentifier(name)).join(', ')}`)
      return life
    },
    close: () => client.end(),
  }
}

/** Every process of ours has a name there; what the role may not see of others' is null. */
async function refuseInUse(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ places: string }>(`
    SELECT string_agg(DISTINCT coalesce(host(client_addr), 'this machine'), ', ') AS places FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'deskwire%'`)
  const places = rows[0]?.places
  if (!places) return
  throw new StartError(
    `The database is in use by Deskwire (on ${places}): stop the service first, all replicas of it, and what else ` +
      'runs "npm run admin". Nothing was changed.',
  )
}

async function hasContent(client: pg.Client): Promise<boolean> {
  const names = new Set((await tablesInOrder(client)).map(({ name }) => name))
  for (const name of ['organisations', 'users']) {
    if (names.has(name) && (await client.query(`SELECT FROM ${name} LIMIT 1`)).rows.length > 0) return true
  }
  return false
}

async function inTransaction<T>(client: pg.Client, body: () => Promise<T>): Promise<T> {
  await client.query('BEGIN')
  try {
    const result = await body()
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
}

async function replace(client: pg.Client, { known, migrations, parts, dropObjects }: Load): Promise<string> {
  const before = (await tablesInOrder(client)).map(({ name }) => name)
  refuseForeign(before, tablesMadeBy(known))
  const keepsKeys = dropObjects && before.includes('attachments')
  if (keepsKeys)
    await client.query('CREATE TEMP TABLE objects ON COMMIT DROP AS SELECT storage_key AS key FROM attachments')
  await dropAll(client, before)
  await applyAll(client, migrations)
  const tables = new Map((await tablesInOrder(client)).map((table) => [table.name, table]))
  const makeIndexes = await withoutIndexes(client)
  for (const part of parts) await fill(client, part, tables.get(part.name))
  // What else is checked at the commit, since a table that waits for that gets no index.
  await client.query('SET CONSTRAINTS ALL IMMEDIATE')
  for (const statement of makeIndexes) await client.query(statement)
  if (keepsKeys && tables.has('stray_objects')) {
    await client.query(`INSERT INTO stray_objects (key) SELECT key FROM objects
      WHERE key NOT IN (SELECT storage_key FROM attachments) ON CONFLICT DO NOTHING`)
  }
  const life = randomUUID()
  await renewLife(asQueries(client), life)
  return life
}

function refuseForeign(tables: readonly string[], ours: ReadonlySet<string>): void {
  const foreign = tables.find((name) => !ours.has(name))
  if (foreign === undefined) return
  throw new StartError(
    `The database holds the table ${foreign}, which is not Deskwire's: restore into a database of its own.`,
  )
}

/** What others have hung on them makes it fail, and is theirs to remove. Extensions stay. */
async function dropAll(client: pg.Client, tables: readonly string[]): Promise<void> {
  const names = [...tables, '_prisma_migrations'].map((name) => client.escapeIdentifier(name))
  await client.query(`DROP TABLE IF EXISTS ${names.join(', ')}`)
  const { rows } = await client.query<{ statement: string }>(`
    SELECT 'DROP TYPE ' || t.oid::regtype AS statement FROM pg_type t
    WHERE t.typnamespace = 'public'::regnamespace AND t.typtype = 'e'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')
    UNION ALL SELECT 'DROP FUNCTION ' || p.oid::regprocedure FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')`)
  for (const { statement } of rows) await client.query(statement)
}

/** Made of all rows at once: one by one, those for search take many times as long. Returns how they are made. */
async function withoutIndexes(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(`
    SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE c.relnamespace = 'public'::regnamespace AND NOT i.indisunique`)
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`)
  return rows.map(({ definition }) => definition)
}

/** What renewLife would write into each event once more is written at once. */
const ZERO: Record<string, readonly string[]> = { ticket_events: ['pos', 'xid'] }

async function fill(client: pg.Client, part: Part, table: Table | undefined): Promise<void> {
  const types = new Map(table?.columns.map(({ name, type }) => [name, type]))
  const unknown = table === undefined ? part.name : part.columns.find((name) => !types.has(name))
  if (unknown !== undefined) throw new StartError(`The backup holds ${part.name}, which has no place for ${unknown}.`)
  const values = part.columns.map((name, i) => {
    const value = ZERO[part.name]?.includes(name) ? "'0'" : `(r->>${i})`
    return `${value}::${types.get(name)}`
  })
  const columns = part.columns.map((name) => client.escapeIdentifier(name)).join(', ')
  const statement = `INSERT INTO ${client.escapeIdentifier(part.name)} (${columns})
    SELECT ${values.join(', ')} FROM json_array_elements($1::json) r`
  for await (const batch of batches(part.rows())) await client.query(statement, [`[${batch.join(',')}]`])
}

async function* batches(lines: AsyncIterable<string>): AsyncGenerator<string[]> {
  let batch: string[] = []
  let size = 0
  for await (const line of lines) {
    batch.push(line)
    size += line.length
    if (size < BATCH) continue
    yield batch
    batch = []
    size = 0
  }
  if (batch.length > 0) yield batch
}

const asQueries = (client: pg.Client): Parameters<typeof renewLife>[0] => ({
  query: async <Row>({ text, values }: { text: string; values: unknown[] }) =>
    (await client.query(text, values)).rows as Row[],
  execute: async ({ text, values }) => (await client.query(text, values)).rowCount ?? 0,
})

// Reads a whole database as of one moment: the rows of every table as lines of text, for a backup.

import type pg from 'pg'
import { type AppliedMigration, connect, readApplied } from './migrate.ts'
import { FAITHFUL_SETTINGS, type Table, tablesInOrder } from './tables.ts'

export interface Snapshot {
  /** In the order in which they were applied; empty where Deskwire has never used the database. */
  migrations: AppliedMigration[]
  /** Null: none has been given yet. */
  life: string | null
  /** Of PostgreSQL: "18.4". */
  serverVersion: string
  tables: Table[]
  /** Each row a JSON array of texts and nulls, in the order of the columns: PostgreSQL reads its own texts again. */
  rows(table: Table): AsyncGenerator<string>
  close(): Promise<void>
}

/** A row can have a hundred kilobytes. */
const ROWS_AT_ONCE = 200

/**
 * What is given up for good is to be removed from the store in any copy. What is not may have been attached since, and a
 * copy beside the original would remove it there.
 */
const ONLY: Record<string, string> = { stray_objects: 'removed' }

/** Writers go on meanwhile, and the team's feed does not wait: a transaction that only reads holds nothing back. */
export async function openSnapshot(url: string): Promise<Snapshot> {
  const client = await connect(url)
  try {
    await client.query(FAITHFUL_SETTINGS)
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const migrations = await readApplied(client)
    const isUsed = migrations.length > 0
    return {
      migrations,
      life: isUsed ? await lifeOf(client) : null,
      serverVersion:
        (await client.query<{ server_version: string }>('SHOW server_version')).rows[0]?.server_version ?? '',
      tables: isUsed ? await tablesInOrder(client) : [],
      rows: (table) => rowsOf(client, table),
      close: () => client.end(),
    }
  } catch (error) {
    await client.end()
    throw error
  }
}

async function lifeOf(client: pg.Client): Promise<string | null> {
  const { rows } = await client.query<{ life: string }>('SELECT life FROM database_life')
  return rows[0]?.life ?? null
}

async function* rowsOf(client: pg.Client, { name, columns }: Table): AsyncGenerator<string> {
  const values = columns.map((column) => `${client.escapeIdentifier(column.name)}::text`).join(', ')
  const where = ONLY[name] ? `WHERE ${ONLY[name]}` : ''
  await client.query(`DECLARE part NO SCROLL CURSOR FOR
    SELECT to_json(ARRAY[${values}])::text AS line FROM ${client.escapeIdentifier(name)} ${where}`)
  for (;;) {
    const { rows } = await client.query<{ line: string }>(`FETCH ${ROWS_AT_ONCE} FROM part`)
    if (rows.length === 0) break
    for (const { line } of rows) yield line
  }
  await client.query('CLOSE part')
}

// For the tests of redaction: the operator's command as it is typed, and a search for what it should leave nowhere.

import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { commands } from '../../src/admin/commands/index.ts'
import { loadConfig } from '../../src/config.ts'
import type { Database } from '../../src/db/client.ts'
import { Prisma } from '../../src/generated/prisma/client.ts'
import { filesIn } from '../storage/files.ts'
import type { TestApp } from '../support/app.ts'

/** What the command told. Throws what it refuses with. */
export async function redact(
  app: TestApp,
  kind: string,
  id: string,
  env: Record<string, string> = {},
): Promise<string> {
  return runCommand(app, kind, [id, '--yes'], env)
}

export async function runCommand(app: TestApp, kind: string, args: string[], env: Record<string, string> = {}) {
  const notes: string[] = []
  const io = { out: (line: string) => notes.push(line), note: (line: string) => notes.push(line) }
  const config = loadConfig({ DATA_DIR: dirname(app.storeFolder), ...env })
  const command = commands.find(({ name }) => name === `redact ${kind}`)
  await command?.prepare(args)({ database: app.database, config, io })
  return notes.join('\n')
}

/** Every column of every table, and every file of the store, that holds the word in whatever form. */
export async function placesOf(app: TestApp, word: string): Promise<string[]> {
  const columns = await columnsOf(app.database)
  const found = await Promise.all(columns.map((column) => holds(app.database, column, word)))
  const files = await filesIn(app.storeFolder)
  const texts = await Promise.all(files.map(async (path) => `${path} ${await readFile(path, 'latin1')}`))
  return [
    ...columns.filter((_, index) => found[index]).map(({ table, column }) => `${table}.${column}`),
    ...files.filter((_, index) => texts[index]?.toLowerCase().includes(word)),
  ]
}

interface Column {
  table: string
  column: string
}

/** Of the catalogue, so that a table made tomorrow is searched too; and the samples that the planner keeps. */
async function columnsOf(database: Database): Promise<Column[]> {
  const own = await database.query<Column>(Prisma.sql`
    SELECT c.oid::regclass::text AS "table", quote_ident(a.attname) AS "column"
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p', 'm') AND c.relnamespace = 'public'::regnamespace`)
  const samples = ['most_common_vals', 'histogram_bounds', 'most_common_elems']
  return [...own, ...samples.map((column) => ({ table: 'pg_stats', column }))]
}

async function holds(database: Database, { table, column }: Column, word: string): Promise<boolean> {
  const where = Prisma.raw(`${table} WHERE lower(${column}::text) LIKE`)
  const rows = await database.query(Prisma.sql`SELECT FROM ${where} ${`%${word}%`} LIMIT 1`)
  return rows.length > 0
}

// A database of its own for a test file: a copy of the migrated template, dropped when the file is done with it.

import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { type Database, type DatabaseOptions, openDatabase } from '../../src/db/client.ts'
import { ensureLife } from '../../src/db/prepare.ts'
import { databaseUrl, onServer } from './server.ts'

export interface TestDatabase {
  url: string
  life: string
  database: Database
  /** Closes `database` and drops what it led to. */
  close(): Promise<void>
}

export interface BareDatabase {
  url: string
  drop(): Promise<void>
}

/** A migrated, empty database whose life is known. */
export async function testDatabase(options: DatabaseOptions = {}): Promise<TestDatabase> {
  const { url, drop } = await bareDatabase(`TEMPLATE ${inject('postgres').template}`)
  const database = openDatabase(url, options)
  const life = await ensureLife(database)
  return { url, life, database, close: () => database.close().finally(drop) }
}

/** A database without any table; `options` are those of CREATE DATABASE. */
export async function bareDatabase(
  options = "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'",
): Promise<BareDatabase> {
  const { serverUrl, prefix } = inject('postgres')
  const name = `${prefix}${randomBytes(6).toString('hex')}`
  // Copies of one template may be made at the same time: nothing is ever connected to it.
  await onServer(serverUrl, `CREATE DATABASE ${name} ${options}`)
  return {
    url: databaseUrl(serverUrl, name),
    drop: async () => {
      await onServer(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

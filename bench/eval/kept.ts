// A database for one run, or one that is kept from run to run while somebody works on the search.

import pg from 'pg'
import { migrate } from '../../src/db/migrate.ts'
import { withDatabase as withNewDatabase } from '../subscriptions/database.ts'

/** @param kept its name, on the server that is given; absent: one that is dropped at the end. */
export async function withDatabase(
  given: string | undefined,
  kept: string | undefined,
  work: (url: string) => Promise<void>,
): Promise<void> {
  if (kept === undefined) return withNewDatabase(given, work)
  if (given === undefined || !/^\w+$/.test(kept)) throw new Error('To keep a database takes --database and a name.')
  const url = new URL(given)
  url.pathname = `/${kept}`
  await createOnce(given, kept)
  await migrate(url.href)
  await work(url.href)
}

async function createOnce(server: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name])
    if (rowCount === 0) {
      await client.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'`)
    }
  } finally {
    await client.end()
  }
}

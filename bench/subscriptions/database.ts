// A migrated, empty database of the benchmark's own, on the server that is given or on an embedded one.

import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbedded } from '../../src/db/embedded.ts'
import { migrate } from '../../src/db/migrate.ts'

/** @param given of a role that may create databases; absent: an embedded server in a temporary folder. */
export async function withDatabase(given: string | undefined, work: (url: string) => Promise<void>): Promise<void> {
  const server = given ? { url: given, stop: async () => {} } : await embedded()
  const name = `deskwire_bench_${randomBytes(4).toString('hex')}`
  const url = new URL(server.url)
  url.pathname = `/${name}`
  try {
    await onServer(server.url, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'`)
    await migrate(url.href)
    await Promise.race([work(url.href), interruption()])
  } finally {
    await onServer(server.url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    await server.stop()
  }
}

/** Rejects when somebody asks to stop, so that the database goes all the same. */
function interruption(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => reject(new Error(`Stopped by ${signal}.`)))
  })
}

async function embedded(): Promise<{ url: string; stop(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'deskwire-bench-'))
  // As root, PostgreSQL runs as another user, who has to get through.
  await chmod(dataDir, 0o711)
  const { url, stop } = await startEmbedded({ dataDir, log: () => {} })
  return { url, stop: () => stop().finally(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 })) }
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}

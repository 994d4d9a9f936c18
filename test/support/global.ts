// Once a run of the tests: a PostgreSQL, and in it one migrated database that every test file gets a copy of.

import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startEmbedded } from '../../src/db/embedded.ts'
import { migrate } from '../../src/db/migrate.ts'
import { databaseUrl, onServer } from './server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: TestPostgres
  }
}

export interface TestPostgres {
  /** Of a role that may create databases. */
  serverUrl: string
  /** The migrated database to copy; nothing may connect to it. */
  template: string
  /** What the names of all databases of this run begin with: they are dropped at its end. */
  prefix: string
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer()
  const prefix = `deskwire_test_${randomBytes(4).toString('hex')}_`
  const template = `${prefix}template`
  try {
    await onServer(server.url, createUtf8(template))
    await migrate(databaseUrl(server.url, template))
    await onServer(server.url, `ALTER DATABASE ${template} ALLOW_CONNECTIONS false`)
  } catch (error) {
    await server.stop()
    throw error
  }
  project.provide('postgres', { serverUrl: server.url, template, prefix })
  return async () => {
    await dropAll(server.url, prefix)
    await server.stop()
  }
}

/** The server that TEST_DATABASE_URL names, or one of our own in a temporary folder. */
async function startServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env.TEST_DATABASE_URL
  if (given) return { url: given, stop: async () => {} }
  const dataDir = await mkdtemp(join(tmpdir(), 'deskwire-test-'))
  // As root, PostgreSQL runs as another user, who has to get through.
  await chmod(dataDir, 0o711)
  const remove = () => rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  try {
    const embedded = await startEmbedded({ dataDir, log: () => {}, durable: false })
    return { url: embedded.url, stop: () => embedded.stop().finally(remove) }
  } catch (error) {
    await remove()
    throw error
  }
}

/** In a locale that knows the letters of all scripts, whatever the server's own is. */
function createUtf8(name: string): string {
  return `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'`
}

async function dropAll(serverUrl: string, prefix: string): Promise<void> {
  const rows = await onServer<{ name: string }>(
    serverUrl,
    `SELECT datname AS name FROM pg_database WHERE starts_with(datname, '${prefix}')`,
  )
  for (const { name } of rows) await onServer(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
}

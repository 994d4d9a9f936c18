// Starting and stopping the whole process, from outside: what an operator meets.

import { once } from 'node:events'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { findEmbedded } from '../../src/db/embedded.ts'
import { readMigrations } from '../../src/db/migrate.ts'
import { bareDatabase } from '../support/database.ts'
import { postgresOf, removeFolder, runProcess, spawnMain, startProcess, temporaryFolder } from '../support/process.ts'
import { databaseUrl, onServer } from '../support/server.ts'

/** A line of a stack trace. */
const STACK = /^\s+at /m

let dataDir: string

beforeAll(async () => {
  dataDir = await temporaryFolder()
})

afterAll(() => removeFolder(dataDir))

describe('with a database of its own', () => {
  test('the first start makes a demonstration and listens; asked to stop, it leaves nothing running', async () => {
    const running = await startProcess({ dataDir })
    expect((await fetch(`${running.url}/healthz`)).status).toBe(200)
    expect((await fetch(`${running.url}/readyz`)).status).toBe(200)

    const demo = JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8'))
    expect(demo).toMatchObject({ url: running.url, tokens: { acme: expect.any(String), globex: expect.any(String) } })
    expect((await stat(join(dataDir, 'demo.json'))).mode & 0o777).toBe(0o600)

    expect(await running.stop()).toEqual({ code: 0, signal: null })
    expect(await postgresOf(dataDir)).toBeNull()
  })

  test('a second start on the folder names who holds it; one Ctrl-C that arrives twice stops in order', async () => {
    const running = await startProcess({ dataDir })
    const second = await runProcess({ dataDir })
    expect(second.code).toBe(1)
    expect(second.output).toContain(`in use by another Deskwire process, with the pid ${running.child.pid}`)
    expect(second.output).not.toMatch(STACK)

    running.child.kill('SIGINT')
    running.child.kill('SIGINT')
    expect(await running.exited).toEqual({ code: 0, signal: null })
    expect(await postgresOf(dataDir)).toBeNull()
  })

  test('after kill -9 of node alone the next start takes over the PostgreSQL that runs, and stops it', async () => {
    const killed = await startProcess({ dataDir })
    await killed.kill9()
    const orphan = await postgresOf(dataDir)
    expect(orphan?.state).toBe('running')

    const next = await startProcess({ dataDir })
    expect(await postgresOf(dataDir)).toEqual(orphan)
    expect(next.url).not.toBe(killed.url)
    expect(JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8')).url).toBe(next.url)
    await next.stop()
    expect(await postgresOf(dataDir)).toBeNull()
  })

  test('after kill -9 of node and PostgreSQL the next start recovers what was committed', async () => {
    const killed = await startProcess({ dataDir })
    const life = await readLife(dataDir)
    const postgres = await postgresOf(dataDir)
    await killed.kill9()
    process.kill(postgres?.pid ?? 0, 'SIGKILL')

    const next = await startProcess({ dataDir })
    expect(await readLife(dataDir)).toBe(life)
    await next.stop()
  })

  test('asked to stop in the middle of its first start, it leaves nothing running', async () => {
    const folder = await temporaryFolder()
    const { child, output, exited } = spawnMain({ dataDir: folder })
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    expect(await exited).toEqual({ code: 0, signal: null })
    expect(output()).toContain('Making a database')
    expect(output()).not.toContain('listening on')
    expect(await postgresOf(folder)).toBeNull()
    await removeFolder(folder)
  })
})

describe('with an external database', () => {
  test('two processes that start at once against a new one come up, and each migration is applied once', async () => {
    const { url, drop } = await bareDatabase()
    // Even a process that logs nothing says where it listens.
    const env = { DATABASE_URL: url, LOG_LEVEL: 'silent' }
    const both = await Promise.all([startProcess({ env }), startProcess({ env })])
    for (const running of both) expect((await fetch(`${running.url}/readyz`)).status).toBe(200)
    expect(await onServer(url, 'SELECT migration_name AS name FROM _prisma_migrations')).toHaveLength(
      readMigrations().length,
    )
    expect(await onServer(url, 'SELECT FROM organisations')).toEqual([])
    for (const running of both) expect((await running.stop()).code).toBe(0)
    await drop()
  })
})

describe('a start that cannot succeed ends with code 1 and one plain sentence', () => {
  test('when the port is taken', async () => {
    const { url, drop } = await bareDatabase()
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    await expectRefusal({ DATABASE_URL: url, PORT: String(port) }, `Port ${port} of 127.0.0.1 is taken`)
    other.close()
    await drop()
  })

  test('when nothing listens where DATABASE_URL leads, whose password it keeps to itself', async () => {
    const said = await expectRefusal({ DATABASE_URL: 'postgresql://u:hush@127.0.0.1:1/d' }, 'nothing listens there')
    expect(said).toContain('"d" at 127.0.0.1:1')
    expect(said).not.toContain('hush')
  })

  test('when the server has no such database', async () => {
    const url = databaseUrl(inject('postgres').serverUrl, 'no_such_thing')
    await expectRefusal({ DATABASE_URL: url }, 'there is no such database')
  })

  test('when the server refuses the password', async ({ skip }) => {
    if (process.env.TEST_DATABASE_URL) skip('The server of TEST_DATABASE_URL may ask for no password.')
    const wrong = new URL(inject('postgres').serverUrl)
    wrong.password = 'wrong'
    await expectRefusal({ DATABASE_URL: wrong.href }, 'it refuses the password')
  })

  test('when DATA_DIR is a file, or nothing can be written there', async () => {
    const file = join(dataDir, 'file')
    await writeFile(file, '')
    await expectRefusal({ DATA_DIR: file }, `DATA_DIR cannot be ${file}: a file is in its place.`)
    // Root writes everywhere but there.
    await expectRefusal({ DATA_DIR: '/proc/deskwire' }, 'nothing can be written there')
  })

  test('when variables are malformed, one line for each', async () => {
    const said = await expectRefusal({ PORT: 'http', SIGN_UP: 'yes' }, 'PORT must be a whole number')
    expect(said.trim().split('\n')).toHaveLength(2)
  })

  test('when variables in the file .env are malformed, of which the environment overrides some', async () => {
    await writeFile(join(dataDir, '.env'), 'PORT=http\nSIGN_UP=yes\n')
    const said = await expectRefusal({ PORT: '0' }, 'SIGN_UP must be open or closed, but it is "yes".')
    expect(said).not.toContain('PORT')
    await rm(join(dataDir, '.env'))
  })
})

/** Returns what it said. */
async function expectRefusal(env: Record<string, string>, sentence: string): Promise<string> {
  const { code, output } = await runProcess({ dataDir, env })
  expect(output).toContain(sentence)
  expect(output).not.toMatch(STACK)
  expect(code).toBe(1)
  return output
}

async function readLife(folder: string): Promise<string> {
  const url = await findEmbedded(folder)
  const [row] = await onServer<{ life: string }>(url ?? '', 'SELECT life FROM database_life')
  return row?.life ?? ''
}

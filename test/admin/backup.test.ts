// What is in a backup, what comes back of it, and what is refused before anything is touched.

import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkTarget } from '../../src/admin/backup/make.ts'
import { checkBackup } from '../../src/admin/backup/restore.ts'
import { Refusal } from '../../src/admin/refusal.ts'
import { filesIn, newKey } from '../storage/files.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { type BareDatabase, bareDatabase } from '../support/database.ts'
import { databaseUrl, onServer } from '../support/server.ts'
import {
  attachmentIn,
  backUp,
  contentOf,
  fileEverything,
  harmed,
  makeWorld,
  restoreTo,
  type World,
  withManifest,
} from './backup.world.ts'
import { redact } from './redact.world.ts'

let app: TestApp
let url: string
let world: World
let backup: string
let target: BareDatabase

beforeAll(async () => {
  ;[app, world, target] = await Promise.all([testApp(), makeWorld(), bareDatabase()])
  await fileEverything(app)
  const [{ name } = { name: '' }] = await app.database.prisma.$queryRaw<{ name: string }[]>`
    SELECT current_database() AS name`
  url = databaseUrl(target.url, name)
  await writeFile(join(world.dataDir, 'demo.json'), '{"tokens":{}}\n')
  backup = join(world.away, 'backup')
  await backUp(url, world, backup, app.store)
})
afterAll(async () => {
  await Promise.all([app.close(), world.remove()])
  await target.drop()
})

const manifestOf = async (folder: string) => JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
const lifeOf = (at: string) => onServer<{ life: string }>(at, 'SELECT life FROM database_life')

describe('a backup', () => {
  it('has every table that there is, and no sequence counts anywhere', async () => {
    const { tables } = await manifestOf(backup)
    const saved = tables.map(({ name }: { name: string }) => name)
    expect([...saved, '_prisma_migrations'].sort()).toEqual(Object.keys(await contentOf(url)))
    const sequences = `SELECT FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace`
    expect(await onServer(url, sequences)).toEqual([])
  })

  it('comes back the same to the last character, but for the places of the old log and its life', async () => {
    await restoreTo(target.url, world, backup)
    const [before, after] = [await contentOf(url), await contentOf(target.url)]
    for (const name of Object.keys(before)) expect({ name, rows: after[name] }).toEqual({ name, rows: before[name] })
    const indexes = `SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`
    expect(await onServer(target.url, indexes)).toEqual(await onServer(url, indexes))
    expect(await onServer(target.url, 'SELECT DISTINCT pos, xid FROM ticket_events')).toEqual([{ pos: '0', xid: '0' }])
    expect(await lifeOf(target.url)).not.toEqual(await lifeOf(url))
    const [object = ''] = await filesIn(join(world.storeFolder, 'objects'))
    expect(await readFile(object, 'utf8')).toBe('one line\n')
    expect(await readFile(join(world.dataDir, 'demo.json'), 'utf8')).toBe('{"tokens":{}}\n')
  })

  it('leaves attachments in a bucket, and says how many there should be', async () => {
    const made = await backUp(url, world, join(world.away, 'bucket'), null)
    expect(made.attachments).toMatchObject({ kept: 'bucket', count: 1, bytes: 9, missing: [] })
    const other = await bareDatabase()
    const notes = await restoreTo(other.url, world, join(world.away, 'bucket'))
    expect(notes).toContain('The 1 attachments of this backup are in a bucket: set ATTACHMENTS_URL to it.')
    await other.drop()
  })

  it('names what the store has lost or spoilt, and is complete without it', async () => {
    const id = await fileEverything(app)
    const [lost] = await app.database.prisma.attachment.findMany({ where: { ticketId: id } })
    await writeFile(join(app.storeFolder, 'objects', lost?.storageKey ?? ''), 'other bytes')
    const folder = join(world.away, 'spoilt')
    expect((await backUp(url, world, folder, app.store)).attachments.missing).toEqual([lost?.storageKey])
    await expect(checkBackup(folder)).resolves.toMatchObject({ attachments: { count: 1 } })
    await redact(app, 'attachment', lost?.id ?? '')
  })

  it('holds no bytes of what was redacted before', async () => {
    const folder = join(world.away, 'redacted')
    expect((await backUp(url, world, folder, app.store)).attachments).toMatchObject({ count: 1, missing: [] })
  })
})

describe('a restore', () => {
  it('keeps a database that holds something, unless told to give it up', async () => {
    const refused = restoreTo(target.url, world, backup)
    await expect(refused).rejects.toThrow('say --replace to put this backup in its place. Nothing was changed.')
  })

  it('does not take a database from beneath a service', async () => {
    const before = await contentOf(url)
    await expect(restoreTo(url, world, backup, true)).rejects.toThrow(/^The database is in use by Deskwire \(on /)
    expect(await contentOf(url)).toEqual(before)
  })

  it('that breaks off halfway has changed nothing, and does all of it when it is run again', async () => {
    const key = newKey()
    await onServer(target.url, `UPDATE tickets SET subject = 'Not in the backup'`)
    await onServer(target.url, `UPDATE attachments SET storage_key = '${key}'`)
    const before = await contentOf(target.url)
    const reader = new pg.Client(target.url)
    await reader.connect()
    // What it waits for in the middle of its work.
    await reader.query('BEGIN; SELECT FROM tickets')
    const broken = restoreTo(target.url, world, backup, true)
    const [told] = await Promise.allSettled([broken, waitingEnded()])
    expect(told.status).toBe('rejected')
    await reader.end()
    expect(await contentOf(target.url)).toEqual(before)
    await restoreTo(target.url, world, backup, true)
    expect(await onServer(target.url, 'SELECT subject FROM tickets')).toEqual([{ subject: 'Nodes lost' }])
    // Of an attachment that there is no more: a server that runs removes it.
    expect(await onServer(target.url, 'SELECT key, removed FROM stray_objects')).toEqual([{ key, removed: false }])
  })

  it('brings what is older to this version', async () => {
    const [first = '', ...later] = (await readdir('prisma/migrations')).filter((name) => /^\d/.test(name)).sort()
    const old = await bareDatabase()
    await onServer(old.url, await readFile(join('prisma/migrations', first, 'migration.sql'), 'utf8'))
    await noteApplied(old, first)
    await onServer(old.url, `INSERT INTO organisations (id, name, slug) VALUES (gen_random_uuid(), 'Old', 'old')`)
    const folder = join(world.away, 'old')
    await backUp(old.url, world, folder, null)
    expect(await onServer(old.url, 'SELECT FROM _prisma_migrations')).toHaveLength(1)
    expect(await restoreTo(old.url, world, folder, true)).toContain(later.join(', '))
    expect(await onServer(old.url, 'SELECT slug FROM organisations')).toEqual([{ slug: 'old' }])
    await old.drop()
  })

  it('leaves tables alone that are not Deskwire’s', async () => {
    const shared = await bareDatabase()
    await onServer(shared.url, 'CREATE TABLE invoices (id int)')
    await expect(restoreTo(shared.url, world, backup)).rejects.toThrow("the table invoices, which is not Deskwire's")
    await shared.drop()
  })

  /** Ends the session of whoever waits for the reader. */
  function waitingEnded(): Promise<void> {
    const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`
    return expect.poll(async () => (await onServer(target.url, end)).length, { timeout: 10_000 }).toBe(1)
  }

  async function noteApplied(old: BareDatabase, name: string): Promise<void> {
    const [row] = await app.database.prisma.$queryRaw<{ checksum: string }[]>`
      SELECT checksum FROM _prisma_migrations WHERE migration_name = ${name}`
    await onServer(
      old.url,
      `CREATE TABLE _prisma_migrations (id text, checksum text, finished_at timestamptz, migration_name text,
        rolled_back_at timestamptz);
      INSERT INTO _prisma_migrations VALUES ('1', '${row?.checksum}', now(), '${name}')`,
    )
  }
})

describe('before anything is touched, a restore refuses', () => {
  const LATER = { name: '29990101000000_later', checksum: 'x' }
  const users = 'database/users.jsonl.gz'
  it.each([
    ['a folder that is not there', async () => join(world.away, 'no'), /^There is no backup in .*: name the folder/],
    ['a file', async () => join(backup, 'demo.json'), /^There is no backup in/],
    ['a manifest cut short', () => harmed(backup, (to) => writeFile(join(to, 'manifest.json'), '{')), /is damaged/],
    [
      'a path that leads out',
      () =>
        harmed(
          backup,
          withManifest((m) => ({ ...m, demo: { file: '../x' } })),
        ),
      /is damaged/,
    ],
    ['a table with other bytes', () => harmed(backup, (to) => appendFile(join(to, users), 'x')), /damaged.*SHA-256/],
    ['a table that is gone', () => harmed(backup, (to) => rm(join(to, users))), /cannot be read.*no such/],
    ['another attachment', () => harmed(backup, async (to) => appendFile(await attachmentIn(to), 'x')), /SHA-256/],
    [
      'a newer format',
      () =>
        harmed(
          backup,
          withManifest((m) => ({ ...m, format: 2, version: '9.0' })),
        ),
      /newer.*9\.0/,
    ],
    [
      'newer migrations',
      () =>
        harmed(
          backup,
          withManifest((m) => ({ ...m, migrations: [LATER] })),
        ),
      /newer version/,
    ],
  ])('%s', async (_, make, message) => {
    const refused = checkBackup(await make())
    await expect(refused).rejects.toThrow(Refusal)
    await expect(refused).rejects.toThrow(message)
  })
})

describe('a backup is not made', () => {
  it.each([
    ['where there is something already', () => backup, /^There is something at/],
    [
      'where the folder around it is missing',
      () => join(world.away, 'no/where'),
      /There is no folder .*: make it first/,
    ],
    ['where it would be lost with the data', () => join(world.dataDir, 'backup'), /would be lost with it/],
  ])('%s', async (_, place, message) => {
    await expect(checkTarget(place(), world.dataDir)).rejects.toThrow(message)
  })

  it('of a database that Deskwire has not used, or a newer version has', async () => {
    const [unused, newer] = [await bareDatabase(), await bareDatabase()]
    await expect(backUp(unused.url, world, join(world.away, 'none'), null)).rejects.toThrow(
      'has never used this database',
    )
    await restoreTo(newer.url, world, backup)
    await onServer(
      newer.url,
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
      VALUES ('x', 'x', '29990101000000_later', now())`,
    )
    await expect(backUp(newer.url, world, join(world.away, 'none'), null)).rejects.toThrow('back it up with that one')
    expect((await readdir(world.away)).filter((name) => name.startsWith('none'))).toEqual([])
    await Promise.all([unused.drop(), newer.drop()])
  })

  it.skipIf(process.getuid?.() === 0)('where this user may not write (skipped for root, who may)', async () => {
    const shut = join(world.away, 'shut')
    await mkdir(shut, { mode: 0o500 })
    const refused = backUp(url, world, join(shut, 'backup'), null)
    await expect(refused).rejects.toThrow('this user has not enough rights there. Nothing is left of it')
  })
})

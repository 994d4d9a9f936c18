// Bringing a database to this version, from whatever state it is in.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { StartError } from '../../src/config.ts'
import { openDatabase } from '../../src/db/client.ts'
import { asMigration, isMigrated, type Migration, migrate, readMigrations } from '../../src/db/migrate.ts'
import { ensureLife, ensureSecret } from '../../src/db/prepare.ts'
import { type BareDatabase, bareDatabase, type TestDatabase, testDatabase } from '../support/database.ts'
import { onServer } from '../support/server.ts'

/** What the check of search needs, and one table. */
const ONE = asMigration('1_one', 'CREATE EXTENSION pg_trgm;\nCREATE TABLE one (id int);\n')
const TWO = asMigration('2_two', 'CREATE TABLE two (id int);\nINSERT INTO two VALUES (1);\n')
const BROKEN = asMigration('3_broken', 'CREATE TABLE three (id int);\nSELECT 1 / 0;\n')

const databases: BareDatabase[] = []

async function fresh(options?: string): Promise<string> {
  const database = await bareDatabase(options)
  databases.push(database)
  return database.url
}

afterAll(async () => {
  for (const { drop } of databases) await drop()
})

describe('migrations', () => {
  test('are applied in order, once, and recorded as Prisma records them', async () => {
    const url = await fresh()
    expect(await migrate(url, { migrations: [ONE] })).toEqual(['1_one'])
    expect(await migrate(url, { migrations: [ONE, TWO] })).toEqual(['2_two'])
    expect(await migrate(url, { migrations: [ONE, TWO] })).toEqual([])
    expect(await recorded(url)).toEqual([
      { migration_name: '1_one', checksum: ONE.checksum, finished: true, rolled_back_at: null, applied_steps_count: 1 },
      { migration_name: '2_two', checksum: TWO.checksum, finished: true, rolled_back_at: null, applied_steps_count: 1 },
    ])
    expect(await onServer(url, 'SELECT id FROM two')).toHaveLength(1)
  })

  test('of processes that start at once are applied by one of them', async () => {
    const url = await fresh()
    const applied = await Promise.all([1, 2, 3].map(() => migrate(url, { migrations: [ONE, TWO] })))
    expect(applied.flat()).toEqual(['1_one', '2_two'])
  })

  test('are undone as a whole when a statement fails, and those before stay', async () => {
    const url = await fresh()
    const failure = await refusal(url, [ONE, BROKEN])
    expect(failure).toBe('The migration 3_broken failed and was undone: division by zero.')
    expect(
      await onServer(url, `SELECT to_regclass('one') IS NULL AS one, to_regclass('three') IS NULL AS three`),
    ).toEqual([{ one: false, three: true }])
    expect(await migrate(url, { migrations: [ONE, TWO] })).toEqual(['2_two'])
  })

  test('that were edited after they were applied are refused, but other line ends are no edit', async () => {
    const url = await fresh()
    await migrate(url, { migrations: [ONE] })
    expect(await migrate(url, { migrations: [asMigration(ONE.name, ONE.sql.replaceAll('\n', '\r\n'))] })).toEqual([])
    const edited = asMigration(ONE.name, `${ONE.sql}-- more`)
    expect(await refusal(url, [edited, TWO])).toContain('The migration 1_one has been edited')
    expect(await recorded(url)).toHaveLength(1)
  })

  test('that another tool began and left are refused', async () => {
    const url = await fresh()
    await migrate(url, { migrations: [ONE] })
    await onServer(url, 'UPDATE _prisma_migrations SET finished_at = NULL')
    expect(await refusal(url, [ONE])).toContain('never finished')
  })

  test('of a newer version do not keep an older one from starting, but are told', async () => {
    const url = await fresh()
    await migrate(url, { migrations: [ONE, TWO] })
    const notices: string[] = []
    await migrate(url, { migrations: [ONE], onNotice: (message) => notices.push(message) })
    expect(notices).toEqual([expect.stringContaining('its migration 2_two is not known here')])
  })

  test('go to the schema public, where Prisma looks, whatever the path of the role', async () => {
    const url = await fresh()
    await onServer(url, 'CREATE SCHEMA deskwire')
    await migrate(`${url}?options=-c%20search_path%3Ddeskwire`, { migrations: [ONE] })
    expect(
      await onServer(url, "SELECT schemaname FROM pg_tables WHERE tablename IN ('one', '_prisma_migrations')"),
    ).toEqual([{ schemaname: 'public' }, { schemaname: 'public' }])
  })
})

describe('a database', () => {
  test('that does not store Unicode is refused', async () => {
    const url = await fresh("TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'")
    expect(await refusal(url, [ONE])).toContain('must store UTF8, and this one stores LATIN1')
  })

  test('whose locale knows no letters but ASCII gets a warning that says how to make a better one', async () => {
    const notices: string[] = []
    const onNotice = (message: string) => notices.push(message)
    await migrate(await fresh("TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'"), { onNotice })
    expect(notices).toEqual([expect.stringContaining('CREATE DATABASE deskwire TEMPLATE template0')])
    const better = /CREATE DATABASE deskwire (.*);/.exec(notices[0] ?? '')?.[1]
    await migrate(await fresh(better), { onNotice })
    expect(notices).toHaveLength(1)
  })
})

describe('a migrated database', () => {
  let one: TestDatabase

  beforeAll(async () => {
    one = await testDatabase()
  })

  afterAll(() => one.close())

  test('says so, and an empty one does not', async () => {
    expect(await isMigrated(one.database)).toBe(true)
    const empty = openDatabase(await fresh())
    expect(await isMigrated(empty)).toBe(false)
    await empty.close()
  })

  test('does not say so any more when one of the migrations is missing', async () => {
    const { url, database, close } = await testDatabase()
    const last = readMigrations().at(-1)?.name
    await onServer(url, `DELETE FROM _prisma_migrations WHERE migration_name = '${last}'`)
    expect(await isMigrated(database)).toBe(false)
    await close()
  })

  test('finds words in Cyrillic and umlauts in another case', async () => {
    const [row] = await onServer(
      one.url,
      `SELECT fold('Über') = fold('ÜBER') AS umlaut, similarity('привет мир', 'привет') > 0.3 AS cyrillic`,
    )
    expect(row).toEqual({ umlaut: true, cyrillic: true })
  })

  test('has one life and one secret, however many ask first', async () => {
    const { database, life, close } = await testDatabase()
    expect(new Set(await Promise.all([1, 2, 3].map(() => ensureLife(database))))).toEqual(new Set([life]))
    const [secret, ...others] = await Promise.all([1, 2, 3].map(() => ensureSecret(database)))
    expect(Buffer.from(secret ?? '', 'base64url')).toHaveLength(32)
    expect(others).toEqual([secret, secret])
    expect(await database.prisma.databaseLife.findMany()).toMatchObject([
      { life, systemIdentifier: expect.stringMatching(/^\d+$|^unknown$/), databaseOid: expect.any(BigInt) },
    ])
    await close()
  })
})

function recorded(url: string) {
  return onServer(
    url,
    `SELECT migration_name, checksum, finished_at IS NOT NULL AS finished, rolled_back_at, applied_steps_count
     FROM _prisma_migrations ORDER BY migration_name`,
  )
}

async function refusal(url: string, migrations: Migration[]): Promise<string> {
  const error = await migrate(url, { migrations }).catch((error: unknown) => error)
  if (!(error instanceof StartError)) throw error
  return error.message
}

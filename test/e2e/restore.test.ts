// A database that goes to a new PostgreSQL by way of a dump, and a service that begins to work on it there. Where no
// pg_dump of a fitting version is at hand, its rows are copied into a migrated database instead, which comes to the
// same: a new cluster whose transaction ids begin far below those that the log holds.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createOrganisation } from '../../src/admin/organisations.ts'
import { createToken } from '../../src/admin/tokens.ts'
import { openDatabase } from '../../src/db/client.ts'
import { type Embedded, startEmbedded } from '../../src/db/embedded.ts'
import { migrate } from '../../src/db/migrate.ts'
import type { TokenScope } from '../../src/generated/prisma/client.ts'
import { connect, EVENTS, type Event, followOverRest } from '../events/follow.ts'
import { ask, bearer, rest, TICKETS } from '../support/app.ts'
import { type BareDatabase, bareDatabase } from '../support/database.ts'
import { type Running, removeFolder, startProcess, temporaryFolder } from '../support/process.ts'
import { databaseUrl, onServer } from '../support/server.ts'

const run = promisify(execFile)
const ADMIN = fileURLToPath(new URL('../../src/admin.ts', import.meta.url))
const COMMAND = 'npm run admin -- events restored'
const SOON_MS = 6000
const SCOPES: TokenScope[] = ['tickets_read', 'tickets_write']

interface Cursors {
  customer: string
  team: string
}

describe('a service on a database that was restored into a new PostgreSQL', () => {
  let source: BareDatabase
  let folder: string
  let cluster: Embedded
  let url: string
  let running: Running
  let tokens: Cursors
  let ticket: string
  let old: Cursors & { event: string }

  beforeAll(async () => {
    source = await bareDatabase()
    const before = await startProcess({ env: { DATABASE_URL: source.url } })
    tokens = await makeTokens(source.url)
    await spendTransactionIds(source.url)
    ticket = await file(before)
    const stream = await followOverRest(before, bearer(tokens.customer), `${TICKETS}/events`)
    await comment(before)
    const [event] = await stream.atLeast(1)
    stream.stop()
    old = { ...(await asOfBoth(before)), event: event?.id ?? '' }
    await before.stop()

    folder = await temporaryFolder()
    cluster = await startEmbedded({ dataDir: folder, log: () => {}, durable: false })
    await onServer(cluster.url, `CREATE DATABASE restored TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'`)
    url = databaseUrl(cluster.url, 'restored')
    await bring(source.url, url)
    running = await startProcess({ env: { DATABASE_URL: url } })
  })
  afterAll(async () => {
    await running?.stop()
    await cluster?.stop()
    await removeFolder(folder)
    await source.drop()
  })

  const file = async (at: { url: string }): Promise<string> => {
    const body = { subject: 'Nodes lost', description: 'Two nodes are NotReady since 10:00.', acknowledged: true }
    return (await rest(at, bearer(tokens.customer), 'POST', TICKETS, body)).body.id
  }
  const comment = (at: { url: string }) =>
    rest(at, bearer(tokens.customer), 'POST', `${TICKETS}/${ticket}/comments`, { body: 'And now?' })

  const asOf = async (at: { url: string }, token: string) =>
    (await ask<{ tickets: { asOf: string } }, object>(at, bearer(token), '{ tickets { asOf } }')).tickets.asOf

  const asOfBoth = async (at: { url: string }): Promise<Cursors> => ({
    customer: await asOf(at, tokens.customer),
    team: await asOf(at, tokens.team),
  })

  const follow = async (token: string, after?: string) => {
    const socket = await connect(running, bearer(token))
    const feed = socket.follow<Event>(EVENTS, after === undefined ? {} : { after })
    return { ...feed, close: () => socket.close() }
  }

  const endingOf = async (token: string, after?: string) => {
    const feed = await follow(token, after)
    const ending = await feed.ended()
    await feed.close()
    return ending
  }

  it('holds places that the new server has not reached', async () => {
    const [row] = await onServer(
      url,
      'SELECT max(pos) > pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS ahead FROM ticket_events',
    )
    expect(row).toEqual({ ahead: true })
  })

  it('starts, but says in the log and where it is asked whether it is ready which command is to be run', async () => {
    expect(running.output()).toContain(COMMAND)
    const { status, body } = await rest(running, {}, 'GET', '/readyz')
    expect(status).toBe(503)
    expect(body.detail).toContain('another PostgreSQL server')
    expect(body.detail).toContain(COMMAND)
    expect((await rest(running, {}, 'GET', '/healthz')).status).toBe(200)
  })

  it('refuses to follow events until then', async () => {
    expect(await endingOf(tokens.team)).toMatchObject({ how: 'refused', code: 'UNAVAILABLE' })
    expect(await endingOf(tokens.customer, old.customer)).toMatchObject({ how: 'refused', code: 'RESYNC_REQUIRED' })
    const stream = await followOverRest(running, bearer(tokens.customer), `${TICKETS}/events`)
    expect(await stream.ended()).toMatchObject({ how: 'refused', status: 503 })
  })

  it('is mended by the command within seconds, and without a restart', async () => {
    const env = { PATH: process.env.PATH, DATABASE_URL: url }
    const { stdout, stderr } = await run(process.execPath, [ADMIN, 'events', 'restored'], { cwd: folder, env })
    expect(stdout).toMatch(/^[0-9a-f-]{36}\n$/)
    expect(stderr).toContain('has begun a new life')
    const ready = async () => expect((await rest(running, {}, 'GET', '/readyz')).status).toBe(200)
    await vi.waitFor(ready, { timeout: SOON_MS, interval: 50 })
  })

  it('refuses every cursor of before with RESYNC_REQUIRED, or 410', async () => {
    expect(await endingOf(tokens.customer, old.customer)).toMatchObject({ how: 'refused', code: 'RESYNC_REQUIRED' })
    expect(await endingOf(tokens.team, old.team)).toMatchObject({ how: 'refused', code: 'RESYNC_REQUIRED' })
    const resumed = { ...bearer(tokens.customer), 'last-event-id': old.event }
    const stream = await followOverRest(running, resumed, `${TICKETS}/events`)
    expect(await stream.ended()).toMatchObject({ how: 'refused', status: 410 })
  })

  it('delivers from new ones, each event once, to the customer and to the team', async () => {
    const now = await asOfBoth(running)
    const customer = await follow(tokens.customer, now.customer)
    const team = await follow(tokens.team, now.team)
    const stream = await followOverRest(running, bearer(tokens.customer), `${TICKETS}/events?after=${now.customer}`)
    await comment(running)
    await comment(running)
    const bodies = ['COMMENT_ADDED', 'COMMENT_ADDED']
    expect((await customer.atLeast(2)).map(({ type }) => type)).toEqual(bodies)
    expect((await team.atLeast(2)).map(({ type }) => type)).toEqual(bodies)
    expect((await stream.atLeast(2)).map(({ event }) => event.toUpperCase())).toEqual(bodies)
    stream.stop()
    await Promise.all([customer.close(), team.close()])
  })
})

async function makeTokens(url: string): Promise<Cursors> {
  const database = openDatabase(url)
  const tokens = await database.write(async (tx) => {
    const { id } = await createOrganisation(tx, { name: 'Acme', slug: 'acme' })
    const common = { name: 'A program', scopes: SCOPES, expiresAt: null }
    const customer = (await createToken(tx, { ...common, organisationId: id })).secret
    return { customer, team: (await createToken(tx, { ...common, organisationId: null })).secret }
  })
  await database.close()
  return tokens
}

/** So that the log begins where a server of some age is: a new cluster is at about a thousand. */
async function spendTransactionIds(url: string): Promise<void> {
  await onServer(url, 'DO $$ BEGIN FOR i IN 1..20000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$')
}

async function bring(from: string, to: string): Promise<void> {
  if (await canDump(from)) await dumpAndRestore(from, to)
  else await copyRows(from, to)
}

/** pg_dump refuses a server that is newer than itself. */
async function canDump(url: string): Promise<boolean> {
  const [server] = await onServer<{ major: number }>(
    url,
    `SELECT current_setting('server_version_num')::int / 10000 AS major`,
  )
  try {
    const [own] = await Promise.all(['pg_dump', 'psql'].map((program) => run(program, ['--version'])))
    return Number(/ (\d+)/.exec(own?.stdout ?? '')?.[1]) >= (server?.major ?? Number.NaN)
  } catch {
    return false
  }
}

async function dumpAndRestore(from: string, to: string): Promise<void> {
  const dump = join(await temporaryFolder(), 'dump.sql')
  await run('pg_dump', ['--no-owner', '--no-privileges', `--file=${dump}`, from])
  await run('psql', ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', `--file=${dump}`, to])
  await removeFolder(join(dump, '..'))
}

async function copyRows(from: string, to: string): Promise<void> {
  await migrate(to)
  const [source, target] = [new pg.Client(from), new pg.Client(to)]
  await Promise.all([source.connect(), target.connect()])
  try {
    // Whatever the order of the tables.
    await target.query('SET session_replication_role = replica')
    const { rows: tables } = await source.query(`
      SELECT quote_ident(table_name) AS name, string_agg(quote_ident(column_name), ', ') AS columns
      FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
      WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> '_prisma_migrations'
        AND is_generated = 'NEVER'
      GROUP BY table_name`)
    for (const { name, columns } of tables) {
      const { rows } = await source.query(`SELECT coalesce(json_agg(t), '[]')::text AS json FROM ${name} t`)
      await target.query(
        `INSERT INTO ${name} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${name}, $1)`,
        [rows[0].json],
      )
    }
  } finally {
    await Promise.all([source.end(), target.end()])
  }
}

// Two processes on one database: what is written at one is followed at the other, whatever breaks in between.

import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Outside, openOutside } from '../../bench/storm/database.ts'
import { openStream, type Told, type Transport } from '../../bench/storm/streams.ts'
import { makeWorld, type World } from '../../bench/storm/world.ts'
import { bearer, TICKETS } from '../support/app.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { type Running, startProcess } from '../support/process.ts'

let database: TestDatabase
let outside: Outside
let world: World
let a: Running
let b: Running
let ticketId: string

const start = () => startProcess({ env: { DATABASE_URL: database.url, RATE_LIMITS: 'off', LOG_LEVEL: 'warn' } })

beforeAll(async () => {
  database = await testDatabase()
  outside = await openOutside(database.url)
  world = await makeWorld(database.database, 1)
  const started = await Promise.all([start(), start()])
  a = started[0]
  b = started[1]
  const draft = { subject: 'Nodes are NotReady', description: 'Three of five workers of prod.', acknowledged: true }
  ticketId = (await post(a, '', draft)).id as string
})

afterAll(async () => {
  await Promise.all([a?.stop(), b?.stop()])
  await outside?.close()
  await database?.close()
})

const customer = () => world.organisations[0] as World['organisations'][number]

async function post({ url }: Running, path: string, body: object, key: string = randomUUID()) {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key, ...bearer(customer().token) }
  const response = await fetch(`${url}${TICKETS}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  return (await response.json()) as Record<string, unknown>
}

const say = (where: Running, text: string, key?: string) => post(where, `/${ticketId}/comments`, { body: text }, key)

async function asOf({ url }: Running): Promise<string> {
  const headers = { 'content-type': 'application/json', ...bearer(customer().token) }
  const body = JSON.stringify({ query: '{ tickets(first: 1) { asOf } }' })
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body })
  return ((await response.json()) as { data: { tickets: { asOf: string } } }).data.tickets.asOf
}

interface Follower {
  texts(): (string | null)[]
  cursor(): string
  /** Resolves when this text has come. */
  heard(text: string): Promise<void>
  drop(): void
}

/** Follows the customer's organisation, and resolves when the stream is open. */
async function follow(where: Running, after: string, transport: Transport = 'graphql-ws'): Promise<Follower> {
  const told: Told[] = []
  const waiting = new Map<string | null, () => void>()
  const open = Promise.withResolvers<void>()
  const stream = openStream(transport, {
    url: where.url,
    token: customer().token,
    feed: { ticketId: null, organisationId: customer().id },
    after,
    onOpen: open.resolve,
    onEvent(event) {
      told.push(event)
      waiting.get(event.text)?.()
    },
  })
  onTestFinished(() => stream.drop())
  await Promise.race([open.promise, stream.ended.then((reason) => Promise.reject(new Error(reason)))])
  return {
    texts: () => told.map(({ text }) => text),
    cursor: () => told.at(-1)?.cursor ?? after,
    heard: (text) =>
      new Promise((resolve) => {
        if (told.some((event) => event.text === text)) resolve()
        else waiting.set(text, resolve)
      }),
    drop: () => stream.drop(),
  }
}

/** Says things at one process, one after another, and how many milliseconds each took to come at the other. */
async function delays(from: Running, to: Follower, texts: string[]): Promise<number[]> {
  const took: number[] = []
  for (const text of texts) {
    await say(from, text)
    const since = performance.now()
    await to.heard(text)
    took.push(performance.now() - since)
  }
  return took
}

const median = (numbers: number[]) => [...numbers].sort((x, y) => x - y)[Math.floor(numbers.length / 2)] as number

const numbered = (what: string, count = 7) => Array.from({ length: count }, (_, n) => `${what} ${n + 1}`)

/** Well below the second between two polls: half of that on average would be the poll's work. */
const A_MOMENT = 200

describe.each<Transport>(['graphql-ws', 'sse'])('over %s', (transport) => {
  test('what is written at one process comes at the other within a moment', async () => {
    const follower = await follow(b, await asOf(b), transport)
    const texts = numbered(`From A, ${transport}`)
    expect(median(await delays(a, follower, texts))).toBeLessThan(A_MOMENT)
    expect(follower.texts()).toEqual(texts)
  })

  test('a subscriber that moves from one process to the other, with its cursor, misses and repeats nothing', async () => {
    let cursor = await asOf(a)
    const heard: (string | null)[] = []
    const texts = numbered(`Moving, ${transport}`, 12)
    for (const [n, text] of texts.entries()) {
      // Every other one is said while it follows, the rest before.
      const [here, there] = n % 4 < 2 ? [a, b] : [b, a]
      if (n % 2 === 0) await say(there, text)
      const follower = await follow(here, cursor, transport)
      if (n % 2 === 1) await say(there, text)
      await follower.heard(text)
      follower.drop()
      heard.push(...follower.texts())
      cursor = follower.cursor()
    }
    expect(heard).toEqual(texts)
  })
})

test('the connection for wake-ups is cut: it listens again, and hears at once', async () => {
  const follower = await follow(b, await asOf(b))
  const before = await listeners()
  expect(before).toHaveLength(2)
  await outside.cut('listen')
  await say(a, 'While nobody listened')
  await follower.heard('While nobody listened')
  const again = async () => (await listeners()).filter((pid) => !before.includes(pid))
  await expect.poll(again, { timeout: 5000, interval: 20 }).toHaveLength(2)
  expect(median(await delays(a, follower, numbered('Listening again')))).toBeLessThan(A_MOMENT)
  expect(follower.texts()).toEqual(['While nobody listened', ...numbered('Listening again')])
})

/** The backends whose last statement was LISTEN or NOTIFY. */
async function listeners(): Promise<number[]> {
  const rows = await outside.query<{ pid: number }>(`
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'deskwire listen'
      AND query ~ '^(LISTEN|SELECT pg_notify)'`)
  return rows.map(({ pid }) => pid)
}

test('without any wake-up the poll delivers within about a second', async () => {
  const follower = await follow(b, await asOf(b))
  await outside.wakeUps(false)
  try {
    const texts = numbered('In silence', 3)
    const took = await delays(a, follower, texts)
    expect(Math.max(...took)).toBeLessThan(2000)
    expect(follower.texts()).toEqual(texts)
    expect(await outside.swallowed()).toBeGreaterThan(0)
  } finally {
    await outside.wakeUps(true)
  }
})

const GATE = 4711

test('killed between the commit and everything that follows it: nothing is lost, and the retry repeats nothing', async () => {
  const here = await follow(a, await asOf(a))
  const there = await follow(b, await asOf(b))
  const cursor = await asOf(b)
  const gate = await closeGate()
  const lost = say(a, 'Committed', 'one key').catch((error: unknown) => error)
  await gate.somebodyWaits()
  // It can do nothing any more, while the database goes on with the commit that it has been sent.
  a.child.kill('SIGSTOP')
  await gate.open()
  await expect.poll(() => stored('Committed'), { timeout: 5000, interval: 10 }).toBe(1)
  expect(here.texts()).toEqual([])
  await a.kill9()
  expect(await lost).toBeInstanceOf(Error)

  await there.heard('Committed')
  const { comments } = await say(b, 'Committed', 'one key')
  expect(comments).toContainEqual(expect.objectContaining({ body: 'Committed' }))
  expect(await stored('Committed')).toBe(1)
  await a.stop()
  a = await start()
  const back = await follow(a, cursor, 'sse')
  await say(b, 'Afterwards')
  await Promise.all([back.heard('Afterwards'), there.heard('Afterwards')])
  expect(back.texts()).toEqual(['Committed', 'Afterwards'])
  expect(there.texts()).toEqual(['Committed', 'Afterwards'])
})

const stored = (body: string) => database.database.prisma.comment.count({ where: { body } })

/** Holds every commit of an event until it is opened. */
async function closeGate() {
  const keeper = new pg.Client({ connectionString: database.url })
  await keeper.connect()
  onTestFinished(() => keeper.end())
  await keeper.query('SELECT pg_advisory_lock($1)', [GATE])
  await outside.query(`
    CREATE FUNCTION storm.wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_advisory_xact_lock_shared(${GATE});
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON ticket_events DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION storm.wait_at_gate()`)
  const waiting = async () =>
    (await outside.query(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = ${GATE} AND NOT granted`)).length
  return {
    somebodyWaits: () => expect.poll(waiting, { timeout: 5000, interval: 10 }).toBe(1),
    open: () => keeper.query('SELECT pg_advisory_unlock($1)', [GATE]),
  }
}

// Wake-ups between processes: the same promises over PostgreSQL and over Redis, whatever becomes of the line between.

import { setImmediate } from 'node:timers/promises'
import { createClient } from '@redis/client'
import { type Logger, pino } from 'pino'
import { v4 as uuid } from 'uuid'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { openDatabase } from '../../src/db/client.ts'
import { redisWakeUps } from '../../src/events/redis.ts'
import { CHANNEL, postgresWakeUps, type WakeUps } from '../../src/events/wakeup.ts'
import { startServer } from '../../src/server.ts'
import { bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { databaseUrl, onServer } from '../support/server.ts'
import { followOverRest } from './follow.ts'
import { makeWay, type Way } from './wakeup.way.ts'

const redisUrl = process.env.TEST_REDIS_URL
const skipped = redisUrl ? '' : ' (skipped: no TEST_REDIS_URL is given)'

let app: TestApp
let postgresUrl: string

beforeAll(async () => {
  app = await testApp()
  const [row] = await app.database.prisma.$queryRaw<[{ name: string }]>`SELECT current_database() AS name`
  postgresUrl = databaseUrl(inject('postgres').serverUrl, row.name)
})
afterAll(() => app.close())

const kinds = [
  { kind: 'PostgreSQL', why: '', make: postgresWakeUps, skip: false, serverUrl: () => postgresUrl },
  { kind: 'Redis', why: skipped, make: redisWakeUps, skip: !redisUrl, serverUrl: () => redisUrl ?? '' },
]

for (const { kind, why, make, skip, serverUrl } of kinds) {
  describe.skipIf(skip)(`over ${kind}${why}`, () => {
    let way: Way
    let here: Process
    let there: Process

    beforeEach(async () => {
      way = await makeWay(serverUrl())
      here = oneProcess(make, way.url)
      there = oneProcess(make, way.url)
      // Connected, and told so.
      await Promise.all([here.hears(null), there.hears(null)])
    })
    afterEach(async () => {
      await Promise.all([here.wakeUps.close(), there.wakeUps.close()])
      await way.close()
    })

    it('tell this process at once and once, and another one soon', async () => {
      const [first, second] = [uuid(), uuid()]
      here.wakeUps.announce([first])
      expect(here.heard).toEqual([null, [first]])
      await there.hears(first)
      // What came back of the first would have come before the second.
      there.wakeUps.announce([second])
      await here.hears(second)
      expect(here.heard).toEqual([null, [first], [second]])
      expect(there.heard).toEqual([null, [first], [second]])
    })

    it('merge a thousand commits of three organisations into few messages', async () => {
      const ids = [uuid(), uuid(), uuid()]
      for (let n = 0; n < 1000; n++) here.wakeUps.announce([ids[n % 3] as string])
      await Promise.all(ids.map((id) => there.hears(id)))
      here.wakeUps.announce(['last'])
      await there.hears('last')
      // The first goes out at once, and the others together while it is under way.
      expect(there.heard.length).toBeLessThanOrEqual(1 + 3 + 1)
    })

    it('name any number of organisations, so many a message', async () => {
      const ids = Array.from({ length: 450 }, () => uuid())
      here.wakeUps.announce(ids)
      await there.hears(ids.at(-1) as string)
      expect(there.heard.slice(1).map((one) => one?.length)).toEqual([200, 200, 50])
      expect(there.heard.slice(1).flat()).toEqual(ids)
    })

    it('after a lost connection tell everybody to look everywhere, and then work as before', async () => {
      way.cut()
      await Promise.all([here.hears(null, 2), there.hears(null, 2)])
      const id = uuid()
      here.wakeUps.announce([id])
      await there.hears(id)
    })

    it('while there is no way to it, neither fail nor keep a writer, and say so once for a thousand writes', async () => {
      way.block()
      await here.says('fail')
      for (let n = 0; n < 1000; n++) here.wakeUps.announce([uuid()])
      expect(here.heard).toHaveLength(1001)
      way.open()
      await here.says('work again')
      await here.hears(null, 2)
      expect(here.said).toEqual([
        expect.objectContaining({ level: 40, msg: expect.stringContaining(`Wake-ups over ${kind} fail`) }),
        expect.objectContaining({ level: 30, msg: `Wake-ups over ${kind} work again` }),
      ])
      expect(here.said[0]?.reason).toEqual(expect.any(String))
    })

    it('are given up and begun anew when the other side no longer answers', async () => {
      way.stall()
      here.wakeUps.announce([uuid()])
      await here.says('fail')
      expect(here.said[0]?.reason).toContain('no answer within')
      way.cut()
      way.open()
      await here.says('work again')
    })

    it('do not fail the writer, nor forget the others, when one listener fails', async () => {
      const order: string[] = []
      here.wakeUps.listen(() => {
        order.push('bad')
        throw new Error('a bad listener')
      })
      const stop = here.wakeUps.listen(() => order.push('good'))
      here.wakeUps.announce([uuid()])
      expect(order).toEqual(['bad', 'good'])
      expect(here.said).toEqual([expect.objectContaining({ level: 50 })])
      stop()
      here.wakeUps.announce([uuid()])
      expect(order).toEqual(['bad', 'good', 'bad'])
    })

    it('leave nothing behind when they are closed, connected, connecting or not', async () => {
      await here.wakeUps.close()
      await there.wakeUps.close()
      await way.isEmpty()

      way.block()
      const third = oneProcess(make, way.url)
      await third.says('fail')
      await third.wakeUps.close()
      const refused = way.refused
      way.open()
      // At every step of connecting.
      for (let turns = 0; turns < 10; turns++) {
        const { wakeUps } = oneProcess(make, way.url)
        for (let turn = 0; turn < turns; turn++) await setImmediate()
        await wakeUps.close()
      }
      const fourth = oneProcess(make, way.url)
      await fourth.hears(null)
      // A fourth was let in, and nobody else knocked.
      expect(way.refused).toBe(refused)
      await fourth.wakeUps.close()
      await way.isEmpty()
      fourth.wakeUps.announce([uuid()])
      await way.isEmpty()
    })
  })
}

describe.skipIf(!redisUrl)(`a server with a REDIS_URL${skipped}`, () => {
  let way: Way
  let far: Awaited<ReturnType<typeof serverWith>>
  let near: typeof far

  beforeAll(async () => {
    way = await makeWay(redisUrl ?? '')
    near = await serverWith(way.url)
    far = await serverWith(way.url)
  })
  afterAll(async () => {
    await Promise.all([near.stop(), far.stop()])
    await way.close()
  })

  it('hears of commits over Redis, and no longer over PostgreSQL', async () => {
    const spy = createClient({ url: redisUrl ?? '' })
    spy.on('error', () => {})
    await spy.connect()
    const seen = Promise.withResolvers<string>()
    await spy.subscribe(CHANNEL, (message) => message.includes(app.acme.organisationId) && seen.resolve(message))

    const before = await listeners()
    const ticket = await makeTicket(near)
    expect(await seen.promise).toContain(app.acme.organisationId)
    await spy.close()
    // The one of the app itself, which has no REDIS_URL.
    expect(before).toBe(1)

    expect(await msOfThree(ticket)).toBeLessThan(FASTER_THAN_POLLS)
  })

  it('without Redis is told by the poll, and over Redis again once it is back', async () => {
    const ticket = await makeTicket(near)
    way.block()
    await Promise.all([near.says('fail'), far.says('fail')])
    expect(await msOfThree(ticket)).toBeGreaterThan(FASTER_THAN_POLLS)
    way.open()
    await Promise.all([near.says('work again'), far.says('work again')])
    expect(await msOfThree(ticket)).toBeLessThan(FASTER_THAN_POLLS)
  })

  /** Comments at one process, each after the other process has delivered the one before. */
  async function msOfThree(ticket: string): Promise<number> {
    const path = `${TICKETS}/${ticket}/events?types=comment_added`
    const stream = await followOverRest(far, bearer(app.acme.token), path)
    await comment(near, ticket)
    await stream.atLeast(1)
    const start = performance.now()
    for (let n = 2; n <= 4; n++) {
      await comment(near, ticket)
      await stream.atLeast(n)
    }
    stream.stop()
    return performance.now() - start
  }
})

/** By the poll each takes about a second, since the one before came with it. */
const FASTER_THAN_POLLS = 1500

describe('a server whose REDIS_URL leads nowhere', () => {
  it('starts with one warning, which keeps the password to itself, and delivers by the poll', async () => {
    const server = await serverWith('redis://deskwire:hush@127.0.0.1:1/0')
    await server.says('fail')
    const ticket = await makeTicket(app)
    const stream = await followOverRest(server, bearer(app.acme.token), `${TICKETS}/${ticket}/events`)
    await comment(app, ticket)
    await stream.atLeast(1)
    stream.stop()
    await server.stop()
    expect(server.said.filter(({ level }) => level >= 40)).toEqual([
      expect.objectContaining({
        msg: expect.stringContaining('over Redis'),
        reason: expect.stringContaining('REFUSED'),
      }),
    ])
    expect(JSON.stringify(server.said)).not.toContain('hush')
  })
})

async function listeners(): Promise<number> {
  const rows = await onServer(
    postgresUrl,
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'deskwire listen'`,
  )
  return rows.length
}

async function makeTicket(server: { url: string }): Promise<string> {
  const body = {
    subject: 'Nodes lost',
    description: 'Two of three nodes are NotReady since 10:00.',
    acknowledged: true,
  }
  const { body: ticket } = await rest(server, bearer(app.acme.token), 'POST', TICKETS, body)
  return ticket.id
}

async function comment(server: { url: string }, ticket: string): Promise<void> {
  const { status } = await rest(server, bearer(app.acme.token), 'POST', `${TICKETS}/${ticket}/comments`, {
    body: 'And?',
  })
  expect(status).toBeLessThan(300)
}

interface Line {
  level: number
  msg: string
  reason?: string
}

/** A log that is kept, to wait for what it says. */
function keptLog() {
  const said: Line[] = []
  const logger: Logger = pino({ level: 'info' }, { write: (line: string) => said.push(JSON.parse(line)) })
  const says = (words: string, timeout = 5000) =>
    vi.waitFor(() => expect(said.some(({ msg }) => msg.includes(words))).toBe(true), { timeout, interval: 10 })
  return { said, logger, says }
}

/** A second server on the app's database. */
async function serverWith(url: string) {
  const { said, logger, says } = keptLog()
  const database = openDatabase(postgresUrl)
  const config = loadConfig({ PORT: '0', RATE_LIMITS: 'off', REDIS_URL: url })
  const secret = 'the root of all secrets of this test'
  const { life, store } = app
  const server = await startServer({ config, database, store, logger, life, secret, listenUrl: postgresUrl })
  return { url: server.url, said, says, stop: () => server.stop().finally(() => database.close()) }
}

interface Process {
  wakeUps: WakeUps
  heard: (readonly string[] | null)[]
  /** Waits until it has been told of this organisation, or so often to look everywhere. */
  hears(id: string | null, times?: number): Promise<void>
  said: Line[]
  says(words: string, timeout?: number): Promise<void>
}

/** What another process of the service has of wake-ups. */
function oneProcess(make: typeof postgresWakeUps, url: string): Process {
  const { said, logger, says } = keptLog()
  const wakeUps = make(url, logger)
  const heard: Process['heard'] = []
  const waiting = new Set<() => void>()
  wakeUps.listen((ids) => {
    heard.push(ids)
    for (const look of [...waiting]) look()
  })
  const hears = (id: string | null, times = 1) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (heard.filter((ids) => (id === null ? ids === null : ids?.includes(id))).length < times) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  return { wakeUps, heard, hears, said, says }
}

// What the log says while a part of the service is away: that it is, once, and that it is back; and of an error nothing
// that somebody wrote.

import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { Prisma } from '../../src/generated/prisma/client.ts'
import { type RunningServer, startServer } from '../../src/server.ts'
import { watchTrouble } from '../../src/telemetry/log-once.ts'
import { outage } from '../rest/drafts.ts'
import { bearer, PASSWORD, rest, send, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { keepingLog, WARN } from '../support/log.ts'
import { databaseUrl } from '../support/server.ts'
import { makeWay, type Way } from '../support/way.ts'

const log = keepingLog()
let app: TestApp
let way: Way
let database: Database
let server: RunningServer
beforeAll(async () => {
  app = await testApp()
  way = await makeWay(inject('postgres').serverUrl)
  const [row] = await app.database.prisma.$queryRaw<[{ name: string }]>`SELECT current_database() AS name`
  const listenUrl = databaseUrl(way.url, row.name)
  database = openDatabase(listenUrl)
  const { life, store } = app
  const config = loadConfig({ PORT: '0', RATE_LIMITS: 'off' })
  server = await startServer({ config, database, store, logger: log.logger, life, secret: 'a secret', listenUrl })
})
afterEach(() => way.open())
afterAll(async () => {
  await server.stop()
  await database.close()
  await way.close()
  await app.close()
})

const STATUS: Record<string, number> = { UNAVAILABLE: 503 }
const warnings = () => log.lines.filter(({ level }) => level >= WARN).map(({ msg }) => msg)
const told = (message: RegExp) => () => log.lines.some(({ msg }) => message.test(msg))

describe('the log', () => {
  it('says once that the database is away, whoever meets with it, and once that it is back', async () => {
    const who = bearer(await app.token(app.acme.organisationId, ['tickets_write']))
    expect((await rest(server, who, 'GET', TICKETS)).status).toBe(200)
    way.block()
    const headers = { 'content-type': 'application/json', origin: server.url }
    const body = JSON.stringify({ email: app.acme.admin.email, password: PASSWORD })
    const asked = Array.from({ length: 60 }, (_, i) => [
      rest(server, who, 'GET', `${TICKETS}?page=${i + 1}`).then(({ status }) => status),
      send(server, who, '{ tickets { totalCount } }').then(({ errors }) => STATUS[String(errors[0]?.extensions.code)]),
      rest(server, who, 'POST', TICKETS, { ...outage, acknowledged: true }).then(({ status }) => status),
      fetch(`${server.url}/api/auth/sign-in/email`, { method: 'POST', headers, body }).then(({ status }) => status),
      fetch(`${server.url}/set-password?token=${'a'.repeat(43)}`).then(({ status }) => status),
    ]).flat()
    expect(new Set(await Promise.all(asked))).toEqual(new Set([503]))
    const wakeUps = /^Wake-ups over PostgreSQL fail/
    expect(warnings().filter((message) => !wakeUps.test(message))).toEqual(['The database cannot be reached'])
    // And a line for each request, as ever.
    await expect.poll(() => log.lines.filter(({ ms }) => ms !== undefined).length).toBe(301)
    way.open()
    expect((await rest(server, who, 'GET', TICKETS)).status).toBe(200)
    await expect.poll(told(/^The database can be reached again, after \d+ s$/), { timeout: 10_000 }).toBe(true)
    expect(log.lines.find(({ msg }) => msg.startsWith('The database can be'))?.failures).toBeGreaterThan(100)
  })

  it('says once that attachments cannot be stored, and once that they can again', async () => {
    const who = bearer(app.acme.token)
    const { body: ticket } = await rest(server, who, 'POST', TICKETS, { ...outage, acknowledged: true })
    const upload = async (i: number) => {
      const form = new FormData()
      form.set('file', new Blob([`line ${i}\n`], { type: 'text/plain' }), 'a.log')
      const init = { method: 'POST', headers: who, body: form }
      return (await fetch(`${server.url}${TICKETS}/${ticket.id}/attachments`, init)).status
    }
    const start = warnings().length
    const [there, away] = ['objects', 'elsewhere'].map((name) => join(app.storeFolder, name)) as [string, string]
    await rename(there, away)
    expect([await upload(1), await upload(2), await upload(3)]).toEqual([503, 503, 503])
    expect(warnings().slice(start)).toEqual(['The store of attachments cannot be used'])
    await rename(away, there)
    expect(await upload(4)).toBe(201)
    await expect.poll(told(/^The store of attachments works again/), { timeout: 10_000 }).toBe(true)
  })

  it('shows of an error what it is and where, and not the row or the words that it is about', async () => {
    const { logger, lines } = keepingLog()
    const email = app.acme.admin.email
    const failures = [
      () => database.query(Prisma.sql`INSERT INTO "user" SELECT * FROM "user" WHERE email = ${email}`),
      () => database.query(Prisma.sql`SELECT ${email}::text::uuid`),
      () => database.prisma.$queryRaw`SELECT ${email}::text::uuid`,
      () => database.prisma.user.create({ data: { email, name: 7 as unknown as string } as never }),
    ]
    for (const fail of failures) await fail().catch((err) => logger.error({ err }, 'It failed'))
    expect(lines).toHaveLength(failures.length)
    expect(lines.map(({ err }) => (err as { stack: string }).stack.length > 50)).toEqual([true, true, true, true])
    expect(JSON.stringify(lines)).not.toContain('ada@')
  })
})

describe('trouble', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  /** With a clock of its own. */
  function trouble(working?: string) {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
    const { logger, lines } = keepingLog()
    const watched = watchTrouble({ logger, failing: 'It fails', ...(working ? { working } : {}) })
    const fail = (times: number) => {
      for (let i = 0; i < times; i++) watched.failed(new Error('no'))
    }
    return { ...watched, fail, told: () => lines.map(({ msg }) => msg) }
  }

  it('is said at first, then every half minute by its number, then that it is over', () => {
    const { fail, works, told } = trouble('It works')
    works()
    fail(1000)
    vi.advanceTimersByTime(30_000)
    fail(5)
    vi.advanceTimersByTime(31_000)
    works()
    works()
    vi.advanceTimersByTime(2000)
    expect(told()).toEqual(['It fails', 'It fails: 999 times more', 'It fails: 5 times more', 'It works, after 61 s'])
  })

  it('that comes and goes is one', () => {
    const { fail, works, told } = trouble('It works')
    for (let i = 0; i < 50; i++) {
      fail(1)
      works()
      vi.advanceTimersByTime(500)
    }
    expect(told()).toEqual(['It fails'])
    vi.advanceTimersByTime(2000)
    expect(told()).toEqual(['It fails', expect.stringMatching(/^It works, after/)])
  })

  it('of which nobody says that it is over ends by silence, and may begin anew', () => {
    const { fail, told } = trouble()
    fail(3)
    vi.advanceTimersByTime(90_000)
    fail(1)
    expect(told()).toEqual(['It fails', 'It fails: 2 times more', 'It fails'])
  })
})

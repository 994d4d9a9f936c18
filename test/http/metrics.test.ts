// The metrics: who may read them, what they count, and that nothing a client sends makes more of them.

import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { makeLogger } from '../../src/logger.ts'
import { operations } from '../../src/operations/registry.ts'
import { startServer } from '../../src/server.ts'
import { connect, EVENTS } from '../events/follow.ts'
import { outage, vague } from '../rest/drafts.ts'
import { ask, bearer, rest, send, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { fails, KEY, type MessagesApi, startMessagesApi } from '../support/messages-api.ts'
import { type Series, scrape, total } from '../support/metrics.ts'
import { databaseUrl } from '../support/server.ts'
import { makeWay } from '../support/way.ts'
import { request, wire } from './wire.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app.close())

/** Another server in this process, on the same database unless told otherwise. */
function secondServer(env: Record<string, string> = {}, way: { database?: Database; listenUrl?: string } = {}) {
  const { life, store, database, listenUrl } = app
  const config = loadConfig({ PORT: '0', RATE_LIMITS: 'off', ...env })
  const logger = makeLogger({ level: 'silent', pretty: false })
  return startServer({ config, database, store, logger, life, secret: 'a secret', listenUrl, ...way })
}

const acme = () => bearer(app.acme.token)

describe('who may read the metrics', () => {
  it('is whoever asks from this machine itself, while no token is set', async () => {
    const response = await fetch(`${app.url}/metrics`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect((await fetch(`${app.url}/metrics`, { method: 'HEAD' })).status).toBe(200)
    expect((await fetch(`${app.url}/metrics`, { method: 'POST' })).headers.get('allow')).toBe('GET, HEAD')
  })

  it.each(['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'X-Forwarded-Host'])(
    'is nobody that a proxy on this machine asks for (%s): then there is nothing at this address',
    async (header) => {
      const answer = await wire(app, request('GET /metrics', { [header]: '127.0.0.1' }))
      const unknown = await wire(app, request('GET /metrix', {}))
      expect([answer.status, answer.body]).toEqual([404, unknown.body.replace('metrix', 'metrics')])
    },
  )

  const elsewhere = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address

  it.skipIf(!elsewhere)('is nobody from another address (skipped where this machine has none)', async () => {
    const open = await secondServer({ HOST: '0.0.0.0' })
    const response = await fetch(`http://${elsewhere}:${new URL(open.url).port}/metrics`)
    await open.stop()
    expect(response.status).toBe(404)
  })

  it('is who has the token, where one is set, wherever they are', async () => {
    const guarded = await secondServer({ METRICS_TOKEN: 'let-prometheus-in' })
    const asked = async (headers: Record<string, string>) => {
      const response = await fetch(`${guarded.url}/metrics`, { headers })
      return [response.status, response.headers.get('www-authenticate')]
    }
    const answers = [
      await asked({}),
      await asked({ authorization: 'Bearer let-prometheus-out' }),
      await asked({ authorization: 'Basic let-prometheus-in' }),
      await asked({ authorization: 'Bearer let-prometheus-in' }),
      await asked({ authorization: 'bearer let-prometheus-in', 'x-forwarded-for': '192.0.2.1' }),
    ]
    await guarded.stop()
    expect(answers).toEqual([
      [401, 'Bearer'],
      [401, 'Bearer'],
      [401, 'Bearer'],
      [200, null],
      [200, null],
    ])
  })
})

/** How much was counted while `work` ran. */
async function counted(work: () => Promise<unknown>) {
  const before = await scrape(app)
  await work()
  const after = await scrape(app)
  return (name: string, labels: Record<string, string> = {}) =>
    (total(after, name, labels) ?? 0) - (total(before, name, labels) ?? 0)
}

describe('the metrics', () => {
  it('count requests by door, method and class of answer', async () => {
    const by = await counted(async () => {
      await ask(app, acme(), '{ viewer { id } }')
      await rest(app, acme(), 'GET', TICKETS)
      await rest(app, {}, 'GET', TICKETS)
      await fetch(`${app.url}/api/auth/get-session`)
      await fetch(`${app.url}/healthz`)
      await fetch(`${app.url}/no/such/place`)
    })
    const requests = (door: string, method: string, status: string) =>
      by('deskwire_http_requests_total', { door, method, status })
    expect(requests('graphql', 'POST', '2xx')).toBe(1)
    expect(requests('rest', 'GET', '2xx')).toBe(1)
    expect(requests('rest', 'GET', '4xx')).toBe(1)
    expect(requests('auth', 'GET', '2xx')).toBe(1)
    expect(requests('other', 'GET', '4xx')).toBe(1)
    expect(by('deskwire_http_request_duration_seconds_count', { door: 'rest' })).toBe(2)
    expect(total(await scrape(app), 'deskwire_http_requests_in_flight')).toBe(1)
  })

  it('tell how operations ended, by the names that the registry has', async () => {
    const NONE = '01890000-0000-7000-8000-000000000000'
    const by = await counted(async () => {
      await ask(app, acme(), '{ viewer { id } }')
      await send(app, acme(), `{ ticket(id: "${NONE}") { id } }`)
      await rest(app, acme(), 'GET', `${TICKETS}/${NONE}`)
      await rest(app, {}, 'GET', `${TICKETS}/${NONE}`)
    })
    const count = (operation: string, outcome: string) =>
      by('deskwire_operation_duration_seconds_count', { operation, outcome })
    expect(count('viewer', 'ok')).toBe(1)
    expect(count('ticket', 'problem')).toBe(2)
    expect(count('ticket', 'refused')).toBe(1)
    const known = new Set([...Object.values(operations).map(({ name }) => name), 'subscribe'])
    const seen = (await scrape(app)).flatMap(({ labels }) => labels.operation ?? [])
    expect(seen.filter((name) => !known.has(name))).toEqual([])
  })

  it('show connections, subscriptions, what was delivered, and how late it was', async () => {
    const follower = await connect(app, acme())
    const by = await counted(async () => {
      const feed = follower.follow(EVENTS)
      await expect.poll(async () => total(await scrape(app), 'deskwire_subscriptions')).toBe(1)
      expect(total(await scrape(app), 'deskwire_connections', { kind: 'websocket' })).toBe(1)
      await rest(app, acme(), 'POST', TICKETS, { ...outage, acknowledged: true })
      await feed.atLeast(1)
    })
    expect(by('deskwire_events_delivered_total')).toBeGreaterThan(0)
    expect(by('deskwire_feed_lag_seconds_count')).toBeGreaterThan(0)
    expect(by('deskwire_feed_lag_seconds_bucket', { le: '5' })).toBe(by('deskwire_feed_lag_seconds_count'))
    expect(by('deskwire_operation_duration_seconds_count', { operation: 'subscribe', outcome: 'ok' })).toBe(1)
    await follower.close()
    await expect.poll(async () => total(await scrape(app), 'deskwire_subscriptions')).toBe(0)
    expect(total(await scrape(app), 'deskwire_connections', { kind: 'websocket' })).toBe(0)
  })

  it('count an event stream among connections, and its hours not among the durations', async () => {
    const by = await counted(async () => {
      const leave = new AbortController()
      await fetch(`${app.url}${TICKETS}/events`, { headers: acme(), signal: leave.signal })
      const open = await scrape(app)
      expect(total(open, 'deskwire_connections', { kind: 'event_stream' })).toBe(1)
      expect(total(open, 'deskwire_http_requests_in_flight')).toBe(2)
      leave.abort()
      await expect.poll(async () => total(await scrape(app), 'deskwire_http_requests_in_flight')).toBe(1)
    })
    expect(by('deskwire_http_requests_total', { door: 'rest', status: '2xx' })).toBe(1)
    expect(by('deskwire_http_request_duration_seconds_count', { door: 'rest' })).toBe(0)
  })

  it('name the age of the oldest transaction that holds back the feed of all organisations', async () => {
    const lag = async () => total(await scrape(app), 'deskwire_watermark_lag_seconds') as number
    await app.database.write(async (tx) => {
      await tx.$queryRaw`SELECT pg_current_xact_id()::text`
      const first = await lag()
      expect(first).toBeGreaterThan(0)
      await expect.poll(lag).toBeGreaterThan(first)
    })
    const pool = await scrape(app)
    expect(total(pool, 'deskwire_database_connections', { state: 'total' })).toBeGreaterThan(0)
    expect(total(pool, 'deskwire_database_connections', { state: 'waiting' })).toBe(0)
  })

  it('are of the process too: memory, processor time, the event loop, the garbage collector', async () => {
    const series = await scrape(app)
    expect(total(series, 'process_resident_memory_bytes')).toBeGreaterThan(1e7)
    expect(total(series, 'process_cpu_seconds_total')).toBeGreaterThan(0)
    expect(total(series, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0)
    expect(total(series, 'nodejs_version_info', { version: process.version })).toBe(1)
  })

  it('stay as many as they are, whatever clients send', async () => {
    const odd = (i: number) => {
      const word = `x${i}-ada@acme.example`
      const headers = { authorization: `Bearer dw_${word}`, 'content-type': 'application/json' }
      const calls = [
        () => fetch(`${app.url}/${word}`, { headers }),
        () => fetch(`${app.url}${TICKETS}/${word}`, { headers: acme() }),
        () => fetch(`${app.url}${TICKETS}?q=${word}&status=${word}`, { headers: acme() }),
        () => fetch(`${app.url}/api/auth/${word}`, { headers }),
        () => send(app, acme(), `query ${word.replace(/\W/g, '_')} { ticket(id: "${word}") { id } }`),
        () => wire(app, request(`${['PURGE', 'REPORT', 'SEARCH', 'COPY'][i % 4]} /${word}`, headers)),
      ]
      return (calls[i % calls.length] as () => Promise<unknown>)()
    }
    const burst = async (from: number, count: number) => {
      for (let i = from; i < from + count; i += 50) {
        await Promise.all(Array.from({ length: 50 }, (_, j) => odd(i + j)))
      }
    }
    await burst(0, 100)
    const few = await scrape(app)
    await burst(100, 1000)
    const many = await scrape(app)
    expect(names(many)).toEqual(names(few))
    expect(JSON.stringify(many)).not.toMatch(/acme|example|x\d+-/)
  })
})

const names = (series: Series[]) => series.map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`).sort()

describe('reviews', () => {
  let api: MessagesApi
  let modelled: TestApp
  beforeAll(async () => {
    api = await startMessagesApi()
    const env = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: api.url, REVIEW_MODEL: 'claude-test-1' }
    modelled = await testApp({ env })
  })
  afterAll(async () => {
    await modelled.close()
    await api.stop()
  })

  const review = (on: TestApp, draft: object) => rest(on, bearer(on.acme.token), 'POST', `${TICKETS}/review`, draft)

  it('by the rules are counted by what they found', async () => {
    const by = await counted(() => review(app, vague))
    const labels = { reviewer: 'local', model_failure: 'none', quality: 'flag', recommended_action: 'revise' }
    expect(by('deskwire_reviews_total', labels)).toBe(1)
    expect(by('deskwire_review_duration_seconds_count', { reviewer: 'local' })).toBe(1)
    expect(total(await scrape(app), 'deskwire_model_circuit')).toBe(null)
  })

  it('by a model bring its tokens, and why it failed when it did', async () => {
    await review(modelled, outage)
    const good = await scrape(modelled)
    expect(total(good, 'deskwire_reviews_total', { reviewer: 'model', model_failure: 'none' })).toBe(1)
    expect(total(good, 'deskwire_model_tokens_total', { kind: 'input' })).toBeGreaterThan(0)
    expect(total(good, 'deskwire_model_duration_seconds_count')).toBe(1)
    expect(total(good, 'deskwire_model_circuit', { state: 'closed' })).toBe(1)
    api.usual = fails(400)
    for (let i = 0; i < 6; i++) await review(modelled, outage)
    const bad = await scrape(modelled)
    expect(total(bad, 'deskwire_reviews_total', { reviewer: 'local', model_failure: 'rejected' })).toBe(5)
    expect(total(bad, 'deskwire_reviews_total', { reviewer: 'local', model_failure: 'circuit_open' })).toBe(1)
    expect(total(bad, 'deskwire_model_circuit', { state: 'open' })).toBe(1)
  })

  it('that are still to come are a number', async () => {
    api.usual = fails(400)
    await rest(modelled, bearer(modelled.acme.token), 'POST', TICKETS, { ...outage, acknowledged: true })
    expect(total(await scrape(modelled), 'deskwire_pending_reviews')).toBe(1)
  })
})

describe('a database that is away', () => {
  it('is left out of the metrics, which come all the same', async () => {
    const way = await makeWay(inject('postgres').serverUrl)
    const [row] = await app.database.prisma.$queryRaw<[{ name: string }]>`SELECT current_database() AS name`
    const url = databaseUrl(way.url, row.name)
    const database = openDatabase(url)
    const far = await secondServer({}, { database, listenUrl: url })
    const asked = async () => {
      const series = await scrape(far)
      return ['deskwire_watermark_lag_seconds', 'deskwire_pending_reviews'].map((name) => total(series, name) !== null)
    }
    const answers = [await asked()]
    way.block()
    await rest(far, bearer(await app.token(null, ['tickets_read'])), 'GET', TICKETS)
    answers.push(await asked())
    const started = performance.now()
    await Promise.all(Array.from({ length: 20 }, asked))
    expect(performance.now() - started).toBeLessThan(5000)
    expect(total(await scrape(far), 'deskwire_http_requests_total', { status: '5xx' })).toBe(1)
    way.open()
    answers.push(await asked())
    await far.stop()
    await database.close()
    await way.close()
    expect(answers).toEqual([
      [true, true],
      [false, false],
      [true, true],
    ])
  })

  it('costs a scrape one connection, however many ask at once', async () => {
    await Promise.all(Array.from({ length: 30 }, () => scrape(app)))
    const [row] = await app.database.prisma.$queryRaw<[{ count: bigint }]>`
      SELECT count(*) FROM pg_stat_activity
      WHERE application_name = 'deskwire metrics' AND datname = current_database()`
    expect(Number(row.count)).toBe(1)
  })
})

describe('a server that stops', () => {
  it('leaves no timer behind, and another in the same process counts for itself', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const [one, other] = [await secondServer(), await secondServer()]
    await fetch(`${one.url}/healthz`)
    const of = async (server: { url: string }) =>
      total(await scrape(server), 'deskwire_http_requests_total', { door: 'health' })
    expect([await of(one), await of(other)]).toEqual([1, null])
    const before = timers()
    await one.stop()
    await other.stop()
    expect(timers()).toBeLessThanOrEqual(before)
  })
})

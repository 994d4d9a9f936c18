// Limits that replicas share over Redis, and what becomes of them while Redis is away: each counts for itself, and
// nobody waits.

import { pino } from 'pino'
import { v4 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { makeLimiter } from '../../src/rates/limiter.ts'
import type { Policy } from '../../src/rates/policies.ts'
import { redisCounts } from '../../src/rates/redis.ts'
import { makeWay, type Way } from '../events/wakeup.way.ts'
import { bearer, rest, TICKETS, testApp } from '../support/app.ts'

const redisUrl = process.env.TEST_REDIS_URL
const skipped = redisUrl ? '' : ' (skipped: no TEST_REDIS_URL is given)'
const FIVE: Policy = { name: 'five', what: 'things', max: 5, window: 60 }
const PATIENCE_MS = 100

describe.skipIf(!redisUrl)(`replicas with a Redis${skipped}`, () => {
  let way: Way
  beforeAll(async () => {
    way = await makeWay(redisUrl as string)
  })
  afterAll(() => way.close())

  /** One that Redis has answered. */
  async function replica() {
    const said: string[] = []
    const logger = pino({ level: 'info' }, { write: (line: string) => said.push(JSON.parse(line).msg) })
    const shared = redisCounts(way.url, logger)
    const limiter = makeLimiter(shared)
    const shares = () =>
      vi.waitFor(async () => expect(await shared.spend(FIVE, uuid())).not.toBeNull(), { timeout: 8000 })
    await shares()
    return { limiter, said, shares, spend: (key: string) => limiter.spend(FIVE, key) }
  }

  it('have one count: five things are five at whichever of them', async () => {
    const [one, two] = [await replica(), await replica()]
    const key = uuid()
    const told = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? one : two).spend(key)))
    expect(told.filter((spent) => spent?.allowed)).toHaveLength(5)
    expect(told.find((spent) => !spent?.allowed)).toMatchObject({ remaining: 0, policy: FIVE })
    const wait = (await one.spend(key))?.resetSeconds ?? 0
    expect(wait).toBeGreaterThan(50)
    expect(wait).toBeLessThanOrEqual(66)
    for (const { limiter } of [one, two]) limiter.close()
  })

  it('each go on with what they have counted when Redis is away, refuse nobody for that, and share again after it', async () => {
    const { spend, limiter, said, shares } = await replica()
    const key = uuid()
    for (let i = 0; i < 3; i++) await spend(key)
    way.block()
    await vi.waitFor(() => expect(said.join()).toContain('each replica counts for its own'))
    expect([await spend(key), await spend(key), await spend(key)]).toMatchObject([
      { allowed: true },
      { allowed: true },
      { allowed: false },
    ])
    way.open()
    await shares()
    expect(said.filter((line) => line.includes('Redis'))).toHaveLength(2)
    limiter.close()
  })

  it('wait a moment for a Redis that says nothing, then not at all, and find it again', async () => {
    const { spend, limiter, shares } = await replica()
    way.stall()
    const start = performance.now()
    expect(await Promise.all([spend(uuid()), spend(uuid())])).toMatchObject([{ allowed: true }, { allowed: true }])
    expect(performance.now() - start).toBeLessThan(PATIENCE_MS * 5)
    const again = performance.now()
    for (let i = 0; i < 100; i++) await spend(uuid())
    expect(performance.now() - again).toBeLessThan(PATIENCE_MS)
    way.open()
    await shares()
    limiter.close()
  })

  it('count what a server of ours is asked', async () => {
    const env = { RATE_LIMITS: 'on', REDIS_URL: way.url }
    const app = await testApp({ env })
    await vi.waitFor(async () => {
      const { headers } = await rest(app, bearer(app.acme.token), 'GET', TICKETS)
      expect(headers.get('ratelimit')).toMatch(/^"read";r=2\d\d\d;t=\d+$/)
    })
    await app.close()
  })
})

it('a Redis that was never there costs no time and no refusal', async () => {
  const limiter = makeLimiter(redisCounts('redis://127.0.0.1:1', pino({ level: 'silent' })))
  const start = performance.now()
  for (let i = 0; i < 6; i++) expect((await limiter.spend(FIVE, 'ann'))?.allowed).toBe(i < 5)
  expect(performance.now() - start).toBeLessThan(PATIENCE_MS)
  limiter.close()
})

// Counting over all replicas, in the Redis of REDIS_URL. One script a use, so that two replicas cannot both take the last
// place; by Redis's own clock, so that theirs need not agree.

import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import { type RedisClient, redisClient } from '../redis.ts'
import { SLICES, type Spent, sliceMs, spentOf } from './counts.ts'
import type { Policy } from './policies.ts'

export interface SharedCounts {
  /** Null when Redis does not answer at once: the caller then counts for itself. Never rejects. */
  spend(policy: Policy, key: string): Promise<Spent | null>
  close(): void
}

/** Nobody waits longer for a count. */
const PATIENCE_MS = 100
/** After a silence Redis is not asked for so long, so that a thousand requests do not wait each. */
const REST_MS = 1000
const RECONNECT_MS = 250
const LONGEST_RECONNECT_MS = 5000
/** A connection that answers nothing for so long is given up for a new one. */
const DEAD_MS = 5000

/** The slices of counts.ts as fields of a hash: what is over is taken away, and the whole expires when unused. */
const SCRIPT = `
local time = redis.call('TIME')
local ms = time[1] * 1000 + math.floor(time[2] / 1000)
local length, slices, max = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local slice = math.floor(ms / length)
local used, first = 0, slice
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local one = tonumber(fields[i])
  if one < slice - slices then
    redis.call('HDEL', KEYS[1], fields[i])
  else
    used = used + tonumber(fields[i + 1])
    if one < first then first = one end
  end
end
local allowed = 0
if used < max then
  allowed = 1
  used = used + 1
  redis.call('HINCRBY', KEYS[1], string.format('%.0f', slice), 1)
  redis.call('PEXPIRE', KEYS[1], length * (slices + 1))
end
return {allowed, used, (first + slices + 1) * length - ms}
`
const SHA = createHash('sha1').update(SCRIPT).digest('hex')

export function redisCounts(url: string, logger: Logger): SharedCounts {
  let connection = connect()
  let works = true
  let restUntil = 0
  let answeredAt = performance.now()

  function connect() {
    const abort = new AbortController()
    const reconnectStrategy = (tries: number) => Math.min(RECONNECT_MS * 2 ** tries, LONGEST_RECONNECT_MS)
    const client = redisClient(url, { signal: abort.signal, reconnectStrategy })
    client.on('error', (error) => say(false, error))
    client.connect().catch((error) => say(false, error))
    return { client, abort }
  }

  function close(): void {
    connection.client.removeAllListeners('error').on('error', () => {})
    connection.abort.abort()
    if (connection.client.isOpen) connection.client.destroy()
  }

  /** Said when it changes, not at each of a thousand requests. */
  function say(worksNow: boolean, error?: unknown): void {
    if (worksNow) answeredAt = performance.now()
    else restUntil = performance.now() + REST_MS
    if (works === worksNow) return
    works = worksNow
    if (works) logger.info('Redis counts again for the rate limits of all replicas')
    else logger.warn({ reason: reasonOf(error) }, 'Redis does not answer: each replica counts for its own rate limits')
  }

  /** One that takes everything and answers nothing may be a machine that is gone without a word. */
  function missed(error: unknown): null {
    const isDead = error instanceof NoAnswer && performance.now() - answeredAt > DEAD_MS
    say(false, error)
    if (!isDead) return null
    close()
    answeredAt = performance.now()
    connection = connect()
    return null
  }

  return {
    async spend(policy, key) {
      const { client } = connection
      if (!client.isReady || performance.now() < restUntil) return null
      try {
        const [allowed, used, waitMs] = await within(PATIENCE_MS, run(client, policy, key))
        say(true)
        return spentOf(policy, { allowed: allowed === 1, used, waitMs })
      } catch (error) {
        return missed(error)
      }
    },
    close,
  }
}

type Told = [allowed: number, used: number, waitMs: number]

async function run(client: Pick<RedisClient, 'evalSha' | 'eval'>, policy: Policy, key: string): Promise<Told> {
  const options = {
    keys: [`deskwire:rate:${policy.name}:${key}`],
    arguments: [String(sliceMs(policy)), String(SLICES), String(policy.max)],
  }
  try {
    return (await client.evalSha(SHA, options)) as unknown as Told
  } catch (error) {
    if (!/^NOSCRIPT/.test((error as Error).message)) throw error
    return (await client.eval(SCRIPT, options)) as unknown as Told
  }
}

class NoAnswer extends Error {}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new NoAnswer(`there was no answer within ${ms} ms`)), ms)
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** In words without an address's credentials: the messages of sockets and servers hold none. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}

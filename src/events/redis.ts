// Wake-ups over Redis instead of LISTEN and NOTIFY, when REDIS_URL is set: PostgreSQL is left to its own work.

import type { Logger } from 'pino'
import { redisClient } from '../redis.ts'
import { CHANNEL, type Line, type LineEvents, makeWakeUps, type WakeUps } from './wakeup.ts'

/** A Redis that cannot be reached, at the start or later, stops nothing: the poll finds events until it can. */
export function redisWakeUps(url: string, logger: Logger): WakeUps {
  return makeWakeUps('Redis', (events, signal) => publishAndSubscribe(url, events, signal), logger)
}

/** Two connections, since one that subscribes may do nothing else in the protocol that every Redis speaks. */
async function publishAndSubscribe(url: string, { onMessage, onLost }: LineEvents, signal: AbortSignal): Promise<Line> {
  const clients = [connection(url, signal), connection(url, signal)] as const
  const [publisher, subscriber] = clients
  const cut = () => {
    for (const client of clients) client.destroy()
  }
  signal.addEventListener('abort', cut, { once: true })
  for (const client of clients) client.on('error', onLost)
  try {
    await Promise.all(clients.map((client) => client.connect()))
    await subscriber.subscribe(CHANNEL, onMessage)
    signal.throwIfAborted()
  } catch (error) {
    cut()
    throw error
  }
  return { send: (message) => publisher.publish(CHANNEL, message), close: async () => cut() }
}

/** Connects once: it is ours to try again, in the same way as with PostgreSQL. */
const connection = (url: string, signal: AbortSignal) => redisClient(url, { signal, reconnectStrategy: false })

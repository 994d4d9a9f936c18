// A client of Redis as this service uses one: in the protocol that every Redis speaks, and failing at once while it is
// not connected. Called by what is shared over Redis.

import { createClient } from '@redis/client'

export interface RedisClientOptions {
  /** Ends the socket itself: destroy() forgets one that is still connecting, which then stands for good. */
  signal: AbortSignal
  /** Milliseconds to the next try, by how many there have been; false: no other one. */
  reconnectStrategy: false | ((tries: number) => number)
}

export function redisClient(url: string, socket: RedisClientOptions) {
  return createClient({ url, RESP: 2, maintNotifications: 'disabled', disableOfflineQueue: true, socket })
}

export type RedisClient = ReturnType<typeof redisClient>

// A proxy in front of PostgreSQL or Redis, to break the way to it in every manner.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, vi } from 'vitest'

export interface Way {
  url: string
  /** Breaks off the connections that stand. */
  cut(): void
  /** Breaks them off, and refuses new ones. */
  block(): void
  /** Lets nothing through any more, without a word. */
  stall(): void
  open(): void
  /** How many connections have been refused. */
  readonly refused: number
  /** Waits until no connection stands. */
  isEmpty(): Promise<void>
  close(): Promise<void>
}

/** `serverUrl` is what it leads to, and `url` the same by this way. */
export async function makeWay(serverUrl: string): Promise<Way> {
  const target = new URL(serverUrl)
  const port = Number(target.port || (target.protocol.startsWith('redis') ? 6379 : 5432))
  const sockets = new Set<Socket>()
  let state: 'open' | 'blocked' | 'stalled' = 'open'
  let refused = 0
  const server = createServer((near) => {
    if (state === 'blocked') {
      refused += 1
      return near.resetAndDestroy()
    }
    const there = connect(port, target.hostname)
    for (const socket of [near, there]) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    }
    carry(near, there)
    carry(there, near)
  })
  const carry = (from: Socket, to: Socket) => {
    from.on('data', (data) => state !== 'stalled' && to.write(data))
    from.on('end', () => to.end()).on('close', () => to.destroy())
  }
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  target.hostname = '127.0.0.1'
  target.port = String((server.address() as AddressInfo).port)
  return {
    url: target.href,
    cut,
    block() {
      state = 'blocked'
      cut()
    },
    stall() {
      state = 'stalled'
    },
    open() {
      state = 'open'
    },
    get refused() {
      return refused
    },
    isEmpty: () => vi.waitFor(() => expect(sockets.size).toBe(0), { timeout: 5000, interval: 5 }),
    async close() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}

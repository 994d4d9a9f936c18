// The network between a client and the service, for tests that break it.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Wire {
  /** `ws://…/graphql`, which does not change. */
  url: string
  port: number
  /** From now on, new connections lead there; null: nowhere. */
  leadTo(url: string | null): void
  /** Cuts every connection, as a router that is switched off would. Returns how many there were. */
  drop(): number
  /** From now on nothing passes in either direction on the connections there are, and none is told. */
  freeze(): void
  close(): Promise<void>
}

export async function makeWire(target: string): Promise<Wire> {
  const sockets = new Map<Socket, Socket>()
  let to: string | null = target

  const server = createServer((near) => {
    if (to === null) return near.resetAndDestroy()
    const { port, hostname } = new URL(to)
    const far = connect(Number(port), hostname)
    sockets.set(near, far)
    near.on('close', () => {
      sockets.delete(near)
      far.destroy()
    })
    far.on('close', () => near.destroy())
    // Expected here: an error is a connection that broke.
    for (const socket of [near, far]) socket.setNoDelay(true).on('error', () => {})
    near.pipe(far).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  function drop(): number {
    const count = sockets.size
    for (const [near, far] of sockets) {
      near.resetAndDestroy()
      far.resetAndDestroy()
    }
    return count
  }

  const { port } = server.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${port}/graphql`,
    port,
    leadTo(url) {
      to = url
    },
    drop,
    freeze() {
      for (const [near, far] of sockets) {
        near.unpipe()
        far.unpipe()
      }
    },
    async close() {
      drop()
      server.close()
      await once(server, 'close')
    },
  }
}

// A way to PostgreSQL that can be blocked and cut, as networks are.

import { connect, createServer, type Socket } from 'node:net'

export interface Way {
  url: string
  /** Refuses new connections and breaks off those that stand. */
  block(): void
  /** Breaks off those that stand. */
  cut(): void
  open(): void
  close(): Promise<void>
}

/** A proxy in front of PostgreSQL. */
export async function makeWay(serverUrl: string): Promise<Way> {
  const target = new URL(serverUrl)
  const sockets = new Set<Socket>()
  let blocked = false
  const server = createServer((near) => {
    if (blocked) return near.resetAndDestroy()
    const there = connect(Number(target.port || 5432), target.hostname)
    for (const socket of [near, there]) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    }
    near.pipe(there).pipe(near)
    near.on('close', () => there.destroy())
    there.on('close', () => near.destroy())
  })
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(serverUrl)
  url.host = `127.0.0.1:${(server.address() as { port: number }).port}`
  return {
    url: url.href,
    cut,
    block: () => {
      blocked = true
      cut()
    },
    open: () => {
      blocked = false
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

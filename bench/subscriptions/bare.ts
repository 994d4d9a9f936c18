// The limit: a server of nothing but ws that sends the same bytes to every socket. run.ts starts it.

import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { now, serve } from './channel.ts'
import { makeGauge } from './gauge.ts'

const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 })
const listening = new Promise((resolve) => sockets.once('listening', resolve))
const gauge = makeGauge()

const api = {
  async open(): Promise<string> {
    await listening
    return `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`
  },
  /** Returns the moment before the first byte. */
  broadcast(text: string): number {
    const at = now()
    const bytes = Buffer.from(text)
    for (const socket of sockets.clients) socket.send(bytes, { binary: false })
    return at
  },
  ...gauge,
}

export type BareApi = typeof api

serve(api, async () => {
  for (const socket of sockets.clients) socket.terminate()
  sockets.close()
})

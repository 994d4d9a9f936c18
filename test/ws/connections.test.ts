// How many connections somebody may hold, over all doors together.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { bearer, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { type Client, dial, join } from './sockets.ts'

let app: TestApp
const clients: Client[] = []
beforeAll(async () => {
  app = await testApp({ env: { RATE_LIMITS: 'on' } })
})
afterAll(async () => {
  for (const { socket } of clients) socket.terminate()
  await app.close()
})

const MOST = 2000

/** A stream of REST, and a subscription by server-sent events. */
const STREAMS = [
  `${TICKETS}/events`,
  `/graphql?query=${encodeURIComponent('subscription { ticketEvents { cursor } }')}`,
]

function open(path: string, token = app.acme.token): Promise<Response> {
  const headers = { ...bearer(token), accept: 'text/event-stream' }
  return fetch(app.url + path, { headers, signal: AbortSignal.timeout(10_000) })
}

it('beyond 2,000 sockets and streams of one token another is refused in a sentence; a place that is left is free', async () => {
  const streams = await Promise.all(STREAMS.map((path) => open(path)))
  expect(streams.map(({ status }) => status)).toEqual([200, 200])
  for (let left = MOST - streams.length; left > 0; left -= 50) {
    clients.push(...(await Promise.all(Array.from({ length: Math.min(left, 50) }, () => join(app, app.acme.token)))))
  }

  const socket = await dial(app)
  socket.send({ type: 'connection_init', payload: bearer(app.acme.token) })
  expect(await socket.closed).toEqual({ code: 4429, reason: 'At most 2000 connections at once.' })
  for (const path of STREAMS) {
    const refused = await open(path)
    expect(refused.status).toBe(429)
    expect(await refused.text()).toContain('At most 2000 connections at once.')
    expect((await open(path, app.globex.token)).status).toBe(200)
  }

  clients[0]?.socket.terminate()
  await clients[0]?.closed
  await expect.poll(async () => (await open(STREAMS[0] as string)).status).toBe(200)
}, 30_000)

// The end of the server: every client is told where it stands, and none of them can hold it up.

import { once } from 'node:events'
import { request } from 'node:http'
import { describe, expect, it, type TestContext } from 'vitest'
import { bearer, type TestApp, TICKETS, testApp } from '../support/app.ts'
import {
  type Client,
  comment,
  dial,
  FOLLOW,
  fileTicket,
  follow,
  frame,
  join,
  type Raw,
  raw,
  subscribe,
  type Ticket,
  upgrade,
} from './sockets.ts'

/** Five seconds for what is under way, and some for the test's database to go. */
const DRAIN_MS = 8000
/** A server that has not stopped by then never will. */
const NEVER_MS = 10_000

interface World {
  app: TestApp
  ticket: Ticket
  /** A connection that stays open until the test is over, whatever the server does. */
  hold(bytes?: string): Promise<Raw>
  /** Milliseconds until the server has stopped, database and all. */
  timeToStop(): Promise<number>
}

async function world({ onTestFinished }: TestContext): Promise<World> {
  const app = await testApp()
  const held: Raw[] = []
  let stopped: Promise<void> | null = null
  const stop = () => {
    stopped ??= app.close()
    return stopped
  }
  onTestFinished(async () => {
    // What a failed test holds must not hold up the end of its server.
    for (const socket of held) socket.destroy()
    await stop()
  })
  return {
    app,
    ticket: await fileTicket(app),
    async hold(bytes = '') {
      const socket = await raw(app, bytes)
      held.push(socket)
      return socket
    },
    async timeToStop() {
      const start = performance.now()
      const late = new Promise<number>((resolve) => setTimeout(resolve, NEVER_MS, Number.POSITIVE_INFINITY).unref())
      return Promise.race([stop().then(() => performance.now() - start), late])
    },
  }
}

const events = ({ app }: World, path = `${TICKETS}/events`) =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${app.acme.token}\r\nAccept: text/event-stream\r\n\r\n`

describe.concurrent('a server that stops', () => {
  it('closes sockets with 1012 and ends streams, hundreds of them, at once', async (test) => {
    const { app, ticket, timeToStop } = await world(test)
    const clients = await Promise.all(Array.from({ length: 150 }, () => join(app, app.acme.token)))
    for (const client of clients) client.send(subscribe('1', FOLLOW, { after: ticket.asOf }))
    const graphql = `/graphql?query=${encodeURIComponent('subscription { ticketEvents { cursor } }')}`
    const streams = await Promise.all(
      Array.from({ length: 150 }, async (_, i) => {
        const asking = request(app.url + (i % 2 ? graphql : `${TICKETS}/events`), {
          headers: { ...bearer(app.acme.token), accept: 'text/event-stream' },
        }).end()
        const [response] = await once(asking, 'response')
        const closed = new Promise((resolve) => response.once('close', resolve))
        response.on('error', () => {}).resume()
        return { closed }
      }),
    )
    await comment(app, ticket.id)
    await Promise.all(clients.map((client) => client.about('1', 'next')))
    const ms = await timeToStop()
    const codes = await Promise.all(clients.map((client) => client.closed.then(({ code }) => code)))
    expect(new Set(codes)).toEqual(new Set([1012]))
    await Promise.all(streams.map(({ closed }) => closed))
    expect(ms).toBeLessThan(4000)
  })

  it('waits for no client that does not answer the close', async (test) => {
    const { app, timeToStop } = await world(test)
    const paused: Client[] = []
    test.onTestFinished(() =>
      paused.forEach(({ socket }) => {
        socket.terminate()
      }),
    )
    for (let i = 0; i < 20; i++) {
      const client = await join(app, app.acme.token)
      await client.settled()
      client.socket.pause()
      paused.push(client)
    }
    expect(await timeToStop()).toBeLessThan(DRAIN_MS)
  })

  it('waits for no stream that is not read', async (test) => {
    const w = await world(test)
    const { app, ticket, hold, timeToStop } = w
    const big = 'x'.repeat(9000)
    for (let i = 0; i < 10; i++) (await hold(events(w, `${TICKETS}/events?after=${ticket.asOf}`))).pause()
    for (let i = 0; i < 30; i++) await comment(app, ticket.id, big)
    expect(await timeToStop()).toBeLessThan(DRAIN_MS)
  })

  it('waits for no upgrade that it has refused', async (test) => {
    const { hold, timeToStop } = await world(test)
    const socket = await hold(upgrade('/nothing'))
    await once(socket, 'end')
    expect(await timeToStop()).toBeLessThan(DRAIN_MS)
  })

  it('waits for no connection that has said nothing yet', async (test) => {
    const { hold, timeToStop } = await world(test)
    await hold()
    await hold('GET /graphql HTTP/1.1\r\n')
    expect(await timeToStop()).toBeLessThan(DRAIN_MS)
  })

  it('takes no socket any more on a connection that is open already', async (test) => {
    const { app, hold, timeToStop } = await world(test)
    const socket = await hold()
    const busy = await dial(app)
    const done = timeToStop()
    // The server has begun to stop: it tells others so.
    await busy.closed
    socket.write(upgrade())
    expect(await done).toBeLessThan(DRAIN_MS)
  })

  it('takes no stream any more on a connection that is open already', async (test) => {
    const w = await world(test)
    const { app, hold, timeToStop } = w
    const socket = await hold()
    const busy = await dial(app)
    const done = timeToStop()
    await busy.closed
    socket.write(events(w))
    expect(await done).toBeLessThan(DRAIN_MS)
  })

  it('waits for no socket that talks on after the close', async (test) => {
    const { app, hold, timeToStop } = await world(test)
    const socket = await hold(upgrade())
    await once(socket, 'data')
    const init = { type: 'connection_init', payload: bearer(app.acme.token) }
    socket.write(frame(1, JSON.stringify(init)))
    await once(socket, 'data')
    const talk = setInterval(() => socket.write(frame(1, JSON.stringify(subscribe('1')))), 10)
    expect(await timeToStop().finally(() => clearInterval(talk))).toBeLessThan(DRAIN_MS)
  })

  it('has nobody resume at a gap: what was not sent is sent after the restart', async (test) => {
    const { app, ticket, timeToStop } = await world(test)
    const client = await join(app, app.acme.token)
    await follow(app, client, '1', ticket)
    const others = Array.from({ length: 5 }, () => comment(app, ticket.id))
    await Promise.all(others)
    const ms = await timeToStop()
    expect(ms).toBeLessThan(DRAIN_MS)
    expect((await client.closed).code).toBe(1012)
    // In order, without a hole, as far as they came; never an end of the subscription, which a client would not resume.
    expect(client.messages.filter(({ id, type }) => id === '1' && type !== 'next')).toEqual([])
  })
})

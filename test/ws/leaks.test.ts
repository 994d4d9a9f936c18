// Clients that come and go, at every moment that hurts: what they held is given back, so that nothing is asked of the
// database any more and nobody's number of connections stays used up.

import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bearer, type TestApp, TICKETS, testApp } from '../support/app.ts'
import {
  asOf,
  comment,
  dial,
  FOLLOW,
  fileTicket,
  follow,
  holdTime,
  join,
  nothingLeft,
  releaseTime,
  revoke,
  statementsOfTwoSeconds,
  subscribe,
  type Ticket,
} from './sockets.ts'

let app: TestApp
let ticket: Ticket
beforeAll(async () => {
  holdTime()
  app = await testApp({ env: { RATE_LIMITS: 'on' } })
  ticket = await fileTicket(app)
})
afterAll(async () => {
  releaseTime()
  await app.close()
})
/** Every test's own: what a failed one leaves behind ends with it, and fails no other. */
let token: string
beforeEach(async () => {
  token = await app.token(app.acme.organisationId, ['tickets_read'])
  return async () => {
    await revoke(app, token)
    await nothingLeft(app)
  }
})

const repeat = <T>(times: number, work: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: times }, (_, i) => work(i)))

describe('open streams', () => {
  it('cost one poll a second and one check of rights every two, however many they are', async () => {
    const open = await repeat(20, () => join(app, token))
    await follow(app, open[0] as (typeof open)[0], '1', ticket)
    for (const one of open) for (let i = 0; i < 5; i++) one.send(subscribe(`${i} more`))
    for (const one of open) await one.settled()
    await expect.poll(() => statementsOfTwoSeconds(app).then((list) => list.length)).toBe(3)
    for (const one of open) one.socket.close()
    await nothingLeft(app)
  })
})

describe('a websocket client leaves nothing behind', () => {
  it('that completes and closes', async () => {
    const client = await join(app, token)
    await follow(app, client, '1', ticket)
    client.send({ type: 'complete', id: '1' })
    client.socket.close()
    await nothingLeft(app)
  })

  it('that vanishes while it follows', async () => {
    await repeat(50, async () => {
      const client = await join(app, token)
      client.send(subscribe('1', FOLLOW, { after: ticket.asOf }))
      await client.settled()
      client.socket.terminate()
    })
    await nothingLeft(app)
  })

  it('that vanishes as soon as it has subscribed', async () => {
    await repeat(50, async () => {
      const client = await join(app, token)
      for (let i = 0; i < 5; i++) client.send(subscribe(`${i}`, FOLLOW, { after: ticket.asOf }))
      client.socket.close()
      await client.closed
    })
    await nothingLeft(app)
  })

  it('that vanishes while it is looked up who it is', async () => {
    await lookedUpSlowly(() => repeat(50, () => sayWhoAndVanish()))
    // Who asks behind them is looked up behind them.
    const last = await join(app, token)
    last.socket.close()
    await nothingLeft(app)
  })

  it('that vanishes while its first answer is made', async () => {
    await repeat(20, async () => {
      const client = await join(app, token)
      client.send(subscribe('q', '{ tickets(first: 20) { nodes { id comments(first: 20) { nodes { body } } } } }'))
      client.socket.terminate()
      await client.closed
    })
    await nothingLeft(app)
  })

  it('that uses an id again before its first use had begun', async () => {
    const client = await join(app, token)
    for (let i = 0; i < 10; i++) {
      client.send(subscribe('1'))
      client.send({ type: 'complete', id: '1' })
    }
    client.send(subscribe('1', FOLLOW, { after: await asOf(app, ticket) }))
    await comment(app, ticket.id)
    await client.about('1', 'next')
    client.socket.close()
    await nothingLeft(app)
  })

  it('whose token is revoked', async () => {
    const client = await join(app, token)
    await follow(app, client, '1', ticket)
    await revoke(app, token)
    await statementsOfTwoSeconds(app)
    expect(await client.closed).toEqual({ code: 4401, reason: expect.stringMatching(/\S/) })
    await nothingLeft(app)
  })

  it('and its place among the 2,000 connections of one viewer is free again', async () => {
    await lookedUpSlowly(async () => {
      for (let round = 0; round < 20; round++) await repeat(100, () => sayWhoAndVanish())
    })
    const client = await join(app, token)
    await client.settled()
    client.socket.close()
  }, 20_000)
})

async function sayWhoAndVanish(): Promise<void> {
  const client = await dial(app)
  await new Promise((sent) =>
    client.socket.send(JSON.stringify({ type: 'connection_init', payload: bearer(token) }), sent),
  )
  // Behind the answer to a ping: what came before it has been received.
  await client.settled()
  client.socket.terminate()
  await client.closed
}

/** Holds every look-up of a token until the work is done and the server has seen who is gone. */
async function lookedUpSlowly(work: () => Promise<unknown>): Promise<void> {
  await app.database.write(async (tx) => {
    await tx.$executeRaw`LOCK TABLE api_tokens IN ACCESS EXCLUSIVE MODE`
    await work()
    const last = await dial(app)
    await last.settled()
    last.socket.close()
    await last.closed
  })
}

interface Door {
  method?: string
  path: string
  headers?: Record<string, string>
  body?: object
}

const sse = { accept: 'text/event-stream' }
const query = encodeURIComponent('subscription { ticketEvents { cursor } }')
const doors: [string, Door][] = [
  ['REST, an organisation', { path: `${TICKETS}/events` }],
  ['REST, a ticket', { path: `${TICKETS}/ID/events` }],
  ['REST, HEAD', { method: 'HEAD', path: `${TICKETS}/events` }],
  ['REST, from a cursor', { path: `${TICKETS}/events?after=CURSOR` }],
  ['GraphQL, GET', { path: `/graphql?query=${query}`, headers: sse }],
  ['GraphQL, HEAD', { method: 'HEAD', path: `/graphql?query=${query}`, headers: sse }],
  [
    'GraphQL, POST',
    {
      method: 'POST',
      path: '/graphql',
      headers: { ...sse, 'content-type': 'application/json' },
      body: { query: 'subscription { ticketEvents { cursor } }' },
    },
  ],
  [
    'GraphQL, as multipart',
    {
      method: 'POST',
      path: '/graphql',
      headers: { accept: 'multipart/mixed', 'content-type': 'application/json' },
      body: { query: 'subscription { ticketEvents { cursor } }' },
    },
  ],
]

/** Opens a stream and waits for its headers. */
async function open({ method = 'GET', path, headers = {}, body }: Door) {
  const address = app.url + path.replace('ID', ticket.id).replace('CURSOR', ticket.asOf)
  const all = { ...bearer(token), connection: 'close', ...headers }
  const asking = request(address, { method, headers: all, agent: false })
  asking.on('error', () => {})
  asking.end(body ? JSON.stringify(body) : undefined)
  return asking
}

describe('a client of server-sent events leaves nothing behind', () => {
  it.each(doors)('that goes after the headers: %s', async (_, door) => {
    await repeat(5, async () => {
      const asking = await open(door)
      await once(asking, 'response')
      asking.destroy()
    })
    await nothingLeft(app)
  })

  it.each(doors)('that goes before the headers: %s', async (_, door) => {
    await repeat(20, async (i) => {
      const asking = await open(door)
      const gone = new Promise((resolve) => asking.once('close', resolve))
      await once(asking, 'finish')
      // Some as soon as it is sent, some later.
      for (let turn = 0; turn < i; turn++) await new Promise((resolve) => setImmediate(resolve))
      asking.destroy()
      await gone
    })
    await nothingLeft(app)
  })
})

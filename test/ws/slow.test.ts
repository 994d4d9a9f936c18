// Clients that ask and do not read, or vanish without a word: they cost us little, and nobody else anything.

import type { Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { fillComments } from '../graphql/fixtures.ts'
import { type TestApp, TICKETS, testApp } from '../support/app.ts'
import {
  asOf,
  type Client,
  comment,
  fileTicket,
  follow,
  frame,
  holdTime,
  join,
  nothingLeft,
  passTime,
  raw,
  releaseTime,
  subscribe,
  type Ticket,
  upgrade,
} from './sockets.ts'

const MIB = 1024 * 1024

let app: TestApp
let ticket: Ticket
beforeAll(async () => {
  holdTime()
  app = await testApp()
  ticket = await fileTicket(app)
  await fillComments(app.database, app.acme.organisationId, { perTicket: 2000 })
})
afterAll(async () => {
  await nothingLeft(app)
  releaseTime()
  await app.close()
})

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What the process holds, sockets' buffers included, in MiB. */
function held(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / MIB
}

/** Each event about 13 KB: the ticket's description many times over. */
const FAT = `subscription ($after: String) { ticketEvents(after: $after) { cursor
  ticket { ${Array.from({ length: 40 }, (_, i) => `d${i}: description`).join(' ')} } } }`

const tcpOf = ({ socket }: Client) => (socket as unknown as { _socket: Socket })._socket

describe('a client that does not read', () => {
  it('is cut with 1013, holds little, slows nobody, and resumes where it was', async () => {
    const slow = await join(app, app.acme.token)
    const quick = await join(app, app.acme.token)
    await slow.settled()
    const before = held()
    slow.socket.pause()
    const start = performance.now()
    slow.send(subscribe('1', FAT, { after: ticket.asOf }))
    quick.send(
      subscribe('1', 'subscription ($after: String) { ticketEvents(after: $after) { cursor } }', {
        after: ticket.asOf,
      }),
    )
    await quick.first(() => quick.messages.length > 2000)
    expect(performance.now() - start).toBeLessThan(8000)
    // Who reads as much as the slow one is sent has 16 MB by now, more than all buffers between us hold.
    const pace = await join(app, app.acme.token)
    pace.send(subscribe('1', FAT, { after: ticket.asOf }))
    await pace.first(() => pace.messages.length > 1200)
    pace.socket.terminate()
    expect(held() - before).toBeLessThan(40)
    for (let beats = 0; beats < 2; beats++) {
      const pinged = new Promise((resolve) => quick.socket.once('ping', resolve))
      passTime(15_000)
      await pinged
      await quick.settled()
    }
    slow.socket.resume()
    expect(await slow.closed).toEqual({ code: 1013, reason: expect.stringMatching(/resume/) })
    const got = slow.messages
      .filter(({ type }) => type === 'next')
      .map(({ payload }) => payload.data.ticketEvents.cursor)
    const cursors = quick.messages.filter(({ type }) => type === 'next').map((m) => m.payload.data.ticketEvents.cursor)
    expect(got).toEqual(cursors.slice(0, got.length))
    const again = await join(app, app.acme.token)
    again.send(subscribe('1', FAT, { after: got.at(-1) }))
    const { payload } = await again.about('1', 'next')
    expect(payload.data.ticketEvents.cursor).toBe(cursors[got.length])
    for (const { socket } of [quick, again]) socket.terminate()
  }, 25_000)

  it('and asks for answer after answer is cut with 1013', async () => {
    const slow = await join(app, app.acme.token)
    const before = held()
    slow.socket.pause()
    const question =
      '{ tickets(first: 5) { nodes { description comments(first: 100) { nodes { id body createdAt } } } } }'
    for (let i = 0; i < 90; i++) slow.send(subscribe(`${i}`, question))
    await vi.waitFor(() => expect(tcpOf(slow).destroyed || held() - before < 20).toBe(true))
    for (let i = 0; i < 3000; i++) slow.send({ type: 'ping', payload: { a: 'x'.repeat(5000) } })
    await vi.waitFor(() => expect(tcpOf(slow).writableLength).toBe(0))
    // What the kernel took of the pings is ours no more; what is ours is bounded.
    expect(held() - before).toBeLessThan(40)
    slow.socket.resume()
    expect((await slow.closed).code).toBe(1013)
  })

  it.each([
    ['before it says who it is', false],
    ['when it is in', true],
  ])('and sends the pings of the websocket protocol holds little: %s', async (_, known) => {
    const socket = await raw(app, upgrade())
    await vi.waitFor(() => expect(socket.text()).toContain('101'))
    if (known) {
      socket.write(
        frame(1, JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${app.acme.token}` } })),
      )
      await vi.waitFor(() => expect(socket.text()).toContain('connection_ack'))
    }
    const before = held()
    socket.pause()
    const pings = Buffer.concat(Array.from({ length: 1000 }, () => frame(9, 'x'.repeat(125))))
    let most = 0
    for (let i = 0; i < 200 && !socket.destroyed; i++) {
      await new Promise((resolve) => socket.write(pings, resolve))
      most = Math.max(most, process.memoryUsage().heapUsed / MIB)
    }
    // 25 MiB of pings want as many of pongs.
    expect(held() - before).toBeLessThan(12)
    socket.destroy()
  })

  it.each(['rest', 'graphql'])('of server-sent events holds nothing that it does not read: %s', async (door) => {
    const query = encodeURIComponent(FAT)
    const variables = encodeURIComponent(JSON.stringify({ after: ticket.asOf }))
    const path =
      door === 'rest' ? `${TICKETS}/events?after=${ticket.asOf}` : `/graphql?query=${query}&variables=${variables}`
    const lines = ['Host: a', `Authorization: Bearer ${app.acme.token}`, 'Accept: text/event-stream']
    const bytes = `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
    const before = held()
    const streams = await Promise.all(Array.from({ length: 20 }, () => raw(app, bytes)))
    for (const stream of streams) stream.pause()
    const quick = await join(app, app.acme.token)
    quick.send(
      subscribe('1', 'subscription ($after: String) { ticketEvents(after: $after) { cursor } }', {
        after: ticket.asOf,
      }),
    )
    await quick.first(() => quick.messages.length > 2000)
    // Half a stretch of rows each is what a replay holds at most.
    expect((held() - before) / streams.length).toBeLessThan(2)
    passTime(60_000)
    for (const stream of streams) stream.destroy()
    quick.socket.terminate()
    await nothingLeft(app)
  })
})

describe('a client that vanishes without a word', () => {
  it('is let go after two silent heartbeats, one that answers is not', async () => {
    const dead = await join(app, app.acme.token)
    const alive = await join(app, app.acme.token)
    await follow(app, dead, '1', ticket)
    await follow(app, alive, '1', ticket)
    dead.socket.pause()
    for (let i = 0; i < 3; i++) {
      const pinged = new Promise((resolve) => alive.socket.once('ping', resolve))
      passTime(15_000)
      await pinged
      await alive.settled()
    }
    await comment(app, ticket.id)
    expect(alive.socket.readyState).toBe(alive.socket.OPEN)
    alive.socket.terminate()
    await nothingLeft(app)
    dead.socket.resume()
    expect((await dead.closed).code).toBe(1006)
  })
})

describe('a ping', () => {
  it('of either protocol is answered, before and after who it is from is known', async () => {
    const client = await join(app, app.acme.token)
    const pong = new Promise((resolve) => client.socket.once('pong', (data) => resolve(String(data))))
    client.socket.ping('here')
    expect(await pong).toBe('here')
    await client.settled()
    // Unasked for, and welcome all the same.
    client.send({ type: 'pong' })
    client.socket.pong()
    await client.settled()
    client.socket.terminate()
  })

  it('keeps a socket that is asked for nothing open', async () => {
    const client = await join(app, app.acme.token)
    for (let i = 0; i < 5; i++) {
      const pinged = new Promise((resolve) => client.socket.once('ping', resolve))
      passTime(15_000)
      await pinged
      await client.settled()
    }
    await follow(app, client, '1', { ...ticket, asOf: await asOf(app, ticket) })
    client.socket.terminate()
  })
})

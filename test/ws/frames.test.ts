// Bytes that are no message, and frames that are none: the socket they come on is closed, and nobody else notices.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { type Client, comment, fileTicket, follow, frame, join, subscribe, type Ticket } from './sockets.ts'

let app: TestApp
let ticket: Ticket
let bystander: Client
beforeAll(async () => {
  app = await testApp()
  ticket = await fileTicket(app)
  bystander = await join(app, app.acme.token)
  await follow(app, bystander, 'b', ticket)
})
afterAll(async () => {
  // Whatever happened above, who had no part in it still hears.
  const before = bystander.messages.length
  await comment(app, ticket.id)
  await bystander.first(() => bystander.messages.length > before)
  await app.close()
})

let client: Client
beforeEach(async () => {
  client = await join(app, app.acme.token)
  return () => client.socket.terminate()
})

describe('what is no message', () => {
  const broken: [string, string | Buffer][] = [
    ['no JSON', 'hello'],
    ['nothing', ''],
    ['broken JSON', '{"type":"ping"'],
    ['an array', '[]'],
    ['null', 'null'],
    ['no type', '{}'],
    ['an unknown type', '{"type":"shutdown"}'],
    ['the type of another object', '{"type":"__proto__"}'],
    ['the old protocol', '{"type":"start","id":"1","payload":{"query":"{ __typename }"}}'],
    ['a subscribe without id', '{"type":"subscribe","payload":{"query":"{ __typename }"}}'],
    ['a subscribe with a number as id', '{"type":"subscribe","id":1,"payload":{"query":"{ __typename }"}}'],
    ['a subscribe with an empty id', '{"type":"subscribe","id":"","payload":{"query":"{ __typename }"}}'],
    ['a subscribe without query', '{"type":"subscribe","id":"1","payload":{}}'],
    [
      'a subscribe with variables that are none',
      '{"type":"subscribe","id":"1","payload":{"query":"{ a }","variables":"x"}}',
    ],
    ['a ping whose payload is none', '{"type":"ping","payload":"x"}'],
    ['a complete without id', '{"type":"complete"}'],
    ['binary rubbish', Buffer.from([0, 255, 254, 1])],
    ["a server's message, connection_ack", '{"type":"connection_ack"}'],
    ["a server's message, next", '{"type":"next","id":"1","payload":{"data":{}}}'],
    ["a server's message, error", '{"type":"error","id":"1","payload":[{"message":"x"}]}'],
  ]
  it.each(broken)('closes the socket with 4400: %s', async (_, bytes) => {
    client.send(bytes)
    expect((await client.closed).code).toBe(4400)
  })

  it('but JSON nested a hundred thousand deep closes it too, and nothing else', async () => {
    client.send(`{"type":"ping","payload":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)
    expect((await client.closed).code).toBe(4400)
  })

  it('and a name of Object.prototype is an id like any other', async () => {
    for (const id of ['__proto__', 'constructor', 'toString', '☃', 'x'.repeat(10_000)]) {
      client.send(subscribe(id, '{ __typename }'))
      expect((await client.about(id, 'next')).payload).toMatchObject({ data: { __typename: 'Query' } })
    }
  })
})

describe('a frame', () => {
  const bytes = (...frames: Buffer[]) => {
    const { _socket } = client.socket as unknown as { _socket: { write(bytes: Buffer): void } }
    for (const one of frames) _socket.write(one)
  }
  const ping = JSON.stringify({ type: 'ping', payload: { whole: true } })

  it('of more than 1 MiB closes the socket with 1009', async () => {
    client.send(`{"type":"ping","payload":{"a":"${'a'.repeat(1024 * 1024)}"}}`)
    expect((await client.closed).code).toBe(1009)
  })

  it('of 1 MiB is read', async () => {
    const text = JSON.stringify({ type: 'ping', payload: { a: '' } })
    client.send(text.replace('""', `"${'a'.repeat(1024 * 1024 - text.length)}"`))
    await client.first(({ type, payload }) => type === 'pong' && payload?.a.length > 1_000_000)
  })

  it('in fragments that make more than 1 MiB closes the socket with 1009', async () => {
    bytes(frame(1, 'a'.repeat(700_000), false), frame(0, 'a'.repeat(700_000), true))
    expect((await client.closed).code).toBe(1009)
  })

  it('in many fragments, with a ping between them, is one message', async () => {
    const parts = [...ping].map((letter, i) => frame(i === 0 ? 1 : 0, letter, i === ping.length - 1))
    bytes(...parts.slice(0, 5), frame(9, 'in between'), ...parts.slice(5))
    await client.first(({ type, payload }) => type === 'pong' && payload?.whole)
  })

  it.each([
    ['announces 2^62 bytes', Buffer.from([0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0]), 1009],
    ['is not masked', Buffer.from([0x81, 0x02, 0x7b, 0x7d]), 1002],
    ['has a reserved bit', Buffer.from([0xf1, 0x80, 0, 0, 0, 0]), 1002],
    ['has an unknown kind', Buffer.from([0x83, 0x80, 0, 0, 0, 0]), 1002],
    ['continues nothing', frame(0, 'x'), 1002],
    ['is a ping in fragments', frame(9, 'x', false), 1002],
    ['is no UTF-8', frame(1, Buffer.from([0xff, 0xfe])), 1007],
    ['closes with a code that nobody may use', frame(8, Buffer.from([3, 237])), 1002],
  ] as [string, Buffer, number][])('that %s closes the socket', async (_, one, code) => {
    bytes(one)
    expect((await client.closed).code).toBe(code)
  })
})

describe('control frames', () => {
  it('are answered, but not for ever to who reads nothing: it is cut', async () => {
    client.socket.pause()
    const payload = Buffer.alloc(125)
    const flood = () => {
      for (let i = 0; i < 1000 && client.socket.readyState === client.socket.OPEN; i++) client.socket.ping(payload)
    }
    const floods = setInterval(flood, 5)
    await expect.poll(() => client.socket.readyState, { timeout: 20_000 }).toBe(client.socket.CLOSED)
    clearInterval(floods)
  })

  it('offer no compression, so that no small message can be a large one', async () => {
    const { socket } = await join(app, app.acme.token, {}, { options: { perMessageDeflate: true } })
    expect(socket.extensions).toBe('')
    socket.terminate()
  })
})

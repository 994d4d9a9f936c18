// Websocket clients that do as they are told, not as the protocol says; and what the tests of open streams wait for.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { vi } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { hashToken } from '../../src/auth/tokens.ts'
import { Prisma } from '../../src/generated/prisma/client.ts'
import { ask, bearer, type TestApp } from '../support/app.ts'

export interface Message {
  type: string
  id?: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into payloads of every shape
  payload?: any
}

export interface Closing {
  code: number
  reason: string
}

export interface Client {
  socket: WebSocket
  /** Everything that has come, in order. */
  messages: Message[]
  /** Sends a message, or bytes as they are. */
  send(message: object | string | Buffer): void
  /** The first message, past or to come, that fits; rejects when the socket closes before. */
  first(fits: (message: Message) => boolean): Promise<Message>
  /** The first message about a subscription. */
  about(id: string, type?: string): Promise<Message>
  /** Answers once everything sent so far has been received there, and what it caused at once has come here. */
  settled(): Promise<void>
  closed: Promise<Closing>
}

export interface Dial {
  path?: string
  protocols?: string[]
  headers?: Record<string, string>
  options?: ClientOptions
}

const PROTOCOL = 'graphql-transport-ws'

/** Opens a socket and says nothing. */
export async function dial({ url }: { url: string }, { path = '/graphql', protocols, headers, options }: Dial = {}) {
  const address = url.replace('http', 'ws') + path
  const socket = new WebSocket(address, protocols ?? [PROTOCOL], { headers, ...options })
  const client = clientOf(socket)
  await once(socket, 'open')
  return client
}

function clientOf(socket: WebSocket): Client {
  const messages: Message[] = []
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const look of [...waiting]) look()
  }
  let closing: Closing | null = null
  const closed = new Promise<Closing>((resolve) => {
    socket.on('close', (code, reason) => {
      closing = { code, reason: String(reason) }
      resolve(closing)
      wake()
    })
  })
  socket.on('error', () => {})
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)))
    wake()
  })
  const first = (fits: (message: Message) => boolean) =>
    new Promise<Message>((resolve, reject) => {
      const look = () => {
        const found = messages.find(fits)
        if (!found && !closing) return
        waiting.delete(look)
        if (found) resolve(found)
        else reject(new Error(`The socket closed: ${JSON.stringify(closing)}; ${JSON.stringify(messages)}`))
      }
      waiting.add(look)
      look()
    })
  let pings = 0
  return {
    socket,
    messages,
    send: (message) => socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : json(message)),
    first,
    about: (id, type) => first((message) => message.id === id && (type === undefined || message.type === type)),
    async settled() {
      const ping = `settled ${pings++}`
      socket.send(json({ type: 'ping', payload: { ping } }))
      await first(({ type, payload }) => type === 'pong' && payload?.ping === ping)
    },
    closed,
  }
}

const json = (message: object) => JSON.stringify(message)

/** Opens a socket and is acknowledged; `params` are the payload of its connection_init. */
export async function join(app: { url: string }, token: string, params: object = {}, dialled: Dial = {}) {
  const client = await dial(app, dialled)
  client.send({ type: 'connection_init', payload: { ...bearer(token), ...params } })
  await client.first(({ type }) => type === 'connection_ack')
  return client
}

export const FOLLOW = 'subscription ($after: String) { ticketEvents(after: $after) { type cursor } }'

export const subscribe = (id: string, query = FOLLOW, variables: object = {}) => ({
  type: 'subscribe',
  id,
  payload: { query, variables },
})

/** Subscribes from now on and waits for a first event: then the server waits for the next. */
export async function follow(app: TestApp, client: Client, id: string, ticket: Ticket): Promise<void> {
  client.send(subscribe(id, FOLLOW, { after: await asOf(app, ticket) }))
  await comment(app, ticket.id)
  await client.about(id, 'next')
}

/** The cursor behind everything that has happened to the ticket. */
export async function asOf(app: TestApp, { id }: Ticket): Promise<string> {
  const query = 'query ($id: ID!) { ticket(id: $id) { asOf } }'
  const { ticket } = await ask<{ ticket: Ticket }, object>(app, bearer(app.acme.token), query, { id })
  return ticket.asOf
}

export interface Ticket {
  id: string
  /** The cursor behind everything that made it. */
  asOf: string
}

const FILE = `mutation ($input: CreateTicketInput!) { createTicket(input: $input) {
  ... on CreateTicketPayload { ticket { id asOf } } ... on Error { message } } }`

const DRAFT = {
  subject: 'Nodes of prod go NotReady after the upgrade to 1.31.2',
  description:
    'Since 08:10 this morning three of five workers of prod are NotReady. It began with the upgrade from 1.30.6 ' +
    'to 1.31.2. The kubelet says: "failed to run Kubelet: unable to determine runtime API version". To reproduce: ' +
    'restart the kubelet on worker-3. All 40 pods of the shop are pending.',
}

export async function fileTicket(app: TestApp, token = app.acme.token): Promise<Ticket> {
  const input = { ...DRAFT, acknowledged: true }
  const answer = await ask<{ createTicket: { ticket: Ticket } }, object>(app, bearer(token), FILE, { input })
  return answer.createTicket.ticket
}

const COMMENT = `mutation ($input: AddCommentInput!) { addComment(input: $input) {
  ... on AddCommentPayload { comment { id } } ... on Error { message } } }`

/** One COMMENT_ADDED. */
export async function comment(app: TestApp, ticketId: string, body = 'A word', token = app.acme.token): Promise<void> {
  const { addComment } = await ask<{ addComment: { comment?: object } }, object>(app, bearer(token), COMMENT, {
    input: { ticketId, body },
  })
  if (!addComment.comment) throw new Error(JSON.stringify(addComment))
}

export async function revoke(app: TestApp, token: string): Promise<void> {
  await app.database.prisma.apiToken.updateMany({
    where: { hash: hashToken(token) },
    data: { revokedAt: new Date() },
  })
}

export type Raw = Socket & { text(): string }

/** Bytes on a socket, for what no client would send; never closes by itself. */
export async function raw({ url }: { url: string }, bytes = ''): Promise<Raw> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk
  })
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(bytes)
  return Object.assign(socket, { text: () => text })
}

/** A websocket's request line and headers. */
export const upgrade = (path = '/graphql', headers: Record<string, string> = {}) => {
  const all = {
    Host: '127.0.0.1',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': PROTOCOL,
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
}

/** A frame as a client masks it; `key` 0 leaves the bytes readable. */
export function frame(opcode: number, text: string | Buffer, fin = true): Buffer {
  const body = Buffer.from(text)
  const first = (fin ? 0x80 : 0) | opcode
  const mask = Buffer.alloc(4)
  if (body.length < 126) return Buffer.concat([Buffer.from([first, 0x80 | body.length]), mask, body])
  const head = Buffer.alloc(10)
  head.writeUInt8(first, 0)
  head.writeUInt8(0x80 | 127, 1)
  head.writeBigUInt64BE(BigInt(body.length), 2)
  return Buffer.concat([head, mask, body])
}

/** From here on intervals pass by passTime() alone: heartbeats, the poll, the check of rights. Before testApp(). */
export const holdTime = () => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
export const passTime = (ms: number) => vi.advanceTimersByTime(ms)
export const releaseTime = () => vi.useRealTimers()

/** What open streams cost in statements over two seconds; with held time. Nothing open: none. */
export async function statementsOfTwoSeconds(app: TestApp): Promise<string[]> {
  const { statements } = await app.statements(async () => {
    passTime(2000)
    // Takes its turn behind those that the time has caused.
    for (let i = 0; i < 5; i++) await app.database.query(Prisma.sql`SELECT 'mark'`)
  })
  return statements.filter((text) => !text.includes("'mark'"))
}

/** Waits until nothing follows anything. */
export const nothingLeft = (app: TestApp) =>
  vi.waitFor(
    async () => {
      const left = await statementsOfTwoSeconds(app)
      if (left.length > 0) throw new Error(`Something is still open: ${left.join(' | ').slice(0, 600)}`)
    },
    { timeout: 5000, interval: 50 },
  )

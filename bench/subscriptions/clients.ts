// Thousands of subscribers in one process. Every event has a number, and every socket must get each once, in order.

import { randomUUID } from 'node:crypto'
import { WebSocket } from 'ws'
import { now, serve } from './channel.ts'

/** Connecting at once. */
const RAMP = 100
const NUMBER = /"body":"Event (\d+) /

interface Client {
  socket: WebSocket
  subscription: string | null
  /** The number of the event that must come next. */
  next: number
}

/** Where a subscription begins: after the event with this number, at this cursor. */
export interface From {
  number: number
  cursor: string
}

const clients: Client[] = []
let fault: string | null = null
let sample = ''
const arrivals = new Map<number, number[]>()
const complete = new Map<number, PromiseWithResolvers<number[]>>()

function settling(number: number): PromiseWithResolvers<number[]> {
  const known = complete.get(number) ?? Promise.withResolvers<number[]>()
  complete.set(number, known)
  return known
}

function failed(reason: string): void {
  fault ??= reason
  for (const { reject } of complete.values()) reject(new Error(reason))
}

function receive(client: Client, text: string): void {
  const number = Number(NUMBER.exec(text)?.[1])
  if (number === client.next) count(client, number, text)
  else failed(`Event ${client.next} was due, and this came: ${text.slice(0, 500)}`)
}

function count(client: Client, number: number, text: string): void {
  client.next += 1
  sample = text
  const times = arrivals.get(number) ?? []
  arrivals.set(number, times)
  times.push(now())
  if (times.length === clients.length) settling(number).resolve(times)
}

async function connect(url: string, token: string | null): Promise<Client> {
  const socket = new WebSocket(url, token ? ['graphql-transport-ws'] : [], { skipUTF8Validation: true })
  const client: Client = { socket, subscription: null, next: 1 }
  const ready = Promise.withResolvers<void>()
  socket.on('open', () => {
    if (token === null) return ready.resolve()
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }))
  })
  socket.on('error', ready.reject)
  socket.on('close', (code, reason) => failed(`A socket was closed: ${code} ${reason}`))
  socket.on('message', (data) => {
    const text = String(data)
    if (text.startsWith('{"type":"connection_ack"')) ready.resolve()
    else receive(client, text)
  })
  await ready.promise
  return client
}

function subscribe(client: Client, { number, cursor }: From, query: string): void {
  const { socket, subscription } = client
  if (subscription) socket.send(JSON.stringify({ id: subscription, type: 'complete' }))
  client.subscription = randomUUID()
  client.next = number + 1
  const payload = { query, variables: { after: cursor } }
  socket.send(JSON.stringify({ id: client.subscription, type: 'subscribe', payload }))
}

const api = {
  /** Adds `count` sockets; without a token they only listen. */
  async connect(url: string, count: number, token: string | null): Promise<void> {
    for (let left = count; left > 0; left -= RAMP) {
      const batch = Array.from({ length: Math.min(left, RAMP) }, () => connect(url, token))
      clients.push(...(await Promise.all(batch)))
    }
  },
  /** Everybody leaves their subscription and begins another; `own`: a document that nobody else sends. */
  follow(document: string, from: From[], own: boolean): void {
    arrivals.clear()
    complete.clear()
    for (const [index, client] of clients.entries()) {
      const query = own ? document.replace('event:', `event${index}:`) : document
      subscribe(client, from[index % from.length] as From, query)
    }
  },
  /** Of sockets that only listen. */
  expect(number: number): void {
    for (const client of clients) client.next = number
  },
  /** When everybody has the event: the moments at which they got it. */
  async arrived(number: number): Promise<number[]> {
    if (fault) throw new Error(fault)
    const times = await settling(number).promise
    arrivals.delete(number)
    complete.delete(number)
    return times
  },
  sample: () => sample,
}

export type ClientsApi = typeof api

serve(api, async () => {})

// What a client may send once it is in: whatever it is, the other subscriptions on the socket and everybody else live.

import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { bearer, type TestApp, testApp } from '../support/app.ts'
import {
  asOf,
  type Client,
  comment,
  FOLLOW,
  fileTicket,
  follow,
  join,
  type Message,
  subscribe,
  type Ticket,
} from './sockets.ts'

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
  await hears(bystander, 'b')
  await app.close()
})

let client: Client
beforeEach(async () => {
  client = await join(app, app.acme.token)
  return () => client.socket.terminate()
})

const of = (one: Client, id: string, type: string) => one.messages.filter((m) => m.id === id && m.type === type)

/** What cannot run is an error; what was refused while it began is a result without data, by graphql-ws's ways. */
function errorsOf({ type, payload }: Message): { message: string; extensions: { code: string } }[] {
  if (type === 'error') return payload
  expect(payload.data ?? null).toBeNull()
  return payload.errors
}

/** One more comment comes as exactly one event. */
async function hears(one: Client, id: string): Promise<void> {
  await comment(app, ticket.id)
  const cursor = await asOf(app, ticket)
  const isIt = (m: Message) => m.id === id && m.payload?.data?.ticketEvents.cursor === cursor
  await one.first(isIt)
  await one.settled()
  expect(one.messages.filter(isIt)).toHaveLength(1)
}

describe('a document that is refused', () => {
  const documents: [string, string, object?][] = [
    ['has a syntax error', 'subscription {'],
    ['is empty', ''],
    ['asks for what is not there', 'subscription { nothing }'],
    ['has no operation', 'fragment F on Query { __typename }'],
    ['has two operations and names none', 'query A { __typename } query B { __typename }'],
    ['subscribes to two things', 'subscription { ticketEvents { cursor } commentAdded { cursor } }'],
    ['subscribes to nothing', 'subscription { __typename }'],
    ['skips what it subscribes to', 'subscription { ticketEvents @skip(if: true) { cursor } }'],
    ['has too many tokens', `{ ${'__typename '.repeat(1001)} }`],
    ['is too deep', `{ ticket(id: "x") { ${'events { nodes { ticket { '.repeat(10)}id${' } } }'.repeat(10)} } }`],
    ['has 100,000 brackets', `{ a(b: ${'['.repeat(100_000)}) }`],
    ['has too many aliases', `{ ${Array.from({ length: 51 }, (_, i) => `a${i}: __typename`).join(' ')} }`],
    ['lacks a variable', 'subscription ($id: ID!) { ticketEvents(ticketId: $id) { cursor } }'],
    ['has a variable of another type', 'subscription ($id: Int) { ticketEvents(ticketId: $id) { cursor } }'],
    ['has a cursor that is none', FOLLOW, { after: 'nonsense' }],
    ['follows a ticket that is not there', 'subscription { ticketEvents(ticketId: "x") { cursor } }'],
    [
      'follows another organisation',
      'subscription ($o: ID) { ticketEvents(organisationId: $o) { cursor } }',
      { o: 'OTHER' },
    ],
  ]
  it.each(documents)('gets an error for its own id alone: it %s', async (_, query, variables = {}) => {
    await follow(app, client, 'other', ticket)
    const named = JSON.parse(JSON.stringify(variables).replace('OTHER', app.globex.organisationId))
    client.send(subscribe('bad', query, named))
    const refusal = await client.about('bad')
    expect(errorsOf(refusal)[0]?.message).toMatch(/\S/)
    await hears(client, 'other')
    expect(client.messages.filter(({ id, type }) => id === 'bad' && type !== 'complete')).toEqual([refusal])
  })

  it('gets an error with a code and the id of the request, as over HTTP', async () => {
    client.send(subscribe('syntax', 'subscription {'))
    client.send(subscribe('cursor', FOLLOW, { after: 'nonsense' }))
    client.send(
      subscribe('query', 'query ($id: ID!) { organisation(id: $id) { tickets(first: 1000) { nodes { id } } } }', {
        id: app.acme.organisationId,
      }),
    )
    const id = expect.stringMatching(/^[0-9a-f-]{36}$/)
    const extensions = async (name: string) => {
      const { type, payload } = await client.about(name)
      return (type === 'error' ? payload : payload.errors)[0].extensions
    }
    expect(await extensions('cursor')).toEqual({ code: 'RESYNC_REQUIRED', requestId: id })
    expect(await extensions('syntax')).toEqual(expect.objectContaining({ code: expect.any(String), requestId: id }))
    expect(await extensions('query')).toEqual({ code: 'BAD_USER_INPUT', requestId: id })
  })

  it('leaves its id to be used again', async () => {
    client.send(subscribe('1', 'subscription {'))
    await client.about('1', 'error')
    client.send(subscribe('1', '{ __typename }'))
    await client.about('1', 'complete')
  })

  it('may name an operation, and then that one runs', async () => {
    const payload = { query: 'query A { a: __typename } query B { b: __typename }', operationName: 'B' }
    client.send({ type: 'subscribe', id: '1', payload })
    expect((await client.about('1', 'next')).payload).toMatchObject({ data: { b: 'Query' } })
    client.send({ type: 'subscribe', id: '2', payload: { ...payload, operationName: 'C' } })
    await client.about('2', 'error')
  })
})

describe('an id', () => {
  it('that is in use closes the socket with 4409', async () => {
    await follow(app, client, '1', ticket)
    client.send(subscribe('1'))
    expect((await client.closed).code).toBe(4409)
  })

  it('that is in use by what has not begun yet closes the socket with 4409', async () => {
    client.send(subscribe('1'))
    client.send(subscribe('1'))
    expect((await client.closed).code).toBe(4409)
  })

  it('that nobody uses may be completed', async () => {
    client.send({ type: 'complete', id: 'nobody' })
    await follow(app, client, '1', ticket)
    client.send({ type: 'complete', id: 'nobody' })
    await hears(client, '1')
  })

  it('that was completed gets nothing any more, though the server waits for the next event', async () => {
    await follow(app, client, 'first', ticket)
    await follow(app, client, 'second', ticket)
    await client.settled()
    const before = client.messages.filter(({ id }) => id === 'first').length
    client.send({ type: 'complete', id: 'first' })
    for (let i = 0; i < 3; i++) await hears(client, 'second')
    expect(client.messages.filter(({ id }) => id === 'first')).toHaveLength(before)
  })

  it('that was completed in the middle of a replay gets nothing any more', async () => {
    for (let i = 0; i < 20; i++) await comment(app, ticket.id)
    client.send(subscribe('1', FOLLOW, { after: ticket.asOf }))
    await client.about('1', 'next')
    client.send({ type: 'complete', id: '1' })
    await client.settled()
    const before = client.messages.length
    await comment(app, ticket.id)
    client.send(subscribe('2', '{ __typename }'))
    await client.about('2', 'complete')
    expect(client.messages.slice(before).filter(({ id }) => id === '1')).toEqual([])
  })

  it('that was completed before it began, and is used again, is one subscription', async () => {
    await follow(app, client, 'other', ticket)
    const after = await asOf(app, ticket)
    client.send(subscribe('1', FOLLOW, { after }))
    client.send({ type: 'complete', id: '1' })
    client.send(subscribe('1', 'subscription ($after: String) { ticketEvents(after: $after) { cursor } }', { after }))
    await hears(client, 'other')
    await hears(client, 'other')
    // The first one asked for the type too.
    const asked = of(client, '1', 'next').map(({ payload }) => Object.keys(payload.data.ticketEvents).join())
    expect(asked).toEqual(['cursor', 'cursor'])
  })

  it('that was completed before it began, used again and completed again gets nothing any more', async () => {
    await follow(app, client, 'other', ticket)
    client.send(subscribe('1'))
    client.send({ type: 'complete', id: '1' })
    client.send(subscribe('1'))
    await hears(client, 'other')
    client.send({ type: 'complete', id: '1' })
    await client.settled()
    const before = of(client, '1', 'next').length
    await hears(client, 'other')
    await hears(client, 'other')
    expect(of(client, '1', 'next')).toHaveLength(before)
  })

  it('is one of at most 100: the next gets an error, and the others live', async () => {
    for (let i = 0; i < 100; i++) client.send(subscribe(`${i}`, FOLLOW, { after: ticket.asOf }))
    client.send(subscribe('one more'))
    const { type, payload } = await client.about('one more')
    expect(type).toBe('error')
    expect(payload[0]).toEqual(
      expect.objectContaining({ message: 'At most 100 operations at once on one connection.' }),
    )
    await comment(app, ticket.id)
    for (let i = 0; i < 100; i++) await client.about(`${i}`, 'next')
    client.send({ type: 'complete', id: '5' })
    client.send(subscribe('in its place', '{ __typename }'))
    expect((await client.about('in its place')).type).toBe('next')
  })
})

describe('queries and mutations', () => {
  const FILE = `mutation ($input: CreateTicketInput!) { createTicket(input: $input) {
    ... on CreateTicketPayload { ticket { id } created } ... on Error { message } } }`
  const input = {
    subject: 'The invoice is missing',
    description: 'We need the invoice for October.',
    acknowledged: true,
  }

  it('are answered and completed', async () => {
    client.send(subscribe('q', '{ tickets(first: 1) { nodes { id } } }'))
    client.send(subscribe('m', FILE, { input }))
    const created = (await client.about('m', 'next')).payload.data.createTicket
    expect(created).toEqual({ ticket: { id: expect.any(String) }, created: true })
    await client.about('m', 'complete')
    await client.about('q', 'complete')
    expect(of(client, 'q', 'next')).toHaveLength(1)
  })

  it('take no key from the header, which would stand for all of them', async () => {
    const keyed = await join(app, app.acme.token, {}, { headers: { 'idempotency-key': 'one key' } })
    keyed.send(subscribe('1', FILE, { input }))
    keyed.send(subscribe('2', FILE, { input }))
    const ids = [await keyed.about('1', 'next'), await keyed.about('2', 'next')].map(
      ({ payload }: Message) => payload.data.createTicket.ticket.id,
    )
    expect(new Set(ids).size).toBe(2)
    keyed.socket.terminate()
  })

  it('need the same rights as over HTTP', async () => {
    const reader = await join(app, await app.token(app.acme.organisationId, ['tickets_read']))
    reader.send(subscribe('1', FILE, { input }))
    const codeOf = (message: Message) => (message.payload.errors ?? message.payload)[0].extensions.code
    expect(codeOf(await reader.about('1'))).toBe('FORBIDDEN')
    const nobody = await join(app, await app.token(app.acme.organisationId, ['clusters_write']))
    nobody.send(subscribe('1'))
    expect(codeOf(await nobody.about('1'))).toBe('FORBIDDEN')
    reader.socket.terminate()
    nobody.socket.terminate()
  })
})

describe("graphql-ws's own client", () => {
  it('subscribes, asks and leaves', async () => {
    const own = createClient({
      url: `${app.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: bearer(app.acme.token),
      retryAttempts: 0,
      keepAlive: 20,
    })
    const events = own.iterate({ query: FOLLOW, variables: { after: ticket.asOf } })
    await comment(app, ticket.id)
    expect((await events.next()).value).toEqual({
      data: { ticketEvents: { type: 'COMMENT_ADDED', cursor: expect.any(String) } },
    })
    const question = own.iterate({ query: '{ __typename }' })
    expect((await question.next()).value).toMatchObject({ data: { __typename: 'Query' } })
    await events.return?.()
    await own.dispose()
  })
})

// The reference client against a whole server in this process, over a network that breaks.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket as WebSocketOfNode20 } from 'ws'
import { FollowError, type Following, type FollowOptions, follow } from '../../src/client/follow.ts'
import { TicketChange } from '../../src/events/change.ts'
import { makeEventLog } from '../../src/events/log.ts'
import { ask, bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { makeWire, type Wire } from './wire.ts'

const COMMENTS = `subscription ($ticketId: ID, $after: String) {
  commentAdded(ticketId: $ticketId, after: $after) { cursor comment { body } }
}`

interface Comment {
  cursor: string
  comment: { body: string }
}

let app: TestApp
let wire: Wire
let ticketId: string
let asOf: string
const open: Following[] = []

beforeAll(async () => {
  app = await testApp()
})

afterAll(() => app.close())

beforeEach(async () => {
  wire = await makeWire(app.url)
  ticketId = await file()
  asOf = await asOfTicket()
})

afterEach(async () => {
  for (const following of open.splice(0)) following.stop()
  await wire.close()
})

describe.each([
  { name: 'the WebSocket of Node and browsers', webSocketImpl: undefined },
  { name: 'the WebSocket of the package ws', webSocketImpl: WebSocketOfNode20 },
])('with $name', ({ webSocketImpl }) => {
  test('what happened since the cursor comes first, then what happens', async () => {
    await say('before')
    const { seen, following } = start({ webSocketImpl })
    await seen.reaches(1)
    await say('after')
    await seen.reaches(2)
    expect(seen.bodies).toEqual(['before', 'after'])
    following.stop()
    await following.ended
  })

  test('what happens while it is cut off comes when it is back, and nothing comes twice', async () => {
    const { seen, connections } = start({ webSocketImpl })
    await connections.reaches(1)
    await say('one')
    await seen.reaches(1)
    expect(wire.drop()).toBe(1)
    await say('two')
    await say('three')
    await connections.reaches(2)
    await say('four')
    await seen.reaches(4)
    expect(seen.bodies).toEqual(['one', 'two', 'three', 'four'])
  })

  test('an event that is being handled when the connection is lost does not come again', async () => {
    const gate = Promise.withResolvers<void>()
    const { seen, connections } = start({ webSocketImpl, onEvent: () => gate.promise })
    await connections.reaches(1)
    await Promise.all([say('one'), say('two')])
    await seen.reaches(1)
    wire.drop()
    await say('three')
    gate.resolve()
    await seen.reaches(3)
    expect(new Set(seen.bodies)).toEqual(new Set(['one', 'two', 'three']))
    expect(seen.bodies).toHaveLength(3)
  })

  test('an other end that has fallen silent is left, and the next connection goes on', async () => {
    const { seen, connections } = start({ webSocketImpl, keepAliveMs: 100 })
    await connections.reaches(1)
    wire.freeze()
    await say('into the silence')
    await seen.reaches(1)
    expect(connections.count).toBe(2)
    expect(seen.bodies).toEqual(['into the silence'])
  })

  test('a server that is away is tried again until it is there', async () => {
    const attempts = counter()
    const url = () => {
      attempts.add()
      return wire.url
    }
    wire.leadTo(null)
    const { seen, connections } = start({ webSocketImpl, url })
    await attempts.reaches(2)
    await say('patience')
    expect(connections.count).toBe(0)
    wire.leadTo(app.url)
    await seen.reaches(1)
    expect(seen.bodies).toEqual(['patience'])
  })
})

test('the cursor is that of the last event that was finished', async () => {
  const gates = new Map(['one', 'two'].map((body) => [body, Promise.withResolvers<void>()]))
  const { following, seen } = start({ onEvent: ({ comment }) => gates.get(comment.body)?.promise })
  await say('one')
  await say('two')
  await seen.reaches(1)
  expect(following.cursor).toBe(asOf)
  gates.get('one')?.resolve()
  await seen.reaches(2)
  expect(following.cursor).toBe(seen.cursors[0])
  gates.get('two')?.resolve()
})

test('one that goes on from a cursor kept sees what is new', async () => {
  const { following, seen } = start({})
  await say('one')
  await seen.reaches(1)
  following.stop()
  await following.ended
  await say('two')
  const again = start({ after: following.cursor })
  await again.seen.reaches(1)
  expect(again.seen.bodies).toEqual(['two'])
})

test('when an event cannot be handled, following ends with the reason, and the cursor stands before it', async () => {
  const { following, seen } = start({
    onEvent: ({ comment }) => {
      if (comment.body === 'two') throw new Error('There is no two.')
    },
  })
  for (const body of ['one', 'two', 'three']) await say(body)
  await expect(following.ended).rejects.toThrow('There is no two.')
  expect(seen.bodies).toEqual(['one', 'two'])
  expect(following.cursor).toBe(seen.cursors[0])
})

test('a cursor that is no longer good makes it read anew, and follow from there', async () => {
  await say('told by reading')
  const resyncs = counter()
  const { following, seen } = start({
    after: 'a cursor of another life',
    async onResync() {
      const anew = await asOfTicket()
      resyncs.add()
      return anew
    },
  })
  await Promise.race([resyncs.reaches(1), following.ended])
  await say('told by following')
  await seen.reaches(1)
  expect(seen.bodies).toEqual(['told by following'])
  expect(resyncs.count).toBe(1)
})

test('more than it can hold waits at the server, and still comes once and in order', async () => {
  const bodies = Array.from({ length: 1500 }, (_, index) => `${index}`)
  await sayAtOnce(bodies)
  const gate = Promise.withResolvers<void>()
  const { seen, losses } = start({ onEvent: () => gate.promise })
  await losses.reaches(1)
  gate.resolve()
  await seen.reaches(bodies.length)
  expect(seen.bodies).toEqual(bodies)
})

describe('it ends where trying again would not help', () => {
  test('when the token is revoked', async () => {
    const secret = await app.token(app.acme.organisationId, ['tickets_read'], 'To be revoked')
    const { following, connections } = start({ authorization: `Bearer ${secret}` })
    await connections.reaches(1)
    await app.database.write(
      (tx) => tx.$executeRaw`UPDATE api_tokens SET revoked_at = now() WHERE name = 'To be revoked'`,
    )
    await expect(following.ended).rejects.toMatchObject({ code: 4401, message: 'Your access ended.' })
    expect(connections.count).toBe(1)
  })

  test('when the token has been wrong a few times', async () => {
    const tokens: string[] = []
    const authorization = () => {
      tokens.push('Bearer dw_wrong')
      return 'Bearer dw_wrong'
    }
    await expect(start({ authorization }).following.ended).rejects.toMatchObject({ code: 4403 })
    expect(tokens).toHaveLength(4)
  })

  test('when there is no such ticket', async () => {
    const variables = { ticketId: '0197a000-0000-7000-8000-000000000000' }
    const { following } = start({ variables })
    await expect(following.ended).rejects.toBeInstanceOf(FollowError)
    await expect(following.ended).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('when the document is wrong', async () => {
    const { following } = start({ query: 'subscription ($after: String) { noSuchThing(after: $after) { cursor } }' })
    await expect(following.ended).rejects.toThrow('noSuchThing')
  })
})

/** Follows the comments on the ticket over the wire, and writes down what it is told. */
function start(given: Partial<FollowOptions<Comment>>) {
  const seen = { ...counter(), bodies: [] as string[], cursors: [] as string[] }
  const connections = counter()
  const losses = counter()
  const following = follow<Comment>({
    url: wire.url,
    authorization: `Bearer ${app.acme.token}`,
    query: COMMENTS,
    variables: { ticketId },
    after: asOf,
    onResync: () => Promise.reject(new Error('It was told to read anew.')),
    onConnection: (connected) => (connected ? connections : losses).add(),
    ...given,
    async onEvent(event) {
      seen.bodies.push(event.comment.body)
      seen.cursors.push(event.cursor)
      seen.add()
      await given.onEvent?.(event)
    },
  })
  // Looked at by the tests that expect an end.
  following.ended.catch(() => {})
  open.push(following)
  return { following, seen, connections, losses }
}

/** Counts, and lets a test wait for a number. */
function counter() {
  const waiting = new Map<number, () => void>()
  const self = {
    count: 0,
    add() {
      self.count += 1
      waiting.get(self.count)?.()
    },
    reaches: (count: number) =>
      new Promise<void>((resolve) => {
        if (self.count >= count) resolve()
        else waiting.set(count, resolve)
      }),
  }
  return self
}

async function file(): Promise<string> {
  const { body } = await rest(app, bearer(app.acme.token), 'POST', TICKETS, {
    subject: 'The gallery answers 502',
    description: 'A third of the thumbnails fail to load since 08:10, with "upstream prematurely closed connection".',
    acknowledged: true,
  })
  return body.id
}

async function asOfTicket(): Promise<string> {
  const query = 'query ($ticketId: ID!) { ticket(id: $ticketId) { asOf } }'
  const data = await ask<{ ticket: { asOf: string } }, { ticketId: string }>(app, bearer(app.acme.token), query, {
    ticketId,
  })
  return data.ticket.asOf
}

async function say(body: string): Promise<void> {
  const { status } = await rest(app, bearer(app.acme.token), 'POST', `${TICKETS}/${ticketId}/comments`, { body })
  expect(status).toBe(201)
}

/** In one transaction, which is quicker than one each. */
async function sayAtOnce(bodies: string[]): Promise<void> {
  await app.database.write(async (tx) => {
    const ticket = await tx.ticket.findFirstOrThrow({ where: { id: ticketId } })
    const change = TicketChange.of(ticket, { type: 'ai', id: null, label: 'A lot' }, new Date())
    for (const body of bodies) change.comment(body)
    await makeEventLog(app.life).commit(tx, change)
  })
}

// One execution an event for all who follow the same in the same words and with the same rights; and that sharing loses
// and mixes up nothing, whoever joins late, lags, or comes and goes.

import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeCursor, type OrganisationCursor } from '../../src/events/cursor.ts'
import { file } from '../graphql/fixtures.ts'
import { ask, bearer, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { makeWriter, type Place, type Writer } from './feeds.writers.ts'
import { type Connection, connect, EVENTS, type Event, type Following, followOverRest } from './follow.ts'

let app: TestApp
let acme: Place
let writer: Writer
let own: Connection
let team: Connection

beforeAll(async () => {
  app = await testApp()
  acme = { organisationId: app.acme.organisationId, ticketId: await file(app, bearer(app.acme.token)) }
  writer = await makeWriter(app)
  own = await connect(app, bearer(app.acme.token))
  team = await connect(app, bearer(app.team.token))
})
afterAll(async () => {
  await writer.close()
  await own.close()
  await team.close()
  await app.close()
})

async function asOf(token = app.acme.token): Promise<string> {
  const variables = { of: acme.organisationId }
  const document = 'query ($of: ID) { tickets(filter: { organisationId: $of }) { asOf } }'
  return (await ask<{ tickets: { asOf: string } }, object>(app, bearer(token), document, variables)).tickets.asOf
}

async function eventsAfter(after: string, count: number): Promise<readonly Event[]> {
  const feed = own.follow<Event>(EVENTS, { after })
  return feed.atLeast(count).finally(feed.stop)
}

const placeOf = (cursor: string) => (decodeCursor(cursor) as OrganisationCursor).place
const isFeedless = (text: string) => /api_tokens|sessions s|pg_notify|^\s*SELECT organisation_id AS id/.test(text)
const loadsComment = (text: string) => text.includes('FROM comments c WHERE c.id = ANY')

/** How many statements one event costs, and how many of them are its comment's, once all follow the group. */
async function costOf(feeds: readonly Following<unknown>[]): Promise<{ all: number; comments: number }> {
  const tell = async () => {
    const counts = feeds.map(({ events }) => events.length + 1)
    await writer.write(acme)
    await Promise.all(feeds.map((feed, i) => feed.atLeast(counts[i] as number)))
  }
  // "From now on" is where the log ends when the server has read it: until all have begun, it is told again.
  while (feeds.some(({ events }) => events.length === 0)) {
    await writer.write(acme)
    await pause(100)
  }
  // The first ones may still be everybody's own replay.
  for (let n = 0; n < 3; n++) await tell()
  const { statements } = await app.statements(tell)
  const relevant = statements.filter((text) => !isFeedless(text))
  return { all: relevant.length, comments: relevant.filter(loadsComment).length }
}

async function stopping<Result>(feeds: Following<unknown>[], work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } finally {
    for (const feed of feeds) feed.stop()
  }
}

const executions = async (feeds: Following<unknown>[]) => (await stopping(feeds, () => costOf(feeds))).comments

describe('an event', () => {
  it('costs the same for one subscriber and for sixty, who came with different cursors', async () => {
    const first = await asOf()
    await writer.write(acme, { count: 5 })
    const all = await eventsAfter(first, 5)
    const cursor = (n: number) => all[n % 4]?.cursor as string
    const costs: number[] = []
    for (const count of [1, 60]) {
      const feeds = Array.from({ length: count }, (_, n) => own.follow<Event>(EVENTS, { after: cursor(n) }))
      const head = await asOf()
      await Promise.all(feeds.map((feed, n) => feed.atLeast(Number(placeOf(head) - placeOf(cursor(n))))))
      const cost = await stopping(feeds, () => costOf(feeds))
      expect(cost.comments).toBe(1)
      costs.push(cost.all)
    }
    // Its reader may look once more, or not.
    expect(Math.abs((costs[0] as number) - (costs[1] as number))).toBeLessThanOrEqual(1)
  })

  it('is rendered once for twenty REST streams', async () => {
    const open = () => followOverRest(app, bearer(app.acme.token), `${TICKETS}/events`)
    const feeds = await Promise.all(Array.from({ length: 20 }, open))
    expect(await executions(feeds)).toBe(1)
  })

  it('is executed once for each document', async () => {
    const others = ['{ comment { id } }', '{ comment { id body } }', '{ comment { body } }'].map(
      (fields) => `subscription { commentAdded ${fields} }`,
    )
    expect(await executions([...others, ...others].map((document) => own.follow(document)))).toBe(3)
  })

  it('is executed once for a document however it is laid out', async () => {
    const documents = ['subscription { commentAdded { comment { id } } }', 'subscription{commentAdded{comment{id}}}']
    expect(await executions(documents.map((document) => own.follow(document)))).toBe(1)
  })

  it('is executed once for each set of variables', async () => {
    const document = `subscription ($body: Boolean!, $ticketId: ID) {
      commentAdded(ticketId: $ticketId) { comment { id body @include(if: $body) } } }`
    const sets = [{ body: true }, { body: false }, { body: true, ticketId: acme.ticketId }]
    const feeds = [...sets, ...sets].map((variables) => own.follow<Event>(document, variables))
    expect(await executions(feeds)).toBe(3)
    const keys = feeds.map(({ events }) => Object.keys(events.at(-1)?.comment ?? {}).join())
    expect(keys).toEqual(['id,body', 'id', 'id,body', 'id,body', 'id', 'id,body'])
  })

  it('is executed once for each kind of rights: side, scopes, cookie or token', async () => {
    const document = 'subscription ($of: ID) { commentAdded(organisationId: $of) { ticketTeamVersion comment { id } } }'
    const variables = { of: acme.organisationId }
    const reader = await connect(app, bearer(await app.token(acme.organisationId, ['tickets_read'])))
    const twin = await connect(app, bearer(await app.token(acme.organisationId, ['tickets_read', 'tickets_write'])))
    const ada = await connect(app, {}, await app.acme.admin.signIn())
    const max = await connect(app, {}, await app.acme.member.signIn())
    const sockets = [own, twin, reader, ada, max, team]
    const feeds = sockets.map((socket) => socket.follow<Event>(document, variables))
    // The token and its twin share, the two people share; reader and team are by themselves.
    expect(await executions(feeds)).toBe(4)
    expect(feeds.map(({ events }) => typeof events.at(-1)?.ticketTeamVersion)).toEqual([
      ...['object', 'object', 'object', 'object', 'object', 'number'],
    ])
    for (const socket of [reader, twin, ada, max]) await socket.close()
  })

  it('is executed for everybody where the answer depends on the person', async () => {
    const literal = `subscription { commentAdded { comment { id } ticket { organisation {
      tickets(filter: { createdByMe: true }) { totalCount } } } } }`
    const variable = `subscription ($filter: TicketFilter) { commentAdded { comment { id } ticket { organisation {
      tickets(filter: $filter) { totalCount } } } } }`
    const other = await connect(app, bearer(await app.token(acme.organisationId, ['tickets_write'])))
    for (const document of [literal, variable]) {
      const variables = document === literal ? {} : { filter: { createdByMe: true } }
      // biome-ignore lint/suspicious/noExplicitAny: as deep as the document
      const feeds = [own, other].map((socket) => socket.follow<any>(document, variables))
      expect(await executions(feeds)).toBe(2)
      const counts = feeds.map(({ events }) => events.at(-1).ticket.organisation.tickets.totalCount)
      expect(counts).toEqual([1, 0])
    }
    await other.close()
  })

  it('is not shared where `after` is used elsewhere in the document too', async () => {
    const start = await asOf()
    await writer.write(acme, { count: 3 })
    const [, second] = await eventsAfter(start, 3)
    const document = `subscription ($after: String) { ticketEvents(after: $after) { cursor comment: ticket {
      events(first: 1, after: $after) { nodes { cursor } } } } }`
    const cursors = [start, second?.cursor as string]
    // biome-ignore lint/suspicious/noExplicitAny: as deep as the document
    const feeds = cursors.map((after) => own.follow<any>(document, { after }))
    await stopping(feeds, () => costOf(feeds))
    for (const [index, { events }] of feeds.entries()) {
      const nested = events.map(({ comment }) => placeOf(comment.events.nodes[0].cursor))
      expect(new Set(nested)).toEqual(new Set([placeOf(cursors[index] as string) + 1n]))
    }
  })
})

describe('sharing loses and repeats nothing', () => {
  /** The places that an organisation's customer should see after a cursor. */
  async function placesAfter(cursor: string): Promise<bigint[]> {
    const where = { organisationId: acme.organisationId, publicSeq: { gt: placeOf(cursor) } }
    const rows = await app.database.prisma.ticketEvent.findMany({ where, orderBy: { seq: 'asc' } })
    return rows.map(({ publicSeq }) => publicSeq as bigint)
  }

  const places = (events: readonly { cursor: string }[]) => events.map(({ cursor }) => placeOf(cursor))

  it('for who joins in the middle of a burst', async () => {
    const start = await asOf()
    const feeds = [own.follow<Event>(EVENTS, { after: start })]
    for (let n = 0; n < 40; n++) {
      await writer.write(acme, { count: 1 + (n % 10) })
      feeds.push(own.follow<Event>(EVENTS, { after: n % 3 === 0 ? start : (feeds[0]?.events.at(-1)?.cursor ?? start) }))
    }
    const expected = await placesAfter(start)
    const last = expected.at(-1)
    for (const feed of feeds) {
      const came = places(await feed.through(({ cursor }) => placeOf(cursor) === last))
      expect(came).toEqual(expected.slice(-came.length))
    }
    expect(feeds.filter(({ events }) => events.length === expected.length).length).toBeGreaterThan(10)
    for (const feed of feeds) feed.stop()
  })

  it('for who reads so slowly that the kept results are gone: they catch up by themselves', async () => {
    const start = await asOf()
    const path = `${TICKETS}/events?after=${start}`
    const slow = await followOverRest(app, bearer(app.acme.token), path)
    await writer.write(acme)
    await slow.atLeast(1)
    const quick = await followOverRest(app, bearer(app.acme.token), path)
    slow.response.pause()
    const body = 'x'.repeat(40_000)
    for (let n = 0; n < 12; n++) await writer.write(acme, { count: 50, body })
    const expected = await placesAfter(start)
    const isLast = ({ id }: { id: string }) => placeOf(id) === expected.at(-1)
    const cursors = (events: readonly { id: string }[]) => events.map(({ id }) => placeOf(id))
    expect(cursors(await quick.through(isLast))).toEqual(expected)
    const { result, statements } = await app.statements(() => {
      slow.response.resume()
      return slow.through(isLast)
    })
    expect(cursors(result)).toEqual(expected)
    expect(statements.filter((text) => /public_seq IS NOT NULL/.test(text)).length).toBeGreaterThan(0)
    slow.stop()
    quick.stop()
  })
})

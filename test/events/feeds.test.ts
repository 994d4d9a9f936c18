// What feeds bring: everything that happened, in order, as the ticket's own history has it; to a customer nothing that is
// internal, nor a trace of it. REST's streams are in feeds.rest.test.ts.

import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { file, run } from '../graphql/fixtures.ts'
import { bearer, type TestApp, TICKETS, testApp } from '../support/app.ts'
import * as story from './feeds.story.ts'
import {
  FEED,
  type Headers,
  isClosed,
  isLast,
  type Story,
  tell,
  tellStory,
  type Whole,
  withoutCursors,
} from './feeds.story.ts'
import { type Connection, connect, type Following, followOverRest, followOverSse } from './follow.ts'

let app: TestApp
let told: Story
let customer: Headers
let team: Headers
let ticketId: string
let start: Story['start']
let own: Connection
let desk: Connection

beforeAll(async () => {
  app = await testApp()
  told = await tellStory(app)
  ;({ customer, team, ticketId, start } = told)
  own = await connect(app, customer)
  desk = await connect(app, team)
})
afterAll(async () => {
  await own.close()
  await desk.close()
  await app.close()
})

const history = (headers: Headers, id: string) => story.history(app, headers, id)
const histories = (headers: Headers) => story.histories(app, told, headers)

describe('a feed', () => {
  it("of a ticket is the ticket's history, for a customer and for the team", async () => {
    for (const [socket, headers, after] of [
      [own, customer, start.own],
      [desk, team, start.team],
    ] as const) {
      const events = await socket.follow<Whole>(FEED, { ticketId, after }).through(isClosed)
      expect(events).toEqual(await history(headers, ticketId))
    }
    expect(await history(team, ticketId)).not.toHaveLength((await history(customer, ticketId)).length)
  })

  it('of an organisation is the histories of its tickets in the order of the log', async () => {
    expect(await own.follow<Whole>(FEED, { after: start.own }).through(isLast)).toEqual(await histories(customer))
    const { organisationId } = app.acme
    const asked = { organisationId, after: start.team }
    expect(await desk.follow<Whole>(FEED, asked).through(isLast)).toEqual(await histories(team))
  })

  it('of all organisations is the same for the team, with cursors of its own', async () => {
    const events = await desk.follow<Whole>(FEED, { after: start.desk }).through(isLast)
    expect(withoutCursors(events)).toEqual(withoutCursors(await histories(team)))
    expect(new Set(events.map(({ cursor }) => cursor)).size).toBe(events.length)
  })

  it('acts in the organisation that the socket, or the request, was opened for', async () => {
    const named = await connect(app, { ...team, organisationId: app.acme.organisationId })
    expect(await named.follow<Whole>(FEED, { after: start.team }).through(isLast)).toEqual(await histories(team))
    await named.close()
    const headers = { ...team, 'x-ankra-organisation-id': app.acme.organisationId }
    const stream = await followOverSse<Whole>(app, headers, FEED, { after: start.team })
    expect(await stream.through(isLast)).toEqual(await histories(team))
    stream.stop()
  })

  it('brings the same over server-sent events', async () => {
    const stream = await followOverSse<Whole>(app, customer, FEED, { after: start.own })
    expect(await stream.through(isLast)).toEqual(await histories(customer))
    stream.stop()
  })

  it('without a cursor begins now', async () => {
    const stream = await followOverSse<Whole>(app, customer, FEED)
    await run(app, customer, 'addComment', { ticketId: told.otherId, body: 'Later.' })
    expect((await stream.atLeast(1)).map(({ comment }) => comment?.body)).toEqual(['Later.'])
    stream.stop()
  })

  it('shows of a ticket what is true now, and never what was before the event', async () => {
    const document = `subscription ($after: String) { ticketEvents(after: $after) { cursor ticketVersion
      ticket { version asOf comments(last: 1) { nodes { body } } } } }`
    const stream = await followOverSse<Whole>(app, customer, document)
    for (const body of ['One.', 'Two.', 'Three.'])
      await run(app, customer, 'addComment', { ticketId: told.otherId, body })
    const events = await stream.atLeast(3)
    stream.stop()
    for (const { ticket, ticketVersion } of events) expect(ticket.version).toBeGreaterThanOrEqual(ticketVersion)
    const last = events.at(-1) as Whole
    expect(last.ticket).toMatchObject({ asOf: last.cursor, comments: { nodes: [{ body: 'Three.' }] } })
  })
})

describe('the typed feeds', () => {
  it('bring only changes of status, or only comments', async () => {
    const all = await history(customer, ticketId)
    const statuses = `subscription ($ticketId: ID, $after: String) {
      ticketStatusChanged(ticketId: $ticketId, after: $after) { cursor type from to } }`
    const changed = await own.follow<Whole>(statuses, { ticketId, after: start.own }).through(isClosed)
    expect(changed.map(({ from, to }) => [from, to])).toEqual(
      all.filter(({ type }) => type === 'TICKET_STATUS_CHANGED').map(({ from, to }) => [from, to]),
    )
    const comments = 'subscription ($after: String) { commentAdded(after: $after) { cursor type comment { body } } }'
    const said = await own.follow<Whole>(comments, { after: start.own }).through(isLast)
    expect(said.map(({ cursor }) => cursor)).toEqual(
      (await histories(customer)).filter(({ type }) => type === 'COMMENT_ADDED').map(({ cursor }) => cursor),
    )
  })

  it('bring the team notes, and over all organisations too', async () => {
    const document = 'subscription ($after: String) { commentAdded(after: $after) { internal type comment { body } } }'
    const said = await desk.follow<Whole>(document, { after: start.desk }).through(isLast)
    expect(said.filter(({ internal }) => internal).map(({ comment }) => comment?.body)).toEqual([
      'Ask the platform team.',
      'Was it?',
    ])
  })

  it('`types` leaves out all others, and for a customer names assignments in vain', async () => {
    const types = ['TICKET_UPDATED', 'TICKET_ASSIGNED', 'COMMENT_ADDED']
    for (const [socket, headers, after] of [
      [own, customer, start.own],
      [desk, team, start.desk],
    ] as const) {
      const events = await socket.follow<Whole>(FEED, { types, after }).through(isLast)
      const expected = (await histories(headers)).filter(({ type }) => types.includes(type))
      expect(withoutCursors(events)).toEqual(withoutCursors(expected))
      expect(events.some(({ type }) => type === 'TICKET_ASSIGNED')).toBe(headers === team)
    }
  })

  it('with no types in the list bring all', async () => {
    const events = await own.follow<Whole>(FEED, { types: [], after: start.own }).through(isLast)
    expect(events).toEqual(await histories(customer))
  })

  it('refuse a type that there is not', async () => {
    expect(await own.follow(FEED, { types: ['NOTHING'] }).ended()).toMatchObject({ code: 'BAD_USER_INPUT' })
  })
})

describe('what is hidden', () => {
  it('never reaches a customer, over any transport', async () => {
    const everything: string[] = []
    const socket = own.follow<Whole>(FEED, { after: start.own })
    everything.push(JSON.stringify(await socket.through(isLast)))
    const stream = await followOverRest(app, customer, `${TICKETS}/events?after=${start.own}`)
    everything.push(JSON.stringify(await stream.through(({ data }) => data.comment?.body === 'The last.')))
    stream.stop()
    for (const text of everything) {
      expect(text).toContain('It is mended.')
      expect(text).not.toMatch(/platform team|Was it|assigned|whoHas|Tess|Tom\b|"internal":true/i)
    }
  })

  it('leaves no trace in cursors: those of a twin to whom nothing hidden happened are the same', async () => {
    const twin = app.globex
    const theirs = bearer(twin.token)
    await file(app, theirs)
    const before = await story.asOf(app, theirs)
    const twinId = await tell(app, twin, { hidden: false })
    // With the first assignment the customer sees that the ticket is tracked; TRIAGING shows the same of the twin's.
    const seen = await history(customer, ticketId)
    const ofTwin = await history(theirs, twinId)
    const shape = ({ type, ticketVersion, ticketTeamVersion, internal, from, to, changes }: Whole) => ({
      ...{ type, ticketVersion, ticketTeamVersion, internal, from, to, changes },
    })
    expect(ofTwin.map(shape)).toEqual(seen.map(shape))
    const inAcme = (cursor: string) => plain(cursor).replace(twin.organisationId, app.acme.organisationId)
    expect(ofTwin.map(({ cursor }) => inAcme(cursor))).toEqual(seen.map(({ cursor }) => plain(cursor)))
    expect(inAcme(before)).toBe(plain(start.own))
    const socket = await connect(app, theirs)
    const streamed = await socket.follow<Whole>(FEED, { after: before }).through(isClosed)
    expect(streamed).toEqual(ofTwin)
    await socket.close()
  })

  const plain = (cursor: string) => Buffer.from(cursor, 'base64url').toString()
})

describe('the document of a subscription', () => {
  const ended = (document: string) => (own.follow(document) as Following<unknown>).ended()

  it('has one field, with an argument list that is checked', async () => {
    expect(await ended('subscription { ticketEvents { cursor } commentAdded { cursor } }')).toMatchObject({
      how: 'refused',
    })
    expect(await ended('subscription { ticketEvents(after: 1) { cursor } }')).toMatchObject({ how: 'refused' })
    expect(await ended('subscription ($x: Int!) { ticketEvents { cursor } }')).toMatchObject({ how: 'refused' })
  })

  it('may name its field in a fragment and under another name', async () => {
    const document = `subscription ($after: String) { ...Feed }
      fragment Feed on Subscription { ... on Subscription { news: ticketEvents(after: $after) { cursor type } } }`
    const events = await own.follow<Whole>(document, { after: start.own }).atLeast(3)
    expect(events[0]?.type).toBe('TICKET_CREATED')
  })

  it('may leave out fields by @include and @skip', async () => {
    const document = `subscription ($after: String, $all: Boolean!) {
      ticketEvents(after: $after) { type cursor @include(if: $all) } }`
    const with_ = await own.follow<Whole>(document, { after: start.own, all: true }).atLeast(1)
    const without = await own.follow<Whole>(document, { after: start.own, all: false }).atLeast(1)
    expect(Object.keys(with_[0] as Whole)).toEqual(['type', 'cursor'])
    expect(Object.keys(without[0] as Whole)).toEqual(['type'])
  })
})

describe('what is followed must be there', () => {
  it.each(['018f0000-0000-7000-8000-000000000009', 'no UUID', ''])('the ticket %j is not found', async (unknown) => {
    for (const [connection, headers] of [
      [own, customer],
      [desk, team],
    ] as const) {
      const socket = await connection.follow(FEED, { ticketId: unknown }).ended()
      const sse = await (await followOverSse(app, headers, FEED, { ticketId: unknown })).ended()
      expect([socket.code, sse.code]).toEqual(['NOT_FOUND', 'NOT_FOUND'])
      if (unknown === '') continue
      const path = `${TICKETS}/${encodeURIComponent(unknown)}/events`
      expect((await (await followOverRest(app, headers, path)).ended()).status).toBe(404)
    }
  })

  it("another organisation's ticket is not found, with a good cursor too", async () => {
    const foreign = await file(app, bearer(app.globex.token))
    for (const after of [undefined, start.own]) {
      const ended = await own.follow(FEED, { ticketId: foreign, after }).ended()
      expect(ended.code).toBe('NOT_FOUND')
    }
    const path = `${TICKETS}/${foreign}/events?after=${start.own}`
    expect((await (await followOverRest(app, customer, path)).ended()).status).toBe(404)
  })

  it('another organisation is not theirs, and one that does not exist is not found by the team', async () => {
    const { organisationId } = app.globex
    expect((await own.follow(FEED, { organisationId }).ended()).code).toBe('FORBIDDEN')
    const path = `${TICKETS}/events?organisation_id=${organisationId}`
    expect((await (await followOverRest(app, customer, path)).ended()).status).toBe(404)
    expect((await desk.follow(FEED, { organisationId: uuid() }).ended()).code).toBe('NOT_FOUND')
    const mixed = { organisationId, ticketId }
    expect((await desk.follow(FEED, mixed).ended()).code).toBe('NOT_FOUND')
  })
})

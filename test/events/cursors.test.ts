// Which cursors each feed takes, and that every other one is refused with RESYNC_REQUIRED over all three transports,
// never answered with a gap and never with a failure of ours.

import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Cursor,
  type DeskCursor,
  decodeCursor,
  encodeCursor,
  type OrganisationCursor,
} from '../../src/events/cursor.ts'
import { file, run } from '../graphql/fixtures.ts'
import { ask, bearer, type TestApp, TICKETS, testApp } from '../support/app.ts'
import {
  type Connection,
  connect,
  type Ending,
  EVENTS,
  type Event,
  type Following,
  followOverRest,
  followOverSse,
} from './follow.ts'

type Headers = Record<string, string>

let app: TestApp
let ticketId: string
let otherTicketId: string
let sockets: Record<'customer' | 'team', Connection>
/** The asOf of each kind, read before the last comments were written. */
let asOf: Record<'ticket' | 'list' | 'teamTicket' | 'teamList' | 'desk' | 'globex', string>

beforeAll(async () => {
  app = await testApp()
  ticketId = await file(app, customer())
  otherTicketId = await file(app, customer())
  await file(app, bearer(app.globex.token))
  sockets = { customer: await connect(app, customer()), team: await connect(app, team()) }
  asOf = {
    ticket: await asOfTicket(customer()),
    list: await asOfList(customer()),
    teamTicket: await asOfTicket(team()),
    teamList: await asOfList(team(), app.acme.organisationId),
    desk: await asOfList(team()),
    globex: await asOfList(bearer(app.globex.token)),
  }
  await run(app, customer(), 'addComment', { ticketId, body: 'The first after.' })
  await run(app, team(), 'addComment', { ticketId: otherTicketId, body: 'On the other one.' })
  await run(app, customer(), 'addComment', { ticketId, body: 'The last.' })
})
afterAll(async () => {
  await sockets.customer.close()
  await sockets.team.close()
  await app.close()
})

const customer = () => bearer(app.acme.token)
const team = () => bearer(app.team.token)

async function asOfTicket(headers: Headers): Promise<string> {
  const document = 'query ($id: ID!) { ticket(id: $id) { asOf } }'
  return (await ask<{ ticket: { asOf: string } }, object>(app, headers, document, { id: ticketId })).ticket.asOf
}

async function asOfList(headers: Headers, organisationId?: string): Promise<string> {
  const document = 'query ($of: ID) { tickets(filter: { organisationId: $of }) { asOf } }'
  const variables = { of: organisationId }
  return (await ask<{ tickets: { asOf: string } }, object>(app, headers, document, variables)).tickets.asOf
}

interface Asked {
  side: 'customer' | 'team'
  ticketId?: string
  organisationId?: string
}

const headersOf = ({ side }: Asked): Headers => (side === 'team' ? team() : customer())

function restPath({ ticketId, organisationId }: Asked, after: string): string {
  const query = new URLSearchParams({ after, ...(organisationId ? { organisation_id: organisationId } : {}) })
  return `${TICKETS}${ticketId ? `/${ticketId}` : ''}/events?${query}`
}

const variablesOf = ({ side, ...of }: Asked, after: string) => ({ ...of, after })

/** What came from each transport, up to the last comment. */
async function followed(asked: Asked, after: string): Promise<Following<{ body?: string }>[]> {
  const variables = variablesOf(asked, after)
  return [
    sockets[asked.side].follow(BODIES, variables),
    await followOverSse(app, headersOf(asked), BODIES, variables),
    withBodies(await followOverRest(app, headersOf(asked), restPath(asked, after))),
  ]
}

const BODIES = EVENTS.replace('comment { id body }', 'comment { body }')

/** Of an event over GraphQL or REST, what was said. */
const bodyOf = (event: unknown): string | undefined => {
  const { comment, data } = event as { comment?: { body: string }; data?: { comment?: { body: string } } }
  return (comment ?? data?.comment)?.body
}

const withBodies = <Any>(feed: Following<Any>) => feed as unknown as Following<{ body?: string }>

/** A new socket for each, so that nothing else is on it; what it answered and that it lives on. */
async function refusals(asked: Asked, after: string): Promise<{ socket: Ending; sse: Ending; rest: Ending }> {
  const variables = variablesOf(asked, after)
  const socket = await sockets[asked.side].follow<Event>(EVENTS, variables).ended()
  const sse = await (await followOverSse<Event>(app, headersOf(asked), EVENTS, variables)).ended()
  const rest = await (await followOverRest(app, headersOf(asked), restPath(asked, after))).ended()
  return { socket, sse, rest }
}

async function expectRefused(asked: Asked, after: string): Promise<void> {
  const { socket, sse, rest } = await refusals(asked, after)
  expect({ socket: socket.code, sse: sse.code, rest: rest.status }, after).toEqual({
    socket: 'RESYNC_REQUIRED',
    sse: 'RESYNC_REQUIRED',
    rest: 410,
  })
  for (const { message } of [socket, sse, rest]) expect(message).toMatch(/cursor/)
}

describe('a cursor', () => {
  const ALL = ['The first after.', 'On the other one.', 'The last.']
  const OWN = ['The first after.', 'The last.']

  it.each([
    ["a ticket's", "the ticket's", 'customer', 'ticket', OWN],
    ["a ticket's", "the organisation's", 'customer', 'list', ALL],
    ["a ticket's", "the ticket's", 'team', 'teamTicket', OWN],
    ["an organisation's", "the ticket's", 'customer', 'list', OWN],
    ["an organisation's", "the organisation's", 'customer', 'list', ALL],
    ["an organisation's", "the ticket's", 'team', 'teamList', OWN],
    ["an organisation's", "the organisation's", 'team', 'teamList', ALL],
    ["the desk's", "the desk's", 'team', 'desk', ALL],
  ] as const)('that is %s asOf is good for %s feed of the %s', async (_, of, side, name, expected) => {
    const asked: Asked = { side, ...(of === "the ticket's" ? { ticketId } : {}) }
    if (of === "the organisation's" && side === 'team') asked.organisationId = app.acme.organisationId
    for (const feed of await followed(asked, asOf[name])) {
      const events = await feed.through((event) => bodyOf(event) === 'The last.')
      expect(events.map(bodyOf)).toEqual(expected)
      feed.stop()
    }
  })

  it('of any event is good too, and of one ticket for another of its organisation', async () => {
    const feed = sockets.customer.follow<Event>(EVENTS, { ticketId: otherTicketId, after: asOf.list })
    const [event] = await feed.atLeast(1)
    feed.stop()
    const after = (event as Event).cursor
    for (const one of await followed({ side: 'customer', ticketId }, after)) {
      expect((await one.through((event) => bodyOf(event) === 'The last.')).map(bodyOf)).toEqual(['The last.'])
      one.stop()
    }
  })
})

describe('RESYNC_REQUIRED over websocket, server-sent events and REST is the answer to a cursor', () => {
  const acme = () => ({ side: 'team', organisationId: app.acme.organisationId }) as const
  const change = (cursor: string, changes: Partial<Omit<OrganisationCursor, 'kind'> & Omit<DeskCursor, 'kind'>>) =>
    encodeCursor({ ...decodeCursor(cursor), ...changes } as Cursor)

  it('of the other numbering', async () => {
    await expectRefused({ side: 'customer' }, asOf.teamList)
    await expectRefused({ side: 'customer', ticketId }, asOf.teamTicket)
    await expectRefused(acme(), asOf.list)
    await expectRefused({ side: 'team', ticketId }, asOf.ticket)
  })

  it('of another organisation', async () => {
    await expectRefused({ side: 'customer' }, asOf.globex)
    await expectRefused({ side: 'team', organisationId: app.globex.organisationId }, asOf.teamList)
    await expectRefused({ side: 'customer' }, change(asOf.list, { organisationId: uuid() }))
  })

  it('of all organisations in the feed of one, and the other way round', async () => {
    await expectRefused(acme(), asOf.desk)
    await expectRefused({ side: 'team', ticketId }, asOf.desk)
    await expectRefused({ side: 'customer' }, asOf.desk)
    await expectRefused({ side: 'team' }, asOf.teamList)
    await expectRefused({ side: 'team' }, asOf.list)
  })

  it('of another life of the database', async () => {
    await expectRefused({ side: 'customer' }, change(asOf.list, { life: uuid() }))
    await expectRefused(acme(), change(asOf.teamList, { life: uuid() }))
    await expectRefused({ side: 'team' }, change(asOf.desk, { life: uuid() }))
  })

  it('from the future, by one place or by all that a number holds', async () => {
    for (const far of [1n, 1000n, 2n ** 62n]) {
      const { place } = decodeCursor(await asOfList(customer())) as OrganisationCursor
      await expectRefused({ side: 'customer' }, change(asOf.list, { place: place + far }))
      const ofTeam = decodeCursor(await asOfList(team(), app.acme.organisationId)) as OrganisationCursor
      await expectRefused(acme(), change(asOf.teamList, { place: ofTeam.place + far }))
    }
    await expectRefused({ side: 'team' }, change(asOf.desk, { pos: 2n ** 62n }))
  })

  it('whose snapshot is from the future: it would leave out what is to come', async () => {
    const { pos } = decodeCursor(asOf.desk) as DeskCursor
    await expectRefused({ side: 'team' }, change(asOf.desk, { snapshot: `${pos}:${2n ** 61n}:` }))
  })

  const TOO_LARGE = 9_999_999_999_999_999_999n

  it('of an organisation, with a number that no column holds', async () => {
    await expectRefused({ side: 'customer' }, change(asOf.list, { place: TOO_LARGE }))
    await expectRefused(acme(), change(asOf.teamList, { place: TOO_LARGE }))
  })

  it('of all organisations, with a number that no column holds', async () => {
    await expectRefused({ side: 'team' }, change(asOf.desk, { pos: TOO_LARGE }))
    await expectRefused({ side: 'team' }, change(asOf.desk, { seq: TOO_LARGE }))
  })

  it.each(['', ' ', 'x', '????', 'null', '0', 'ä', 'A'.repeat(1500), 'A'.repeat(2500)])(
    'that is none: %j',
    async (text) => {
      for (const side of ['customer', 'team'] as const) {
        const variables = { after: text }
        const socket = await sockets[side].follow<Event>(EVENTS, variables).ended()
        const sse = await (await followOverSse<Event>(app, headersOf({ side }), EVENTS, variables)).ended()
        expect([socket.code, sse.code]).toEqual(['RESYNC_REQUIRED', 'RESYNC_REQUIRED'])
        // An empty one in an address is none.
        if (text === '') continue
        const path = `${TICKETS}/events?after=${encodeURIComponent(text)}`
        const rest = await (await followOverRest(app, headersOf({ side }), path)).ended()
        expect(rest.status).toBe(410)
      }
    },
  )

  it('with any byte of it changed, unless it then is another good one', async () => {
    let refused = 0
    for (const [side, good] of [
      ['customer', asOf.list],
      ['team', asOf.desk],
    ] as const) {
      const feeds: { after: string; feed: Following<Event> }[] = []
      for (let index = 0; index < good.length; index++) {
        const letter = good[index] === 'A' ? 'B' : 'A'
        const after = good.slice(0, index) + letter + good.slice(index + 1)
        if (isStillGood(decodeCursor(after), decodeCursor(good))) continue
        feeds.push({ after, feed: sockets[side].follow<Event>(EVENTS, { after }) })
        // The connection has a limit.
        if (feeds.length % 50 === 0) await feeds.at(-1)?.feed.ended()
      }
      for (const { after, feed } of feeds) {
        expect({ after, code: (await feed.ended()).code }).toEqual({ after, code: 'RESYNC_REQUIRED' })
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(200)
  })

  /** Cursors are not signed: another place of the same log is a good cursor. */
  function isStillGood(changed: ReturnType<typeof decodeCursor>, good: ReturnType<typeof decodeCursor>): boolean {
    if (changed?.kind !== good?.kind || changed?.life !== good?.life) return false
    if (changed?.kind === 'desk') return true
    return changed?.organisationId === good?.organisationId
  }
})

describe('a cursor that many transactions in flight have made long', () => {
  it('is taken back by the feed that gave it', async () => {
    const { pos } = decodeCursor(asOf.desk) as DeskCursor
    const inFlight = Array.from({ length: 400 }, (_, n) => pos - 500n + BigInt(n)).filter((xid) => xid > 0n)
    const snapshot = `${inFlight[0]}:${pos}:${inFlight.join(',')}`
    const after = encodeCursor({ ...(decodeCursor(asOf.desk) as DeskCursor), snapshot })
    expect(after.length).toBeGreaterThan(2000)
    const feed = sockets.team.follow<Event>(EVENTS, { after })
    expect((await feed.through(({ comment }) => comment?.body === 'The last.')).at(-1)?.comment?.body).toBe('The last.')
    feed.stop()
  })
})

describe('a refusal over websocket', () => {
  it('is an error of that subscription only: others on the socket go on', async () => {
    const socket = await connect(app, customer())
    const living = socket.follow<Event>(EVENTS, { after: asOf.list })
    await living.atLeast(3)
    await socket.follow<Event>(EVENTS, { after: asOf.globex }).ended()
    await run(app, customer(), 'addComment', { ticketId, body: 'Still here.' })
    await living.through(({ comment }) => comment?.body === 'Still here.')
    const types = socket.messages.filter(({ id }) => id === '2').map(({ type }) => type)
    expect(types).toEqual(['error'])
    expect(socket.socket.readyState).toBe(socket.socket.OPEN)
    await socket.close()
  })
})

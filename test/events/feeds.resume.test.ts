// Thirty subscribers who come and go at random while five hundred events happen, over every transport: each has seen
// exactly what it may see, once and in order.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DeskCursor, decodeCursor, type OrganisationCursor } from '../../src/events/cursor.ts'
import { file } from '../graphql/fixtures.ts'
import { ask, bearer, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { makeWriter, type Place, type Writer } from './feeds.writers.ts'
import {
  type Connection,
  connect,
  EVENTS,
  type Event,
  type Following,
  followOverRest,
  followOverSse,
} from './follow.ts'

const EVENT_COUNT = 500
const SUBSCRIBERS = 30

let app: TestApp
let tickets: Place[]
let writers: Writer[]
let sockets: Record<'customer' | 'team', Connection>

beforeAll(async () => {
  app = await testApp()
  tickets = []
  for (const { organisationId, token } of [app.acme, app.globex]) {
    for (let n = 0; n < 2; n++) tickets.push({ organisationId, ticketId: await file(app, bearer(token)) })
  }
  writers = await Promise.all([makeWriter(app), makeWriter(app), makeWriter(app)])
  sockets = {
    customer: await connect(app, bearer(app.acme.token)),
    team: await connect(app, bearer(app.team.token)),
  }
})
afterAll(async () => {
  for (const writer of writers) await writer.close()
  await sockets.customer.close()
  await sockets.team.close()
  await app.close()
})

const random = (to: number) => Math.floor(Math.random() * to)

/** What somebody follows: a customer's organisation, the same as the team, or all organisations. */
interface Kind {
  side: 'customer' | 'team'
  organisationId?: string
}

const kinds = (): Kind[] => [
  { side: 'customer' },
  { side: 'team', organisationId: app.acme.organisationId },
  { side: 'team' },
]

const headersOf = ({ side }: Kind) => bearer(side === 'team' ? app.team.token : app.acme.token)

async function asOf(kind: Kind): Promise<string> {
  const document = 'query ($of: ID) { tickets(filter: { organisationId: $of }) { asOf } }'
  const variables = { of: kind.organisationId }
  return (await ask<{ tickets: { asOf: string } }, object>(app, headersOf(kind), document, variables)).tickets.asOf
}

type Feed = Following<{ cursor?: string; id?: string }>

/** Over whichever transport. */
async function open(kind: Kind, after: string): Promise<Feed> {
  const { organisationId } = kind
  const variables = { organisationId, after }
  const transport = random(3)
  if (transport === 0) return sockets[kind.side].follow<Event>(EVENTS, variables)
  if (transport === 1) return followOverSse<Event>(app, headersOf(kind), EVENTS, variables)
  const query = organisationId ? `&organisation_id=${organisationId}` : ''
  const stream = await followOverRest(app, headersOf(kind), `${TICKETS}/events?after=${after}${query}`)
  return stream as unknown as Feed
}

const cursorOf = ({ cursor, id }: { cursor?: string; id?: string }) => (cursor ?? id) as string

/** Follows in pieces of up to a hundred events, until it has seen so many. Gives the cursors and how often it came back. */
async function comeAndGo(kind: Kind, start: string, total: number): Promise<{ cursors: string[]; pieces: number }> {
  const cursors: string[] = []
  let pieces = 0
  while (cursors.length < total) {
    const feed = await open(kind, cursors.at(-1) ?? start)
    const events = await feed.atLeast(Math.min(1 + random(100), total - cursors.length))
    feed.stop()
    cursors.push(...events.map(cursorOf))
    pieces += 1
  }
  return { cursors, pieces }
}

/** The log in the order and numbering of a kind, behind what was there before. */
async function expected(kind: Kind, before: number): Promise<string[]> {
  const rows = await app.database.prisma.ticketEvent.findMany({
    where: kind.side === 'customer' || kind.organisationId ? { organisationId: app.acme.organisationId } : {},
    orderBy: [{ pos: 'asc' }, { organisationId: 'asc' }, { seq: 'asc' }],
  })
  const visible = rows.filter(({ publicSeq }) => kind.side === 'team' || publicSeq !== null)
  return visible
    .slice(before)
    .map(({ organisationId, seq, publicSeq }) =>
      kind.side === 'customer' ? `${organisationId} ${publicSeq}` : `${organisationId} ${seq}`,
    )
}

function placeOf(cursor: string): string {
  const decoded = decodeCursor(cursor) as OrganisationCursor | DeskCursor
  return `${decoded.organisationId} ${decoded.kind === 'desk' ? decoded.seq : decoded.place}`
}

/** Transactions of one to five comments and notes, some with an early id, some rolled back; the last is for everybody. */
async function writeAll(): Promise<void> {
  let left = EVENT_COUNT
  await Promise.all(
    writers.map(async (writer) => {
      while (left > 0) {
        const count = Math.min(1 + random(5), left)
        left -= count
        await writer.begin()
        if (random(3) === 0) await writer.takeId()
        const on = tickets[random(tickets.length)] as Place
        const said = { count, internal: random(4) === 0 }
        await writer.comment(on, said)
        if (random(10) === 0) {
          await writer.rollback()
          await writer.begin()
          await writer.comment(on, said)
        }
        await writer.commit({ silently: random(50) === 0 })
      }
    }),
  )
}

describe('thirty subscribers who come and go', () => {
  it('have each seen what they may see, once and in order', async () => {
    const starts = await Promise.all(kinds().map(asOf))
    const before = await Promise.all(kinds().map(async (kind) => (await expected(kind, 0)).length))
    const writing = writeAll()
    // Nobody knows yet how much each will see: they follow until the writers are done and the rest has come.
    const following = Promise.all(
      Array.from({ length: SUBSCRIBERS }, async (_, n) => {
        const kind = kinds()[n % 3] as Kind
        const early = await comeAndGo(kind, starts[n % 3] as string, 60)
        await writing
        const all = await expected(kind, before[n % 3] as number)
        const late = await comeAndGo(kind, early.cursors.at(-1) as string, all.length - early.cursors.length)
        return { all, came: [...early.cursors, ...late.cursors].map(placeOf), pieces: early.pieces + late.pieces }
      }),
    )
    const seen = await following
    for (const { all, came } of seen) expect(came).toEqual(all)
    expect(seen.reduce((sum, { pieces }) => sum + pieces, 0)).toBeGreaterThan(SUBSCRIBERS * 4)
    expect((await expected({ side: 'team' }, before[2] as number)).length).toBe(EVENT_COUNT)
  })
})

describe('a replay longer than what is read at once', () => {
  it('brings all events of one transaction, in order', async () => {
    const starts = await Promise.all(kinds().map(asOf))
    const before = await Promise.all(kinds().map(async (kind) => (await expected(kind, 0)).length))
    await writers[0]?.write(tickets[0] as Place, { count: 1200 })
    for (const [n, kind] of kinds().entries()) {
      const whole = await open(kind, starts[n] as string)
      const events = await whole.atLeast(1200)
      expect(events.map((event) => placeOf(cursorOf(event)))).toEqual(await expected(kind, before[n] as number))
      whole.stop()
    }
  })
})

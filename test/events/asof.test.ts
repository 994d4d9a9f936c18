// Read, then subscribe after the answer's asOf, while others write: nothing is missed, nothing comes twice, and what the
// answer shows is exactly what came before.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DeskCursor, decodeCursor, type OrganisationCursor } from '../../src/events/cursor.ts'
import type { TicketEvent } from '../../src/generated/prisma/client.ts'
import { file, run } from '../graphql/fixtures.ts'
import { ask, bearer, type TestApp, testApp } from '../support/app.ts'
import { makeWriter, type Place, type Writer } from './feeds.writers.ts'
import { type Connection, connect, EVENTS, type Event } from './follow.ts'

/** ASOF_ROUNDS=1000 for the long form. */
const ROUNDS = Number(process.env.ASOF_ROUNDS ?? 60)
const AT_ONCE = 4
const WRITERS = 6
/** Some replayed, the rest live. */
const FURTHER_EVENTS = 4

let app: TestApp
let tickets: Place[]
let writers: Writer[]
let customer: Connection
let team: Connection
let stopped = false
let writing: Promise<unknown>

beforeAll(async () => {
  app = await testApp()
  tickets = []
  for (const { organisationId, token } of [app.acme, app.globex]) {
    for (let n = 0; n < 2; n++) tickets.push({ organisationId, ticketId: await file(app, bearer(token)) })
  }
  writers = await Promise.all(Array.from({ length: WRITERS }, () => makeWriter(app)))
  customer = await connect(app, bearer(app.acme.token))
  team = await connect(app, bearer(app.team.token))
  writing = Promise.all([...writers.map(writeOn), changeOn()])
})
afterAll(async () => {
  stopped = true
  await writing
  await customer.close()
  await team.close()
  for (const writer of writers) await writer.close()
  await app.close()
})

const any = <Item>(items: readonly Item[]): Item => items[Math.floor(Math.random() * items.length)] as Item

/** Comments and notes; now and then with an early id, held open over two more commits, or rolled back. */
async function writeOn(writer: Writer, index: number): Promise<void> {
  const neighbour = await makeWriter(app)
  while (!stopped) {
    await writer.begin()
    if (index % 2 === 0) {
      await writer.takeId()
      await neighbour.write(any(tickets), { internal: Math.random() < 0.4 })
    }
    await writer.comment(any(tickets), { internal: Math.random() < 0.4 })
    if (Math.random() < 0.1) await writer.rollback()
    else await writer.commit()
  }
  await neighbour.close()
}

/** Changes of several events each, by operations. */
async function changeOn(): Promise<void> {
  for (let n = 0; !stopped; n++) {
    const status = n % 2 === 0 ? 'RESOLVED' : 'IN_PROGRESS'
    const assigneeId = n % 2 === 0 ? app.team.tess.id : app.team.tom.id
    await run(app, bearer(app.team.token), 'updateTicket', { ticketId: any(tickets).ticketId, status, assigneeId })
  }
}

const THREAD = `asOf version teamVersion
  comments(last: 5) { nodes { id } } events(last: 15) { nodes { cursor ticketVersion ... on CommentAdded { comment { id } } } }`

interface Thread {
  id: string
  asOf: string
  version: number
  teamVersion: number | null
  comments: { nodes: { id: string }[] }
  events: { nodes: { cursor: string; ticketVersion: number; comment?: { id: string } }[] }
}

type Side = 'customer' | 'team'
const headersOf = (side: Side) => bearer(side === 'team' ? app.team.token : app.acme.token)
const placeOf = (cursor: string) => (decodeCursor(cursor) as OrganisationCursor).place

/** The answer is of one state: its last event is at its asOf and made its version, its comments are those of its events. */
function expectOneState({ asOf, version, comments, events }: Thread): void {
  const shown = events.nodes
  expect(shown.at(-1)?.cursor).toBe(asOf)
  expect(shown.at(-1)?.ticketVersion).toBe(version)
  const said = shown.flatMap(({ comment }) => comment?.id ?? []).slice(-comments.nodes.length)
  expect(comments.nodes.map(({ id }) => id).slice(-said.length)).toEqual(said)
}

/** What the log holds after a place, in the numbering of a side, and for one ticket where it is named. */
function logAfter(side: Side, asOf: string, of: { organisationId: string; ticketId?: string }, count: number) {
  const after = { gt: placeOf(asOf) }
  const where = side === 'team' ? { ...of, seq: after } : { ...of, publicSeq: after }
  return app.database.prisma.ticketEvent.findMany({ where, orderBy: { seq: 'asc' }, take: count })
}

const same = (event: Event, row: TicketEvent) =>
  event.ticketId === row.ticketId && event.type === row.type.toUpperCase() && event.ticketVersion === row.ticketVersion

/** Follows an organisation's log, or one ticket of it, and compares with the log itself. */
async function followAndCompare(side: Side, asOf: string, of: { organisationId: string; ticketId?: string }) {
  const feed = (side === 'team' ? team : customer).follow<Event>(EVENTS, { ...of, after: asOf })
  const events = await feed.atLeast(FURTHER_EVENTS)
  feed.stop()
  const expected = await logAfter(side, asOf, of, events.length)
  expect(events.map(({ cursor }) => placeOf(cursor))).toEqual(
    expected.map(({ seq, publicSeq }) => (side === 'team' ? seq : publicSeq)),
  )
  expect(events.every((event, i) => same(event, expected[i] as TicketEvent))).toBe(true)
  return events.length
}

async function fromTicket(side: Side) {
  const of = any(tickets.filter(({ organisationId }) => organisationId === app.acme.organisationId))
  const document = `query ($id: ID!) { ticket(id: $id) { id ${THREAD} } }`
  const { ticket } = await ask<{ ticket: Thread }, object>(app, headersOf(side), document, { id: of.ticketId })
  expectOneState(ticket)
  return followAndCompare(side, ticket.asOf, of)
}

async function fromOrganisation(side: Side) {
  const { organisationId } = app.acme
  const document = `query ($of: ID!) { tickets(filter: { organisationId: $of }) { asOf nodes { id ${THREAD} } } }`
  const variables = { of: organisationId }
  const { tickets } = await ask<{ tickets: List }, object>(app, headersOf(side), document, variables)
  for (const ticket of tickets.nodes) expectOneState(ticket)
  // All tickets of the organisation are in the answer: the last of their changes is the last of the log.
  expect(placeOf(tickets.asOf)).toBe(greatest(tickets.nodes.map(({ asOf }) => placeOf(asOf))))
  return followAndCompare(side, tickets.asOf, { organisationId })
}

interface List {
  asOf: string
  nodes: Thread[]
}

const greatest = (places: bigint[]) => places.reduce((a, b) => (a > b ? a : b))

async function fromAll() {
  const { tickets } = await ask<{ tickets: List }, object>(
    app,
    headersOf('team'),
    `{ tickets { asOf nodes { id ${THREAD} } } }`,
  )
  const heads = new Map<string, bigint>()
  for (const ticket of tickets.nodes) {
    expectOneState(ticket)
    const { organisationId, place } = decodeCursor(ticket.asOf) as OrganisationCursor
    heads.set(organisationId, greatest([heads.get(organisationId) ?? 0n, place]))
  }
  const feed = team.follow<Event>(EVENTS, { after: tickets.asOf })
  const events = await feed.atLeast(FURTHER_EVENTS * 2)
  feed.stop()
  const places = events.map(({ cursor }) => decodeCursor(cursor) as DeskCursor)
  for (const [organisationId, head] of heads) {
    const own = places.filter((one) => one.organisationId === organisationId)
    expect(own.map(({ seq }) => seq)).toEqual(own.map((_, i) => head + BigInt(i + 1)))
  }
  const keys = places.map(({ pos, organisationId, seq }) => `${pad(pos)} ${organisationId} ${pad(seq)}`)
  expect(keys).toEqual([...keys].sort())
  return events.length
}

const pad = (n: bigint) => String(n).padStart(20, '0')

describe('reading and then subscribing, while others write', () => {
  it.each([
    ['a ticket, as a customer', () => fromTicket('customer')],
    ['a ticket, as the team', () => fromTicket('team')],
    ["an organisation's list, as a customer", () => fromOrganisation('customer')],
    ["an organisation's list, as the team", () => fromOrganisation('team')],
    ['a list over all organisations', fromAll],
  ])(
    'misses and repeats nothing: %s',
    async (_, round) => {
      let left = ROUNDS / 5
      let events = 0
      const worker = async () => {
        while (left-- > 0) {
          const came = await round()
          events += came
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, worker))
      expect(events).toBeGreaterThanOrEqual((ROUNDS / 5) * FURTHER_EVENTS)
    },
    20_000 + ROUNDS * 500,
  )
})

// Pages of what hangs on a ticket: its comments, and the events of its history, whose cursors are places in the log.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeCursor, encodeCursor, type OrganisationCursor } from '../../src/events/cursor.ts'
import { ask, bearer, send, type TestApp, testApp } from '../support/app.ts'
import { file, fillComments, fillTickets, run } from './fixtures.ts'

let app: TestApp
let customer: Record<string, string>
let team: Record<string, string>
/** Of Acme: two tickets with 120 comments each, every fourth of them an internal note. */
let ids: [string, string]

beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
  team = bearer(app.team.token)
  const { database, acme } = app
  await fillTickets(database, acme.organisationId, 2)
  await fillComments(database, acme.organisationId, { perTicket: 120, internal: 'k % 4 = 0' })
  const stored = await database.prisma.ticket.findMany({ orderBy: { number: 'asc' } })
  ids = stored.map(({ id }) => id) as [string, string]
})
afterAll(() => app.close())

interface Window {
  first?: number
  last?: number
  after?: string | null
  before?: string | null
}

interface PageInfo {
  hasNextPage: boolean
  hasPreviousPage: boolean
  startCursor: string | null
  endCursor: string | null
}

interface Page {
  edges: { cursor: string }[]
  nodes: { name: string; cursor?: string }[]
  pageInfo: PageInfo
  totalCount?: number
}

const PAGE = 'edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }'
const query = (fields: string) => `query ($id: ID!, $first: Int, $last: Int, $after: String, $before: String) {
  ticket(id: $id) { page: ${fields.replace('(', '(first: $first, last: $last, after: $after, before: $before')} } }`
const COMMENTS = query(`comments() { totalCount nodes { name: body } ${PAGE} }`)
const EVENTS = query(`events() { nodes { name: __typename cursor } ${PAGE} }`)

type Headers = Record<string, string>

async function read(document: string, headers: Headers, id: string, window: Window): Promise<Page> {
  const { ticket } = await ask<{ ticket: { page: Page } }, object>(app, headers, document, { id, ...window })
  return ticket.page
}

/** The whole thread by pages of `size`, and that the flags were true all the way. */
async function walk(document: string, headers: Headers, id: string, size: number, forwards: boolean) {
  const found: string[] = []
  for (let cursor: string | null = null, more = true; more; ) {
    const window = forwards ? { first: size, after: cursor } : { last: size, before: cursor }
    const { nodes, edges, pageInfo } = await read(document, headers, id, window)
    const { hasNextPage, hasPreviousPage } = pageInfo
    expect(edges).toHaveLength(nodes.length)
    expect(forwards ? hasPreviousPage : hasNextPage).toBe(found.length > 0)
    const names = nodes.map(({ name }) => name)
    if (forwards) found.push(...names)
    else found.unshift(...names)
    more = forwards ? hasNextPage : hasPreviousPage
    cursor = forwards ? pageInfo.endCursor : pageInfo.startCursor
  }
  return found
}

const all = Array.from({ length: 120 }, (_, k) => k + 1)
const readers = () => [
  { side: 'customer', headers: customer, seen: all.filter((k) => k % 4 !== 0) },
  { side: 'team', headers: team, seen: all },
]

describe('comments', () => {
  it('come oldest first, each that the reader may see once, both ways', async () => {
    for (const { side, headers, seen } of readers()) {
      const expected = seen.map((k) => `Comment ${k}`)
      expect(await walk(COMMENTS, headers, ids[0], 7, true), side).toEqual(expected)
      expect(await walk(COMMENTS, headers, ids[0], 11, false), side).toEqual(expected)
      expect((await read(COMMENTS, headers, ids[0], {})).totalCount, side).toBe(seen.length)
    }
  })

  it('are the first 25 unless asked otherwise, the last 25 before a cursor alone', async () => {
    const first = await read(COMMENTS, team, ids[0], {})
    expect(first.nodes.map(({ name }) => name)).toEqual(all.slice(0, 25).map((k) => `Comment ${k}`))
    const { pageInfo } = await read(COMMENTS, team, ids[0], { last: 1 })
    const before = await read(COMMENTS, team, ids[0], { before: pageInfo.endCursor })
    expect(before.nodes.map(({ name }) => name)).toEqual(all.slice(94, 119).map((k) => `Comment ${k}`))
  })

  it('refuse a cursor of another ticket, of a note the reader may not see, and of no comment', async () => {
    const other = await read(COMMENTS, customer, ids[1], { first: 1 })
    const note = await read(COMMENTS, team, ids[0], { first: 4 })
    expect(note.nodes[3]?.name).toBe('Comment 4')
    const forged = Buffer.from(JSON.stringify(['comments', 'x'])).toString('base64url')
    const event = await read(EVENTS, customer, ids[0], { first: 1 })
    for (const cursor of [other, note, event].map(({ pageInfo }) => pageInfo.endCursor).concat(forged, 'x', '')) {
      for (const window of [{ after: cursor }, { before: cursor }]) {
        const { errors } = await send(app, customer, COMMENTS, { id: ids[0], ...window })
        expect(errors[0]?.extensions.code, `${cursor}`).toBe('BAD_USER_INPUT')
      }
    }
  })
})

describe('events', () => {
  it('come oldest first, each that the reader may see once, both ways', async () => {
    for (const { side, headers, seen } of readers()) {
      const expected = ['TicketCreated', ...seen.map(() => 'CommentAdded')]
      expect(await walk(EVENTS, headers, ids[0], 7, true), side).toEqual(expected)
      expect(await walk(EVENTS, headers, ids[0], 50, false), side).toEqual(expected)
    }
  })

  it('have cursors that are their edges', async () => {
    const page = await read(EVENTS, customer, ids[0], { first: 5 })
    expect(page.edges.map(({ cursor }) => cursor)).toEqual(page.nodes.map(({ cursor }) => cursor))
  })

  it('after the cursor of any event of the organisation are those that came later', async () => {
    const id = await file(app, customer)
    const elsewhere = await file(app, customer)
    const { nodes } = await read(EVENTS, customer, elsewhere, { last: 1 })
    await run(app, customer, 'addComment', { ticketId: id, body: 'Later than the other ticket.' })
    const page = await read(EVENTS, customer, id, { after: nodes[0]?.cursor as string })
    expect(page.nodes.map(({ name }) => name)).toEqual(['CommentAdded'])
    expect(page.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false })
  })

  it("after the ticket's asOf are none, and what happens next is the first", async () => {
    const id = await file(app, customer)
    for (const headers of [customer, team]) {
      const { ticket } = await ask<{ ticket: { asOf: string } }, object>(
        app,
        headers,
        'query ($id: ID!) { ticket(id: $id) { asOf } }',
        { id },
      )
      expect((await read(EVENTS, headers, id, { after: ticket.asOf })).nodes).toEqual([])
      await run(app, customer, 'addComment', { ticketId: id, body: 'And then this.' })
      const next = await read(EVENTS, headers, id, { after: ticket.asOf })
      expect(next.nodes.map(({ name }) => name)).toEqual(['CommentAdded'])
    }
  })

  it('refuse a cursor that is not of this log, with RESYNC_REQUIRED', async () => {
    const { pageInfo } = await read(EVENTS, customer, ids[0], { first: 1 })
    const cursor = decodeCursor(pageInfo.endCursor as string) as OrganisationCursor
    expect(cursor).toMatchObject({ kind: 'customer', life: app.life, organisationId: app.acme.organisationId })
    const forge = (parts: Partial<OrganisationCursor>) => encodeCursor({ ...cursor, ...parts })
    const desk = { pos: 0n, organisationId: app.acme.organisationId, seq: 0n, snapshot: null }
    const cursors = {
      'of the other side': forge({ kind: 'team' }),
      'of another organisation': forge({ organisationId: app.globex.organisationId }),
      'of another life of the database': forge({ life: crypto.randomUUID() }),
      'beyond the head': forge({ place: 10_000n }),
      'far beyond the head': forge({ place: 2n ** 63n - 1n }),
      'beyond all numbers': forge({ place: 9_999_999_999_999_999_999n }),
      'of the desk': encodeCursor({ kind: 'desk', life: app.life, ...desk }),
      'of comments': Buffer.from(JSON.stringify(['comments', ids[0]])).toString('base64url'),
      'of no kind': 'x',
      'that is empty': '',
      'that is long': 'A'.repeat(900),
      'edited by hand': `${pageInfo.endCursor?.slice(0, -2)}AA`,
    }
    for (const [name, text] of Object.entries(cursors)) {
      for (const window of [{ after: text }, { before: text }]) {
        const { errors } = await send(app, customer, EVENTS, { id: ids[0], ...window })
        expect(errors[0]?.extensions.code, name).toBe('RESYNC_REQUIRED')
      }
    }
    const { errors } = await send(app, team, EVENTS, { id: ids[0], after: pageInfo.endCursor })
    expect(errors[0]?.extensions.code, "a customer's, sent by the team").toBe('RESYNC_REQUIRED')
  })

  it('take the cursor of the head itself, and of the very beginning', async () => {
    const { pageInfo } = await read(EVENTS, customer, ids[0], { last: 1 })
    const cursor = decodeCursor(pageInfo.endCursor as string) as OrganisationCursor
    const head = await app.database.prisma.organisationCounters.findFirstOrThrow({
      where: { organisationId: app.acme.organisationId },
    })
    const atHead = await read(EVENTS, customer, ids[0], { after: encodeCursor({ ...cursor, place: head.publicSeq }) })
    expect(atHead.nodes).toEqual([])
    const start = await read(EVENTS, customer, ids[0], { first: 1, after: encodeCursor({ ...cursor, place: 0n }) })
    expect(start.nodes[0]?.name).toBe('TicketCreated')
    expect(start.pageInfo.hasPreviousPage).toBe(false)
  })
})

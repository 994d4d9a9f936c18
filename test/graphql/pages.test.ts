// Pages by cursor: whichever way and however large, they show the whole list in its order, each thing once, and say
// truly what lies before and after them.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, send, type TestApp, testApp } from '../support/app.ts'
import { fillTickets, makeCluster, run } from './fixtures.ts'

const COUNT = 130
const SEVERITIES = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL']
const CLUSTER = '018f0000-0000-7000-8000-000000000001'

let app: TestApp
let customer: Record<string, string>
let rows: Row[]

interface Row {
  id: string
  createdAt: string
  updatedAt: string
  severity: string | null
}

beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
  const { database, acme, globex } = app
  await makeCluster(database, acme.organisationId, CLUSTER, 'prod')
  // Many of each moment and severity: most places are ties.
  await fillTickets(database, acme.organisationId, COUNT, {
    created_at: "'2026-03-01T12:00:00Z'::timestamptz + (n % 3) * interval '1 millisecond'",
    updated_at: "'2026-03-02T12:00:00Z'::timestamptz + (n % 7) * interval '1 second'",
    severity: "(ARRAY['low', 'medium', 'high', 'critical', NULL])[1 + n % 5]",
  })
  await fillTickets(database, globex.organisationId, 5)
  const stored = await database.prisma.ticket.findMany({ where: { organisationId: acme.organisationId } })
  rows = stored.map(({ id, createdAt, updatedAt, severity }) => ({
    id,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    severity: severity?.toUpperCase() ?? null,
  }))
})
afterAll(() => app.close())

const ORDERS = ['CREATED_AT', 'UPDATED_AT', 'SEVERITY'].flatMap((field) =>
  ['ASC', 'DESC'].map((direction) => ({ field, direction })),
)
type Order = (typeof ORDERS)[number]

/** The whole list as the rules have it, worked out apart from the database. */
function expectedIds({ field, direction }: Order): string[] {
  const sign = direction === 'ASC' ? 1 : -1
  const key = (row: Row): string | number => {
    if (field === 'CREATED_AT') return row.createdAt
    if (field === 'UPDATED_AT') return row.updatedAt
    return row.severity === null ? sign * 9 : SEVERITIES.indexOf(row.severity)
  }
  const order = (a: string | number, b: string | number) => (a < b ? -sign : a > b ? sign : 0)
  return [...rows].sort((a, b) => order(key(a), key(b)) || order(a.id, b.id)).map(({ id }) => id)
}

interface Window {
  first?: number
  last?: number
  after?: string
  before?: string
}

interface Page {
  edges: { cursor: string; node: { id: string } }[]
  nodes: { id: string }[]
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
}

const PAGE = 'edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }'
const LIST = `query ($orderBy: TicketOrder, $first: Int, $last: Int, $after: String, $before: String) {
  page: tickets(orderBy: $orderBy, first: $first, last: $last, after: $after, before: $before) { ${PAGE} } }`

async function tickets(orderBy: Order | undefined, window: Window): Promise<Page> {
  const { page } = await ask<{ page: Page }, object>(app, customer, LIST, { orderBy, ...window })
  expect(page.nodes).toEqual(page.edges.map(({ node }) => node))
  expect(page.pageInfo.startCursor).toBe(page.edges[0]?.cursor ?? null)
  expect(page.pageInfo.endCursor).toBe(page.edges.at(-1)?.cursor ?? null)
  return page
}

const idsOf = (page: Page) => page.nodes.map(({ id }) => id)

describe('tickets by cursor', () => {
  it('come newest first, 25 of them, unless asked otherwise', async () => {
    const page = await tickets(undefined, {})
    expect(idsOf(page)).toEqual(expectedIds({ field: 'CREATED_AT', direction: 'DESC' }).slice(0, 25))
    expect(page.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
  })

  it.each(ORDERS)('by $field $direction show each once, in order, walking forwards and backwards', async (order) => {
    const expected = expectedIds(order)
    for (const size of [9, 50, 100]) {
      const forwards: string[] = []
      for (let after: string | undefined, more = true; more; ) {
        const page = await tickets(order, { first: size, after })
        expect(page.pageInfo.hasPreviousPage).toBe(forwards.length > 0)
        forwards.push(...idsOf(page))
        more = page.pageInfo.hasNextPage
        expect(more).toBe(forwards.length < COUNT)
        after = page.pageInfo.endCursor as string
      }
      expect(forwards).toEqual(expected)

      const backwards: string[] = []
      for (let before: string | undefined, more = true; more; ) {
        const page = await tickets(order, { last: size, before })
        expect(page.pageInfo.hasNextPage).toBe(backwards.length > 0)
        backwards.unshift(...idsOf(page))
        more = page.pageInfo.hasPreviousPage
        expect(more).toBe(backwards.length < COUNT)
        before = page.pageInfo.startCursor as string
      }
      expect(backwards).toEqual(expected)
    }
  })

  it('may be bounded at both ends, and the flags still say what lies outside', async () => {
    const random = seeded(7)
    for (const order of ORDERS) {
      const expected = expectedIds(order)
      const halves = [await tickets(order, { first: 100 }), await tickets(order, { last: COUNT - 100 })]
      const cursors = halves.flatMap(({ edges }) => edges.map(({ cursor }) => cursor))
      for (let round = 0; round < 12; round++) {
        const from = random(COUNT - 2)
        const to = from + 2 + random(COUNT - from - 2)
        const size = 1 + random(100)
        const inside = expected.slice(from + 1, to)
        const bounds = { after: cursors[from], before: cursors[to] }
        const outside = { hasPreviousPage: true, hasNextPage: true }
        const start = await tickets(order, { first: size, ...bounds })
        expect(idsOf(start)).toEqual(inside.slice(0, size))
        expect(start.pageInfo).toMatchObject(outside)
        const end = await tickets(order, { last: size, ...bounds })
        expect(idsOf(end)).toEqual(inside.slice(-size))
        expect(end.pageInfo).toMatchObject(outside)
      }
    }
  })

  it('before a cursor alone are the last 25 there', async () => {
    const order = { field: 'CREATED_AT', direction: 'DESC' }
    const { edges } = await tickets(order, { first: 60 })
    const page = await tickets(order, { before: edges[59]?.cursor })
    expect(idsOf(page)).toEqual(expectedIds(order).slice(34, 59))
    expect(page.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
    const both = await tickets(order, { after: edges[9]?.cursor, before: edges[59]?.cursor })
    expect(idsOf(both)).toEqual(expectedIds(order).slice(10, 35))
  })

  it('beyond the end are none, and the flags say so', async () => {
    const { pageInfo } = await tickets(undefined, { last: 1 })
    const page = await tickets(undefined, { first: 5, after: pageInfo.endCursor as string })
    expect(page.pageInfo).toEqual({ hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null })
  })

  it('have nothing before them once what was there no longer matches the filter', async () => {
    const list = `query ($after: String) { page: tickets(first: 2, after: $after, filter: { status: [OPEN] }) { ${PAGE} } }`
    const globex = bearer(app.globex.token)
    const { page } = await ask<{ page: Page }, object>(app, globex, list, {})
    for (const id of idsOf(page)) await run(app, globex, 'closeTicket', { ticketId: id })
    const next = await ask<{ page: Page }, object>(app, globex, list, { after: page.pageInfo.endCursor })
    expect(next.page.nodes).toHaveLength(2)
    expect(next.page.pageInfo).toMatchObject({ hasPreviousPage: false, hasNextPage: true })
  })
})

/** Whole numbers from 0 to below `limit`, the same in every run (a linear congruential generator). */
function seeded(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

describe('what makes no page', () => {
  const refused = async (document: string, variables: object = {}, headers = customer) => {
    const { errors } = await send(app, headers, document, variables)
    expect(errors[0]?.extensions.code, JSON.stringify([errors, variables])).toBe('BAD_USER_INPUT')
    return errors[0]?.message
  }

  it.each([
    { first: 0 },
    { first: -1 },
    { first: 101 },
    { last: 0 },
    { last: -1 },
    { last: 101 },
    { first: 1, last: 1 },
  ])('%j is refused for tickets, comments and events', async (window) => {
    await refused(LIST, window)
    const nested = (field: string) => `query ($id: ID!, $first: Int, $last: Int) {
        ticket(id: $id) { ${field}(first: $first, last: $last) { pageInfo { hasNextPage } } } }`
    await refused(nested('comments'), { id: rows[0]?.id, ...window })
    await refused(nested('events'), { id: rows[0]?.id, ...window })
    if (!('last' in window)) await refused('query ($first: Int) { clusters(first: $first) { nodes { id } } }', window)
  })

  it('says what it may be', async () => {
    expect(await refused(LIST, { first: 101 })).toBe('first must be at most 100.')
  })

  const forge = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString('base64url')
  const id = '018f0000-0000-7000-8000-00000000000a'

  it.each([
    ['no base64', '*** not a cursor ***'],
    ['nothing', ''],
    ['no JSON', Buffer.from('hello').toString('base64url')],
    ['an object', forge({})],
    ['too few values', forge(['created_at desc', id])],
    ['too many values', forge(['created_at desc', '2026-03-01T12:00:00.000Z', id, 1])],
    ['a moment that is none', forge(['created_at desc', 'yesterday', id])],
    ['a moment beyond all calendars', forge(['created_at desc', '+275760-09-14T00:00:00.000Z', id])],
    ['an id that is none', forge(['created_at desc', '2026-03-01T12:00:00.000Z', 'x'])],
    ['a number for an id', forge(['created_at desc', '2026-03-01T12:00:00.000Z', 5])],
    ['a number for a moment', forge(['created_at desc', 5, id])],
    ['a NUL', forge(['created_at desc', '2026-03-01T12:00:00.000Z\u0000', id])],
    ['another order', forge(['updated_at desc', '2026-03-01T12:00:00.000Z', id])],
    ['the other direction', forge(['created_at asc', '2026-03-01T12:00:00.000Z', id])],
    ['a list of names', forge(['name asc', 'prod', id])],
    ['comments', forge(['comments', id])],
    ['a very long text', 'A'.repeat(100_000)],
  ])('a cursor of %s is refused', async (_, cursor) => {
    await refused(LIST, { after: cursor })
    await refused(LIST, { last: 5, before: cursor })
  })

  it.each([
    ['a text', ['severity desc', 'high', id]],
    ['too large', ['severity desc', 2 ** 40, id]],
    ['no id', ['severity desc', 3, 'x']],
  ])('a severity that is %s is refused', async (_, parts) => {
    await refused(LIST, { orderBy: { field: 'SEVERITY', direction: 'DESC' }, after: forge(parts) })
  })

  it.each([
    ['a moment', ['created_at desc', '2026-03-01T12:00:00.000Z', id]],
    ['a name and no id', ['name asc', 'prod', 'x']],
    ['a number for a name', ['name asc', 5, id]],
    ['a NUL', ['name asc', '\u0000', id]],
  ])('a cursor of %s is refused by clusters and organisations', async (_, parts) => {
    const after = forge(parts)
    await refused('query ($after: String) { clusters(after: $after) { nodes { id } } }', { after })
    await refused('query ($after: String) { organisations(after: $after) { nodes { id } } }', { after })
  })

  it('a cursor of another list with the same order is a place like any other', async () => {
    const { page } = await ask<{ page: Page }, object>(app, bearer(app.globex.token), LIST, {})
    const order = { field: 'CREATED_AT', direction: 'DESC' }
    await expect(tickets(order, { after: page.pageInfo.startCursor as string })).resolves.toBeDefined()
  })
})

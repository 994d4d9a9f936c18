// What a request costs in statements: the same for one row and for a hundred, and no more than the budget. Who asks is
// looked up apart from that, and remembered for two seconds.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { file, fillAttachments, fillComments, fillTickets, makeCluster, run, WELL_DESCRIBED } from './fixtures.ts'

const CLUSTER = '018f0000-0000-7000-8000-000000000001'
const OTHER_CLUSTER = '018f0000-0000-7000-8000-000000000002'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
  const { database, acme, globex } = app
  await makeCluster(database, acme.organisationId, CLUSTER, 'prod')
  await makeCluster(database, acme.organisationId, OTHER_CLUSTER, 'staging')
  const cluster_id = `(ARRAY['${CLUSTER}', '${OTHER_CLUSTER}'])[1 + n % 2]::uuid`
  await fillTickets(database, acme.organisationId, 120, {
    cluster_id,
    status: "CASE n % 2 WHEN 0 THEN 'open' ELSE 'in_progress' END",
  })
  await fillComments(database, acme.organisationId, { perTicket: 6, internal: 'k = 3' })
  await fillAttachments(database, acme.organisationId)
  await fillTickets(database, globex.organisationId, 30)
})
afterAll(() => app.close())

const isOfAuthentication = (text: string) => /\bapi_tokens\b|\bsessions s\b/.test(text)

async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const { statements } = await app.statements(work)
  return statements.filter((text) => !isOfAuthentication(text))
}

const sides = () => [
  { side: 'a customer', headers: bearer(app.acme.token) },
  { side: 'the team', headers: bearer(app.team.token) },
]

const DASHBOARD = `query ($first: Int!) {
  tickets(first: $first, filter: { status: [OPEN, IN_PROGRESS] }) {
    totalCount asOf pageInfo { hasNextPage endCursor }
    nodes { id number subject status severity updatedAt cluster { name }
      comments(last: 5) { nodes { body author { label } createdAt } } attachments { filename sizeBytes } } } }`

const ONE_TICKET = `query ($number: Int!, $organisationId: ID!, $first: Int!) {
  ticketByNumber(number: $number, organisationId: $organisationId) { id description status asOf
    comments(first: $first) { totalCount nodes { body internal author { type label } } } attachments { filename } } }`

const ORGANISATIONS = `query ($first: Int!) { organisations(first: 5) { nodes { name
  tickets(first: $first) { totalCount nodes { number cluster { name } comments(last: 3) { nodes { body } } } } } } }`

const CLUSTERS = `query ($first: Int!) { clusters { nodes { name
  tickets(first: $first) { nodes { number organisation { slug } } } } } }`

const HISTORIES = `query ($first: Int!) { tickets(first: $first) { nodes { number
  events(first: 10) { nodes { type ticket { number } ... on CommentAdded { comment { body } } } } } } }`

describe('reads', () => {
  it.each([
    ['the dashboard', DASHBOARD, 5],
    ['one ticket with its comments', ONE_TICKET, 4],
    ['organisations with their tickets', ORGANISATIONS, 4],
    ['clusters with their tickets', CLUSTERS, 3],
    ['tickets with their histories', HISTORIES, 4],
  ])('%s cost the same for one row and a hundred, at most the budget', async (_, document, budget) => {
    for (const { side, headers } of sides()) {
      const cost = async (first: number) => {
        const variables = { first, number: 7, organisationId: app.acme.organisationId }
        return (await statementsOf(() => ask(app, headers, document, variables))).length
      }
      const one = await cost(1)
      expect(await cost(100), side).toBe(one)
      expect(one, side).toBeLessThanOrEqual(budget as number)
      expect(one, side).toBeGreaterThan(0)
    }
  })

  it('a REST page costs the same for one row and a hundred', async () => {
    for (const { side, headers } of sides()) {
      const cost = (size: number) =>
        statementsOf(() => rest(app, headers, 'GET', `${TICKETS}?status=open&status=in_progress&page_size=${size}`))
      const one = await cost(1)
      expect((await cost(100)).length, side).toBe(one.length)
      expect(one.length, side).toBeLessThanOrEqual(5)
    }
  })

  it('a ticket over REST costs at most four statements', async () => {
    const [ticket] = await app.database.prisma.ticket.findMany({
      where: { organisationId: app.acme.organisationId, number: 7 },
    })
    for (const { side, headers } of sides()) {
      const get = () => rest(app, headers, 'GET', `${TICKETS}/${ticket?.id}`)
      expect((await get()).status, side).toBe(200)
      expect((await statementsOf(get)).length, side).toBeLessThanOrEqual(4)
    }
  })

  it('never go through Prisma', async () => {
    const sweep = [DASHBOARD, ONE_TICKET, ORGANISATIONS, CLUSTERS, HISTORIES, '{ ticketStats { total } }']
    for (const { headers } of sides()) {
      const variables = { first: 10, number: 7, organisationId: app.acme.organisationId }
      const statements = await statementsOf(async () => {
        for (const document of sweep) await ask(app, headers, document, variables)
        await rest(app, headers, 'GET', TICKETS)
      })
      expect(statements.length).toBeGreaterThan(sweep.length)
      expect(statements.filter((text) => text.includes('"public"."'))).toEqual([])
    }
  })
})

const isBegin = (text: string) => /^BEGIN/i.test(text)
const isCommit = (text: string) => /^COMMIT/i.test(text)
const takesPlaces = (text: string) => /UPDATE organisation_counters/.test(text)

/** Statements between the one that takes the organisation's counters and the COMMIT. */
function whileLocked(statements: string[]): string[] {
  const from = statements.findIndex(takesPlaces)
  const to = statements.findIndex((text, index) => index > from && isCommit(text))
  expect(from).toBeGreaterThan(0)
  expect(to).toBeGreaterThan(from)
  return statements.slice(from + 1, to)
}

describe('writes', () => {
  it('a comment costs at most eight statements, at most three of them while other writers wait', async () => {
    const ticketId = await file(app, bearer(app.acme.token))
    for (const { side, headers } of sides()) {
      const input = { ticketId, body: 'It is back.', idempotencyKey: `comment of ${side}` }
      const statements = await statementsOf(() => run(app, headers, 'addComment', input))
      expect(statements.filter(isBegin), side).toHaveLength(1)
      expect(statements.length, statements.join('\n')).toBeLessThanOrEqual(8)
      expect(whileLocked(statements).length, statements.join('\n')).toBeLessThanOrEqual(3)
    }
  })

  it('filing from a review costs at most ten statements, at most three of them while other writers wait', async () => {
    for (const { side, headers } of sides()) {
      const organisationId = app.acme.organisationId
      const draft = { ...WELL_DESCRIBED, clusterId: CLUSTER, organisationId }
      const { review } = await run(app, headers, 'reviewTicket', draft, 'review { id }')
      const input = { reviewId: review.id, organisationId, idempotencyKey: `create of ${side}` }
      const statements = await statementsOf(() => run(app, headers, 'createTicket', input, 'created ticket { number }'))
      expect(statements.filter(isBegin), side).toHaveLength(1)
      expect(statements.length, statements.join('\n')).toBeLessThanOrEqual(10)
      expect(whileLocked(statements).length, statements.join('\n')).toBeLessThanOrEqual(3)
    }
  })

  it('an update of everything at once keeps other writers waiting for at most three statements', async () => {
    const ticketId = await file(app, bearer(app.acme.token))
    const input = { ticketId, status: 'CLOSED', severity: 'LOW', category: 'BUG', assigneeId: app.team.tess.id }
    const statements = await statementsOf(() => run(app, bearer(app.team.token), 'updateTicket', input))
    expect(whileLocked(statements).length, statements.join('\n')).toBeLessThanOrEqual(3)
  })
})

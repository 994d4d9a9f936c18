// The filters of a list of tickets, one by one and together: lists, counts and statistics agree on what they find.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, send, type TestApp, testApp } from '../support/app.ts'
import { fillTickets, makeCluster } from './fixtures.ts'

const CLUSTERS = ['018f0000-0000-7000-8000-000000000001', '018f0000-0000-7000-8000-000000000002']
const COUNT = 84

let app: TestApp
let customer: Record<string, string>
let team: Record<string, string>
let rows: Row[]

interface Row {
  number: number
  status: string
  category: string
  severity: string | null
  source: string
  aiReviewStatus: string
  clusterId: string | null
  assigneeId: string | null
  createdById: string | null
  createdAt: Date
  updatedAt: Date
  resolvedAt: Date | null
}

beforeAll(async () => {
  app = await testApp()
  customer = await app.acme.member.signIn()
  team = bearer(app.team.token)
  const { database, acme, globex } = app
  for (const [i, id] of CLUSTERS.entries()) await makeCluster(database, acme.organisationId, id, `prod-${i}`)
  const pick = (values: (string | null)[], by: number) =>
    `(ARRAY[${values.map((value) => (value === null ? 'NULL' : `'${value}'`)).join(', ')}])[1 + (n / ${by}) % ${values.length}]`
  await fillTickets(database, acme.organisationId, COUNT, {
    status: pick(['open', 'in_progress', 'resolved'], 1),
    category: pick(['bug', 'billing'], 2),
    severity: pick(['low', 'critical', null], 3),
    source: pick(['portal', 'api', 'cli', 'agent'], 4),
    ai_review_status: pick(['passed', 'flagged', 'pending'], 5),
    cluster_id: `${pick([...CLUSTERS, null], 6)}::uuid`,
    assignee_id: `${pick([app.team.tess.id, null, app.team.tom.id], 7)}::uuid`,
    created_by_id: `${pick([acme.member.id, acme.admin.id], 8)}::uuid`,
    resolved_at: "CASE WHEN n % 3 = 2 THEN '2026-03-03T12:00:00Z'::timestamptz + n * interval '1 minute' END",
    updated_at: "'2026-03-02T12:00:00Z'::timestamptz - n * interval '1 minute'",
  })
  await fillTickets(database, globex.organisationId, 10)
  const upper = (value: string) => value.toUpperCase()
  const stored = await database.prisma.ticket.findMany({ where: { organisationId: acme.organisationId } })
  rows = stored.map((row) => ({
    ...row,
    status: upper(row.status),
    category: upper(row.category),
    severity: row.severity && upper(row.severity),
    source: upper(row.source),
    aiReviewStatus: upper(row.aiReviewStatus),
  }))
})
afterAll(() => app.close())

const LIST = `query ($filter: TicketFilter) {
  tickets(filter: $filter, first: 100) { totalCount totalCountIsExact nodes { number } }
  ticketStats(filter: $filter) { total } }`
interface Found {
  tickets: { totalCount: number; totalCountIsExact: boolean; nodes: { number: number }[] }
  ticketStats: { total: number }
}

/** The filter must find what `keep` says, no more and no less, wherever it is used. */
async function expectFound(filter: object, keep: (row: Row) => boolean, headers = customer) {
  const expected = rows.filter(keep).map(({ number }) => number)
  const asked = headers === team ? { organisationId: app.acme.organisationId, ...filter } : filter
  const { tickets, ticketStats } = await ask<Found, object>(app, headers, LIST, { filter: asked })
  const found = tickets.nodes.map(({ number }) => number)
  expect(found.sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b))
  expect(tickets).toMatchObject({ totalCount: expected.length, totalCountIsExact: true })
  expect(ticketStats.total).toBe(expected.length)
}

const at = (text: string) => new Date(text)

describe('a filter finds exactly what it says', () => {
  const cases: [string, object, (row: Row) => boolean][] = [
    ['nothing', {}, () => true],
    ['one status', { status: ['OPEN'] }, (row) => row.status === 'OPEN'],
    ['two statuses', { status: ['OPEN', 'RESOLVED'] }, (row) => row.status !== 'IN_PROGRESS'],
    ['a status that none has', { status: ['CLOSED'] }, () => false],
    ['a category', { category: ['BUG'] }, (row) => row.category === 'BUG'],
    ['a severity', { severity: ['CRITICAL'] }, (row) => row.severity === 'CRITICAL'],
    ['no severity', { severity: [null] }, (row) => row.severity === null],
    ['a severity or none', { severity: [null, 'LOW'] }, (row) => row.severity !== 'CRITICAL'],
    ['a source', { source: ['CLI', 'AGENT'] }, (row) => ['CLI', 'AGENT'].includes(row.source)],
    ['a review status', { aiReviewStatus: ['FLAGGED'] }, (row) => row.aiReviewStatus === 'FLAGGED'],
    ['a cluster', { clusterId: [CLUSTERS[0]] }, (row) => row.clusterId === CLUSTERS[0]],
    ['a cluster in capitals', { clusterId: [CLUSTERS[0]?.toUpperCase()] }, (row) => row.clusterId === CLUSTERS[0]],
    ['two clusters', { clusterId: CLUSTERS }, (row) => row.clusterId !== null],
    ['an unknown cluster', { clusterId: [crypto.randomUUID()] }, () => false],
    ['a cluster whose id is no UUID', { clusterId: ['x'] }, () => false],
    ['created after', { createdAfter: '2026-03-01T12:30:00Z' }, (row) => row.createdAt > at('2026-03-01T12:30:00Z')],
    ['created before', { createdBefore: '2026-03-01T12:30:00Z' }, (row) => row.createdAt < at('2026-03-01T12:30:00Z')],
    [
      'created in a zone of its own',
      { createdAfter: '2026-03-01T14:30:00+02:00' },
      (row) => row.createdAt > at('2026-03-01T12:30:00Z'),
    ],
    ['updated after', { updatedAfter: '2026-03-02T11:30:00Z' }, (row) => row.updatedAt > at('2026-03-02T11:30:00Z')],
    ['updated before', { updatedBefore: '2026-03-02T11:30:00Z' }, (row) => row.updatedAt < at('2026-03-02T11:30:00Z')],
    [
      'resolved after',
      { resolvedAfter: '2026-03-03T13:00:00Z' },
      (row) => (row.resolvedAt ?? 0) > at('2026-03-03T13:00:00Z'),
    ],
    [
      'resolved before',
      { resolvedBefore: '2026-03-03T13:00:00Z' },
      (row) => row.resolvedAt !== null && row.resolvedAt < at('2026-03-03T13:00:00Z'),
    ],
    [
      'several at once',
      {
        status: ['OPEN', 'RESOLVED'],
        category: ['BUG'],
        severity: ['LOW', null],
        createdAfter: '2026-03-01T12:05:00Z',
      },
      (row) =>
        row.status !== 'IN_PROGRESS' &&
        row.category === 'BUG' &&
        row.severity !== 'CRITICAL' &&
        row.createdAt > at('2026-03-01T12:05:00Z'),
    ],
    [
      'a window of time that is empty',
      { createdAfter: '2026-03-02T00:00:00Z', createdBefore: '2026-03-01T00:00:00Z' },
      () => false,
    ],
    ['a status and a text', { status: ['OPEN'], q: 'report' }, (row) => row.status === 'OPEN'],
    [
      'empty lists and nulls',
      {
        status: [],
        category: [],
        severity: [],
        source: [],
        clusterId: [],
        aiReviewStatus: [],
        q: null,
        createdAfter: null,
      },
      () => true,
    ],
  ]

  it.each(cases)('%s', async (_, filter, keep) => {
    await expectFound(filter, keep)
    await expectFound(filter, keep, team)
  })

  it('only of mine, who is the same person', async () => {
    await expectFound({ createdByMe: true }, (row) => row.createdById === app.acme.member.id)
    await expectFound({ createdByMe: false }, () => true)
    await expectFound({ createdByMe: true, status: ['OPEN'] }, (row) => {
      return row.createdById === app.acme.member.id && row.status === 'OPEN'
    })
  })

  it('only of mine, which is the same token', async () => {
    const { tickets } = await ask<Found, object>(app, bearer(app.acme.token), LIST, { filter: { createdByMe: true } })
    expect(tickets.totalCount).toBe(0)
  })

  it.each([
    ['one assignee', () => ({ assigneeId: [app.team.tess.id] }), (row: Row) => row.assigneeId === app.team.tess.id],
    [
      'two assignees',
      () => ({ assigneeId: [app.team.tess.id, app.team.tom.id] }),
      (row: Row) => row.assigneeId !== null,
    ],
    ['nobody', () => ({ unassigned: true }), (row: Row) => row.assigneeId === null],
    ['somebody', () => ({ unassigned: false }), (row: Row) => row.assigneeId !== null],
    ['an author', () => ({ createdById: app.acme.admin.id }), (row: Row) => row.createdById === app.acme.admin.id],
    ['no assignee given', () => ({ assigneeId: [] }), () => true],
  ])('for the team, %s', async (_, filter, keep) => {
    await expectFound(filter(), keep, team)
  })
})

describe('what a filter may not say', () => {
  const code = async (filter: object, headers = customer) => {
    const { errors } = await send(app, headers, LIST, { filter })
    return errors[0]?.extensions.code
  }

  it.each([
    ['assigneeId', () => [app.team.tess.id]],
    ['assigneeId', () => []],
    ['unassigned', () => true],
    ['unassigned', () => false],
    ['createdById', () => app.acme.member.id],
  ])('%s is for the team, whatever its value', async (name, value) => {
    expect(await code({ [name]: value() })).toBe('BAD_USER_INPUT')
  })

  it('a customer names no other organisation', async () => {
    expect(await code({ organisationId: app.globex.organisationId })).toBe('FORBIDDEN')
    expect(await code({ organisationId: 'x' })).toBe('FORBIDDEN')
    expect(await code({ organisationId: app.acme.organisationId })).toBeUndefined()
  })

  it('more than a hundred values', async () => {
    expect(await code({ clusterId: Array.from({ length: 101 }, () => crypto.randomUUID()) })).toBe('BAD_USER_INPUT')
  })

  it.each(['yesterday', '2026-03-01', '2026-03-01T12:00:00', '2026-02-30T12:00:00Z', '2026-13-01T00:00:00Z', 12])(
    'the moment %j',
    async (moment) => {
      const { errors, data } = await send(app, customer, LIST, { filter: { createdAfter: moment } })
      expect(errors, JSON.stringify(data)).toHaveLength(1)
      expect(errors[0]?.extensions.code).not.toBe('INTERNAL')
    },
  )

  it.each(['0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '2026-03-01t12:00:00.123456789z'])(
    'but %s is a moment',
    async (moment) => {
      expect(await code({ createdAfter: moment, updatedBefore: moment })).toBeUndefined()
    },
  )
})

describe('the same filter', () => {
  it('works on the lists of an organisation and of a cluster', async () => {
    const document = `query ($filter: TicketFilter) { organisations { nodes { slug
      tickets(filter: $filter) { totalCount } clusters { nodes { tickets(filter: $filter) { totalCount } } } } } }`
    const filter = { status: ['OPEN'], severity: [null] }
    const keep = rows.filter((row) => row.status === 'OPEN' && row.severity === null)
    const expected = {
      slug: 'acme',
      tickets: { totalCount: keep.length },
      clusters: {
        nodes: CLUSTERS.map((id) => ({
          tickets: { totalCount: keep.filter(({ clusterId }) => clusterId === id).length },
        })),
      },
    }
    expect(await ask(app, customer, document, { filter })).toEqual({ organisations: { nodes: [expected] } })
  })
})

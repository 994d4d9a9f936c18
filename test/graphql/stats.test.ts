// Numbers about tickets: every value is listed, medians are over what has them, and customers learn nothing of how the
// team works.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, send, type TestApp, testApp } from '../support/app.ts'
import { fillTickets, run } from './fixtures.ts'

let app: TestApp
let customer: Record<string, string>
let team: Record<string, string>

beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
  team = bearer(app.team.token)
})
afterAll(() => app.close())

const STATS = `query ($filter: TicketFilter) { ticketStats(filter: $filter) { total unassigned
  byStatus { status count } byCategory { category count } bySeverity { severity count }
  medianFirstResponseSeconds medianResolutionSeconds } }`

interface Stats {
  total: number
  unassigned: number | null
  byStatus: { status: string; count: number }[]
  byCategory: { category: string; count: number }[]
  bySeverity: { severity: string | null; count: number }[]
  medianFirstResponseSeconds: number | null
  medianResolutionSeconds: number | null
}

const stats = async (headers: Record<string, string>, filter?: object) =>
  (await ask<{ ticketStats: Stats }, object>(app, headers, STATS, { filter })).ticketStats

const STATUSES = ['PENDING_REVIEW', 'OPEN', 'TRIAGING', 'IN_PROGRESS', 'WAITING_CUSTOMER', 'RESOLVED', 'CLOSED']
const CATEGORIES = ['TECHNICAL', 'BUG', 'FEATURE_REQUEST', 'ACCOUNT', 'BILLING', 'OTHER']
const SEVERITIES = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL', null]

describe('of no tickets', () => {
  it('list every value with zero, and have no medians', async () => {
    expect(await stats(customer)).toEqual({
      total: 0,
      unassigned: null,
      byStatus: STATUSES.map((status) => ({ status, count: 0 })),
      byCategory: CATEGORIES.map((category) => ({ category, count: 0 })),
      bySeverity: SEVERITIES.map((severity) => ({ severity, count: 0 })),
      medianFirstResponseSeconds: null,
      medianResolutionSeconds: null,
    })
    expect((await stats(team)).unassigned).toBe(0)
  })
})

describe('of tickets', () => {
  beforeAll(async () => {
    const { database, acme, globex } = app
    const created = "'2026-03-01T12:00:00Z'::timestamptz"
    // Twelve tickets: answered after 10, 20, … 60 minutes, resolved after 1, 2, 3 and 10 hours.
    await fillTickets(database, acme.organisationId, 12, {
      created_at: created,
      status: "CASE WHEN n <= 3 THEN 'resolved' WHEN n = 4 THEN 'closed' ELSE 'open' END",
      category: "CASE WHEN n <= 7 THEN 'bug' ELSE 'other' END",
      severity: "CASE WHEN n <= 2 THEN 'critical' WHEN n <= 6 THEN 'low' END",
      assignee_id: `CASE WHEN n <= 5 THEN '${app.team.tess.id}'::uuid END`,
      first_response_at: `CASE WHEN n <= 6 THEN ${created} + n * interval '10 minutes' END`,
      resolved_at: `CASE WHEN n <= 3 THEN ${created} + n * interval '1 hour' WHEN n = 4 THEN ${created} + interval '10 hours' END`,
    })
    await fillTickets(database, globex.organisationId, 3, { category: "'billing'" })
  })

  const counts = <Value>(list: { count: number }[], key: string) =>
    Object.fromEntries(
      list.filter(({ count }) => count > 0).map((one) => [(one as Record<string, unknown>)[key] as Value, one.count]),
    )

  it('count each value, in the order of the enums', async () => {
    const found = await stats(customer)
    expect(found.total).toBe(12)
    expect(found.byStatus.map(({ status }) => status)).toEqual(STATUSES)
    expect(found.byCategory.map(({ category }) => category)).toEqual(CATEGORIES)
    expect(found.bySeverity.map(({ severity }) => severity)).toEqual(SEVERITIES)
    expect(counts(found.byStatus, 'status')).toEqual({ OPEN: 8, RESOLVED: 3, CLOSED: 1 })
    expect(counts(found.byCategory, 'category')).toEqual({ BUG: 7, OTHER: 5 })
    expect(counts(found.bySeverity, 'severity')).toEqual({ CRITICAL: 2, LOW: 4, null: 6 })
  })

  it('have medians over the tickets that were answered, and over those that were resolved', async () => {
    expect(await stats(customer)).toMatchObject({ medianFirstResponseSeconds: 2100, medianResolutionSeconds: 9000 })
    const bugs = await stats(customer, { severity: ['CRITICAL'] })
    expect(bugs).toMatchObject({ total: 2, medianFirstResponseSeconds: 900, medianResolutionSeconds: 5400 })
    const open = await stats(customer, { status: ['OPEN'], category: ['OTHER'] })
    expect(open).toMatchObject({ total: 5, medianFirstResponseSeconds: null, medianResolutionSeconds: null })
  })

  it('say to the team alone how many nobody has', async () => {
    expect((await stats(customer)).unassigned).toBeNull()
    expect((await stats(team, { organisationId: app.acme.organisationId })).unassigned).toBe(7)
    expect((await stats(team, { unassigned: false })).unassigned).toBe(0)
    const { errors } = await send(app, customer, STATS, { filter: { unassigned: true } })
    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })

  it('span all organisations for the team, unless it names one', async () => {
    expect((await stats(team)).total).toBe(15)
    expect((await stats(team, { organisationId: app.globex.organisationId })).total).toBe(3)
    const headers = { ...team, 'x-ankra-organisation-id': app.globex.organisationId }
    expect((await stats(headers)).total).toBe(3)
    expect((await stats(team, { organisationId: crypto.randomUUID() })).total).toBe(0)
  })
})

describe('the first response', () => {
  it("is the team's first comment that the customer sees, and no note, remark or line of ours", async () => {
    const input = { subject: 'Deployments fail', description: 'Deployments fail with an error since the upgrade.' }
    const made = await run(app, bearer(app.globex.token), 'createTicket', { ...input, acknowledged: true })
    const ticketId = made.ticket.id
    const median = async () => {
      const found = await stats(bearer(app.globex.token), { q: `#${made.ticket.number}` })
      expect(found.total).toBe(1)
      return found.medianFirstResponseSeconds
    }
    await run(app, team, 'addComment', { ticketId, body: 'A note to ourselves.', internal: true })
    await run(app, bearer(app.globex.token), 'addComment', { ticketId, body: 'Is anybody there?' })
    await run(app, team, 'updateTicket', { ticketId, status: 'CLOSED' })
    await run(app, team, 'updateTicket', { ticketId, status: 'OPEN' })
    expect(await median()).toBeNull()
    await run(app, team, 'addComment', { ticketId, body: 'Yes, we are.' })
    expect(await median()).toBeGreaterThanOrEqual(0)
  })
})

// Which status follows which, for the team and for customers; what an update changes and what it leaves; versions that
// are not the expected ones.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, send, type TestApp, testApp } from '../support/app.ts'
import { BY_TEAM as LOWER_CASE } from '../support/lifecycle.ts'
import { file, fillTickets, type Outcome, run } from './fixtures.ts'

const STATUSES = ['PENDING_REVIEW', 'OPEN', 'TRIAGING', 'IN_PROGRESS', 'WAITING_CUSTOMER', 'RESOLVED', 'CLOSED']

const BY_TEAM: Record<string, string[]> = Object.fromEntries(
  Object.entries(LOWER_CASE).map(([from, to]) => [from.toUpperCase(), to.map((status) => status.toUpperCase())]),
)

let app: TestApp
let customer: Record<string, string>
let team: Record<string, string>

beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
  team = bearer(app.team.token)
})
afterAll(() => app.close())

/** A new ticket that stands at a status. */
async function ticketAt(status: string): Promise<string> {
  const over = ['RESOLVED', 'CLOSED'].includes(status)
  const { prisma } = app.database
  await fillTickets(app.database, app.acme.organisationId, 1, {
    status: `'${status.toLowerCase()}'`,
    ai_review_status: status === 'PENDING_REVIEW' ? "'pending'" : "'passed'",
    resolved_at: over ? 'now()' : 'NULL::timestamptz',
    closed_at: status === 'CLOSED' ? 'now()' : 'NULL::timestamptz',
  })
  return (await prisma.ticket.findFirstOrThrow({ orderBy: { number: 'desc' } })).id
}

const STATE =
  'ticket { id number status version teamVersion severity category isTrackedByTeam assignee { name } resolvedAt closedAt }'
const update = (input: object, headers = team) => run(app, headers, 'updateTicket', input, STATE)
const fieldsOf = ({ fields }: Outcome) => fields?.map(({ path, code }) => `${path.join('.')} ${code}`)
const words = (status: string) => status.toLowerCase().replaceAll('_', ' ')

describe('the team', () => {
  const moves = STATUSES.flatMap((from) => STATUSES.map((to) => ({ from, to })))

  it.each(moves.filter(({ from, to }) => BY_TEAM[from]?.includes(to)))('moves $from to $to', async ({ from, to }) => {
    const ticketId = await ticketAt(from)
    const { ticket } = await update({ ticketId, status: to })
    expect(ticket).toMatchObject({ status: to, version: 2, teamVersion: 2 })
    expect(ticket.closedAt !== null).toBe(to === 'CLOSED')
    expect(ticket.resolvedAt !== null).toBe(to === 'CLOSED' || to === 'RESOLVED')
    expect(ticket.isTrackedByTeam).toBe(from === 'OPEN' && to !== 'CLOSED')
  })

  it.each(moves.filter(({ from, to }) => from !== to && !BY_TEAM[from]?.includes(to)))(
    'does not move $from to $to',
    async ({ from, to }) => {
      const ticketId = await ticketAt(from)
      const outcome = await update({ ticketId, status: to, severity: 'LOW' })
      expect(fieldsOf(outcome)).toEqual(['status NOT_ALLOWED'])
      expect(outcome.message).toContain(words(from))
      for (const allowed of BY_TEAM[from] ?? []) expect(outcome.message).toContain(words(allowed))
      const same = await update({ ticketId })
      expect(same.ticket).toMatchObject({ status: from, version: 1, teamVersion: 1, severity: null })
    },
  )

  it.each(STATUSES)('changes nothing by saying that %s is so', async (status) => {
    const ticketId = await ticketAt(status)
    expect((await update({ ticketId, status })).ticket).toMatchObject({ status, version: 1, teamVersion: 1 })
  })

  it('keeps the moment of the resolution when it closes what was resolved', async () => {
    const ticketId = await ticketAt('OPEN')
    const resolved = await update({ ticketId, status: 'RESOLVED' })
    const closed = await update({ ticketId, status: 'CLOSED' })
    expect(closed.ticket.resolvedAt).toBe(resolved.ticket.resolvedAt)
    const opened = await update({ ticketId, status: 'OPEN' })
    expect(opened.ticket).toMatchObject({ status: 'OPEN', resolvedAt: null, closedAt: null })
  })
})

describe('a customer', () => {
  it.each(STATUSES)('closes what is %s', async (status) => {
    const ticketId = await ticketAt(status)
    const { ticket } = await run(app, customer, 'closeTicket', { ticketId })
    expect(ticket).toMatchObject({ status: 'CLOSED', version: status === 'CLOSED' ? 1 : 2 })
  })

  it.each(STATUSES)('does not update what is %s', async (status) => {
    const document = 'mutation ($input: UpdateTicketInput!) { updateTicket(input: $input) { __typename } }'
    const input = { ticketId: await ticketAt(status), status: 'OPEN' }
    const { errors } = await send(app, customer, document, { input })
    expect(errors[0]?.extensions.code).toBe('FORBIDDEN')
  })

  it.each(STATUSES)('who comments on what is %s moves it only where that means something', async (status) => {
    const ticketId = await ticketAt(status)
    const outcome = await run(app, customer, 'addComment', { ticketId, body: 'It is back.' })
    if (status === 'CLOSED') {
      expect(fieldsOf(outcome)).toEqual(['ticketId NOT_ALLOWED'])
      expect(outcome.message).toContain('open a new ticket')
      return
    }
    const moved = ['WAITING_CUSTOMER', 'RESOLVED'].includes(status)
    expect(outcome.ticket).toMatchObject({ status: moved ? 'IN_PROGRESS' : status, version: 2 })
  })

  it.each(STATUSES.filter((status) => status !== 'CLOSED'))('is not moved on by the team, at %s', async (status) => {
    const ticketId = await ticketAt(status)
    for (const internal of [true, false]) {
      const { ticket } = await run(app, team, 'addComment', { ticketId, body: 'We look into it.', internal })
      expect(ticket.status).toBe(status)
    }
  })
})

describe('a closed ticket', () => {
  it('takes no comment, note or link by anybody', async () => {
    const ticketId = await ticketAt('CLOSED')
    for (const [headers, internal] of [
      [customer, false],
      [team, false],
      [team, true],
    ] as const) {
      const outcome = await run(app, headers, 'addComment', { ticketId, body: 'One more thing.', internal })
      expect(fieldsOf(outcome)).toEqual(['ticketId NOT_ALLOWED'])
    }
    for (const stillHappening of [true, false]) {
      const draft = { subject: 'Nodes are NotReady', description: 'Three nodes are NotReady since nine.' }
      const { review } = await run(app, customer, 'reviewTicket', draft, 'review { id }')
      const link = { reviewId: review.id, ticketId, stillHappening }
      expect(fieldsOf(await run(app, customer, 'linkTicket', link, 'comment { id }'))).toEqual(['ticketId NOT_ALLOWED'])
      const again = await run(app, customer, 'createTicket', { reviewId: review.id, acknowledged: true })
      expect(again.ticket, 'the review is not used up').toBeDefined()
    }
  })

  it('is closed again with success, whatever version was expected, and changes nothing', async () => {
    const ticketId = await ticketAt('CLOSED')
    for (const expectedVersion of [undefined, 1, 99, null]) {
      const { ticket } = await run(app, customer, 'closeTicket', { ticketId, expectedVersion })
      expect(ticket).toMatchObject({ status: 'CLOSED', version: 1 })
    }
  })
})

describe('an update', () => {
  it('leaves what is absent, and clears a severity that is null', async () => {
    const ticketId = await file(app, customer, { severity: 'HIGH', category: 'BUG' })
    const kept = await update({ ticketId, assigneeId: app.team.tess.id })
    expect(kept.ticket).toMatchObject({ severity: 'HIGH', category: 'BUG', assignee: { name: 'Tess' } })
    const cleared = await update({ ticketId, severity: null })
    expect(cleared.ticket).toMatchObject({ severity: null, category: 'BUG', assignee: { name: 'Tess' } })
    const nobody = await update({ ticketId, assigneeId: null })
    expect(nobody.ticket).toMatchObject({ assignee: null, isTrackedByTeam: true })
  })

  it.each(['status', 'category'])('does not take null for a %s', async (field) => {
    const ticketId = await file(app, customer)
    const outcome = await update({ ticketId, [field]: null, severity: 'LOW' })
    expect(outcome).toMatchObject({ code: 'INPUT', fields: [{ path: [field] }] })
    expect((await update({ ticketId })).ticket).toMatchObject({ version: 1, teamVersion: 1 })
  })

  it('of what is so already changes nothing', async () => {
    const ticketId = await file(app, customer, { severity: 'HIGH', category: 'BUG' })
    const first = await update({ ticketId, assigneeId: app.team.tess.id })
    const again = { ticketId, severity: 'HIGH', category: 'BUG', status: 'OPEN', assigneeId: app.team.tess.id }
    expect((await update(again)).ticket).toEqual(first.ticket)
  })

  it('assigns nobody who is not of the team', async () => {
    const ticketId = await file(app, customer)
    for (const assigneeId of [app.acme.admin.id, crypto.randomUUID()]) {
      expect(fieldsOf(await update({ ticketId, assigneeId }))).toEqual(['assigneeId NOT_FOUND'])
    }
  })
})

describe('an expected version', () => {
  it('that is another gives a conflict with the ticket as it is, and changes nothing', async () => {
    const ticketId = await file(app, customer)
    await run(app, team, 'addComment', { ticketId, body: 'A note.', internal: true })
    await run(app, team, 'addComment', { ticketId, body: 'An answer.' })
    for (const expectedTeamVersion of [0, 1, 2, 4, -1]) {
      const outcome = await update({ ticketId, expectedTeamVersion, status: 'TRIAGING' })
      expect(outcome).toMatchObject({
        code: 'CONFLICT',
        current: { id: ticketId, status: 'OPEN', version: 2, teamVersion: 3 },
      })
      expect(outcome.message).toContain('version 3')
    }
    for (const expectedVersion of [1, 3]) {
      const outcome = await run(app, customer, 'closeTicket', { ticketId, expectedVersion })
      expect(outcome).toMatchObject({ code: 'CONFLICT', current: { status: 'OPEN', version: 2, teamVersion: null } })
      expect(outcome.message).toContain('version 2')
    }
    expect((await update({ ticketId, expectedTeamVersion: 3, status: 'TRIAGING' })).ticket.status).toBe('TRIAGING')
    const closed = await run(app, customer, 'closeTicket', { ticketId, expectedVersion: 3 })
    expect(closed.ticket.status).toBe('CLOSED')
  })

  it('goes before the rules of statuses', async () => {
    const ticketId = await ticketAt('WAITING_CUSTOMER')
    expect((await update({ ticketId, expectedTeamVersion: 7, status: 'OPEN' })).code).toBe('CONFLICT')
  })
})

describe('a link', () => {
  const draft = { subject: 'Nodes of prod are NotReady', description: 'Three nodes of prod are NotReady since nine.' }
  const LINKED = 'comment { id body author { label } } ticket { id status version linkedReports }'
  const reviewed = async () => (await run(app, customer, 'reviewTicket', draft, 'review { id }')).review.id as string

  it.each([
    ['RESOLVED', true, 'IN_PROGRESS'],
    ['RESOLVED', false, 'RESOLVED'],
    ['WAITING_CUSTOMER', true, 'WAITING_CUSTOMER'],
    ['IN_PROGRESS', false, 'IN_PROGRESS'],
  ])('to what is %s, still happening: %s, leaves it %s', async (from, stillHappening, to) => {
    const ticketId = await ticketAt(from)
    const input = { reviewId: await reviewed(), ticketId, stillHappening }
    const { ticket, comment } = await run(app, customer, 'linkTicket', input, LINKED)
    expect(ticket).toMatchObject({ status: to, version: 2, linkedReports: 1 })
    expect(comment).toMatchObject({
      body: `${draft.subject}\n\n${draft.description}`,
      author: { label: 'Acme monitoring' },
    })
    const again = await run(app, customer, 'linkTicket', input, LINKED)
    expect(again).toMatchObject({ comment: { id: comment.id }, ticket: { version: 2, linkedReports: 1 } })
    const used = await run(app, customer, 'createTicket', { reviewId: input.reviewId })
    expect(fieldsOf(used)).toEqual(['reviewId NOT_ALLOWED'])
    expect(used.message).toMatch(/#\d+/)
    const { review } = await ask<{ review: { ticket: { id: string } } }, object>(
      app,
      customer,
      'query ($id: ID!) { review(id: $id) { ticket { id } } }',
      { id: input.reviewId },
    )
    expect(review.ticket.id).toBe(ticketId)
  })
})

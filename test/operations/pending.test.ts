// A ticket that is filed while the model does not answer waits for its review, which comes once.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connect, EVENTS, type Event } from '../events/follow.ts'
import { outage, vague } from '../rest/drafts.ts'
import { ask, bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { fails, GOOD, KEY, type MessagesApi, says, startMessagesApi } from '../support/messages-api.ts'

let api: MessagesApi
let app: TestApp
beforeAll(async () => {
  api = await startMessagesApi()
  app = await testApp({
    env: {
      ANTHROPIC_API_KEY: KEY,
      ANTHROPIC_BASE_URL: api.url,
      REVIEW_MODEL: 'claude-test-1',
      REVIEW_TIMEOUT_MS: '2000',
    },
  })
})
afterAll(async () => {
  await app.close()
  await api.stop()
})
beforeEach(() => {
  api.usual = says(GOOD)
})

const customer = () => bearer(app.acme.token)
const read = async (id: string) => (await rest(app, customer(), 'GET', `${TICKETS}/${id}`)).body
const isOpen = (id: string) => expect.poll(async () => (await read(id)).status, { timeout: 15_000 }).toBe('open')

/** Files a ticket while the model is away. */
async function fileWithout(fields: object = outage): Promise<{ id: string; status: string }> {
  api.usual = fails(400)
  const { status, body } = await rest(app, customer(), 'POST', TICKETS, { acknowledged: true, ...fields })
  expect(status).toBe(201)
  api.usual = says(GOOD)
  return body
}

/** Without waiting for the pause between two tries. */
const makeDue = (id: string) =>
  app.database.prisma.pendingReview.updateMany({ where: { ticketId: id }, data: { nextTryAt: new Date(0) } })

describe('a ticket that the model has not seen', () => {
  it('waits in pending_review, and says nothing yet', async () => {
    expect(await fileWithout()).toMatchObject({ status: 'pending_review', ai_review_status: 'pending', comments: [] })
  })

  it('is reviewed when the model is back, and whoever follows it sees each step once and in order', async () => {
    const { id } = await fileWithout()
    const socket = await connect(app, customer())
    const answer = await ask(app, customer(), 'query ($id: ID!) { ticket(id: $id) { asOf } }', { id })
    const { asOf } = (answer as { ticket: { asOf: string } }).ticket
    const following = socket.follow<Event>(EVENTS, { ticketId: id, after: asOf })
    await makeDue(id)
    const events = await following.through(({ type }) => type === 'TICKET_STATUS_CHANGED' || type === 'TICKET_UPDATED')
    expect(events.map(({ type }) => type).slice(0, 3)).toEqual([
      'COMMENT_ADDED',
      'REVIEW_COMPLETED',
      'TICKET_STATUS_CHANGED',
    ])
    expect(new Set(events.map(({ ticketVersion }) => ticketVersion))).toEqual(new Set([2]))
    expect(await read(id)).toMatchObject({
      status: 'open',
      ai_review_status: 'passed',
      ai_summary: GOOD.summary,
      severity: GOOD.severity,
      comments: [{ author_type: 'ai', body: expect.stringContaining('What does the log of a pod say') }],
    })
    expect(await app.database.prisma.pendingReview.count({ where: { ticketId: id } })).toBe(0)
    await socket.close()
  })

  it('keeps what a person chose, when it was filed or since', async () => {
    const chosen = await fileWithout({ ...outage, severity: 'low' })
    const changed = await fileWithout({ ...outage, subject: 'Nodes of stage go NotReady after the upgrade' })
    await ask(
      app,
      bearer(app.team.token),
      'mutation ($id: ID!) { updateTicket(input: { ticketId: $id, category: BILLING, severity: LOW }) { __typename } }',
      { id: changed.id },
    )
    for (const { id } of [chosen, changed]) {
      await makeDue(id)
      await isOpen(id)
    }
    expect(await read(chosen.id)).toMatchObject({ severity: 'low', category: 'technical' })
    expect(await read(changed.id)).toMatchObject({ severity: 'low', category: 'billing' })
  })

  it('is left alone once somebody has taken it out of there', async () => {
    const { id } = await fileWithout()
    await rest(app, customer(), 'POST', `${TICKETS}/${id}/close`)
    const closed = await read(id)
    expect(closed).toMatchObject({ status: 'closed', ai_review_status: expect.stringMatching(/passed|flagged/) })
    await makeDue(id)
    await expect
      .poll(() => app.database.prisma.pendingReview.count({ where: { ticketId: id } }), { timeout: 15_000 })
      .toBe(0)
    expect(await read(id)).toEqual(closed)
  })

  it('opens with the local verdict when the model stays away for ten minutes', async () => {
    const { id } = await fileWithout({ ...vague })
    api.usual = fails(400)
    await app.database.prisma.ticket.updateMany({
      where: { id },
      data: { createdAt: new Date(Date.now() - 10 * 60_000) },
    })
    await makeDue(id)
    await isOpen(id)
    expect(await read(id)).toMatchObject({ ai_review_status: 'flagged' })
  })
})

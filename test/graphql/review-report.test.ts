// The report by which the team sees whether the review is any good: every review counts once, as what became of it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, send, type TestApp, testApp } from '../support/app.ts'
import { run } from './fixtures.ts'

const HOUR_MS = 60 * 60 * 1000

let app: TestApp
let now = new Date('2026-06-01T12:00:00Z')
let customer: Record<string, string>
let team: Record<string, string>

beforeAll(async () => {
  app = await testApp({ now: () => now })
  customer = bearer(app.acme.token)
  team = bearer(app.team.token)
})
afterAll(() => app.close())

const REPORT = `query ($from: DateTime!, $to: DateTime!, $organisationId: ID) {
  reviewReport(from: $from, to: $to, organisationId: $organisationId) {
    from to reviews filed linked abandoned byReviewer { reviewer reviews }
    category { suggested kept overruled corrected } severity { suggested kept overruled corrected }
    flagged flaggedFiled questionsAsked questionsAnswered candidates { confidence shown linked filed } } }`
const JUNE = { from: '2026-06-01T00:00:00.000Z', to: '2026-07-01T00:00:00.000Z' }
const report = async (variables: object = JUNE) =>
  (await ask<{ reviewReport: object }, object>(app, team, REPORT, variables)).reviewReport

const NOT_READY = {
  subject: 'Nodes NotReady after upgrade to 1.31',
  description:
    'Since 09:40 today three of six worker nodes in prod-eu are NotReady. We upgraded from 1.30.4 to 1.31.1. kubelet: "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady".',
}
const INVOICE = { subject: 'Invoice for March', description: 'Please send us the invoice for March once more.' }
const VAGUE = { subject: 'It is broken', description: 'It does not work, please help.' }

const review = async (draft: object) =>
  // biome-ignore lint/suspicious/noExplicitAny: a review as the document below asks for it
  (await run(app, customer, 'reviewTicket', draft, 'review { id clarifyingQuestions { id } }')) as any
const file = (input: object) => run(app, customer, 'createTicket', input)

describe('the report on the review', () => {
  it('is of zeros where nothing was reviewed', async () => {
    const none = { suggested: 0, kept: 0, overruled: 0, corrected: 0 }
    expect(await report()).toEqual({
      ...JUNE,
      ...{ reviews: 0, filed: 0, linked: 0, abandoned: 0, byReviewer: [], category: none, severity: none },
      ...{ flagged: 0, flaggedFiled: 0, questionsAsked: 0, questionsAnswered: 0 },
      candidates: ['HIGH', 'MEDIUM'].map((confidence) => ({ confidence, shown: 0, linked: 0, filed: 0 })),
    })
  })

  it('counts what was kept, overruled, corrected, answered, joined, filed all the same, and left', async () => {
    // Kept; then a duplicate of it that joins, and one that is filed all the same with another severity.
    const first = await file({ reviewId: (await review(NOT_READY)).review.id })
    const again = { ...NOT_READY, description: `${NOT_READY.description} Seen by me, too.` }
    await run(app, customer, 'linkTicket', { reviewId: (await review(again)).review.id, ticketId: first.ticket?.id })
    await file({ reviewId: (await review(again)).review.id, severity: 'LOW' })
    // Filed as suggested, and put right by the team.
    const invoice = await file({ reviewId: (await review(INVOICE)).review.id })
    await run(app, team, 'updateTicket', { ticketId: invoice.ticket?.id, category: 'ACCOUNT' })
    // Filed in one go: nobody saw what was said.
    await file({ ...INVOICE, subject: 'Invoice for April', category: 'BILLING' })
    // Flagged, one of its questions answered, and filed.
    const { id, clarifyingQuestions } = (await review(VAGUE)).review
    const answer = { questionId: clarifyingQuestions[0].id, answer: 'I cannot tell.' }
    await file({ reviewId: id, acknowledged: true, clarificationAnswers: [answer] })
    await review(VAGUE)
    const asked = 2 * clarifyingQuestions.length

    expect(await report()).toMatchObject({
      ...{ reviews: 7, filed: 5, linked: 1, abandoned: 0, byReviewer: [{ reviewer: 'local', reviews: 7 }] },
      category: { suggested: 5, kept: 4, overruled: 0, corrected: 1 },
      severity: { overruled: 1, corrected: 0 },
      ...{ flagged: 2, flaggedFiled: 1, questionsAsked: asked, questionsAnswered: 1 },
      candidates: [
        { confidence: 'HIGH', shown: 2, linked: 1, filed: 1 },
        { confidence: 'MEDIUM', shown: 0, linked: 0, filed: 0 },
      ],
    })
    now = new Date(now.getTime() + HOUR_MS)
    expect(await report()).toMatchObject({ reviews: 7, abandoned: 1 })
  })

  it('is of one organisation when it is asked for, and of its period only', async () => {
    expect(await report({ ...JUNE, organisationId: app.acme.organisationId })).toMatchObject({ reviews: 7 })
    expect(await report({ ...JUNE, organisationId: app.globex.organisationId })).toMatchObject({ reviews: 0 })
    expect(await report({ from: now, to: JUNE.to })).toMatchObject({ reviews: 0 })
    expect(await report({ from: JUNE.from, to: '2026-06-01T12:00:00Z' })).toMatchObject({ reviews: 0 })
  })

  it('costs one statement', async () => {
    const { statements } = await app.statements(() => report())
    expect(statements.filter((text) => text.includes('FROM made'))).toHaveLength(1)
  })

  it('is refused to customers, and for a period that cannot be', async () => {
    const refused = await send(app, customer, REPORT, JUNE)
    expect(refused.errors[0]?.extensions.code).toBe('FORBIDDEN')
    for (const [period, message] of [
      [{ from: JUNE.to, to: JUNE.from }, 'from must be before to.'],
      [{ from: '2025-06-01T00:00:00Z', to: '2026-06-03T00:00:00Z' }, 'A report covers at most 366 days.'],
    ] as const) {
      const { errors } = await send(app, team, REPORT, period)
      expect(errors[0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } })
    }
  })
})

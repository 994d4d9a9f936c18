// Input that cannot be used: always said as data or as a named error, with the field that is wrong; never a fault.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, send, type TestApp, testApp } from '../support/app.ts'
import { file, type Outcome, run, WELL_DESCRIBED } from './fixtures.ts'

let app: TestApp
let customer: Record<string, string>
let team: Record<string, string>
let ticketId: string

beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
  team = bearer(app.team.token)
  ticketId = await file(app, customer)
})
afterAll(() => app.close())

const fieldsOf = ({ fields }: Outcome) => fields?.map(({ path, code }) => `${path.join('.')} ${code}`)

describe('what GraphQL itself refuses', () => {
  it.each([
    ['a text for a number', '{ ticketByNumber(number: "1") { id } }'],
    ['an unknown field', '{ tickets { nodes { title } } }'],
    ['an unknown argument', '{ tickets(limit: 3) { nodes { id } } }'],
    ['an unknown value of an enum', '{ tickets(filter: { status: [DONE] }) { nodes { id } } }'],
    ['an enum in lower case', '{ tickets(filter: { status: [open] }) { nodes { id } } }'],
    ['a null in a list without', '{ tickets(filter: { status: [null] }) { nodes { id } } }'],
    ['a missing argument', '{ ticket { id } }'],
    ['an unknown field of an input', 'mutation { closeTicket(input: { ticketId: "x", force: true }) { __typename } }'],
    ['a number beyond 32 bits', '{ ticketByNumber(number: 4294967296) { id } }'],
    ['no selection', '{ viewer }'],
    ['a broken document', '{ viewer { id '],
    ['nothing', ''],
  ])('%s is told as such', async (_, document) => {
    const { errors, data } = await send(app, customer, document)
    expect(data).toBeNull()
    expect(errors.length).toBeGreaterThan(0)
    expect(errors.map(({ extensions }) => extensions.code)).not.toContain('INTERNAL')
    expect(errors[0]?.extensions.requestId).toMatch(/^[\w-]{8,}$/)
  })

  it.each([
    ['a number for a text', 'subject', 5],
    ['a list for a text', 'subject', ['x']],
    ['an object for a text', 'description', {}],
    ['null for a text', 'subject', null],
    ['a text for an enum', 'category', 'technical'],
    ['an object for an id', 'clusterId', {}],
  ])('%s in variables is told as such', async (_, name, value) => {
    const document = 'mutation ($input: ReviewTicketInput!) { reviewTicket(input: $input) { __typename } }'
    const { errors, data } = await send(app, customer, document, { input: { ...WELL_DESCRIBED, [name]: value } })
    expect(data).toBeNull()
    expect(errors[0]?.message).toContain(name)
    expect(errors[0]?.extensions.code).not.toBe('INTERNAL')
  })
})

describe('ids', () => {
  const UNKNOWN = [
    'x',
    '',
    '1',
    'not-a-uuid',
    crypto.randomUUID(),
    '00000000-0000-0000-0000-000000000000',
    'é'.repeat(50),
  ]

  it('that are no UUID, or nobody knows, are null in queries', async () => {
    const document = 'query ($id: ID!) { ticket(id: $id) { id } review(id: $id) { id } cluster(id: $id) { id } }'
    for (const id of UNKNOWN) {
      expect(await ask(app, customer, document, { id }), id).toEqual({ ticket: null, review: null, cluster: null })
    }
    const upper = await ask(app, customer, 'query ($id: ID!) { ticket(id: $id) { id } }', {
      id: ticketId.toUpperCase(),
    })
    expect(upper).toEqual({ ticket: { id: ticketId } })
  })

  it('of what is acted on give a NotFoundError', async () => {
    for (const id of UNKNOWN) {
      const outcomes = [
        await run(app, customer, 'addComment', { ticketId: id, body: 'Hello?' }),
        await run(app, customer, 'closeTicket', { ticketId: id }),
        await run(app, team, 'updateTicket', { ticketId: id, status: 'OPEN' }),
        await run(
          app,
          customer,
          'answerReview',
          { reviewId: id, answers: [{ question: 'a', answer: 'b' }] },
          'review { id }',
        ),
      ]
      for (const { code } of outcomes) expect(code, id).toBe('NOT_FOUND')
    }
  })

  it('of what an input names besides give an InputError with code NOT_FOUND', async () => {
    for (const id of UNKNOWN) {
      const draft = { ...WELL_DESCRIBED, clusterId: id }
      expect(fieldsOf(await run(app, customer, 'reviewTicket', draft, 'review { id }'))).toEqual([
        'clusterId NOT_FOUND',
      ])
      expect(fieldsOf(await run(app, customer, 'createTicket', draft))).toEqual(['clusterId NOT_FOUND'])
      expect(fieldsOf(await run(app, customer, 'createTicket', { reviewId: id }))).toEqual(['reviewId NOT_FOUND'])
      const link = { reviewId: id, ticketId }
      expect(fieldsOf(await run(app, customer, 'linkTicket', link, 'comment { id }'))).toEqual(['reviewId NOT_FOUND'])
      const update = { ticketId, assigneeId: id }
      expect(fieldsOf(await run(app, team, 'updateTicket', update))).toEqual(['assigneeId NOT_FOUND'])
    }
  })

  it('a link to a ticket that nobody knows is a NotFoundError', async () => {
    const { review } = await run(app, customer, 'reviewTicket', WELL_DESCRIBED, 'review { id }')
    const outcome = await run(app, customer, 'linkTicket', { reviewId: review.id, ticketId: 'x' }, 'comment { id }')
    expect(outcome.code).toBe('NOT_FOUND')
  })
})

describe('filing without enough', () => {
  it('names the field that is missing', async () => {
    const { description, subject } = WELL_DESCRIBED
    expect(fieldsOf(await run(app, customer, 'createTicket', { description }))).toEqual(['subject REQUIRED'])
    expect(fieldsOf(await run(app, customer, 'createTicket', { subject }))).toEqual(['description REQUIRED'])
    expect(fieldsOf(await run(app, customer, 'createTicket', { subject: null, description }))).toEqual([
      'subject REQUIRED',
    ])
  })

  it('the team names whom it writes for', async () => {
    expect(fieldsOf(await run(app, team, 'createTicket', WELL_DESCRIBED))).toEqual(['organisationId REQUIRED'])
    const unknown = { ...WELL_DESCRIBED, organisationId: crypto.randomUUID() }
    expect(fieldsOf(await run(app, team, 'createTicket', unknown))).toEqual(['organisationId NOT_FOUND'])
  })

  it('an answer names its question in one of two ways', async () => {
    const answers = (...clarificationAnswers: object[]) =>
      run(app, customer, 'createTicket', { ...WELL_DESCRIBED, clarificationAnswers })
    expect(fieldsOf(await answers({ answer: 'Yes.' }))).toEqual(['clarificationAnswers.0 INVALID'])
    const both = { questionId: 'since_when', question: 'Since when?', answer: 'Today.' }
    expect(fieldsOf(await answers({ question: 'Since when?', answer: 'Today.' }, both))).toEqual([
      'clarificationAnswers.1 INVALID',
    ])
    expect(fieldsOf(await answers({ question: 'Why?', answer: ' ' }))).toEqual([
      'clarificationAnswers.0.answer TOO_SHORT',
    ])
    const { review } = await run(app, customer, 'reviewTicket', WELL_DESCRIBED, 'review { id }')
    const unasked = { reviewId: review.id, answers: [{ questionId: 'never_asked', answer: 'Yes.' }] }
    expect(fieldsOf(await run(app, customer, 'answerReview', unasked, 'review { id }'))).toEqual([
      'answers.0.questionId NOT_FOUND',
    ])
    const none = { reviewId: review.id, answers: [] }
    expect((await run(app, customer, 'answerReview', none, 'review { id }')).code).toBe('INPUT')
  })

  it('a flagged draft is kept as a review, and filed once it is acknowledged', async () => {
    const vague = { subject: 'Help', description: 'It does not work!' }
    const refused = await run(app, customer, 'createTicket', vague)
    expect(refused).toMatchObject({ code: 'REVIEW_REQUIRED', review: { quality: 'FLAG' } })
    const filed = await run(app, customer, 'createTicket', { reviewId: refused.review.id, acknowledged: true })
    expect(filed.ticket).toMatchObject({ status: 'OPEN', version: 1 })
  })
})

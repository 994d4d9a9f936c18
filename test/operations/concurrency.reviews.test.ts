// One review, used by several at once: it becomes one ticket or joins one, and nobody sees a fault of ours.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bearer, type TestApp, testApp } from '../support/app.ts'
import {
  atOnce,
  count,
  expectDenseLog,
  type Headers,
  makeReview,
  makeTicket,
  mutate,
  type Outcome,
  word,
} from './concurrency.world.ts'

let app: TestApp
let customer: Headers
let organisationId: string
let tickets: number
let comments: number

beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
  organisationId = app.acme.organisationId
})
beforeEach(async () => {
  tickets = await count(app, 'tickets', organisationId)
  comments = await count(app, 'comments', organisationId)
})
afterEach(() => expectDenseLog(app, organisationId))
afterAll(() => app.close())

const madeTickets = async () => (await count(app, 'tickets', organisationId)) - tickets
const madeComments = async () => (await count(app, 'comments', organisationId)) - comments
const distinct = (values: unknown[]) => new Set(values).size
const words = (outcomes: Outcome[]) => outcomes.map(word).sort()

describe('one review, used at once', () => {
  it.each([
    ['without keys', () => ({})],
    ['with one key', () => ({ idempotencyKey: 'the same' })],
    ['with a key each', (index: number) => ({ idempotencyKey: `mine ${index}` })],
  ])('makes one ticket %s', async (_, key) => {
    const reviewId = await makeReview(app, customer)
    const made = await atOnce(8, (i) =>
      mutate(app, customer, 'createTicket', { reviewId, acknowledged: true, ...key(i) }),
    )
    expect(distinct(made.map(({ ticket }) => ticket.id))).toBe(1)
    expect(made.filter(({ created }) => created)).toHaveLength(1)
    expect(await madeTickets()).toBe(1)
    const again = await atOnce(8, (i) =>
      mutate(app, customer, 'createTicket', { reviewId, acknowledged: true, ...key(i) }),
    )
    expect(again.map(({ ticket, created }) => [ticket.id, created])).toEqual(Array(8).fill([made[0]?.ticket.id, false]))
  })

  it('and answered meanwhile: each answer is a revision, one ticket at most, no fault', async () => {
    for (let round = 0; round < 10; round++) {
      const reviewId = await makeReview(app, customer, `shop ${round}`)
      const answers = [{ question: 'Since when?', answer: 'Since Monday.' }]
      const [created, answered] = await Promise.all([
        mutate(app, customer, 'createTicket', { reviewId, acknowledged: true }),
        mutate(app, customer, 'answerReview', { reviewId, answers }),
      ])
      const both = [word(created), word(answered)]
      expect([
        ['CreateTicketPayload', 'ReviewTicketPayload'],
        ['CreateTicketPayload', 'InputError reviewId NOT_ALLOWED'],
        ['InputError reviewId INVALID', 'ReviewTicketPayload'],
      ]).toContainEqual(both)
    }
  })

  it('answered by twelve at once: each answer is a revision', async () => {
    const reviewId = await makeReview(app, customer)
    const answered = await atOnce(12, (i) =>
      mutate(app, customer, 'answerReview', { reviewId, answers: [{ question: `Number ${i}?`, answer: `${i}` }] }),
    )
    const revisions = answered.map(({ review }) => review.revision).toSorted((a, b) => a - b)
    expect(revisions).toEqual(Array.from({ length: 12 }, (_, i) => i + 2))
  })

  it('to file and to join: one of the two happens', async () => {
    const ticketId = await makeTicket(app, customer)
    for (let round = 0; round < 20; round++) {
      const [files, links] = [await madeTickets(), await linkedReports(ticketId)]
      const reviewId = await makeReview(app, customer, `shop ${round}`)
      const file = () => mutate(app, customer, 'createTicket', { reviewId, acknowledged: true })
      const link = () => mutate(app, customer, 'linkTicket', { reviewId, ticketId })
      const racers = round % 2 === 0 ? [file(), link()] : [link(), file()]
      const payloads = words(await Promise.all(racers)).filter((one) => one.endsWith('Payload'))
      expect(payloads).toHaveLength(1)
      expect([(await madeTickets()) - files, (await linkedReports(ticketId)) - links].sort()).toEqual([0, 1])
    }
  })

  it.each([
    ['without keys', () => ({})],
    ['with one key', () => ({ idempotencyKey: 'join' })],
    ['with a key each', (index: number) => ({ idempotencyKey: `join ${index}` })],
  ])('to join one ticket %s: the second joining is the first, and all succeed', async (_, key) => {
    const ticketId = await makeTicket(app, customer)
    const reviewId = await makeReview(app, customer)
    const before = await madeComments()
    const joined = await atOnce(4, (i) => mutate(app, customer, 'linkTicket', { reviewId, ticketId, ...key(i) }))
    expect(words(joined)).toEqual(Array(4).fill('LinkTicketPayload'))
    expect(distinct(joined.map(({ comment }) => comment.id))).toBe(1)
    expect([(await madeComments()) - before, await linkedReports(ticketId)]).toEqual([1, 1])
  })

  it('to join two tickets: it joins one', async () => {
    const ticketIds = [await makeTicket(app, customer), await makeTicket(app, customer)]
    const reviewId = await makeReview(app, customer)
    const joined = await atOnce(2, (i) => mutate(app, customer, 'linkTicket', { reviewId, ticketId: ticketIds[i] }))
    expect(joined.filter(({ comment }) => comment)).toHaveLength(1)
    expect((await Promise.all(ticketIds.map(linkedReports))).sort()).toEqual([0, 1])
  })

  async function linkedReports(id: string): Promise<number> {
    const { linkedReports } = await app.database.prisma.ticket.findUniqueOrThrow({ where: { id } })
    return linkedReports
  }
})

// `redact …`: nothing of the text stays in any table or in the store, and whoever follows or reads the ticket sees that.

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { findToRedact } from '../../src/admin/redaction.ts'
import { Prisma } from '../../src/generated/prisma/client.ts'
import { openStore } from '../../src/storage/open.ts'
import { sweepStrays } from '../../src/storage/strays.ts'
import { connect, type Event } from '../events/follow.ts'
import { type Headers, ticketAt } from '../operations/attachments.world.ts'
import { spooled } from '../storage/files.ts'
import { ask, bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { fails, KEY, type MessagesApi, says, startMessagesApi } from '../support/messages-api.ts'
import { S3_ENV, startS3 } from '../support/s3.ts'
import { uploadByRest } from '../support/uploads.ts'
import { placesOf, redact, runCommand } from './redact.world.ts'

/** No word of anything else. */
const WORD = 'quokkalith'
const SUBJECT = `Gateway ${WORD}-7 answers 502`
const DESCRIPTION = `The gateway of ${WORD} answers: upstream error: connection to ${WORD} refused. Since 10:00 today.`
const DRAFT = { subject: SUBJECT, description: DESCRIPTION }
const REDACTED = '[redacted]'
const EVENTS = `subscription ($after: String, $organisationId: ID) {
  ticketEvents(after: $after, organisationId: $organisationId) {
  cursor type ticketId ticketVersion ticketTeamVersion internal actor { type label }
  ... on ContentRedacted { comment { id body } attachment { id filename sizeBytes } } } }`

let app: TestApp
let customer: Headers
let team: Headers

beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
  team = bearer(app.team.token)
})
afterAll(() => app.close())

const api = async (method: string, path: string, body?: object, headers = customer) => {
  const answer = await rest(app, headers, method, TICKETS + path, body)
  if (answer.status >= 300 && answer.status !== 409) throw new Error(`${path}: ${JSON.stringify(answer.body)}`)
  return answer.body
}

const input = (fields: object) => ({ input: { ...fields } })
const gql = <Data>(document: string, variables: object, headers = customer) =>
  ask<Data, object>(app, headers, document, variables)

async function review(fields: object = {}): Promise<string> {
  const document = `mutation ($input: ReviewTicketInput!) { reviewTicket(input: $input) {
    ... on ReviewTicketPayload { review { id } } ... on Error { message } } }`
  const { reviewTicket } = await gql<{ reviewTicket: { review: { id: string } } }>(
    document,
    input({ ...DRAFT, ...fields }),
  )
  return reviewTicket.review.id
}

async function answer(reviewId: string, answers: object[]): Promise<void> {
  const document = `mutation ($input: AnswerReviewInput!) { answerReview(input: $input) {
    ... on ReviewTicketPayload { review { id } } ... on Error { message } } }`
  const { answerReview } = await gql<{ answerReview: object }>(document, input({ reviewId, answers }))
  expect(answerReview).toEqual({ review: { id: reviewId } })
}

async function file(fields: object): Promise<string> {
  const document = `mutation ($input: CreateTicketInput!) { createTicket(input: $input) {
    ... on CreateTicketPayload { ticket { id } } ... on Error { message } } }`
  const { createTicket } = await gql<{ createTicket: { ticket: { id: string } } }>(
    document,
    input({ acknowledged: true, ...fields }),
  )
  return createTicket.ticket.id
}

/** Everything that has been said of a ticket after a cursor, by who may see it. */
async function eventsAfter(after: string, headers: Headers, work: () => Promise<unknown>): Promise<readonly Event[]> {
  const socket = await connect(app, headers)
  const following = socket.follow<Event>(EVENTS, { after, organisationId: app.acme.organisationId })
  await work()
  const events = await following.through(({ type }) => type === 'CONTENT_REDACTED')
  await socket.close()
  return events
}

const asOf = async (headers: Headers, id: string) => {
  const { ticket } = await gql<{ ticket: { asOf: string } }>(
    'query ($id: ID!) { ticket(id: $id) { asOf } }',
    { id },
    headers,
  )
  return ticket.asOf
}

const versionsOf = async (id: string) => {
  const { version, teamVersion } = await app.database.prisma.ticket.findUniqueOrThrow({ where: { id } })
  return [version, teamVersion]
}

describe('a ticket', () => {
  let id: string
  beforeAll(async () => {
    await review({ description: `${WORD} is slow, and nobody knows why.` })
    const questions = [{ question: `Which ${WORD}?`, answer: `${WORD}-7 in the second rack` }]
    const environment = { [WORD]: ['client of', WORD] }
    const reviewId = await review({ environment })
    await answer(reviewId, questions)
    id = await file({ reviewId, idempotencyKey: 'once' })
    await review()
    await app.database.query(Prisma.sql`ANALYZE`)
  })

  it('is to be confirmed, and until then nothing changes', async () => {
    const asked = runCommand(app, 'ticket', [id])
    await expect(asked).rejects.toThrow(/^This would redact the subject, .* of #1, .* say --yes to do so\.$/)
    expect(await placesOf(app, WORD)).toEqual(
      expect.arrayContaining(['tickets.subject', 'tickets.search', 'reviews.answers', 'reviews.environment']),
    )
  })

  it('keeps no word in any table, and says so to whoever follows it, once', async () => {
    const events = await eventsAfter(await asOf(customer, id), customer, () => redact(app, 'ticket', id))
    expect(events).toEqual([
      expect.objectContaining({ type: 'CONTENT_REDACTED', ticketId: id, ticketVersion: 2, ticketTeamVersion: null }),
    ])
    expect(events[0]).toMatchObject({ actor: { type: 'SYSTEM', label: 'Operator' }, comment: null, attachment: null })
    expect(await placesOf(app, WORD)).toEqual([])
    expect(await versionsOf(id)).toEqual([2, 2])
    expect(await api('GET', `/${id}`)).toMatchObject({
      ...{ subject: REDACTED, description: REDACTED, ai_summary: REDACTED, version: 2 },
    })
  })

  it('is done once: again succeeds, says so, and tells nobody', async () => {
    expect(await redact(app, 'ticket', id)).toMatch(/^It was redacted already: /)
    expect(await versionsOf(id)).toEqual([2, 2])
  })

  it('lets its review be counted as before', async () => {
    const reviews = await app.database.prisma.review.findMany({ where: { usedTicketId: id } })
    expect(reviews).toMatchObject([
      {
        ...{ subject: REDACTED, description: REDACTED, environment: null },
        answers: [{ questionId: null, question: REDACTED, answer: REDACTED }],
        verdict: { summary: REDACTED, category: 'technical', questions: expect.any(Array) },
      },
    ])
  })

  it('shows the key that filed it the same ticket, as it is now', async () => {
    const again = await file({ reviewId: (await used(id)).id, idempotencyKey: 'once' })
    expect(again).toBe(id)
  })

  it('is shown without its subject where another review names it, and was found by none of its words since', async () => {
    const first = await file(DRAFT)
    const words = (text: string) => text.replaceAll(`${WORD}-7 `, '').replaceAll(WORD, 'the shop')
    const other = await review({ subject: words(SUBJECT), description: words(DESCRIPTION) })
    expect(await candidatesOf(other)).toEqual([expect.stringContaining(SUBJECT)])
    await redact(app, 'ticket', first)
    expect(await candidatesOf(other)).toEqual([expect.stringMatching(/^#\d+ \[redacted\]$/)])
    expect((await api('GET', `?q=${WORD}`)).result).toEqual([])
  })

  it('cannot be filed from a draft that was read before', async () => {
    const [filed, draft] = [await file(DRAFT), await review()]
    await redact(app, 'ticket', filed)
    const document = `mutation ($input: CreateTicketInput!) { createTicket(input: $input) { ... on Error { message } } }`
    const { createTicket } = await gql<{ createTicket: { message: string } }>(document, input({ reviewId: draft }))
    expect(createTicket.message).toContain('This review has expired')
  })

  const used = (usedTicketId: string) => app.database.prisma.review.findFirstOrThrow({ where: { usedTicketId } })
  const candidatesOf = async (reviewId: string) => {
    const document = `query ($id: ID!) { review(id: $id) { duplicateCandidates { summary } } }`
    const { review } = await gql<{ review: { duplicateCandidates: { summary: string }[] } }>(document, { id: reviewId })
    return review.duplicateCandidates.map(({ summary }) => summary)
  }
})

describe('a ticket that waits for a model', () => {
  let model: MessagesApi
  let waiting: TestApp
  beforeAll(async () => {
    model = await startMessagesApi()
    const env = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: model.url, REVIEW_TIMEOUT_MS: '2000' }
    waiting = await testApp({ env })
  })
  afterAll(() => waiting.close().finally(() => model.stop()))

  it('leaves pending_review, and the model’s words of it come nowhere', async () => {
    model.usual = fails(400)
    const draft = { ...DRAFT, acknowledged: true }
    const { body } = await rest(waiting, bearer(waiting.acme.token), 'POST', TICKETS, draft)
    expect(body.status).toBe('pending_review')
    await redact(waiting, 'ticket', body.id)
    expect(await waiting.database.prisma.pendingReview.count()).toBe(0)
    const events = await waiting.database.prisma.ticketEvent.findMany({ orderBy: { seq: 'asc' } })
    expect(events.map(({ type, ticketVersion }) => `${ticketVersion} ${type}`)).toEqual([
      ...['1 ticket_created', '2 review_completed', '2 ticket_status_changed', '2 content_redacted'],
    ])
    expect(await placesOf(waiting, WORD)).toEqual([])
  })

  it('takes the questions along that the model has worded by it', async () => {
    const answer = { summary: `${WORD} fails.`, severity: 'high', category: 'technical', flags: [], candidates: [] }
    model.usual = says({ ...answer, questions: [{ topic: 'other', text: `Which version of ${WORD} runs?` }] } as never)
    const draft = { ...DRAFT, acknowledged: true }
    const { body } = await rest(waiting, bearer(waiting.acme.token), 'POST', TICKETS, draft)
    expect(await placesOf(waiting, WORD)).toEqual(expect.arrayContaining(['comments.body', 'comments.search']))
    await redact(waiting, 'ticket', body.id)
    expect(await placesOf(waiting, WORD)).toEqual([])
    const after = await rest(waiting, bearer(waiting.acme.token), 'GET', `${TICKETS}/${body.id}`)
    expect(after.body).toMatchObject({ version: 2, comments: [{ author_type: 'ai', body: REDACTED }] })
  })
})

describe('a comment', () => {
  let id: string
  beforeEach(async () => {
    id = await ticketAt(app)
  })
  const comments = async () => (await api('GET', `/${id}`)).comments as { id: string; body: string }[]

  it('is replaced, and whoever follows is told which', async () => {
    const { comments } = await api('POST', `/${id}/comments`, { body: `It is ${WORD} again.` })
    const after = await asOf(team, id)
    const commentId = comments.at(-1).id
    const [event] = await eventsAfter(after, team, () => redact(app, 'comment', commentId))
    expect(event).toMatchObject({ ticketVersion: 3, ticketTeamVersion: 3, comment: { id: commentId, body: REDACTED } })
    expect(await placesOf(app, WORD)).toEqual([])
  })

  it('made by joining takes its reviewed draft with it', async () => {
    const reviewId = await review()
    await answer(reviewId, [{ question: 'Where?', answer: `In ${WORD}.` }])
    await api('POST', `/${id}/link`, { review_id: reviewId })
    await redact(app, 'comment', (await comments()).at(-1)?.id ?? '')
    expect((await comments()).map(({ body }) => body)).toEqual([REDACTED])
    expect(await placesOf(app, WORD)).toEqual([])
  })

  it('of the team alone is redacted without a trace for the customer', async () => {
    const document = `mutation ($input: AddCommentInput!) { addComment(input: $input) {
      ... on AddCommentPayload { comment { id } } } }`
    const note = input({ ticketId: id, internal: true, body: `Their ${WORD} again.` })
    const { addComment } = await gql<{ addComment: { comment: { id: string } } }>(document, note, team)
    const [before, customers] = [await api('GET', `/${id}`), await asOf(customer, id)]
    const [event] = await eventsAfter(await asOf(team, id), team, () => redact(app, 'comment', addComment.comment.id))
    expect(event).toMatchObject({ internal: true, ticketVersion: 1, ticketTeamVersion: 3 })
    expect([await api('GET', `/${id}`), await asOf(customer, id)]).toEqual([before, customers])
    expect(await placesOf(app, WORD)).toEqual([])
  })
})

describe('an attachment', () => {
  let ticketId: string
  let id: string
  beforeEach(async () => {
    ticketId = await ticketAt(app)
    const log = { name: `${WORD}.log`, bytes: `08:10 ${WORD} refused the connection\n` }
    id = (await uploadByRest(app, customer, ticketId, log)).body.attachments[0].id
  })
  const stray = () => app.database.prisma.strayObject.findMany()
  const stored = async () => (await app.database.prisma.attachment.findUniqueOrThrow({ where: { id } })).storageKey

  it('stays listed without name and bytes, and can be downloaded neither by its address nor by a link', async () => {
    const document = `mutation ($id: ID!) { createAttachmentLink(attachmentId: $id) {
      ... on CreateAttachmentLinkPayload { url } } }`
    const { createAttachmentLink } = await gql<{ createAttachmentLink: { url: string } }>(document, { id })
    const get = (url: string) => fetch(new URL(url, app.url), { headers: customer }).then(({ status }) => status)
    const places = [`${TICKETS}/${ticketId}/attachments/${id}`, createAttachmentLink.url]
    expect(await Promise.all(places.map(get))).toEqual([200, 200])

    const [event] = await eventsAfter(await asOf(customer, ticketId), customer, () => redact(app, 'attachment', id))
    expect(event).toMatchObject({ ticketVersion: 3, attachment: { id, filename: REDACTED, sizeBytes: 0 } })
    expect(await Promise.all(places.map(get))).toEqual([404, 404])
    expect((await api('GET', `/${ticketId}`)).attachments).toMatchObject([{ id, filename: REDACTED, size_bytes: 0 }])
    expect([await placesOf(app, WORD), await stray()]).toEqual([[], []])
  })

  it('is removed from the store by a server, where the command did not come so far', async () => {
    const parts = { database: app.database, openStore: () => Promise.reject(new Error('killed')) }
    const { redact } = await findToRedact(parts, 'attachment', id)
    await expect(redact()).rejects.toThrow('but its file could not be removed just now: run this again')
    expect(await placesOf(app, WORD)).toHaveLength(1)
    expect(await stray()).toMatchObject([{ key: await stored(), removed: true }])
    await sweepStrays(app)
    expect([await placesOf(app, WORD), await stray()]).toEqual([[], []])
  })

  it('is removed from a bucket, the second time where that was away the first', async () => {
    for (const [name, value] of Object.entries(S3_ENV)) vi.stubEnv(name, value)
    const s3 = await startS3('/desk')
    const store = await openStore({ url: s3.url, dataDir: app.storeFolder })
    const key = await stored()
    await store.put(key, await spooled(store.spoolDir, 'bytes\n'))
    const inBucket = () => redact(app, 'attachment', id, { ATTACHMENTS_URL: s3.url })
    await s3.stop()
    await expect(inBucket()).rejects.toThrow('could not be removed just now')
    await s3.start()
    expect([...s3.objects.keys()]).toEqual([`desk/${key}`])
    expect(await inBucket()).toContain('redacted already')
    expect([...s3.objects.keys(), ...(await stray())]).toEqual([])
    await s3.stop()
    vi.unstubAllEnvs()
    await app.store.remove(key)
  })
})

describe('a draft', () => {
  it('that became nothing is replaced, with the others of the same text', async () => {
    const [draft] = [await review(), await review()]
    await redact(app, 'review', draft)
    expect(await placesOf(app, WORD)).toEqual([])
  })

  it('that became something is to be redacted as that', async () => {
    const reviewId = await review()
    const ticketId = await file({ reviewId })
    const refused = redact(app, 'review', reviewId)
    await expect(refused).rejects.toThrow(`This review has become a ticket: use "redact ticket ${ticketId}".`)
    await redact(app, 'ticket', ticketId)
  })
})

it.each(['ticket', 'comment', 'attachment', 'review'])(
  'says of a %s that is not there that there is none',
  async (kind) => {
    for (const id of ['12', '00000000-0000-7000-8000-000000000000']) {
      await expect(redact(app, kind, id)).rejects.toThrow(`There is no ${kind} with the id ${id}.`)
    }
  },
)

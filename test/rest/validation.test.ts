// What a request that cannot be used is told: where, of which kind, and in a sentence that survives the client's cut.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, type RestAnswer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { file, outage, problems, sentences } from './drafts.ts'

let app: TestApp
let ticket: { id: string }
beforeAll(async () => {
  app = await testApp()
  ticket = await file(app, app.acme.token)
})
afterAll(() => app.close())

const post = (path: string, body?: unknown, token = app.acme.token) =>
  rest(app, bearer(token), 'POST', `${TICKETS}${path}`, body)
const comment = (body: unknown) => post(`/${ticket.id}/comments`, body)

describe('a 422', () => {
  it('names every field that is wrong, as FastAPI does', async () => {
    const { status, body } = await post('/review', { subject: 'No', category: 7, source: 'email' })
    expect(status).toBe(422)
    expect(body).toEqual({
      detail: [
        {
          type: 'string_too_short',
          loc: ['body', 'subject'],
          msg: 'subject must have at least 3 characters.',
          input: 'No',
        },
        { type: 'missing', loc: ['body', 'description'], msg: 'description is required.' },
        { type: 'value_error', loc: ['body', 'category'], msg: expect.stringContaining('must be one of'), input: 7 },
        {
          type: 'value_error',
          loc: ['body', 'source'],
          msg: 'source must be one of portal, api, cli, agent.',
          input: 'email',
        },
      ],
    })
  })

  it('says where in a list the trouble is', async () => {
    const answer = { question: 'Since when?', answer: 'Monday' }
    const answers = [answer, { question: 'Why?' }, { ...answer, question_id: 'since_when' }, 'text', { answer: 'x' }]
    expect(problems(await post('/review', { ...outage, clarification_answers: answers.slice(0, 2) }))).toEqual([
      'body.clarification_answers.1.answer: missing',
    ])
    for (const wrong of answers.slice(2)) {
      const found = problems(await post('/review', { ...outage, clarification_answers: [answer, wrong] }))
      expect(found).toEqual(['body.clarification_answers.1: value_error'])
    }
    const unknown = [{ question_id: 'no_such', answer: 'x' }]
    expect(problems(await post('/review', { ...outage, clarification_answers: unknown }))).toEqual([
      'body.clarification_answers.0.question_id: not_found',
    ])
  })

  it('puts its sentence within the 500 bytes that the client shows, whatever was sent', async () => {
    const long = 'x'.repeat(5000)
    const answers = await Promise.all([
      post('/review', { ...outage, subject: long }),
      post('/review', { ...outage, source: long }),
      post('/review', { ...outage, category: [long] }),
      post('/review', { ...outage, [long]: 1 }),
      post('', { ...outage, severity: long, acknowledged: true }),
      comment({ body: `${long}${long}${long}` }),
      rest(app, bearer(app.acme.token), 'GET', `${TICKETS}?status=${long}`),
      rest(app, bearer(app.acme.token), 'GET', `${TICKETS}?${long}=1`),
    ])
    for (const answer of answers) {
      expect(answer.status).toBe(422)
      const [sentence = ''] = sentences(answer)
      expect(sentence).toMatch(/(must|not a field).*\.$/)
      expect(asTheClientShows(answer)).toContain(sentence)
    }
  })

  it('calls fields by the names they have here', async () => {
    const all = await Promise.all([
      post('', { subject: 'Hello there', review_id: null }),
      post('/review', { ...outage, cluster_id: 'nowhere' }),
      post(`/${ticket.id}/link`, {}),
      rest(app, bearer(app.acme.token), 'GET', `${TICKETS}?page_size=0`),
    ])
    expect(all.flatMap(sentences)).toEqual([
      'description is required, unless review_id names a review.',
      'cluster_id names no cluster of this organisation.',
      'review_id is required.',
      'page_size must be at least 1.',
    ])
  })
})

/** Keys in order, then the first 500 bytes. */
function asTheClientShows({ body }: RestAnswer): string {
  const ordered = JSON.stringify(body, (_, value) =>
    value && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  )
  return Buffer.from(ordered).subarray(0, 500).toString()
}

describe('limits', () => {
  it('of texts count characters, not bytes, after the spaces around them', async () => {
    const subject = (length: number) => post('/review', { ...outage, subject: '😀'.repeat(length) })
    expect((await subject(200)).status).toBe(200)
    expect(problems(await subject(201))).toEqual(['body.subject: string_too_long'])
    expect(problems(await post('/review', { ...outage, subject: '  ab  ' }))).toEqual([
      'body.subject: string_too_short',
    ])
    const description = (length: number) => post('/review', { ...outage, description: 'd '.repeat(length / 2).trim() })
    expect(problems(await description(10))).toEqual(['body.description: string_too_short'])
    expect((await post('/review', { ...outage, description: 'x'.repeat(10) })).status).toBe(200)
    expect((await post('/review', { ...outage, description: 'x'.repeat(10_000) })).status).toBe(200)
    expect(problems(await post('/review', { ...outage, description: 'x'.repeat(10_001) }))).toEqual([
      'body.description: string_too_long',
    ])
    expect((await comment({ body: '.' })).status).toBe(201)
    expect((await comment({ body: 'x'.repeat(10_000) })).status).toBe(201)
    expect(problems(await comment({ body: 'x'.repeat(10_001) }))).toEqual(['body.body: string_too_long'])
    expect(problems(await comment({ body: ' \n ' }))).toEqual(['body.body: string_too_short'])
  })

  it('of the environment are 16 KiB of a JSON object', async () => {
    const send = (environment: unknown) => post('/review', { ...outage, environment })
    expect((await send({ os: 'linux', nested: { versions: ['1', null, true] } })).status).toBe(200)
    expect((await send(null)).status).toBe(200)
    expect(problems(await send({ log: 'x'.repeat(17_000) }))).toEqual(['body.environment: string_too_long'])
    for (const wrong of [['linux'], 'linux', 3]) {
      expect(problems(await send(wrong))).toEqual(['body.environment: value_error'])
    }
    expect(problems(await send({ 'a\u0000b': 1 }))).toEqual(['body.environment: value_error'])
  })

  it('of a list of answers are 20', async () => {
    const answers = Array.from({ length: 21 }, (_, index) => ({ question: `Number ${index}?`, answer: 'Yes' }))
    expect((await post('/review', { ...outage, clarification_answers: answers.slice(1) })).status).toBe(200)
    const many = await post('/review', { ...outage, clarification_answers: answers })
    expect(many.status).toBe(422)
    expect(sentences(many)[0]).toMatch(/clarification_answers must have at most 20/)
  })

  it('refuse what the database cannot hold', async () => {
    for (const text of ['a\u0000b and more of it', 'half a pair: \ud800 here']) {
      expect(problems(await comment({ body: text }))).toEqual(['body.body: value_error'])
      expect(problems(await post('/review', { ...outage, subject: text }))).toEqual(['body.subject: value_error'])
    }
  })
})

describe('fields that a route does not document', () => {
  it('are refused by their own name', async () => {
    const cases: [unknown, string][] = [
      [{ body: 'x', status: 'closed' }, 'status'],
      [{ body: 'x', Body: 'y' }, 'Body'],
      [{ body: 'x', ticketId: ticket.id }, 'ticketId'],
      [{ body: 'x', ticket_id: ticket.id }, 'ticket_id'],
      [{ body: 'x', idempotency_key: 'k' }, 'idempotency_key'],
    ]
    for (const [body, name] of cases) {
      const answer = await comment(body)
      expect(problems(answer)).toEqual([`body.${name}: value_error`])
      expect(sentences(answer)[0]).toContain(`${name} is not a field we know.`)
    }
  })

  it('also when an operation of another transport knows them: REST has no internal notes', async () => {
    const answer = await post(`/${ticket.id}/comments`, { body: 'A note.', internal: true }, app.team.token)
    expect(problems(answer)).toEqual(['body.internal: value_error'])
    const { body } = await ask<{ ticket: { comments: { nodes: { internal: boolean }[] } } }, object>(
      app,
      bearer(app.team.token),
      'query ($id: ID!) { ticket(id: $id) { comments(last: 5) { nodes { internal } } } }',
      { id: ticket.id },
    ).then(({ ticket }) => ({ body: ticket.comments.nodes }))
    expect(body.filter(({ internal }) => internal)).toEqual([])
  })

  it('are refused in the address of a write too, and are never taken for its input', async () => {
    const before = (await rest(app, bearer(app.acme.token), 'GET', TICKETS)).body.pagination.total_count
    const query = `subject=Hello+there&description=${'x'.repeat(20)}`
    const answers = await Promise.all([
      post(`/review?${query}`, {}),
      post(`?${query}&source=cli`, {}),
      post(`/${ticket.id}/comments?body=Hello`, {}),
      post(`/${ticket.id}/comments?idempotencyKey=abc`, { body: 'Hello' }),
      post(`?organisationId=${app.acme.organisationId}`, outage, app.team.token),
      post(`/${ticket.id}/close?expectedVersion=1`),
    ])
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 422, 422, 422])
    expect(sentences(answers[3] as RestAnswer)[0]).toContain('idempotencyKey is not a field we know.')
    const after = (await rest(app, bearer(app.acme.token), 'GET', TICKETS)).body.pagination.total_count
    expect(after).toBe(before)
  })

  it('are nothing special when they have the names of JavaScript', async () => {
    const text = `{"body":"x","__proto__":{"internal":true},"constructor":1}`
    const answer = await fetch(`${app.url}${TICKETS}/${ticket.id}/comments`, {
      method: 'POST',
      headers: { ...bearer(app.acme.token), 'content-type': 'application/json' },
      body: text,
    })
    expect(answer.status).toBe(422)
    const { detail } = (await answer.json()) as { detail: { loc: string[] }[] }
    expect(detail.map(({ loc }) => loc)).toEqual([
      ['body', '__proto__'],
      ['body', 'constructor'],
    ])
  })
})

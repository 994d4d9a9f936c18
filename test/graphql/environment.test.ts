// What clients say about themselves: any JSON object of a decent size, kept as it is but for secrets. Secrets are kept
// nowhere, whatever text they came in.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, type TestApp, testApp } from '../support/app.ts'
import { file, run, WELL_DESCRIBED } from './fixtures.ts'

let app: TestApp
let customer: Record<string, string>
beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
})
afterAll(() => app.close())

const create = (environment: unknown) =>
  run(app, customer, 'createTicket', { ...WELL_DESCRIBED, environment }, 'ticket { id environment }')

/** An object nested this deep: { a: { a: … } }. */
const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) })

/** An object of exactly this many bytes as JSON. */
const ofBytes = (bytes: number, letter = 'x') => {
  const room = bytes - JSON.stringify({ a: '' }).length
  return { a: letter.repeat(room / Buffer.byteLength(letter)) }
}

describe('an environment', () => {
  it.each([
    ['empty', {}],
    [
      'of all kinds of values',
      { a: null, b: true, c: 1.5, d: -0.1, e: 'x', f: [], g: [{ h: [1, 'two', null] }], '': '' },
    ],
    [
      'with names that mean something elsewhere',
      JSON.parse('{"__proto__": {"x": 1}, "constructor": 1, "toString": "x"}'),
    ],
    ['in any script', { 'имя 👩‍👩‍👧': 'значение \u202eabc' }],
    ['twenty levels deep', nested(20)],
    ['of 16 KiB', ofBytes(16 * 1024)],
  ])('%s is kept as it is', async (_, environment) => {
    const { ticket, message } = await create(environment)
    expect(message).toBeUndefined()
    expect(JSON.stringify(ticket?.environment)).toBe(JSON.stringify(environment))
  })

  it.each([
    ['a list', [1], 'INVALID'],
    ['a text', 'linux', 'INVALID'],
    ['a number', 5, 'INVALID'],
    ['true', true, 'INVALID'],
    ['one byte too large', ofBytes(16 * 1024 + 1), 'TOO_LONG'],
    ['too large in bytes, not in letters', ofBytes(16 * 1024 + 2, '\u0416'), 'TOO_LONG'],
    ['21 levels deep', nested(21), 'TOO_LONG'],
  ])('that is %s is refused', async (_, environment, code) => {
    const outcome = await create(environment)
    expect(outcome).toMatchObject({ code: 'INPUT', fields: [{ path: ['environment'], code }] })
    expect(outcome.message?.length).toBeLessThan(200)
  })

  it.each([
    ['objects', '{"a":', '}', '1'],
    ['lists', '[', ']', ''],
  ])('of 100,000 nested %s is refused, in whichever place', async (_, open, close, inside) => {
    const deep = `${open.repeat(100_000)}${inside}${close.repeat(100_000)}`
    const query = `mutation ($input: CreateTicketInput!) { createTicket(input: $input) {
      ... on InputError { fields { path code } } } }`
    const { subject, description } = WELL_DESCRIBED
    const input = `${JSON.stringify({ subject, description }).slice(0, -1)},"environment":{"a":${deep}}}`
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...customer },
      body: `{"query":${JSON.stringify(query)},"variables":{"input":${input}}}`,
    })
    expect(await response.json()).toMatchObject({
      data: { createTicket: { fields: [{ path: ['environment'], code: 'TOO_LONG' }] } },
    })
  })

  it('null is none', async () => {
    expect((await create(null)).ticket.environment).toBeNull()
  })

  it('may be written in the document', async () => {
    const document = `mutation { createTicket(input: { subject: "Nodes are NotReady", acknowledged: true,
      description: "Three nodes are NotReady since 9 o'clock.",
      environment: { os: "linux", cores: 4, flags: [true, null, 1.5] } }) {
      ... on CreateTicketPayload { ticket { environment } } } }`
    expect(await ask(app, customer, document)).toEqual({
      createTicket: { ticket: { environment: { os: 'linux', cores: 4, flags: [true, null, 1.5] } } },
    })
  })
})

describe('secrets', () => {
  const SECRETS = [
    'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
    'glpat-Zx81kQv0TfR2mN7sLpYw',
    'AKIAIOSFODNN7EXAMPLE',
    'xoxb-123456789012-abcdefGHIJKL',
  ]
  const [github, gitlab, aws, slack] = SECRETS as [string, string, string, string]
  const password = 'Tr0ub4dor&3xkcd'
  const all = [...SECRETS, password]

  /** Everything that a reader can get of a ticket, as one text. */
  const EVERYTHING = `query ($id: ID!, $q: String) {
    ticket(id: $id) { subject description environment aiSummary clusterContext
      review { subject description enrichment { summary } clarifyingQuestions { text answer } qualityFlags { message } }
      comments { nodes { body } } }
    tickets(filter: { q: $q }) { totalCount } }`

  it('in a draft, its answers, its environment and comments are never read back', async () => {
    const draft = {
      subject: `Login with ${github} fails`,
      description: `${WELL_DESCRIBED.description} We use postgres://shop:${password}@db.example:5432/shop and ${aws}.`,
      environment: { token: gitlab, nested: [{ note: `the token ${slack}` }], DB_PASSWORD: password, pin: 5 },
    }
    const { review } = await run(app, customer, 'reviewTicket', draft, 'review { id subject description }')
    const answers = [{ question: `Is it ${slack}?`, answer: `Yes, and the password is "${password}", ${gitlab}` }]
    await run(app, customer, 'answerReview', { reviewId: review.id, answers }, 'review { id }')
    const { ticket } = await run(app, customer, 'createTicket', {
      reviewId: review.id,
      clarificationAnswers: [{ question: 'And the other one?', answer: `Authorization: Bearer ${github}` }],
    })
    await run(app, customer, 'addComment', { ticketId: ticket.id, body: `Try password=${password} or ${aws}` })

    const read = JSON.stringify(await ask(app, bearer(app.team.token), EVERYTHING, { id: ticket.id }))
    for (const secret of all) expect(read).not.toContain(secret)
    expect(read).toContain('[token removed]')
    expect(read).toContain('[password removed]')
    expect(read).toContain('"pin":5')

    const stored = await app.database.prisma.$queryRaw<{ text: string }[]>`
      SELECT t::text AS text FROM tickets t UNION ALL SELECT r::text FROM reviews r
      UNION ALL SELECT c::text FROM comments c UNION ALL SELECT e::text FROM ticket_events e
      UNION ALL SELECT k::text FROM idempotency_keys k`
    const database = stored.map(({ text }) => text).join('\n')
    for (const secret of all) {
      expect(database).not.toContain(secret)
      expect(database.toLowerCase()).not.toContain(secret.toLowerCase())
    }
  })

  it('are not found by searching for them', async () => {
    for (const q of [github, aws]) {
      const { tickets } = await ask<{ tickets: { totalCount: number } }, object>(
        app,
        customer,
        'query ($q: String) { tickets(filter: { q: $q }) { totalCount } }',
        { q },
      )
      expect(tickets.totalCount).toBe(0)
    }
  })

  it('as names in an environment are not kept either', async () => {
    const { ticket } = await create({ [github]: 'found in the log', list: [{ [aws]: 1 }] })
    expect(JSON.stringify(ticket.environment)).not.toContain(github)
    expect(JSON.stringify(ticket.environment)).not.toContain(aws)
  })

  it('under a telling name are not kept, however they are wrapped', async () => {
    const { ticket } = await create({ password: [password], secret: { value: password }, apiKey: { a: [password] } })
    expect(JSON.stringify(ticket.environment)).not.toContain(password)
  })

  it('are said to be removed, which holds no ticket back', async () => {
    const draft = { ...WELL_DESCRIBED, description: `${WELL_DESCRIBED.description} The token is ${github}.` }
    const { review } = await run(app, customer, 'reviewTicket', draft, 'review { id quality qualityFlags { code } }')
    expect(review).toMatchObject({ quality: 'PASS', qualityFlags: [{ code: 'SECRET_MASKED' }] })
    expect(await file(app, customer, { reviewId: review.id, acknowledged: false })).toBeTruthy()
  })

  it('never come back in the message that refuses them', async () => {
    const outcome = await run(app, customer, 'addComment', { ticketId: 'x', body: `${github} `.repeat(1000) })
    expect(JSON.stringify(outcome)).not.toContain(github)
  })
})

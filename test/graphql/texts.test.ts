// Texts that people write: counted in characters, read back as they were written, refused where no database keeps them.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, type TestApp, testApp } from '../support/app.ts'
import { file, type Outcome, run, WELL_DESCRIBED } from './fixtures.ts'

let app: TestApp
let customer: Record<string, string>
let ticketId: string

beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
  ticketId = await file(app, customer)
})
afterAll(() => app.close())

/** A request whose JSON is written by hand. */
async function post(body: string, headers = customer) {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  return { status: response.status, text: await response.text() }
}

const fieldsOf = ({ fields }: Outcome) => fields?.map(({ path, code }) => `${path.join('.')} ${code}`)

describe('lengths count characters, not bytes or halves of them', () => {
  const create = (input: object) =>
    run(app, customer, 'createTicket', { ...WELL_DESCRIBED, acknowledged: true, ...input })

  it.each([
    ['subject', '', 'TOO_SHORT'],
    ['subject', '  a ', 'TOO_SHORT'],
    ['subject', '🔥🔥', 'TOO_SHORT'],
    ['subject', 'x'.repeat(201), 'TOO_LONG'],
    ['subject', '🔥'.repeat(201), 'TOO_LONG'],
    ['subject', 'x'.repeat(500_000), 'TOO_LONG'],
    ['description', 'too short', 'TOO_SHORT'],
    ['description', 'x'.repeat(10_001), 'TOO_LONG'],
    ['description', 'й'.repeat(10_001), 'TOO_LONG'],
  ])('%s %# is %s', async (field, text, code) => {
    const outcome = await create({ [field]: text })
    expect(outcome).toMatchObject({ code: 'INPUT', fields: [{ path: [field], code }] })
    expect(outcome.message).toMatch(code === 'TOO_SHORT' ? /at least \d/ : /at most [\d,]+ characters/)
    const review = await run(app, customer, 'reviewTicket', { ...WELL_DESCRIBED, [field]: text }, 'review { id }')
    expect(fieldsOf(review)).toEqual([`${field} ${code}`])
  })

  it('the longest texts are taken and read back whole', async () => {
    const subject = `Fire ${'🔥'.repeat(195)}`
    const description = `${'Ж'.repeat(9_000)} ${'🔥'.repeat(999)}`
    const made = await create({ subject, description })
    const document = 'query ($id: ID!) { ticket(id: $id) { subject description } }'
    const read = await ask(app, customer, document, { id: made.ticket?.id })
    expect(read).toEqual({ ticket: { subject, description } })
  })

  it.each([
    ['', 'TOO_SHORT'],
    [' \n\t ', 'TOO_SHORT'],
    ['x'.repeat(10_001), 'TOO_LONG'],
  ])('a comment %# is %s', async (body, code) => {
    expect(fieldsOf(await run(app, customer, 'addComment', { ticketId, body }))).toEqual([`body ${code}`])
  })

  it('a comment of 10,000 characters is taken', async () => {
    const body = '🔥'.repeat(10_000)
    const { comment } = await run(app, customer, 'addComment', { ticketId, body }, 'comment { body }')
    expect(comment.body).toBe(body)
  })

  it('every wrong field is named at once', async () => {
    const outcome = await create({ subject: 'x', description: 'y', environment: [] })
    expect(fieldsOf(outcome)).toEqual(['subject TOO_SHORT', 'description TOO_SHORT', 'environment INVALID'])
  })
})

describe('texts that no database keeps', () => {
  const mutation = (name: string, Name: string) =>
    `mutation ($input: ${Name}Input!) { outcome: ${name}(input: $input) { __typename ... on InputError { fields { path code } } } }`

  it.each([
    ['a NUL', 'a\\u0000b and some more words'],
    ['half a surrogate pair', 'a\\ud800b and some more words'],
    ['the other half', '\\udc00 and some more words'],
    ['halves in the wrong order', '\\udc00\\ud800 and some more words'],
  ])('%s is refused with its field', async (_, text) => {
    const inputs = [
      ['createTicket', 'CreateTicket', `{"subject":"${text}","description":"A long enough description."}`, 'subject'],
      ['createTicket', 'CreateTicket', `{"subject":"A subject","description":"${text}"}`, 'description'],
      ['addComment', 'AddComment', `{"ticketId":"${ticketId}","body":"${text}"}`, 'body'],
      [
        'reviewTicket',
        'ReviewTicket',
        `{"subject":"A subject","description":"A long enough one.","environment":{"a":["${text}"]}}`,
        'environment',
      ],
      [
        'reviewTicket',
        'ReviewTicket',
        `{"subject":"A subject","description":"A long enough one.","environment":{"${text}":1}}`,
        'environment',
      ],
      [
        'addComment',
        'AddComment',
        `{"ticketId":"${ticketId}","body":"A comment.","idempotencyKey":"${text}"}`,
        'idempotencyKey',
      ],
    ] as const
    for (const [name, Name, input, field] of inputs) {
      const query = JSON.stringify(mutation(name, Name))
      const { text: answer } = await post(`{"query":${query},"variables":{"input":${input}}}`)
      expect(JSON.parse(answer), `${name} ${field}`).toMatchObject({
        data: { outcome: { __typename: 'InputError', fields: [{ path: [field], code: 'INVALID' }] } },
      })
    }
  })

  it('are in no id, and refused in cursors and search', async () => {
    const byId = 'query ($id: ID!) { ticket(id: $id) { id } review(id: $id) { id } cluster(id: $id) { id } }'
    const list = 'query ($q: String, $after: String) { tickets(filter: { q: $q }, after: $after) { totalCount } }'
    const request = (query: string, variables: string) => `{"query":${JSON.stringify(query)},"variables":${variables}}`
    for (const text of ['\\u0000', '\\ud800', 'a\\u0000']) {
      const { text: found } = await post(request(byId, `{"id":"${text}"}`))
      expect(JSON.parse(found)).toMatchObject({ data: { ticket: null, review: null, cluster: null } })
      for (const variables of [`{"q":"${text}"}`, `{"after":"${text}"}`]) {
        const { text: refusal } = await post(request(list, variables))
        expect(JSON.parse(refusal).errors[0].extensions.code, variables).toBe('BAD_USER_INPUT')
      }
    }
  })

  it('but every other text is read back as it was written', async () => {
    const body = [
      'emoji 👩‍👩‍👧‍👦🏳️‍🌈, right to left: ‏לא עובד‏ لا يعمل \u202eabc\u202c',
      'tab\tquote " \' ` back\\slash \\u0041 %s $1 {{x}} <script>alert(1)</script>',
      'combining e\u0301 ﬁ \ufeff \ufffd \u0001 \u001b[31m \r\n 漢字 ‮',
    ].join('\n')
    const { comment } = await run(app, customer, 'addComment', { ticketId, body }, 'comment { body }')
    expect(comment.body).toBe(body.trim())
  })

  it('bytes that are no UTF-8 are no fault', async () => {
    const head = Buffer.from(`{"query":"{ __typename }","variables":{"a":"`)
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.concat([head, Buffer.from([0xff, 0xfe, 0xc3]), Buffer.from('"}}')]),
    })
    expect(response.status).toBeLessThan(500)
  })
})

// GraphQL's own door: addresses with parameters, bodies that hold no request, what a caller is told of it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, type TestApp, testApp } from '../support/app.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app.close())

const MUTATION = 'mutation { closeTicket(input: { ticketId: "x" }) { __typename } }'

async function get(parameters: Record<string, string>, method = 'GET') {
  const address = `${app.url}/graphql?${new URLSearchParams(parameters)}`
  const response = await fetch(address, { method, headers: bearer(app.acme.token) })
  const text = await response.text()
  return { status: response.status, allow: response.headers.get('allow'), body: text ? JSON.parse(text) : null }
}

async function post(body: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(app.acme.token), ...headers },
    body,
  })
  const text = await response.text()
  return { status: response.status, text, body: JSON.parse(text) }
}

const codesOf = (body: { errors?: { extensions: { code?: string } }[] }) =>
  (body.errors ?? []).map(({ extensions }) => extensions.code)

describe('a GET', () => {
  it.each(['variables', 'extensions'])('with a broken parameter %s gets 400 and its name', async (name) => {
    for (const value of ['x', '[1]', '1', '"x"', '{', 'true']) {
      const { status, body } = await get({ query: '{ __typename }', [name]: value })
      expect([value, status]).toEqual([value, 400])
      expect(body.errors).toMatchObject([
        { message: `The parameter ${name} must be a JSON object.`, extensions: { code: 'BAD_USER_INPUT' } },
      ])
    }
  })

  it('asks, with good or absent parameters', async () => {
    for (const variables of ['', 'null', '{}', '{"__proto__":{"a":1}}']) {
      const { status, body } = await get({ query: '{ __typename }', variables })
      expect([status, body]).toMatchObject([200, { data: { __typename: 'Query' } }])
    }
  })

  it('or HEAD changes nothing: a mutation needs POST', async () => {
    for (const method of ['GET', 'HEAD']) {
      const { status, allow } = await get({ query: MUTATION }, method)
      expect([method, status, allow]).toEqual([method, 405, 'POST'])
    }
    const { status } = await get({
      query: `query a { __typename } ${MUTATION.replace(' {', ' b {')}`,
      operationName: 'b',
    })
    expect(status).toBe(405)
  })

  it('without a query says so with 400', async () => {
    expect((await get({ variables: '{}' })).status).toBe(400)
  })
})

describe('a body', () => {
  const noRequest = ['', ' ', 'null', '[]', '1', '"x"', '{', '{"query":"{__typename}"}x', '\ufeff{"query":"{a}"}']
  const wrongParts = [
    '{"query":1}',
    '{"query":["{a}"]}',
    '{"query":"{a}","variables":1}',
    '{"query":"{a}","variables":[]}',
  ]
  const more = ['{"query":"{a}","extensions":[]}', '{"query":"{a}","extra":1}', '{"__proto__":{"query":"{a}"}}']

  it.each([...noRequest, ...wrongParts, ...more])('that is no request gets 400 in a sentence: %s', async (body) => {
    const answer = await post(body)
    expect(answer.status).toBe(400)
    expect(answer.body.errors).toMatchObject([{ message: expect.stringMatching(/\w \w/) }])
    expect(answer.text).not.toMatch(/SyntaxError|originalError|stack/)
  })

  it('that holds no query gets 400', async () => {
    expect(await Promise.all(['{}', '{"query":null}'].map(async (body) => (await post(body)).status))).toEqual([
      400, 400,
    ])
  })

  it('of nonsense is not sent back', async () => {
    const secret = 'dw_this_was_never_meant_to_be_shown'
    const { text } = await post(`{"query": "${secret}${'x'.repeat(100_000)}`)
    expect(text).not.toContain(secret)
    expect(text.length).toBeLessThan(1000)
  })

  it('with several requests is refused: batches are not taken', async () => {
    const { status, body } = await post('[{"query":"{__typename}"},{"query":"{__typename}"}]')
    expect([status, body.errors[0].message]).toEqual([400, 'Batching is not supported.'])
  })

  it('with keys of the prototype sets no variable', async () => {
    const query = 'query ($id: ID!) { ticket(id: $id) { id } }'
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      const answer = await post(`{"query":${JSON.stringify(query)},"variables":{"${key}":{"id":"x"}}}`)
      expect(answer.body.errors[0].message).toBe('Variable "$id" of required type "ID!" was not provided.')
    }
  })
})

describe('an error', () => {
  const numbers = ['2147483648', '-2147483649', '1.5', '1e400', '"1"', 'true', '[1,2]', '{}']
  it.each(numbers)('of a variable has a code: %s is no Int', async (number) => {
    const query = 'query ($n: Int!) { ticketByNumber(number: $n) { id } }'
    const { body } = await post(`{"query":${JSON.stringify(query)},"variables":{"n":${number}}}`)
    expect(codesOf(body)).toEqual(['BAD_USER_INPUT'])
  })

  it.each(['2024-02-30T00:00:00Z', '2024-01-01T24:00:00Z', '2024-13-01T00:00:00Z', '2024-01-01', '0', ''])(
    'is what "%s" gets for a DateTime',
    async (after) => {
      const query = 'query ($after: DateTime!) { tickets(filter: { createdAfter: $after }) { totalCount } }'
      const { body } = await post(JSON.stringify({ query, variables: { after } }))
      expect(body.errors?.[0].message).toMatch(/A DateTime is RFC 3339 text with a zone/)
    },
  )

  it('always carries the request id of its answer', async () => {
    const bodies = [
      '{',
      '{}',
      '{"query":"{"}',
      '{"query":"{nope}"}',
      '[]',
      '{"query":"{ticketByNumber(number:1){id}}"}',
    ]
    for (const body of bodies) {
      const response = await fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      const { errors } = (await response.json()) as { errors: { extensions: { requestId: string } }[] }
      for (const { extensions } of errors) expect(extensions.requestId).toBe(response.headers.get('x-request-id'))
    }
  })
})

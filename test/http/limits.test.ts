// What one request may ask for. Too much is refused before anything runs, with a sentence that names the limit.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app.close())

interface Answer {
  status: number
  text: string
  data: Record<string, unknown> | null
  messages: string[]
  codes: unknown[]
}

async function post(body: string, accept = 'application/graphql-response+json'): Promise<Answer> {
  const headers = { 'content-type': 'application/json', accept, ...bearer(app.acme.token) }
  const response = await fetch(`${app.url}/graphql`, { method: 'POST', headers, body })
  const text = await response.text()
  const { data = null, errors = [] } = JSON.parse(text) as {
    data?: Record<string, unknown>
    errors?: { message: string; extensions: { code?: string } }[]
  }
  const messages = errors.map(({ message }) => message)
  return { status: response.status, text, data, messages, codes: errors.map(({ extensions }) => extensions.code) }
}

const ask = (query: string, variables?: object) => post(JSON.stringify({ query, variables }))
const times = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => part(i)).join(' ')

/** Each fragment holds the next one twice: few words that stand for 2^depth fields. */
function bomb(depth: number, type: string): string {
  const inner = times(depth, (i) => `fragment f${i} on ${type} { ...f${i + 1} ...f${i + 1} }`)
  return `${inner} fragment f${depth} on ${type} { __typename }`
}

const CLOSE = 'closeTicket(input: { ticketId: "x" }) { __typename }'

describe('a document', () => {
  it('has at most 1,000 tokens, and more are not even read', async () => {
    const right = await ask(`{ ${times(499, () => '__typename')} }`)
    expect(right).toMatchObject({ status: 200, data: { __typename: 'Query' } })
    for (const tokens of [1001, 100_000]) {
      const { status, messages, codes } = await ask(`{ ${times(tokens, () => 'a')} }`)
      expect({ status, messages }).toEqual({ status: 400, messages: [expect.stringMatching(/\b1,?000 tokens/)] })
      expect(codes).not.toContain('INTERNAL')
    }
  })

  const deep: [string, string][] = [
    ['brackets', `{ tickets(filter: { status: ${'['.repeat(100_000)} }) { totalCount } }`],
    ['braces', '{a'.repeat(100_000)],
    ['objects', `{ tickets(filter: ${'{a:'.repeat(100_000)}`],
    ['types', `query ($a: ${'['.repeat(100_000)}`],
    ['fragments', '{...on Query'.repeat(50_000)],
  ]
  it.each(deep)('nested far too deep in %s is a wrong request, not a fault of ours', async (_, query) => {
    const { status, messages, codes } = await ask(query)
    expect({ status, messages }).toEqual({ status: 400, messages: [expect.stringMatching(/\b1,?000 tokens/)] })
    expect(codes).not.toContain('INTERNAL')
  })

  const excessive: [string, string, RegExp][] = [
    ['1,000 aliases', `{ ${times(330, (i) => `a${i}: __typename`)} }`, /330 aliases; the limit is 50\b/],
    ['200 aliased pages', `{ ${times(60, (i) => `a${i}: tickets { asOf }`)} }`, /60 aliases; the limit is 50\b/],
    ['60 directives', `{ ${times(60, () => '__typename @skip(if: false)')} }`, /60 directives; the limit is 50\b/],
    ['11 mutations', `mutation { ${times(11, (i) => `a${i}: ${CLOSE}`)} }`, /11 mutations; the limit is 10\b/],
    [
      '11 mutations in fragments',
      `mutation { ...a ...b } fragment a on Mutation { ${times(6, (i) => `a${i}: ${CLOSE}`)} }
       fragment b on Mutation { ${times(5, (i) => `b${i}: ${CLOSE}`)} }`,
      /11 mutations; the limit is 10\b/,
    ],
    [
      'depth of 24',
      `{ viewer { organisation { ${'tickets { nodes { organisation { '.repeat(7)} id ${'} } } '.repeat(7)} } } }`,
      /24 levels deep; the limit is 20\b/,
    ],
    ['2^40 fields in fragments', `{ ...f0 } ${bomb(40, 'Query')}`, /1,099,511,627,776 fields; the limit is 1,000\b/],
    ['2^40 mutations in fragments', `mutation { ...f0 } ${bomb(40, 'Mutation')}`, /fields; the limit is 1,000\b/],
    ['a fragment of itself', '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }', /"a" within itself/],
  ]
  it.each(excessive)('with %s is refused', async (_, query, message) => {
    const { status, messages, codes, data } = await ask(query)
    expect({ status, data }).toEqual({ status: 400, data: null })
    expect(messages).toContainEqual(expect.stringMatching(message))
    if (!message.source.includes('itself')) expect(codes).toEqual(['COST_LIMIT'])
  })

  it('may have 50 aliases and 10 mutations', async () => {
    expect(await ask(`{ ${times(50, (i) => `a${i}: __typename`)} }`)).toMatchObject({ status: 200, messages: [] })
    expect(await ask(`mutation { ${times(10, (i) => `a${i}: ${CLOSE}`)} }`)).toMatchObject({
      status: 200,
      messages: [],
    })
  })

  it('may ask for the whole schema, as every tool does, but not for the schema of the schema', async () => {
    const options = { specifiedByUrl: true, directiveIsRepeatable: true, inputValueDeprecation: true, oneOf: true }
    for (const query of [getIntrospectionQuery(), getIntrospectionQuery({ ...options, schemaDescription: true })]) {
      expect(await ask(query)).toMatchObject({ status: 200, messages: [] })
    }
    const nested = `{ __schema { types { ${'fields { type { '.repeat(6)} name ${'} } '.repeat(6)} } } }`
    expect(await ask(nested)).toMatchObject({ status: 400, messages: ['Maximum introspection depth exceeded'] })
  })

  it('that was too long is not kept in memory', async () => {
    const before = heapUsed()
    const paddings = Array.from({ length: 150 }, (_, i) => String.fromCharCode(97 + (i % 26)).repeat(500_000))
    for (const [index, padding] of paddings.entries()) await ask(`{ __typename } # ${index} ${padding}`)
    paddings.length = 0
    expect((heapUsed() - before) / 1024 ** 2).toBeLessThan(25)
  })
})

describe('a body', () => {
  it('of more than 1 MiB is refused with 413', async () => {
    const big = 'x'.repeat(2 * 1024 ** 2)
    expect(await post(JSON.stringify({ query: '{ __typename }', variables: { big } }))).toMatchObject({ status: 413 })
    const answer = await rest(app, bearer(app.acme.token), 'POST', `${TICKETS}/review`, { subject: big })
    expect(answer).toMatchObject({ status: 413, body: { detail: expect.stringMatching(/1 MiB/) } })
  })

  it('nested 100,000 deep is judged by what it should have been', async () => {
    const nest = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const draft = `"subject":"A subject","description":"A description","environment":{"a":${nest}}`
    const response = await fetch(`${app.url}${TICKETS}/review`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer(app.acme.token) },
      body: `{${draft}}`,
    })
    expect([response.status, await response.json()]).toMatchObject([
      422,
      { detail: [{ msg: 'environment must be nested at most 20 levels deep.' }] },
    ])
    const variable = `{"query":"query($f:TicketFilter){tickets(filter:$f){asOf}}","variables":{"f":{"status":${nest}}}}`
    expect((await post(variable)).status).toBe(400)
  })

  it('of 50,000 wrong fields gets an answer that a person can read', async () => {
    const body = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`field_${i}`, 1]))
    const answer = await rest(app, bearer(app.acme.token), 'POST', `${TICKETS}/review`, body)
    expect(answer.status).toBe(422)
    expect(JSON.stringify(answer.body).length).toBeLessThan(20_000)
  })

  it('with lists of 10,000 is refused by the list that is too long', async () => {
    const filter = { status: Array(10_000).fill('OPEN') }
    const { messages, codes } = await ask('query ($filter: TicketFilter) { tickets(filter: $filter) { asOf } }', {
      filter,
    })
    expect(codes).toEqual(['BAD_USER_INPUT'])
    expect(messages).toEqual([expect.stringMatching(/^filter\.status .*\b100\b/)])
    const answers = Array(10_000).fill({ question: 'Which?', answer: 'That.' })
    const draft = { subject: 'A subject', description: 'A description', clarification_answers: answers }
    const answer = await rest(app, bearer(app.acme.token), 'POST', `${TICKETS}/review`, draft)
    expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', 'clarification_answers'] }] } })
  })
})

/** After a full collection: what is really held. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

// What a document costs: told in every answer, counted before it runs, refused in a sentence when it is too much.

import { getIntrospectionQuery, parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { costOf } from '../../src/graphql/cost.ts'
import { schema } from '../../src/graphql/schema.ts'
import { bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { join, subscribe } from '../ws/sockets.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app.close())

const cost = (query: string, variableValues: Record<string, unknown> = {}) =>
  costOf({ schema, document: parse(query), variableValues })

const DASHBOARD = `query Dashboard($first: Int, $comments: Int = 5) {
  tickets(first: $first, filter: { status: [OPEN, IN_PROGRESS] }) {
    totalCount
    nodes {
      id number subject status severity updatedAt
      cluster { name }
      comments(last: $comments) { totalCount nodes { body createdAt author { type label } } }
      attachments { filename contentType sizeBytes url }
    }
  }
}`
const WIDE = '{ tickets(first: 100) { nodes { comments(first: 100) { nodes { body } } } } }'

describe('the cost of', () => {
  it('values is nothing, of an object one, and of a page one for each row', () => {
    expect(cost('{ __typename }')).toBe(0)
    expect(cost('{ viewer { id name } }')).toBe(1)
    expect(cost('{ tickets(first: 10) { nodes { id } } }')).toBe(11)
    expect(cost('{ tickets(first: 10) { edges { cursor node { id } } pageInfo { hasNextPage } } }')).toBe(11)
  })

  it('pages within pages is the one times the other', () => {
    expect(cost('{ tickets(first: 10) { nodes { comments(last: 4) { nodes { id } } } } }')).toBe(1 + 10 * (1 + 1 + 4))
  })

  it('pages whose size nobody gave is that of 25, and of no page never more than the largest', () => {
    expect(cost('{ tickets { nodes { id } } }')).toBe(26)
    expect(cost('{ tickets(last: null) { nodes { id } } }')).toBe(26)
    expect(cost('{ tickets(first: -5) { nodes { id } } }')).toBe(1)
    expect(cost('{ tickets(first: 2000000000) { nodes { id } } }')).toBe(101)
  })

  it('variables is what they hold, else their default', () => {
    const query = 'query ($n: Int = 7) { tickets(first: $n) { nodes { id } } }'
    const costs = [{}, { n: 3 }, { n: null }, { n: 'x' }, { n: 1e9 }].map((variables) => cost(query, variables))
    expect(costs).toEqual([8, 4, 26, 26, 101])
  })

  it('one document is counted anew for other variables', () => {
    const document = parse('query ($n: Int) { tickets(first: $n) { nodes { id } } }')
    const costs = [1, 50, 2].map((n) => costOf({ schema, document, variableValues: { n } }))
    expect(costs).toEqual([2, 51, 3])
  })

  it('fragments is that of what they hold, wherever they stand', () => {
    const query = `{ ...page } fragment page on Query { tickets(first: 10) { ...rows } }
      fragment rows on TicketConnection { nodes { ...ticket } } fragment ticket on Ticket { cluster { name } }`
    expect(cost(query)).toBe(1 + 10 * 2)
  })

  it('alternatives is that of the dearest one', () => {
    const comment = '... on CommentAdded { comment { body } }'
    const others = '... on AttachmentAdded { attachment { filename } } ... on TicketCreated { ticket { id } }'
    const events = (types: string) => cost(`{ ticket(id: "1") { events(first: 10) { nodes { ${types} } } } }`)
    expect(events(comment + others)).toBe(events(comment))
  })

  it('changes is more than that of reads, and of reviews more still', () => {
    const close = cost('mutation { closeTicket(input: { ticketId: "1" }) { __typename } }')
    const review = cost('mutation { reviewTicket(input: { subject: "", description: "" }) { __typename } }')
    expect([close, review]).toEqual([10, 50])
  })

  it('a dashboard of 25 and even 100 tickets is well within the limit, and asking for the schema is next to nothing', () => {
    expect(cost(DASHBOARD, { first: 25 })).toBeLessThan(2000)
    expect(cost(DASHBOARD, { first: 100 })).toBeLessThan(5000)
    expect(cost(getIntrospectionQuery())).toBe(1)
  })
})

async function post(query: string, variables = {}, accept = 'application/graphql-response+json') {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { ...bearer(app.acme.token), accept, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: JSON of every shape
  return { status: response.status, body: (await response.json()) as any }
}

describe('an answer', () => {
  it('tells what it cost, errors or not', async () => {
    const right = await post(DASHBOARD, { first: 2 })
    expect(right.body.extensions).toEqual({ cost: { requested: cost(DASHBOARD, { first: 2 }), limit: 10_000 } })
    const wrong = await post('{ tickets(first: 101) { nodes { id } } }')
    expect(wrong.body).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
      extensions: { cost: { requested: 101, limit: 10_000 } },
    })
  })

  it('to what costs too much is a sentence with both numbers, and nothing is read for it', async () => {
    expect(cost(WIDE)).toBe(1 + 100 * (1 + 1 + 100 * 5))
    const { result, statements } = await app.statements(() => post(WIDE))
    const limits = { requested: 50_201, limit: 10_000 }
    expect(result).toEqual({
      status: 400,
      body: {
        errors: [
          {
            message:
              'This document costs 50,201; at most 10,000 are allowed. Ask for fewer rows or fewer nested lists.',
            extensions: { code: 'COST_LIMIT', ...limits, requestId: expect.any(String) },
          },
        ],
        extensions: { cost: limits },
      },
    })
    expect(statements.filter((text) => text.includes('tickets'))).toEqual([])
  })
})

it('over a socket too much is an error of that operation, a subscription among them', async () => {
  const client = await join(app, app.acme.token)
  client.send(subscribe('1', WIDE))
  const { payload } = await client.about('1', 'next')
  expect(payload).toMatchObject({ errors: [{ extensions: { code: 'COST_LIMIT' } }], extensions: { cost: {} } })
  const nested = '{ comments(first: 100) { nodes { ticket { events(first: 100) { nodes { type } } } } } }'
  client.send(subscribe('2', `subscription { ticketEvents { cursor ticket ${nested} } }`))
  expect((await client.about('2', 'error')).payload).toMatchObject([
    { extensions: { code: 'COST_LIMIT', limit: 10_000 } },
  ])
  client.socket.close()
})

it('REST tells it in a header: the operation, and the rows that it shows', async () => {
  const draft = {
    subject: 'The shop answers 502',
    description: 'Since noon every request is a 502.',
    acknowledged: true,
  }
  const made = await rest(app, bearer(app.acme.token), 'POST', TICKETS, draft)
  expect(made.headers.get('x-cost')).toBe(String(50 + made.body.comments.length))
  expect((await rest(app, bearer(app.acme.token), 'GET', TICKETS)).headers.get('x-cost')).toBe('2')
})

describe('long texts', () => {
  it('are 8,000,000 characters at most in one answer, however few rows they are in', async () => {
    const draft = { subject: 'The shop answers 502', description: 'x '.repeat(5000), acknowledged: true }
    for (let i = 0; i < 30; i++) await rest(app, bearer(app.acme.token), 'POST', TICKETS, draft)
    const often = (times: number) => Array.from({ length: times }, (_, i) => `d${i}: description`).join(' ')
    const { body } = await post(`{ tickets(first: 30) { nodes { ${often(26)} } } }`)
    expect(body.data.tickets.nodes).toHaveLength(30)
    const over = await post(`{ tickets(first: 30) { nodes { ${often(28)} } } }`)
    expect(over.body).toMatchObject({
      data: null,
      errors: [{ message: expect.stringMatching(/8,000,000 characters/), extensions: { code: 'COST_LIMIT' } }],
    })
  })
})

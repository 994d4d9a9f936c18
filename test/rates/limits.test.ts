// How often somebody may do what, seen from outside: one count for each person or token, whichever door they take.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bearer, rest, send, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { uploadByRest } from '../support/uploads.ts'
import { join, subscribe } from '../ws/sockets.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp({ env: { RATE_LIMITS: 'on', TRUST_PROXY: 'on', SIGN_UP: 'open' } })
})
afterAll(() => app.close())

/** Every test has a token of its own, with all its places left. */
let token: string
beforeEach(async () => {
  token = await app.token(app.acme.organisationId, ['tickets_read', 'tickets_write'])
})

const times = <T>(count: number, work: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)))

const review = (path = '/review') => rest(app, bearer(token), 'POST', TICKETS + path, {})
const CLOSE = 'closeTicket(input: { ticketId: "x" }) { __typename }'
const REVIEW = 'mutation { reviewTicket(input: { subject: "", description: "" }) { __typename } }'

function post(query: string, headers = bearer(token), accept = 'application/graphql-response+json') {
  return fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { ...headers, accept, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
}

const left = (headers: Headers, name: string) =>
  Number(new RegExp(`"${name}";r=(\\d+)`).exec(headers.get('ratelimit') ?? '')?.[1])

describe('60 reviews a minute', () => {
  it('are one count over REST, GraphQL and its sockets, drafts filed without a review among them', async () => {
    const first = await review()
    expect(first.status).toBe(422)
    expect(first.headers.get('ratelimit-policy')).toBe('"review";q=60;w=60')
    expect(first.headers.get('ratelimit')).toMatch(/^"review";r=59;t=\d\d$/)
    await times(29, () => review())
    await times(20, () => post(REVIEW))
    await times(10, () => review(''))

    const refused = await review()
    const seconds = Number(refused.headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(0)
    const sentence = /^At most 60 reviews a minute; try again in \d+ seconds?\.$/
    expect([refused.status, refused.body]).toEqual([429, { detail: expect.stringMatching(sentence) }])
    expect(refused.headers.get('ratelimit')).toBe(`"review";r=0;t=${seconds}`)
    expect((await review('')).status).toBe(429)

    const graphql = await post(REVIEW)
    expect([graphql.status, graphql.headers.get('ratelimit-policy')]).toEqual([429, '"review";q=60;w=60'])
    expect(Number(graphql.headers.get('retry-after'))).toBeGreaterThan(0)
    const { errors } = (await graphql.json()) as { errors: unknown[] }
    const extensions = { code: 'RATE_LIMITED', limit: 60, retryAfterSeconds: expect.any(Number) }
    const error = { message: expect.stringMatching(sentence), extensions: expect.objectContaining(extensions) }
    expect(errors).toEqual([expect.objectContaining(error)])

    const socket = await join(app, token)
    socket.send(subscribe('1', REVIEW))
    expect((await socket.about('1', 'next')).payload.errors).toEqual([expect.objectContaining(error)])
    socket.socket.close()
  })

  it('are those of one token: others, and its own reads, go on', async () => {
    await times(61, () => review())
    expect((await review()).status).toBe(429)
    expect((await rest(app, bearer(token), 'GET', TICKETS)).status).toBe(200)
    expect((await rest(app, bearer(app.acme.token), 'POST', `${TICKETS}/review`, {})).status).toBe(422)
  })
})

describe('a document', () => {
  it('counts each of its mutations: ten documents of ten aliased ones are a hundred', async () => {
    const ten = `mutation { ${Array.from({ length: 10 }, (_, i) => `a${i}: ${CLOSE}`).join(' ')} }`
    for (let i = 1; i <= 10; i++) expect(left((await post(ten)).headers, 'write')).toBe(240 - 10 * i)
  })

  it('counts each of its lists, nested ones too', async () => {
    const { headers } = await post(
      '{ a: tickets { asOf } b: tickets { asOf } viewer { organisation { tickets { asOf } } } }',
    )
    expect(left(headers, 'read')).toBe(3000 - 4)
  })

  it('of which a part was done keeps its 200, and tells that the rest was not', async () => {
    await times(236, () => post(`mutation { ${CLOSE} }`))
    const six = `mutation { ${Array.from({ length: 6 }, (_, i) => `a${i}: ${CLOSE}`).join(' ')} }`
    const { status, data, errors } = await send<Record<string, unknown>, object>(app, bearer(token), six)
    expect([status, data]).toEqual([200, null])
    expect(errors).toMatchObject([{ path: ['a4'], extensions: { code: 'RATE_LIMITED', limit: 240 } }])
  })

  it('in the older media type is 200 as ever, with the headers', async () => {
    await times(60, () => review())
    const answer = await post(REVIEW, bearer(token), 'application/json')
    expect([answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([200, true])
  })
})

describe('uploads', () => {
  it('are 60 a minute', async () => {
    const answers = await times(61, () => uploadByRest(app, bearer(token), '0', { name: 'a.txt', bytes: 'a' }))
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(1)
  })
})

describe('who shows no good credentials', () => {
  const from = (address: string, headers = {}) =>
    fetch(`${app.url}${TICKETS}`, { headers: { 'x-forwarded-for': address, ...headers } })

  it('is counted by address: 600 a minute, whatever token is tried, and whatever else the header says', async () => {
    const wrong = bearer(`dw_${'x'.repeat(43)}`)
    const { headers } = await from('192.0.2.1')
    expect(headers.get('ratelimit')).toMatch(/^"anonymous";r=599;t=\d+$/)
    await times(599, (i) => from(`10.0.0.${i % 200}, 192.0.2.1`, i % 2 ? wrong : {}))
    const refused = await from('192.0.2.1', wrong)
    expect([refused.status, await refused.json()]).toEqual([
      429,
      { detail: expect.stringMatching(/^At most 600 requests without valid credentials a minute; try again in/) },
    ])
    expect((await from('192.0.2.1', bearer(token))).status).toBe(200)
    expect((await from('192.0.2.2')).status).toBe(401)
    const graphql = await post('{ viewer { id } }', { 'x-forwarded-for': '192.0.2.1' } as never)
    expect(graphql.status).toBe(429)
    expect(await graphql.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED', limit: 600 } }] })
  })

  it('signs in ten times at most, for one account from one address', async () => {
    const attempt = (address: string) =>
      fetch(`${app.url}/api/auth/sign-in/email`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: app.url, 'x-forwarded-for': address },
        body: JSON.stringify({ email: app.acme.admin.email, password: 'a guess at it' }),
      })
    for (let i = 0; i < 10; i++) expect((await attempt('192.0.2.3')).status).toBe(401)
    const refused = await attempt('192.0.2.3')
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await attempt('192.0.2.4')).status).toBe(401)
  })
})

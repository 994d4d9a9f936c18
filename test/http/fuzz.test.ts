// Thousands of small damages to valid requests: whatever comes out of them, it is the caller's mistake and never ours.
// FUZZ_COUNT and FUZZ_SEED run it longer or otherwise; the same seed makes the same requests.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { documents, routes, type World } from './fuzz.requests.ts'

const COUNT = Number(process.env.FUZZ_COUNT ?? 1500)
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_124)
const CALLERS = 8
/** Words of the database, of Prisma, of paths and stacks. */
const INTERNALS =
  /prisma|node_modules|\.ts:\d|at async |SQLSTATE|invalid input syntax|syntax error at|violates|\bSELECT [a-z".]+ FROM/i

let app: TestApp
let world: World
beforeAll(async () => {
  app = await testApp()
  world = await makeWorld()
})
afterAll(() => app.close())

async function makeWorld(): Promise<World> {
  const team = bearer(app.team.token)
  const cluster = await rest(
    app,
    { ...team, 'x-ankra-organisation-id': app.acme.organisationId },
    'PUT',
    '/api/v1/clusters',
    {
      name: 'prod',
      state: 'online',
      control_planes: 3,
      nodes: 5,
    },
  )
  const draft = {
    subject: 'Nodes are NotReady',
    description: 'All three of them, since noon.',
    cluster_id: cluster.body.id,
  }
  const acme = bearer(app.acme.token)
  const review = await rest(app, acme, 'POST', `${TICKETS}/review`, draft)
  const ticket = await rest(app, acme, 'POST', TICKETS, { ...draft, acknowledged: true })
  const { tickets } = await ask<{ tickets: { asOf: string; pageInfo: { endCursor: string } } }, object>(
    app,
    acme,
    '{ tickets { asOf pageInfo { endCursor } } }',
  )
  return {
    organisationId: app.acme.organisationId,
    clusterId: cluster.body.id,
    ticketId: ticket.body.id,
    reviewId: review.body.review_id,
    memberId: app.team.tess.id,
    cursor: tickets.pageInfo.endCursor,
    asOf: tickets.asOf,
  }
}

/** xorshift: numbers from 0 to 1 that a seed repeats. */
function makeRandom(seed: number) {
  let state = seed >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
}

const random = makeRandom(SEED)
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

const TEXTS = [
  ...['', ' ', '\u0000', 'a\u0000b', '\ud800', '💥', 'e\u0301', '\u202e', '\ufeff', '\u2028', '％', 'İ', '\n\r\t'],
  ...['null', 'NaN', '-1', '1e400', '__proto__', 'constructor', "' OR 1=1 --", '%_\\', '#1', '#9999999999', 'a & !b:*'],
  ...['a'.repeat(300), '😀'.repeat(5000), 'é'.repeat(10_001), '(((', '$1', '../..', '{}', '[]', 'true'],
  ...['00000000-0000-0000-0000-000000000000', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', 'urn:uuid:0'],
  ...[
    '2024-02-30T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-14:00',
    '2024-01-01T00:00:60Z',
    '2024-01-01',
  ],
]
const NUMBERS = [0, -1, 1, 100, 101, 1.5, 1e21, 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 53 + 2, 1e308]
const OTHERS = [null, true, false, undefined, [], {}, [null], [[]], { a: { b: [1] } }]

function wrongValue(old: unknown): unknown {
  const dice = random()
  if (dice < 0.4) return pick([...TEXTS, ...Object.values(world)])
  if (dice < 0.6) return pick(NUMBERS)
  if (dice < 0.7) return pick(OTHERS)
  if (dice < 0.9 && typeof old === 'string') return flip(old)
  if (dice < 0.95) return Array(Math.floor(random() * 200)).fill(old)
  return [old]
}

/** Turns one bit, of the text or of what it encodes. */
function flip(text: string): string {
  const encoding = random() < 0.5 ? 'base64url' : 'latin1'
  const bytes = Buffer.from(text, encoding)
  if (bytes.length === 0) return 'x'
  const index = Math.floor(random() * bytes.length)
  bytes[index] = (bytes[index] ?? 0) ^ (1 << Math.floor(random() * 7))
  return bytes.toString(encoding)
}

function damage(value: unknown): unknown {
  if (random() < 0.15 || typeof value !== 'object' || value === null) return wrongValue(value)
  if (Array.isArray(value)) return value.map((item) => (random() < 1 / value.length ? damage(item) : item))
  const copy: Record<string, unknown> = { ...value }
  const keys = Object.keys(copy)
  const key = keys.length === 0 ? 'extra' : pick(keys)
  if (random() < 0.15) delete copy[key]
  else copy[key] = damage(copy[key])
  if (random() < 0.1) copy[pick(['extra', 'constructor', 'toString', 'a\u0000', 'filter', ''])] = wrongValue('x')
  return copy
}

interface Sent {
  method: string
  path: string
  body: string | null
}

function makeRequest(): Sent {
  if (random() < 0.7) {
    const [query, variables] = pick(documents(world))
    return { method: 'POST', path: '/graphql', body: JSON.stringify({ query, variables: damage(variables) }) }
  }
  const [method, path, fields] = pick(routes(world))
  const wrong = damage(fields)
  if (method !== 'GET') return { method, path, body: JSON.stringify(wrong) ?? 'null' }
  const pairs = Object.entries(Object(wrong)).map(([name, value]): [string, string] => [
    name,
    String(value).slice(0, 2000),
  ])
  return { method, path: `${path}?${new URLSearchParams(pairs)}`, body: null }
}

/** Odd headers, which a few requests carry. */
function oddHeaders(): Record<string, string> {
  const key = pick(['k', 'x'.repeat(200), 'x'.repeat(10_000), '\xe9\xff', 'a\tb', '__proto__'])
  const organisation = pick([world.organisationId, world.ticketId, 'x', '\xe9', 'x'.repeat(2000), ' '])
  return random() < 0.5 ? { 'idempotency-key': key } : { 'x-ankra-organisation-id': organisation }
}

async function problemOf(sent: Sent, headers: Record<string, string>): Promise<string | null> {
  const start = performance.now()
  const json: Record<string, string> = sent.body === null ? {} : { 'content-type': 'application/json' }
  const response = await fetch(`${app.url}${sent.path}`, { ...sent, headers: { ...json, ...headers } })
  const text = await response.text()
  if (response.status >= 500 || text.includes('"INTERNAL"')) return `${response.status} ${text.slice(0, 300)}`
  if (INTERNALS.test(text) && !INTERNALS.test(`${sent.path}${sent.body}`))
    return `shows internals: ${text.slice(0, 500)}`
  return performance.now() - start > 5000 ? 'took more than 5 s' : null
}

describe('a damaged request', () => {
  it(`is never a fault of ours (${COUNT} of them)`, async () => {
    const tess = await app.team.tess.signIn()
    const who = [bearer(app.acme.token), bearer(app.globex.token), bearer(app.team.token), tess, {}]
    const problems: object[] = []
    let left = COUNT
    const caller = async () => {
      while (left-- > 0 && problems.length < 5) {
        const sent = makeRequest()
        const headers = { ...pick(who), ...(random() < 0.1 ? oddHeaders() : {}) }
        const problem = await problemOf(sent, headers)
        if (problem) problems.push({ problem, ...sent, body: sent.body?.slice(0, 1500) })
      }
    }
    await Promise.all(Array.from({ length: CALLERS }, caller))
    expect(problems).toEqual([])
  }, 600_000)
})

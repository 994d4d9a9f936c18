// Callers who let us wait. Who sends nothing is let go soon; who sends slowly but steadily is heard to the end.

import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestApp, TICKETS, testApp } from '../support/app.ts'
import { jsonRequest, request, type WireAnswer, wire } from './wire.ts'

/** The longest that a silent connection may stand. */
const PATIENCE_MS = 13_000
/** After ten looks without a byte taken, one every two seconds. */
const TOO_LATE_MS = 23_000
/** How long the honest one takes. */
const STEADY_MS = 13_500

let app: TestApp
let answers: Record<'nothing' | 'headers' | 'graphql' | 'rest' | 'chunks' | 'signIn', WireAnswer>
let steady: WireAnswer
let unread: number

beforeAll(async () => {
  app = await testApp()
  const json = { 'Content-Type': 'application/json', Authorization: `Bearer ${app.acme.token}` }
  const long = { ...json, 'Content-Length': '1000' }
  const [nothing, headers, graphql, rest, chunks, signIn, drip, page] = await Promise.all([
    wire(app, ''),
    wire(app, 'GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: '),
    wire(app, request('POST /graphql', long, '{"query":"')),
    wire(app, request(`POST ${TICKETS}/review`, long, '{"subject":"')),
    wire(app, request(`POST ${TICKETS}/review`, { ...json, 'Transfer-Encoding': 'chunked' }, '5\r\n{"que')),
    wire(app, request('POST /api/auth/sign-in/email', { ...long, Origin: app.url }, '{"email":"')),
    dripping(json),
    pageUnread(),
  ])
  answers = { nothing, headers, graphql, rest, chunks, signIn }
  steady = drip
  unread = page
}, 40_000)
afterAll(() => app.close())

/** A whole request whose body comes byte by byte. */
function dripping(headers: Record<string, string>): Promise<WireAnswer> {
  const body = '{"query":"{ __typename }"}'
  const bytes = jsonRequest('POST /graphql', headers, body)
  const head = bytes.slice(0, -body.length)
  return wire(app, head, {
    whenSent: (send) => {
      let sent = 0
      const timer = setInterval(() => {
        send(body[sent++] ?? '')
        if (sent === body.length) clearInterval(timer)
      }, STEADY_MS / body.length)
    },
  })
}

/** How much of nine megabytes comes to who begins to read too late. */
function pageUnread(): Promise<number> {
  const { hostname, port } = new URL(app.url)
  return new Promise((resolve) => {
    let bytes = 0
    const socket = connect(Number(port), hostname)
    socket.write(request('GET /graphql', { Accept: 'text/html' }))
    socket.pause()
    setTimeout(() => socket.on('data', (chunk) => (bytes += chunk.length)).resume(), TOO_LATE_MS)
    socket.on('error', () => {}).on('close', () => resolve(bytes))
  })
}

describe('a caller', () => {
  it.each(['nothing', 'headers'] as const)('who sends %s and no more is let go', (what) => {
    expect(answers[what].status).toBe(408)
    expect(answers[what].ms).toBeLessThan(PATIENCE_MS)
  })

  it.each(['graphql', 'rest', 'chunks', 'signIn'] as const)(
    'who stops in the middle of a body is let go: %s',
    (what) => {
      expect(answers[what].ms).toBeLessThan(PATIENCE_MS)
      expect(answers[what].status).toBe(408)
    },
  )

  it('who does not read the answer loses the rest of it', () => {
    expect(unread).toBeLessThan(9_000_000)
  })

  it('who sends slowly, but without a pause, is answered', () => {
    expect(steady.ms).toBeGreaterThan(STEADY_MS * 0.9)
    expect([steady.status, JSON.parse(steady.body)]).toMatchObject([200, { data: { __typename: 'Query' } }])
  })
})

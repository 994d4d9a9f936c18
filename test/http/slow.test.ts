// Callers who let us wait. Who sends nothing is let go soon; who sends slowly but steadily is heard to the end.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestApp, TICKETS, testApp } from '../support/app.ts'
import { jsonRequest, request, type WireAnswer, wire } from './wire.ts'

/** The longest that a silent connection may stand. */
const PATIENCE_MS = 13_000
/** How long the honest one takes. */
const STEADY_MS = 13_500

let app: TestApp
let answers: Record<'nothing' | 'headers' | 'graphql' | 'rest' | 'chunks' | 'signIn', WireAnswer>
let steady: WireAnswer

beforeAll(async () => {
  app = await testApp()
  const json = { 'Content-Type': 'application/json', Authorization: `Bearer ${app.acme.token}` }
  const long = { ...json, 'Content-Length': '1000' }
  const [nothing, headers, graphql, rest, chunks, signIn, drip] = await Promise.all([
    wire(app, ''),
    wire(app, 'GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: '),
    wire(app, request('POST /graphql', long, '{"query":"')),
    wire(app, request(`POST ${TICKETS}/review`, long, '{"subject":"')),
    wire(app, request(`POST ${TICKETS}/review`, { ...json, 'Transfer-Encoding': 'chunked' }, '5\r\n{"que')),
    wire(app, request('POST /api/auth/sign-in/email', { ...long, Origin: app.url }, '{"email":"')),
    dripping(json),
  ])
  answers = { nothing, headers, graphql, rest, chunks, signIn }
  steady = drip
})
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

  it('who sends slowly, but without a pause, is answered', () => {
    expect(steady.ms).toBeGreaterThan(STEADY_MS * 0.9)
    expect([steady.status, steady.body]).toEqual([200, '{"data":{"__typename":"Query"}}'])
  })
})

// What every answer tells a browser, and what it tells nobody.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { uploadByRest } from '../support/uploads.ts'
import { request, wire } from './wire.ts'

let app: TestApp
let secure: TestApp
let ticket: string
let file: string
beforeAll(async () => {
  app = await testApp({ env: { SIGN_UP: 'open' } })
  secure = await testApp({ env: { PUBLIC_URL: 'https://desk.example.com' } })
  const draft = {
    subject: 'The shop answers 502',
    description: 'Since noon every request is a 502.',
    acknowledged: true,
  }
  ticket = (await rest(app, bearer(app.acme.token), 'POST', TICKETS, draft)).body.id
  const log = { name: 'a.log', bytes: 'a line\n' }
  file = (await uploadByRest(app, bearer(app.acme.token), ticket, log)).body.attachments[0].id
})
afterAll(async () => {
  await Promise.all([app.close(), secure.close()])
})

const ALWAYS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'permissions-policy': expect.stringContaining('camera=()'),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
  'cache-control': expect.stringMatching(/^(no-store|no-cache|private, no-cache)$/),
}

const mine = () => ({ Authorization: `Bearer ${app.acme.token}` })
const json = { 'Content-Type': 'application/json' }
const BAD = 'GET /healthz HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n'
const LONG = request('GET /healthz', { 'X-A': 'a'.repeat(20_000) })

const answers: [string, number, () => string][] = [
  ['the page to try GraphQL on', 200, () => request('GET /graphql', { Accept: 'text/html' })],
  ['the documentation', 200, () => request('GET /api/v1/docs')],
  ['the OpenAPI document', 200, () => request('GET /api/v1/openapi.json')],
  ['the page to set a password', 410, () => request('GET /set-password?token=x')],
  ['an answer of GraphQL', 200, () => request('GET /graphql?query={__typename}', mine())],
  [
    'an error of GraphQL',
    400,
    () => request('GET /graphql?query={', { ...mine(), Accept: 'application/graphql-response+json' }),
  ],
  ['a subscription', 200, () => request('HEAD /graphql?query=x', { ...mine(), Accept: 'text/event-stream' })],
  ['a ticket', 200, () => request(`GET ${TICKETS}/${ticket}`, mine())],
  ['a stream', 200, () => request(`HEAD ${TICKETS}/events`, mine())],
  ['a download', 200, () => request(`GET ${TICKETS}/${ticket}/attachments/${file}`, mine())],
  ['nobody', 401, () => request(`GET ${TICKETS}`)],
  ['nothing', 404, () => request('GET /nothing')],
  ['a wrong method', 405, () => request('DELETE /healthz')],
  ['a wrong body', 415, () => request(`POST ${TICKETS}/review`, { ...mine(), 'Content-Length': '0' })],
  ['a session that is none', 200, () => request('GET /api/auth/get-session')],
  ['a sign-in that fails', 415, () => request('POST /api/auth/sign-in/email', { 'Content-Length': '1' }, 'x')],
  ['health', 200, () => request('GET /healthz')],
  ['the way to the page', 302, () => request('GET /')],
  ['what is no HTTP', 400, () => BAD],
  ['headers that are too long', 431, () => LONG],
  ['a handshake that is none', 400, () => request('GET /x', { Upgrade: 'websocket' }).replace('close', 'upgrade')],
]

describe('an answer', () => {
  it.each(answers)(
    'that is %s (%i) says what a browser may do with it, and not what it was made with',
    async (_, status, bytes) => {
      const { headers, status: got } = await wire(app, bytes())
      expect([got, headers]).toEqual([status, expect.objectContaining(ALWAYS)])
      expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['server']))
      expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['x-powered-by']))
      expect(headers).not.toHaveProperty('strict-transport-security')
    },
  )

  it.each([BAD, LONG, request('GET /healthz'), request('GET /nothing'), request('GET /api/v1/docs')])(
    'of a service on https says that it stays there',
    async (bytes) => {
      const { headers } = await wire(secure, bytes)
      expect(headers['strict-transport-security']).toBe('max-age=31536000')
    },
  )

  it('about somebody is kept by no cache', async () => {
    for (const [, , bytes] of answers.filter(([name]) => /GraphQL$|ticket|stream|session|sign-in/.test(name))) {
      expect((await wire(app, bytes())).headers['cache-control']).toBe('no-store')
    }
  })
})

describe('a page', () => {
  it.each(['/api/v1/docs', '/set-password?token=x'])('has no script: %s', async (path) => {
    const { headers, body } = await wire(app, request(`GET ${path}`))
    expect(headers['content-security-policy']).toMatch(/style-src 'sha256-[^']+'/)
    expect(headers['content-security-policy']).not.toMatch(/script-src|unsafe/)
    expect(body).not.toContain('<script')
  })

  it('to try GraphQL on runs its own scripts, known by their hashes, and no others', async () => {
    const { headers } = await wire(app, request('GET /graphql', { Accept: 'text/html' }))
    expect(headers['content-security-policy']).toMatch(/script-src ('sha256-[^']+' ?)+;/)
    expect(headers['content-security-policy']).not.toMatch(/script-src[^;]*unsafe/)
  })
})

describe('what a proxy would say', () => {
  const forwarded = {
    'x-forwarded-for': '192.0.2.9',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example',
    forwarded: 'for=192.0.2.9;host=evil.example;proto=https',
  }

  it('makes no cookie secure and no link lead elsewhere: that is for PUBLIC_URL to say', async () => {
    const person = { email: 'new@acme.example', name: 'New', password: 'a long enough password' }
    const answer = await fetch(`${app.url}/api/auth/sign-up/email`, {
      method: 'POST',
      headers: { ...json, ...forwarded, origin: app.url },
      body: JSON.stringify(person),
    })
    expect(answer.headers.getSetCookie().join()).not.toMatch(/Secure|evil/)
    const query = `mutation { createAttachmentLink(attachmentId: "${file}") { ... on CreateAttachmentLinkPayload { url } } }`
    const link = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { ...json, ...forwarded, ...bearer(app.acme.token) },
      body: JSON.stringify({ query }),
    })
    expect(await link.text()).not.toContain('evil.example')
  })

  it('is no other address as long as TRUST_PROXY is off', async () => {
    const limited = await testApp({ env: { RATE_LIMITS: 'on' } })
    const left = []
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) {
      const { headers } = await rest(limited, { ...forwarded, 'x-forwarded-for': address }, 'GET', TICKETS)
      left.push(/r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1])
    }
    expect(left).toEqual(['599', '598', '597'])
    await limited.close()
  })
})

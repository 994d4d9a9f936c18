// A session cookie counts only where our own page sent it along; a token counts wherever it comes from.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, type TestApp, TICKETS, testApp } from '../support/app.ts'

const PORTAL = 'https://portal.example.org'
const OTHER = 'https://evil.example'

let app: TestApp
let cookie: string
beforeAll(async () => {
  app = await testApp({ env: { ALLOWED_ORIGINS: PORTAL } })
  cookie = (await app.acme.admin.signIn()).cookie ?? ''
})
afterAll(() => app.close())

type Headers = Record<string, string>
const json = { 'content-type': 'application/json' }

const status = async (method: string, path: string, headers: Headers, body?: string) =>
  (await fetch(`${app.url}${path}`, { method, headers, body: body ?? null })).status

/** How the four kinds of requests with a cookie are answered. */
async function doors(headers: Headers) {
  const all = { cookie, ...headers }
  const query = '{ viewer { name } }'
  return {
    graphql: await status('POST', '/graphql', { ...json, ...all }, JSON.stringify({ query })),
    graphqlGet: await status('GET', `/graphql?query=${encodeURIComponent(query)}`, all),
    write: await status('POST', '/org/support/tickets/review', { ...json, ...all }, '{}'),
    read: await status('GET', '/org/support/tickets', all),
  }
}

const OPEN = { graphql: 200, graphqlGet: 200, write: 422, read: 200 }
const CLOSED = { graphql: 403, graphqlGet: 403, write: 403, read: 403 }
/** What no page sent, such as a typed address, may read over REST. */
const READS = { ...CLOSED, read: 200 }

describe('a cookie', () => {
  it('counts on requests of our own page, and of allowed ones', async () => {
    expect(await doors({ origin: app.url })).toEqual(OPEN)
    expect(await doors({ origin: PORTAL, 'sec-fetch-site': 'cross-site' })).toEqual(OPEN)
    expect(await doors({ 'sec-fetch-site': 'same-origin' })).toEqual(OPEN)
  })

  it('may read over REST where no page asked', async () => {
    expect(await doors({})).toEqual(READS)
    expect(await doors({ 'sec-fetch-site': 'none' })).toEqual(READS)
    expect(await doors({ referer: `${OTHER}/page` })).toEqual(READS)
  })

  const foreign: [string, (own: string) => Headers][] = [
    ['another site', () => ({ origin: OTHER, 'sec-fetch-site': 'cross-site' })],
    ['another site, in a browser that says nothing of it', () => ({ origin: OTHER })],
    ['a hidden origin', () => ({ origin: 'null' })],
    ['an empty origin', () => ({ origin: '' })],
    ['a link elsewhere', () => ({ 'sec-fetch-site': 'cross-site' })],
    ['a sibling', () => ({ 'sec-fetch-site': 'same-site' })],
    ['our host over https', (own) => ({ origin: own.replace('http:', 'https:') })],
    ['our host on another port', (own) => ({ origin: own.replace(/:\d+$/, '') })],
    ['a host that begins like ours', (own) => ({ origin: `${own}.evil.example` })],
    ['a host that names ours as its user', (own) => ({ origin: `${own}@evil.example` })],
    ['our origin with a slash', (own) => ({ origin: `${own}/` })],
    ['another scheme of authorization', () => ({ authorization: 'Basic eDp5', origin: OTHER })],
  ]
  it.each(foreign)('does not count from %s', async (_, headers) => {
    expect(await doors(headers(app.url))).toEqual(CLOSED)
  })

  it('never counts under /api/v1', async () => {
    expect(await status('GET', TICKETS, { cookie, origin: app.url })).toBe(401)
  })

  it('tells who was refused what to do', async () => {
    const response = await fetch(`${app.url}/org/support/tickets`, { headers: { cookie, origin: OTHER } })
    expect(await response.json()).toEqual({
      detail:
        'A session cookie is only taken from our own pages. Programs send an API token as "Authorization: Bearer …".',
    })
  })

  it('that was tampered with is no cookie', async () => {
    const made = [
      `${cookie}x`,
      cookie.slice(0, -4),
      'deskwire.session_token=',
      'deskwire.session_token=%',
      cookie.replace('=', '=a'),
    ]
    for (const value of [...made, `deskwire.session_token=${'a'.repeat(8000)}`, 'deskwire.session_token=%00.%00']) {
      expect(await status('GET', '/org/support/tickets', { cookie: value })).toBe(401)
    }
  })
})

describe('a token', () => {
  it('counts from any site, also beside a cookie, and a bad one is not replaced by a good cookie', async () => {
    const origin = { origin: OTHER, 'sec-fetch-site': 'cross-site' }
    expect(await doors({ ...origin, ...bearer(app.acme.token) })).toEqual(OPEN)
    expect(await status('GET', '/org/support/tickets', { cookie, ...bearer('dw_wrong') })).toBe(401)
    expect(await status('GET', '/org/support/tickets', { cookie, authorization: 'Bearer' })).toBe(401)
  })

  it('is taken by the scheme Bearer in any case, and by no other', async () => {
    const { token } = app.acme
    const read = (authorization: string) => status('GET', TICKETS, { authorization })
    for (const right of [`Bearer ${token}`, `bearer ${token}`, `BEARER  ${token} `]) expect(await read(right)).toBe(200)
    const wrong = [
      token,
      `Token ${token}`,
      `Basic ${token}`,
      `Bearer "${token}"`,
      `Bearer ${token},`,
      `Bearer ${token} x`,
    ]
    for (const value of [...wrong, 'Bearer', '', `Bearer ${token.toUpperCase()}`, `Bearer ${'x'.repeat(15_000)}`]) {
      expect(await read(value)).toBe(401)
    }
  })
})

describe('other sites', () => {
  const preflight = (path: string, origin: string) =>
    fetch(`${app.url}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,authorization',
      },
    })

  it('are told by a preflight that they may, when they are allowed', async () => {
    const { status, headers } = await preflight('/graphql', PORTAL)
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe(PORTAL)
    expect(headers.get('access-control-allow-credentials')).toBe('true')
    expect(headers.get('access-control-allow-headers')).toMatch(/content-type/i)
  })

  it.each([OTHER, 'null', `${PORTAL}.evil.example`, PORTAL.replace('https', 'http')])(
    'hear nothing of the sort when they are %s',
    async (origin) => {
      const asked = [
        preflight('/graphql', origin),
        preflight(TICKETS, origin),
        preflight('/api/auth/sign-in/email', origin),
      ]
      const body = '{"query":"{__typename}"}'
      const sent = fetch(`${app.url}/graphql`, { method: 'POST', headers: { ...json, origin }, body })
      for (const { status, headers } of await Promise.all([...asked, sent])) {
        expect(status).toBeLessThan(500)
        expect([null, PORTAL]).toContain(headers.get('access-control-allow-origin'))
      }
    },
  )

  it('may sign nobody in or out, with any content type', async () => {
    const credentials = JSON.stringify({ email: app.acme.member.email, password: 'a long enough password' })
    const signIn = (headers: Headers, body = credentials) => status('POST', '/api/auth/sign-in/email', headers, body)
    expect(await signIn({ ...json, origin: OTHER })).toBe(403)
    expect(await signIn({ ...json, origin: 'null' })).toBe(403)
    expect(await signIn({ 'content-type': 'text/plain', origin: app.url })).toBe(415)
    const form = { 'content-type': 'application/x-www-form-urlencoded', origin: app.url }
    expect(await signIn(form, 'email=a%40b.example&password=x')).toBe(415)
    expect(await status('POST', '/api/auth/sign-out', { ...json, cookie, origin: OTHER }, '{}')).toBe(403)
    expect(await status('GET', '/org/support/tickets', { cookie })).toBe(200)
  })

  it('cannot show our pages in a frame of theirs', async () => {
    for (const path of ['/graphql', '/set-password', '/api/v1/docs']) {
      const { headers } = await fetch(`${app.url}${path}`, { headers: { accept: 'text/html' } })
      const policy = headers.get('content-security-policy') ?? ''
      expect([path, /frame-ancestors 'none'/.test(policy) || headers.get('x-frame-options') === 'DENY']).toEqual([
        path,
        true,
      ])
    }
  })
})

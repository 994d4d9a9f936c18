import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { liveRoutes } from '../../src/auth/auth.ts'
import { BASE_PATH, handleAuth } from '../../src/auth/handler.ts'
import { makeLimiter } from '../../src/rates/limiter.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { BASE_URL, getSession, PASSWORD, post, signIn, signUp, testAuth } from './people.ts'

let test: TestDatabase
beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.close())

const ALWAYS = ['/change-password', '/get-session', '/sign-in/email', '/sign-out']
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

describe.each([
  ['closed', ALWAYS],
  ['open', [...ALWAYS, '/sign-up/email']],
] as const)('with sign-up %s', (mode, expected) => {
  it('better-auth itself has only these routes open, of all its endpoints', () => {
    const auth = testAuth(test.database, { signUp: mode })
    const paths = Object.values(auth.api).flatMap(({ path }) => (path === undefined ? [] : [path]))
    const open = paths.filter((path) => !auth.options.disabledPaths.includes(path))
    expect(paths.length).toBeGreaterThan(20)
    expect([...new Set(open)].sort()).toEqual([...expected].sort())
  })

  it('only these answer over HTTP, whatever the method and however they are spelled', async () => {
    const auth = testAuth(test.database, { signUp: mode })
    const handle = handleAuth(auth)
    const status = async (method: string, path: string) =>
      (await handle(new Request(`${BASE_URL}${BASE_PATH}${path}`, { method }))).status
    const paths = Object.values(auth.api).flatMap(({ path }) => (path === undefined ? [] : [path]))
    for (const path of paths.filter((path) => !expected.some((one) => one === path))) {
      for (const method of METHODS) expect([method, path, await status(method, path)]).toEqual([method, path, 404])
    }
    for (const path of expected) {
      const allowed = liveRoutes(mode)[path] ?? []
      for (const method of METHODS) expect((await status(method, path)) === 405).toBe(!allowed.includes(method))
      for (const other of [`${path}/`, `/${path}`, path.toUpperCase(), `${path}%2f`, `/x/..%2f${path}`]) {
        expect([other, await status('POST', other)]).toEqual([other, 404])
      }
    }
  })

  it('filled-in parameters open no route', async () => {
    const handle = handleAuth(testAuth(test.database, { signUp: mode }))
    for (const path of ['/reset-password/abc', '/callback/google', '/__proto__', '/constructor', '']) {
      expect((await handle(new Request(`${BASE_URL}${BASE_PATH}${path}`))).status).toBe(404)
    }
  })
})

describe('signing up', () => {
  it('makes a person with a UUID of version 7, unverified, who belongs nowhere', async () => {
    const { id } = await signUp(testAuth(test.database), 'New@Acme.test')
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
    const person = await test.database.prisma.user.findUniqueOrThrow({
      where: { id },
      include: { members: true, teamMember: true, sessions: true },
    })
    expect(person).toMatchObject({ email: 'new@acme.test', emailVerified: false, members: [], teamMember: null })
    expect(person.sessions).toHaveLength(1)
  })

  it('takes no rights from the body', async () => {
    const body = { email: 'sly@acme.test', name: 'Sly', password: PASSWORD, emailVerified: true, role: 'admin' }
    expect((await post(testAuth(test.database), '/sign-up/email', body)).status).toBe(200)
    const person = await test.database.prisma.user.findUniqueOrThrow({
      where: { email: 'sly@acme.test' },
      include: { members: true, teamMember: true },
    })
    expect(person).toMatchObject({ emailVerified: false, members: [], teamMember: null })
  })

  it.each([
    ['an empty name', { name: ' ' }],
    ['a name with a NUL', { name: 'A\u0000' }],
    ['a name with a lone surrogate', { name: 'A\ud800' }],
    ['a name over two lines', { name: 'A\nB' }],
    ['a name that is too long', { name: 'A'.repeat(101) }],
    ['a picture', { image: 'https://example.com/a.png' }],
    ['a short password', { password: 'ninechars' }],
    ['a long password', { password: 'x'.repeat(129) }],
    ['no address', { email: 'bad' }],
  ])('refuses %s', async (_, change) => {
    const body = { email: 'refused@acme.test', name: 'Ann', password: PASSWORD, ...change }
    expect((await post(testAuth(test.database), '/sign-up/email', body)).status).toBe(400)
    expect(await test.database.prisma.user.count({ where: { email: 'refused@acme.test' } })).toBe(0)
  })

  it('is refused where it is closed', async () => {
    const auth = testAuth(test.database, { signUp: 'closed' })
    const body = { email: 'closed@acme.test', name: 'Ann', password: PASSWORD }
    expect((await post(auth, '/sign-up/email', body)).status).toBe(404)
    await expect(auth.api.signUpEmail({ body })).rejects.toThrow()
  })
})

describe('a session', () => {
  it('begins with the password and ends with signing out', async () => {
    const auth = testAuth(test.database)
    await signUp(auth, 'session@acme.test')
    expect(await signIn(auth, 'session@acme.test', 'not the password')).toBeNull()
    const cookie = (await signIn(auth, 'Session@ACME.test')) ?? ''
    expect(await getSession(auth, cookie)).toMatchObject({ user: { email: 'session@acme.test' } })
    const answer = await handleAuth(auth)(
      new Request(`${BASE_URL}${BASE_PATH}/sign-out`, { method: 'POST', headers: { cookie, origin: BASE_URL } }),
    )
    expect(answer.status).toBe(200)
    expect(await getSession(auth, cookie)).toBeNull()
  })

  it('has a cookie that scripts cannot read and other sites do not send, secure on https', async () => {
    await signUp(testAuth(test.database), 'cookie@acme.test')
    const body = { email: 'cookie@acme.test', password: PASSWORD }
    const plain = await post(testAuth(test.database), '/sign-in/email', body)
    expect(plain.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^deskwire\.session_token=.*HttpOnly; SameSite=Lax$/),
    ])
    const https = await post(testAuth(test.database, { baseUrl: 'https://desk.example.com' }), '/sign-in/email', body)
    expect(https.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Secure-deskwire\.session_token=.*; Secure/),
    ])
  })

  it('is refused when the cookie was tampered with or signed by another secret', async () => {
    const auth = testAuth(test.database)
    const { cookie } = await signUp(auth, 'tamper@acme.test')
    expect(await getSession(auth, cookie.replace(/=../, '=xx'))).toBeNull()
    const other = testAuth(test.database, { secret: 'another root secret that signs other cookies' })
    expect(await getSession(other, cookie)).toBeNull()
  })

  it('lets the person change the password', async () => {
    const auth = testAuth(test.database)
    const { cookie } = await signUp(auth, 'change@acme.test')
    const headers = { cookie, origin: BASE_URL }
    const change = (currentPassword: string) =>
      post(auth, '/change-password', { currentPassword, newPassword: 'a new long password' }, { headers })
    expect((await change('wrong password')).status).toBe(400)
    expect((await change(PASSWORD)).status).toBe(200)
    expect(await signIn(auth, 'change@acme.test')).toBeNull()
    expect(await signIn(auth, 'change@acme.test', 'a new long password')).not.toBeNull()
  })
})

describe('the gate', () => {
  it.each([
    ['our own page', BASE_URL, 200],
    ['the other name of this machine', 'http://localhost:4000', 200],
    ['an allowed site', 'https://portal.example.org', 200],
    ['another site', 'https://evil.example', 403],
    ['another port', 'http://127.0.0.1:4001', 403],
  ])('judges who signs in by the origin: %s', async (_, origin, status) => {
    const auth = testAuth(test.database, { trustedOrigins: ['https://portal.example.org'] })
    await post(auth, '/sign-up/email', { email: 'origin@acme.test', name: 'Ann', password: PASSWORD })
    const body = { email: 'origin@acme.test', password: PASSWORD }
    expect((await post(auth, '/sign-in/email', body, { headers: { origin } })).status).toBe(status)
  })

  it('takes small JSON bodies only', async () => {
    const handle = handleAuth(testAuth(test.database))
    const send = (body: string, type: string) =>
      handle(
        new Request(`${BASE_URL}${BASE_PATH}/sign-in/email`, {
          method: 'POST',
          body,
          headers: { 'content-type': type },
        }),
      )
    expect((await send('email=a%40b.test&password=x', 'application/x-www-form-urlencoded')).status).toBe(415)
    expect((await send('x'.repeat(20_000), 'application/json')).status).toBe(413)
    expect((await send('{', 'application/json')).status).toBe(400)
    expect((await send('{"email":"a@b.test","password":"x"}', 'Application/JSON ; charset=utf-8')).status).toBe(401)
  })

  it('counts attempts by address, says when to come back, and believes no header about the address', async () => {
    const auth = testAuth(test.database)
    const limiter = makeLimiter(null)
    const attempt = (address: string, headers = {}, email = 'x@acme.test') =>
      post(auth, '/sign-in/email', { email, password: PASSWORD }, { address, headers, limiter })
    const own = { 'x-deskwire-client-address': '203.0.113.7', 'x-forwarded-for': '203.0.113.8' }
    for (let i = 0; i < 10; i++) expect((await attempt('192.0.2.1', own)).status).toBe(401)
    const refused = await attempt('192.0.2.1', { 'x-forwarded-for': '203.0.113.9' })
    expect(refused.status).toBe(429)
    const seconds = Number(refused.headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(0)
    expect(await refused.json()).toEqual({
      code: 'RATE_LIMITED',
      message: `At most 10 attempts to sign in to one account in 5 minutes; try again in ${seconds} seconds.`,
    })
    expect(refused.headers.get('ratelimit-policy')).toBe('"sign-in";q=50;w=300, "sign-in-as";q=10;w=300')
    expect(refused.headers.get('ratelimit')).toBe(`"sign-in";r=39;t=${seconds}, "sign-in-as";r=0;t=${seconds}`)
    expect((await attempt('192.0.2.1', own, ' X@Acme.test')).status).toBe(429)
    expect((await attempt('192.0.2.2')).status).toBe(401)
  })

  it('counts those of one address together, whomever they name', async () => {
    const limiter = makeLimiter(null)
    const attempt = (i: number) =>
      post(testAuth(test.database), '/sign-in/email', { email: `${i}@acme.test` }, { address: '192.0.2.1', limiter })
    for (let i = 0; i < 50; i++) expect((await attempt(i)).status).toBe(400)
    const refused = await attempt(50)
    expect(refused.status).toBe(429)
    expect(await refused.json()).toMatchObject({ message: expect.stringMatching(/^At most 50 .* from one address/) })
  })

  it('lets nobody open accounts without end', async () => {
    const limiter = makeLimiter(null)
    const attempt = () => post(testAuth(test.database), '/sign-up/email', {}, { address: '192.0.2.1', limiter })
    for (let i = 0; i < 10; i++) expect((await attempt()).status).toBe(400)
    expect((await attempt()).status).toBe(429)
  })

  it('counts all callers together where the server gives no address, whatever they say of themselves', async () => {
    const auth = testAuth(test.database)
    const limiter = makeLimiter(null)
    const attempt = (i: number) =>
      post(
        auth,
        '/sign-in/email',
        { email: 'x@acme.test' },
        { headers: { 'x-deskwire-client-address': `192.0.2.${i}` }, limiter },
      )
    for (let i = 0; i < 10; i++) expect((await attempt(i)).status).toBe(400)
    expect((await attempt(10)).status).toBe(429)
  })
})

describe('the log', () => {
  it('gets faults as lines of ours without addresses or secrets, and nothing is printed', async () => {
    const lines: string[] = []
    const sink = new Writable({
      write(chunk, _, done) {
        lines.push(String(chunk))
        done()
      },
    })
    const broken = await testDatabase()
    const auth = testAuth(broken.database, { logger: pino({ level: 'trace' }, sink) })
    const printed = ['log', 'warn', 'error', 'info'] as const
    const spies = printed.map((name) => vi.spyOn(console, name).mockImplementation(() => {}))
    const { cookie } = await signUp(auth, 'logged@acme.test')
    await signIn(auth, 'logged@acme.test', 'not the password')
    await broken.close()
    const answer = await post(auth, '/sign-in/email', { email: 'logged@acme.test', password: PASSWORD })
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toMatch(/prisma|pool|select/i)
    for (const spy of spies) expect(spy).not.toHaveBeenCalled()
    const text = lines.join('')
    expect(text).toContain('"part":"auth"')
    expect(text).toContain('"level":50')
    for (const secret of ['logged@acme.test', PASSWORD, cookie.slice(-20)]) expect(text).not.toContain(secret)
    vi.restoreAllMocks()
  })
})

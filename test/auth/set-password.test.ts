import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPerson } from '../../src/admin/people.ts'
import { makeSetPasswordLink, setPasswordPage } from '../../src/auth/set-password.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { BASE_URL, getSession, signIn, signUp, testAuth } from './people.ts'

const NEW = 'a password from a link'

let test: TestDatabase
let open: (request: Request) => Promise<Response>

beforeAll(async () => {
  test = await testDatabase()
  open = setPasswordPage({ database: test.database })
})
afterAll(() => test.close())

let people = 0

/** Somebody made by the operator, with a fresh link. */
async function invited(email = `invited${++people}@acme.test`) {
  const person = await test.database.write((tx) => createPerson(tx, { email, name: 'Ann' }))
  return { id: person.id, email, link: await newLink(person.id) }
}

const newLink = (id: string) => makeSetPasswordLink(test.database.prisma, id, BASE_URL)

function submit(link: string, fields: Record<string, string>): Promise<Response> {
  return open(new Request(link, { method: 'POST', body: new URLSearchParams(fields) }))
}

const both = (password: string) => ({ password, repeated: password })

describe('the link', () => {
  it('leads to a form, and looking at it uses nothing up', async () => {
    const { link, email } = await invited()
    for (let i = 0; i < 3; i++) {
      const page = await open(new Request(link))
      expect(page.status).toBe(200)
      const html = await page.text()
      expect(html).toContain('<form method="post">')
      expect(html).toContain(email)
      expect(html).toContain('10 to 128 characters')
    }
    expect((await open(new Request(link, { method: 'HEAD' }))).status).toBe(200)
    expect((await submit(link, both(NEW))).status).toBe(200)
  })

  it('sets the password, verifies the address, and works once', async () => {
    const auth = testAuth(test.database)
    const { id, email, link } = await invited()
    expect(await signIn(auth, email, NEW)).toBeNull()
    expect((await submit(link, both(NEW))).status).toBe(200)
    expect(await signIn(auth, email, NEW)).not.toBeNull()
    const person = await test.database.prisma.user.findUniqueOrThrow({ where: { id } })
    expect(person.emailVerified).toBe(true)
    expect((await submit(link, both('another long password'))).status).toBe(410)
    expect((await open(new Request(link))).status).toBe(410)
    expect(await signIn(auth, email, NEW)).not.toBeNull()
  })

  it('works once, also when it is used twice at the same time', async () => {
    const { id, link } = await invited()
    const answers = await Promise.all([submit(link, both(NEW)), submit(link, both('another long password'))])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410])
    expect(await test.database.prisma.account.count({ where: { userId: id } })).toBe(1)
  })

  it('puts out whoever registered the address before', async () => {
    const auth = testAuth(test.database)
    const squatter = await signUp(auth, 'wanted@acme.test')
    let forgotten = 0
    const page = setPasswordPage({ database: test.database, onPasswordSet: () => forgotten++ })
    const link = await newLink(squatter.id)
    await page(new Request(link, { method: 'POST', body: new URLSearchParams(both(NEW)) }))
    expect(await getSession(auth, squatter.cookie)).toBeNull()
    expect(await signIn(auth, 'wanted@acme.test')).toBeNull()
    expect(await signIn(auth, 'wanted@acme.test', NEW)).not.toBeNull()
    expect(forgotten).toBe(1)
  })

  it('is over after 24 hours', async () => {
    const { id, link } = await invited()
    const row = await test.database.prisma.verification.findFirstOrThrow({ where: { value: id } })
    const hours = (row.expiresAt.getTime() - Date.now()) / 3_600_000
    expect(hours).toBeGreaterThan(23.9)
    expect(hours).toBeLessThanOrEqual(24)
    await test.database.prisma.verification.update({ where: { id: row.id }, data: { expiresAt: new Date() } })
    expect((await open(new Request(link))).status).toBe(410)
    expect((await submit(link, both(NEW))).status).toBe(410)
    expect(await test.database.prisma.account.count({ where: { userId: id } })).toBe(0)
  })

  it('stops working when a newer one is made, but nobody else’s does', async () => {
    const { id, link } = await invited()
    const other = await invited()
    const newer = await newLink(id)
    expect((await open(new Request(link))).status).toBe(410)
    expect((await open(new Request(newer))).status).toBe(200)
    expect((await open(new Request(other.link))).status).toBe(200)
  })

  it('cannot be found in the database', async () => {
    const { link } = await invited()
    const secret = new URL(link).searchParams.get('token') ?? ''
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
    const rows = await test.database.prisma.verification.findMany()
    expect(rows.length).toBeGreaterThan(0)
    expect(JSON.stringify(rows)).not.toContain(secret)
  })
})

describe('the page', () => {
  it.each([
    ['no link', `${BASE_URL}/set-password`],
    ['an empty one', `${BASE_URL}/set-password?token=`],
    ['an unknown one', `${BASE_URL}/set-password?token=${'A'.repeat(43)}`],
    ['nonsense', `${BASE_URL}/set-password?token=%00%ff'"<script>`],
  ])('says to ask for a new link when it was given %s', async (_, url) => {
    const page = await open(new Request(url))
    expect(page.status).toBe(410)
    const html = await page.text()
    expect(html).toContain('ask for a new link')
    expect(html).not.toContain('<script')
  })

  it.each([
    ['too short', both('ninechars'), 'at least 10 characters'],
    ['too long', both('x'.repeat(129)), 'at most 128 characters'],
    ['missing', {}, 'at least 10 characters'],
    ['typed differently the second time', { password: NEW, repeated: `${NEW}!` }, 'not the same'],
  ])('refuses a password that is %s, and the link still works', async (_, fields, problem) => {
    const { link } = await invited()
    const refused = await submit(link, fields)
    expect(refused.status).toBe(422)
    expect(await refused.text()).toContain(problem)
    expect((await submit(link, both(NEW))).status).toBe(200)
  })

  it('never repeats a password', async () => {
    const { link } = await invited()
    const refused = await submit(link, { password: 'typed-by-ann', repeated: 'typed-otherwise' })
    expect(await refused.text()).not.toContain('typed-')
  })

  it('takes forms only, and small ones', async () => {
    const { link } = await invited()
    const send = (body: string, type: string) =>
      open(new Request(link, { method: 'POST', body, headers: { 'content-type': type } }))
    expect((await send('{}', 'application/json')).status).toBe(415)
    expect((await send('x'.repeat(20_000), 'application/x-www-form-urlencoded')).status).toBe(413)
    const put = await open(new Request(link, { method: 'PUT' }))
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
  })

  it('keeps the secret of its address from caches, other sites and scripts', async () => {
    const { link } = await invited()
    const { headers } = await open(new Request(link))
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
  })

  it('shows an address as text, whatever is in it', async () => {
    const { link } = await invited(`"><b>o'neil&@acme.test`)
    const html = await (await open(new Request(link))).text()
    expect(html).not.toContain('<b>')
    expect(html).toContain('&quot;&gt;&lt;b&gt;o&#39;neil&amp;@acme.test')
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createOrganisation } from '../../src/admin/organisations.ts'
import { addMember, addTeamMember, removeMember, removeTeamMember } from '../../src/admin/people.ts'
import { createToken, type NewToken, revokeToken } from '../../src/admin/tokens.ts'
import type { Auth } from '../../src/auth/auth.ts'
import { mintToken } from '../../src/auth/tokens.ts'
import { type Authenticator, chooseOrganisation, type Identity, makeAuthenticator } from '../../src/auth/viewer.ts'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { signUp, testAuth } from './people.ts'

const CACHE_MS = 2000
const COOKIES = { cookies: true }

const statements: string[] = []
let test: TestDatabase
let database: Database
let auth: Auth
let authenticator: Authenticator
let acme: string
let globex: string

beforeAll(async () => {
  test = await testDatabase({ onStatement: (text) => statements.push(text) })
  database = test.database
  auth = testAuth(database)
  acme = (await database.write((tx) => createOrganisation(tx, { name: 'Acme', slug: 'acme' }))).id
  globex = (await database.write((tx) => createOrganisation(tx, { name: 'Globex', slug: 'globex' }))).id
})
afterAll(() => test.close())
beforeEach(() => {
  authenticator = makeAuthenticator({ database, auth })
})

let people = 0

/** Somebody with a session; their address counts as verified, as behind a link. */
async function person(...organisationIds: string[]) {
  const made = await signUp(auth, `person${++people}@acme.test`)
  await database.prisma.user.update({ where: { id: made.id }, data: { emailVerified: true } })
  for (const organisationId of organisationIds) {
    await database.write((tx) => addMember(tx, { organisationId, userId: made.id, role: 'admin' }))
  }
  return made
}

function token(change: Partial<NewToken> = {}) {
  const input: NewToken = { organisationId: acme, name: 'CI', scopes: ['tickets_read'], expiresAt: null, ...change }
  return database.write((tx) => createToken(tx, input))
}

const bearer = (secret: string) => new Headers({ authorization: `Bearer ${secret}` })
const withCookie = (cookie: string) => new Headers({ cookie })

describe('a bearer token', () => {
  it('is identified by one statement, and by none for the next two seconds', async () => {
    const { token: row, secret } = await token({ scopes: ['tickets_read', 'clusters_write'] })
    await database.prisma.apiToken.update({ where: { id: row.id }, data: { lastUsedAt: new Date() } })
    statements.length = 0
    const identity = await authenticator.identify(bearer(secret), COOKIES)
    expect(statements).toHaveLength(1)
    expect(identity).toEqual({
      via: 'token',
      id: row.id,
      name: 'CI',
      scopes: new Set(['tickets_read', 'clusters_write']),
      memberships: [],
      isTeam: false,
      organisationId: acme,
      sessionId: null,
      tokenId: row.id,
      expiresAt: null,
    })
    expect(await authenticator.identify(bearer(secret), COOKIES)).toEqual(identity)
    expect(statements).toHaveLength(1)
  })

  it('that may write may read', async () => {
    const { secret } = await token({ scopes: ['tickets_write'] })
    const identity = await authenticator.identify(bearer(secret), COOKIES)
    expect(identity?.scopes).toEqual(new Set(['tickets_write', 'tickets_read']))
  })

  it('without an organisation is the team', async () => {
    const { secret } = await token({ organisationId: null })
    expect(await authenticator.identify(bearer(secret), COOKIES)).toMatchObject({ isTeam: true, organisationId: null })
  })

  it.each(['Bearer', 'bearer', 'BEARER  '])('is read after the scheme "%s"', async (scheme) => {
    const { secret } = await token()
    const headers = new Headers({ authorization: `${scheme} ${secret}` })
    expect(await authenticator.identify(headers, { cookies: false })).not.toBeNull()
  })

  it('is refused when unknown, expired or revoked, and costs no query when it cannot be one', async () => {
    const expired = await token({ expiresAt: new Date(Date.now() - 1000) })
    const revoked = await token()
    await database.write((tx) => revokeToken(tx, revoked.token.id))
    for (const secret of [mintToken().secret, expired.secret, revoked.secret]) {
      expect(await authenticator.identify(bearer(secret), COOKIES)).toBeNull()
    }
    statements.length = 0
    for (const secret of ['', 'x', `${revoked.secret} x`, 'dw_', revoked.token.prefix]) {
      expect(await authenticator.identify(bearer(secret), COOKIES)).toBeNull()
    }
    expect(statements).toEqual([])
  })

  it('stops working within two seconds of its revocation by another process', async () => {
    const { token: row, secret } = await token()
    expect(await authenticator.identify(bearer(secret), COOKIES)).not.toBeNull()
    const operator = openDatabase(test.url)
    await operator.write((tx) => revokeToken(tx, row.id))
    await operator.close()
    const revokedAt = performance.now()
    await expect
      .poll(() => authenticator.identify(bearer(secret), COOKIES), { timeout: CACHE_MS + 1000, interval: 20 })
      .toBeNull()
    expect(performance.now() - revokedAt).toBeLessThan(CACHE_MS + 1000)
  })

  it('stops working at once when what was remembered is forgotten', async () => {
    const { token: row, secret } = await token()
    await authenticator.identify(bearer(secret), COOKIES)
    await database.write((tx) => revokeToken(tx, row.id))
    authenticator.forget()
    expect(await authenticator.identify(bearer(secret), COOKIES)).toBeNull()
  })

  it('stops working at its end, though it is remembered', async () => {
    const { secret } = await token({ expiresAt: new Date(Date.now() + 1000) })
    const started = performance.now()
    expect(await authenticator.identify(bearer(secret), COOKIES)).not.toBeNull()
    await expect.poll(() => authenticator.identify(bearer(secret), COOKIES), { timeout: 3000, interval: 20 }).toBeNull()
    expect(performance.now() - started).toBeLessThan(CACHE_MS)
  })

  it('has its last use noted, at most once a minute', async () => {
    const { token: row, secret } = await token()
    const lastUse = async () => (await database.prisma.apiToken.findUniqueOrThrow({ where: { id: row.id } })).lastUsedAt
    const use = () => {
      authenticator.forget()
      return authenticator.identify(bearer(secret), COOKIES)
    }
    await use()
    await expect.poll(lastUse).toBeInstanceOf(Date)
    const first = new Date(Date.now() - 59_000)
    await database.prisma.apiToken.update({ where: { id: row.id }, data: { lastUsedAt: first } })
    statements.length = 0
    await use()
    expect(statements.filter((text) => text.includes('UPDATE'))).toEqual([])
    await database.prisma.apiToken.update({
      where: { id: row.id },
      data: { lastUsedAt: new Date(Date.now() - 61_000) },
    })
    await use()
    await expect.poll(async () => ((await lastUse())?.getTime() ?? 0) > first.getTime()).toBe(true)
  })
})

describe('a session', () => {
  it('is identified by one statement, with memberships from the oldest on', async () => {
    const { id, cookie } = await person(globex, acme)
    statements.length = 0
    const identity = await authenticator.identify(withCookie(`theme=dark; ${cookie}; a=b`), COOKIES)
    expect(statements).toHaveLength(1)
    expect(identity).toMatchObject({
      via: 'session',
      id,
      name: 'Ann',
      isTeam: false,
      organisationId: null,
      tokenId: null,
      memberships: [
        { organisationId: globex, role: 'admin' },
        { organisationId: acme, role: 'admin' },
      ],
    })
    expect(identity?.scopes).toEqual(new Set(['tickets_read', 'tickets_write']))
    expect(identity?.sessionId).toMatch(/^[0-9a-f-]{36}$/)
    await authenticator.identify(withCookie(`theme=light; ${cookie}`), COOKIES)
    expect(statements).toHaveLength(1)
  })

  it('counts only where cookies may be used', async () => {
    const { cookie } = await person(acme)
    expect(await authenticator.identify(withCookie(cookie), { cookies: false })).toBeNull()
    expect(await authenticator.identify(withCookie(cookie), COOKIES)).not.toBeNull()
  })

  it('needs a cookie that this server signed, and asks the database about no other', async () => {
    const { cookie } = await person(acme)
    const forged = await signUp(
      testAuth(database, { secret: 'another root secret, just as long as it' }),
      'f@acme.test',
    )
    statements.length = 0
    for (const bad of [
      '',
      'a=b',
      forged.cookie,
      cookie.slice(0, -9),
      'deskwire.session_token=',
      'deskwire.session_token=%',
    ]) {
      expect(await authenticator.identify(withCookie(bad), COOKIES)).toBeNull()
    }
    expect(statements).toEqual([])
  })

  it('is over when it has run out or was ended', async () => {
    const { id, cookie } = await person(acme)
    await database.prisma.session.updateMany({ where: { userId: id }, data: { expiresAt: new Date() } })
    expect(await authenticator.identify(withCookie(cookie), COOKIES)).toBeNull()
    const other = await person(acme)
    await authenticator.identify(withCookie(other.cookie), COOKIES)
    await database.prisma.session.deleteMany({ where: { userId: other.id } })
    authenticator.forget()
    expect(await authenticator.identify(withCookie(other.cookie), COOKIES)).toBeNull()
  })

  it('follows memberships and the team', async () => {
    const { id, cookie } = await person(acme)
    const now = () => {
      authenticator.forget()
      return authenticator.identify(withCookie(cookie), COOKIES)
    }
    await database.write((tx) => removeMember(tx, { organisationId: acme, userId: id }))
    expect(await now()).toMatchObject({ memberships: [], isTeam: false })
    await database.write((tx) => addTeamMember(tx, id))
    expect(await now()).toMatchObject({ isTeam: true })
    await database.write((tx) => removeTeamMember(tx, id))
    expect(await now()).toMatchObject({ isTeam: false })
  })
})

describe('both at once', () => {
  it('the token decides, also when it is bad', async () => {
    const { cookie } = await person(acme)
    const { secret } = await token()
    const headers = (authorization: string) => new Headers({ cookie, authorization })
    expect(await authenticator.identify(headers(`Bearer ${secret}`), COOKIES)).toMatchObject({ via: 'token' })
    for (const bad of [`Bearer ${mintToken().secret}`, 'Bearer x', 'Bearer']) {
      expect(await authenticator.identify(headers(bad), COOKIES)).toBeNull()
    }
    expect(await authenticator.identify(headers('Basic YTpi'), COOKIES)).toMatchObject({ via: 'session' })
  })

  it('nothing at all is nobody', async () => {
    expect(await authenticator.identify(new Headers(), COOKIES)).toBeNull()
  })
})

describe('the organisation a request acts in', () => {
  const UNKNOWN = '0190d7a0-0000-7000-8000-000000000000'
  const base: Identity = {
    via: 'session',
    id: UNKNOWN,
    name: 'Ann',
    scopes: new Set(['tickets_read']),
    memberships: [],
    isTeam: false,
    organisationId: null,
    sessionId: UNKNOWN,
    tokenId: null,
    expiresAt: null,
  }
  const both = () => ({
    memberships: [
      { organisationId: globex, role: 'member' as const },
      { organisationId: acme, role: 'admin' as const },
    ],
  })
  const REFUSED = 'refused'

  const table: [string, () => Partial<Identity>, () => string | null, () => object | typeof REFUSED][] = [
    ['of a member, unnamed: the oldest', both, () => null, () => ({ organisationId: globex, role: 'member' })],
    ['of a member, blank: the oldest', both, () => '  ', () => ({ organisationId: globex, role: 'member' })],
    ['of a member, named', both, () => acme, () => ({ organisationId: acme, role: 'admin' })],
    ['of a member, in capitals', both, () => acme.toUpperCase(), () => ({ organisationId: acme, role: 'admin' })],
    ['of a member, not theirs', () => ({ memberships: both().memberships.slice(1) }), () => globex, () => REFUSED],
    ['of a member, no UUID', both, () => 'acme', () => REFUSED],
    ['of who belongs nowhere, unnamed', () => ({}), () => null, () => ({ organisationId: null, role: null })],
    ['of who belongs nowhere, named', () => ({}), () => acme, () => REFUSED],
    ['of a token, unnamed: its own', ownToken, () => null, () => ({ organisationId: acme, role: null })],
    ['of a token, its own', ownToken, () => acme, () => ({ organisationId: acme, role: null })],
    ['of a token, another', ownToken, () => globex, () => REFUSED],
    [
      'of the team, unnamed: none',
      () => ({ isTeam: true }),
      () => null,
      () => ({ side: 'team', organisationId: null }),
    ],
    ['of the team, named', () => ({ isTeam: true }), () => acme, () => ({ side: 'team', organisationId: acme })],
    ['of the team, unknown', () => ({ isTeam: true }), () => UNKNOWN, () => REFUSED],
    ['of the team, no UUID', () => ({ isTeam: true }), () => 'acme', () => REFUSED],
    [
      'of a member who is of the team: as the team, also elsewhere',
      () => ({ isTeam: true, memberships: both().memberships.slice(1) }),
      () => globex,
      () => ({ side: 'team', organisationId: globex }),
    ],
  ]

  function ownToken(): Partial<Identity> {
    return { via: 'token', organisationId: acme, sessionId: null, tokenId: UNKNOWN }
  }

  it.each(table)('%s', async (_, identity, requested, expected) => {
    const viewer = await chooseOrganisation(database, { ...base, ...identity() }, requested())
    const wanted = expected()
    if (wanted === REFUSED) expect(viewer).toBeNull()
    else expect(viewer).toMatchObject({ id: UNKNOWN, name: 'Ann', side: 'customer', ...(wanted as object) })
  })
})

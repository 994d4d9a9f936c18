// The operator's commands as processes of their own, beside whatever serves the database meanwhile.

import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setPasswordPage } from '../../src/auth/set-password.ts'
import { chooseOrganisation, makeAuthenticator } from '../../src/auth/viewer.ts'
import { findEmbedded, startEmbedded } from '../../src/db/embedded.ts'
import { signIn, testAuth } from '../auth/people.ts'
import { runAdmin } from '../support/admin.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'

describe('with an external database', () => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await testDatabase()
  })
  afterAll(() => test.close())

  const admin = (...args: string[]) =>
    runAdmin({ DATABASE_URL: test.url, PUBLIC_URL: 'https://desk.example.com' }, args)

  const succeed = async (...args: string[]) => {
    const outcome = await admin(...args)
    expect(outcome).toMatchObject({ code: 0 })
    return outcome
  }

  it('somebody is brought from nothing to signing in as an admin', async () => {
    const made = await succeed('organisation', 'create', '--name', 'Acme')
    const organisationId = made.out.trim()
    expect(made.err).toContain('Made the organisation Acme, slug acme.')
    const person = ['--email', 'Ann@acme.test', '--name', 'Ann', '--organisation', 'acme', '--role', 'admin']
    const { out, err } = await succeed('person', 'create', ...person)
    expect(out).toMatch(/^https:\/\/desk\.example\.com\/set-password\?token=[\w-]{43}\n$/)
    expect(err).not.toContain('token=')

    const { database } = test
    const auth = testAuth(database)
    const body = new URLSearchParams({ password: 'chosen by Ann herself', repeated: 'chosen by Ann herself' })
    await setPasswordPage({ database })(new Request(out.trim(), { method: 'POST', body }))
    const cookie = (await signIn(auth, 'ann@acme.test', 'chosen by Ann herself')) ?? ''
    const identity = await makeAuthenticator({ database, auth }).identify(new Headers({ cookie }), { cookies: true })
    expect(identity && (await chooseOrganisation(database, identity, null))).toMatchObject({
      side: 'customer',
      name: 'Ann',
      organisationId,
      role: 'admin',
    })
  })

  it('memberships and the team are given, listed and taken', async () => {
    await succeed('organisation', 'create', '--name', 'Globex')
    await succeed('person', 'create', '--email', 'bob@globex.test', '--name', 'Bob')
    await succeed('member', 'add', 'bob@globex.test', '--organisation', 'globex', '--role', 'admin')
    const changed = await succeed('member', 'role', 'BOB@globex.test', '--organisation', 'globex', '--role', 'member')
    expect(changed.err).toContain('Warning: globex has no admin now')
    const listed = await succeed('member', 'list', '--organisation', 'globex')
    expect(listed.out).toBe('EMAIL            NAME  ROLE\nbob@globex.test  Bob   member\n')
    await succeed('team', 'add', 'bob@globex.test')
    const [team] = await Promise.all([
      succeed('team', 'list'),
      succeed('member', 'remove', 'bob@globex.test', '--organisation', 'globex'),
    ])
    expect(team.out).toContain('bob@globex.test')
    const [after, organisations] = await Promise.all([
      succeed('team', 'remove', 'bob@globex.test').then(() => succeed('team', 'list')),
      succeed('organisation', 'list'),
    ])
    expect(after.out).not.toContain('bob@globex.test')
    expect(organisations.out).toMatch(/^globex +Globex +0 +0 +[0-9a-f-]{36}$/m)
  })

  it('clusters are put down and listed', async () => {
    await succeed('organisation', 'create', '--name', 'Initech')
    const facts = ['--state', 'running', '--control-planes', '3', '--nodes', '5', '--kube-version', '1.34.2']
    const put = await succeed('cluster', 'put', '--organisation', 'initech', '--name', 'Prod', ...facts)
    const { out } = await succeed('cluster', 'list', '--organisation', 'initech')
    expect(out).toMatch(new RegExp(`^Prod +running +3\\+5 +1\\.34\\.2 .*${put.out.trim()}$`, 'm'))
  })

  it('a token’s secret is one line and shown once; a serving process feels its revocation within 5 s', async () => {
    await succeed('organisation', 'create', '--name', 'Hooli')
    const options = ['--organisation', 'hooli', '--name', 'CI', '--scopes', 'tickets_write', '--expires', '90d']
    const made = await succeed('token', 'create', ...options)
    const secret = made.out.trim()
    expect(made.out).toMatch(/^dw_[\w-]{43}\n$/)
    expect(made.err).not.toContain(secret)

    const authenticator = makeAuthenticator({ database: test.database, auth: testAuth(test.database) })
    const identify = () =>
      authenticator.identify(new Headers({ authorization: `Bearer ${secret}` }), { cookies: false })
    const identity = await identify()
    expect(identity).toMatchObject({ name: 'CI', isTeam: false })

    const listed = await succeed('token', 'list', '--organisation', 'hooli')
    expect(listed.out).toContain(secret.slice(0, 10))
    expect(listed.out).not.toContain(secret)
    expect((await succeed('token', 'list', '--team')).out).not.toContain('hooli')

    await succeed('token', 'revoke', identity?.id ?? '')
    await expect.poll(identify, { timeout: 5000, interval: 50 }).toBeNull()
    expect((await succeed('token', 'list')).out).toMatch(/hooli +CI +tickets_write +revoked /)
  })

  it('what cannot be done is told in one sentence without a stack, with exit code 1', async () => {
    await succeed('organisation', 'create', '--name', 'Umbrella')
    for (const [args, message] of [
      [['organisation', 'create', '--name', 'umbrella'], 'The slug "umbrella" is taken by Umbrella'],
      [['person', 'link', 'nobody@acme.test'], 'There is nobody with the address nobody@acme.test'],
      [['token', 'revoke', 'x'], 'There is no token x'],
      [['member', 'list', '--organisation', 'nowhere'], 'There is no organisation "nowhere"'],
    ] as const) {
      const { code, out, err } = await admin(...args)
      expect({ code, out }).toEqual({ code: 1, out: '' })
      expect(err).toContain(message)
      expect(err.trim().split('\n')).toHaveLength(1)
    }
  })

  it('is all or nothing: a person for an organisation that is not there is not made', async () => {
    const person = ['--email', 'half@acme.test', '--name', 'Half', '--organisation', 'nowhere']
    expect((await admin('person', 'create', ...person)).code).toBe(1)
    expect(await test.database.prisma.user.count({ where: { email: 'half@acme.test' } })).toBe(0)
  })
})

describe('without a usable database', () => {
  const NOWHERE = { DATABASE_URL: 'postgresql://deskwire:hush-hush@127.0.0.1:1/desk' }

  it('help and wrong usage need none', async () => {
    const help = await runAdmin(NOWHERE, ['--help'])
    expect(help).toMatchObject({ code: 0, err: '' })
    expect(help.out).toContain('token create')
    const one = await runAdmin(NOWHERE, ['token', 'create', '--help'])
    expect(one).toMatchObject({ code: 0, err: '' })
    expect(one.out).toContain('--scopes SCOPES')
    const wrong = [[], ['token'], ['tokens', 'list'], ['token', 'creat'], ['token', 'list', '--all']]
    for (const { code, out, err } of await Promise.all(wrong.map((args) => runAdmin(NOWHERE, args)))) {
      expect({ code, out }).toEqual({ code: 2, out: '' })
      expect(err).toContain('npm run admin --')
      expect(err).not.toMatch(/^ +at /m)
    }
  })

  it('says so in one sentence, without the password', async () => {
    const { code, out, err } = await runAdmin(NOWHERE, ['team', 'list'])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err.trim().split('\n')).toHaveLength(1)
    expect(err).toContain('nothing listens there')
    expect(err).not.toContain('hush-hush')
  })
})

describe('with the embedded database', () => {
  let dataDir: string
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'deskwire-admin-'))
    await chmod(dataDir, 0o711)
  })
  afterAll(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }))

  it('starts it where none runs and stops it again, and uses a running one without stopping it', async () => {
    const admin = (...args: string[]) => runAdmin({ DATA_DIR: dataDir }, args)
    const made = await admin('organisation', 'create', '--name', 'Acme')
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^[0-9a-f-]{36}\n$/) })
    expect(existsSync(join(dataDir, 'postgres'))).toBe(true)
    expect(await findEmbedded(dataDir)).toBeNull()

    const server = await startEmbedded({ dataDir, log: () => {}, durable: false })
    try {
      const listed = await admin('organisation', 'list')
      expect(listed).toMatchObject({ code: 0, out: expect.stringContaining(made.out.trim()) })
      expect(await findEmbedded(dataDir)).toBe(server.url)
    } finally {
      await server.stop()
    }
  })
})

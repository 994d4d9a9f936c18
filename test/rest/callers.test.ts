// Who may do what over REST: two mounts, people and programs, organisations, scopes, and the team.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addMember, createPerson, setPassword } from '../../src/admin/people.ts'
import { bearer, PASSWORD, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { file, outage, problems, review, wish } from './drafts.ts'

let app: TestApp
let ours: string
let theirs: string
beforeAll(async () => {
  app = await testApp()
  ours = (await file(app, app.acme.token)).id
  theirs = (await file(app, app.globex.token)).id
})
afterAll(() => app.close())

const PORTAL = '/org/support/tickets'
const inOrganisation = (id: string) => ({ 'x-ankra-organisation-id': id })

/** Every route, with what it takes; `id` is the ticket's. */
const everyRoute = (id: string): [string, string, unknown?][] => [
  ['POST', `${TICKETS}/review`, outage],
  ['POST', TICKETS, outage],
  ['GET', TICKETS],
  ['GET', `${TICKETS}/limits`],
  ['GET', `${TICKETS}/${id}`],
  ['POST', `${TICKETS}/${id}/comments`, { body: 'Hello' }],
  ['POST', `${TICKETS}/${id}/close`],
  ['POST', `${TICKETS}/${id}/link`, { review_id: randomUUID() }],
  ['GET', '/api/v1/clusters'],
  ['PUT', '/api/v1/clusters', { name: 'prod', state: 'online', control_planes: 1, nodes: 1 }],
  ['GET', '/api/v1/org/organisation'],
]

describe('without valid credentials', () => {
  it('every route of both mounts is 401, with a sentence and the scheme to use', async () => {
    const headers = [{}, bearer('dw_nonsense'), bearer(''), { authorization: 'Basic YTpi' }]
    for (const [method, path, body] of everyRoute(ours)) {
      for (const one of headers) {
        const answer = await rest(app, one, method, path, body)
        expect([method, path, answer.status]).toEqual([method, path, 401])
        expect(answer.body).toEqual({ detail: expect.stringContaining('Authorization: Bearer') })
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
      }
    }
    expect((await rest(app, {}, 'GET', PORTAL)).status).toBe(401)
  })

  it('a revoked token is as good as none', async () => {
    const token = await app.token(app.acme.organisationId, ['tickets_read'], 'Revoked')
    await app.database.prisma.apiToken.updateMany({ where: { name: 'Revoked' }, data: { revokedAt: new Date() } })
    expect((await rest(app, bearer(token), 'GET', TICKETS)).status).toBe(401)
  })
})

describe('a person signed in', () => {
  it('uses the ticket routes of the portal mount, where what they file comes from the portal', async () => {
    const person = await app.acme.member.signIn()
    const filed = await rest(app, person, 'POST', PORTAL, wish)
    expect(filed).toMatchObject({ status: 201, body: { source: 'portal', organisation_id: app.acme.organisationId } })
    const { id } = filed.body
    const said = await rest(app, person, 'POST', `${PORTAL}/${id}/comments`, { body: 'Hello' })
    expect(said.body.comments).toMatchObject([{ author_type: 'customer', author_label: 'Max of Acme' }])
    expect((await rest(app, person, 'GET', `${PORTAL}/${id}`)).body).toEqual(said.body)
    expect((await rest(app, bearer(app.acme.token), 'GET', `${TICKETS}/${id}`)).body).toEqual(said.body)
    expect((await rest(app, person, 'GET', `${PORTAL}/limits`)).status).toBe(200)
    expect((await rest(app, person, 'POST', `${PORTAL}/review`, outage)).status).toBe(200)
  })

  it('is nobody on the mount for tokens: a cookie counts nothing there', async () => {
    const person = await app.acme.member.signIn()
    for (const [method, path, body] of everyRoute(ours)) {
      expect([path, (await rest(app, person, method, path, body)).status]).toEqual([path, 401])
    }
  })

  it('cannot be made to write by another site’s page', async () => {
    const { cookie = '' } = await app.acme.member.signIn()
    const foreign: Record<string, string> = { cookie, origin: 'https://evil.example' }
    for (const headers of [foreign, { cookie }, { ...foreign, 'sec-fetch-site': 'cross-site' }]) {
      expect((await rest(app, headers, 'POST', `${PORTAL}/${ours}/close`)).status).toBe(403)
    }
    expect((await rest(app, foreign, 'GET', PORTAL)).status).toBe(403)
    expect((await rest(app, { cookie }, 'GET', PORTAL)).status).toBe(200)
  })

  it('of several organisations acts in the oldest membership, or in the one that is named', async () => {
    const { id: userId } = app.acme.admin
    const { organisationId } = app.globex
    await app.database.write((tx) => addMember(tx, { organisationId, userId, role: 'member' }))
    const person = await app.acme.admin.signIn()
    const ids = async (headers: object) =>
      (await rest(app, { ...person, ...headers }, 'GET', PORTAL)).body.result.map(({ id }: { id: string }) => id)
    expect(await ids({})).toContain(ours)
    expect(await ids(inOrganisation(organisationId))).toEqual([theirs])
    expect((await rest(app, person, 'GET', `${PORTAL}/${theirs}`)).status).toBe(404)
  })

  it('who belongs nowhere is told what to do', async () => {
    const email = 'nobody@example.org'
    await app.database.write(async (tx) => {
      const { id } = await createPerson(tx, { email, name: 'Nobody' })
      await setPassword(tx, id, PASSWORD)
    })
    const person = await signInAs(email)
    const { status, body } = await rest(app, person, 'GET', PORTAL)
    expect([status, body]).toEqual([403, { detail: expect.stringContaining('Ask its admin or our team to add you.') }])
  })
})

async function signInAs(email: string): Promise<Record<string, string>> {
  const answer = await fetch(`${app.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: app.url },
    body: JSON.stringify({ email, password: PASSWORD }),
  })
  return {
    cookie: answer.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; '),
    origin: app.url,
  }
}

describe('a token', () => {
  it('sees nothing of another organisation: what is there is 404, never 403', async () => {
    for (const [method, path, body] of everyRoute(theirs).filter(([, path]) => path.includes(theirs))) {
      const answer = await rest(app, bearer(app.acme.token), method, path, body)
      expect([path, answer.status, answer.body]).toEqual([path, 404, { detail: 'There is no such ticket.' }])
    }
  })

  it('may name its own organisation; another one, or none that exists, is 404', async () => {
    const send = (id: string) => ({ ...bearer(app.acme.token), ...inOrganisation(id) })
    for (const own of [app.acme.organisationId, app.acme.organisationId.toUpperCase(), '']) {
      expect((await rest(app, send(own), 'GET', `${TICKETS}/${ours}`)).status).toBe(200)
    }
    for (const other of [app.globex.organisationId, randomUUID(), 'acme', 'x'.repeat(2000)]) {
      const answer = await rest(app, send(other), 'GET', TICKETS)
      expect([other, answer.status, typeof answer.body.detail]).toEqual([other, 404, 'string'])
    }
  })

  it('does what its scopes allow, and is told which one is missing', async () => {
    const { organisationId } = app.acme
    const readOnly = bearer(await app.token(organisationId, ['tickets_read']))
    const platform = bearer(await app.token(organisationId, ['clusters_write']))
    const allowed = async (headers: Record<string, string>) => {
      const answers = await Promise.all(
        everyRoute(ours).map(([method, path, body]) => rest(app, headers, method, path, body)),
      )
      return answers.map(({ status, body }) => (status === 403 ? /the scope ([\w:]+)/.exec(body.detail)?.[1] : 'yes'))
    }
    const [write, read, clusters] = ['tickets:write', 'tickets:read', 'clusters:write']
    expect(await allowed(readOnly)).toEqual([
      ...[write, write, 'yes', 'yes', 'yes', write, write, write],
      ...['yes', clusters, 'yes'],
    ])
    expect(await allowed(platform)).toEqual([
      ...[write, write, read, 'yes', read, write, write, write],
      ...['yes', 'yes', 'yes'],
    ])
  })

  it('beside a good cookie decides alone', async () => {
    const person = await app.acme.member.signIn()
    expect((await rest(app, { ...person, ...bearer('dw_nonsense') }, 'GET', PORTAL)).status).toBe(401)
    const answer = await rest(app, { ...person, ...bearer(app.globex.token) }, 'GET', PORTAL)
    expect(answer.body.result).toMatchObject([{ id: theirs }])
  })

  it('works on the portal mount too', async () => {
    const filed = await rest(app, bearer(app.acme.token), 'POST', PORTAL, wish)
    expect(filed).toMatchObject({ status: 201, body: { source: 'api' } })
  })
})

describe('the team', () => {
  it('reads every ticket, and writes on a customer’s behalf where it names the customer', async () => {
    const team = bearer(app.team.token)
    for (const id of [ours, theirs]) expect((await rest(app, team, 'GET', `${TICKETS}/${id}`)).status).toBe(200)
    for (const path of [TICKETS, `${TICKETS}/review`]) {
      const answer = await rest(app, team, 'POST', path, wish)
      expect(problems(answer)).toEqual(['header.X-Ankra-Organisation-Id: missing'])
    }
    const named = { ...team, ...inOrganisation(app.globex.organisationId) }
    const filed = await rest(app, named, 'POST', TICKETS, wish)
    expect(filed).toMatchObject({ status: 201, body: { organisation_id: app.globex.organisationId } })
    expect((await rest(app, { ...team, ...inOrganisation(randomUUID()) }, 'POST', TICKETS, wish)).status).toBe(404)
  })

  it('cannot file from one customer’s review for another', async () => {
    const { review_id } = await review(app, app.acme.token, wish)
    const named = { ...bearer(app.team.token), ...inOrganisation(app.globex.organisationId) }
    expect(problems(await rest(app, named, 'POST', TICKETS, { review_id }))).toEqual(['body.review_id: not_found'])
  })

  it('closes a ticket in its own name, and needs to name nobody for that', async () => {
    const { id } = await file(app, app.acme.token, wish)
    const { status, body } = await rest(app, bearer(app.team.token), 'POST', `${TICKETS}/${id}/close`)
    expect([status, body.comments]).toEqual([200, [expect.objectContaining({ body: 'Closed by Team robot' })]])
  })
})

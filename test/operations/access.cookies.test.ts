// Whose cookie counts where, which credentials win, and what tokens and sessions are good for.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { addMember } from '../../src/admin/people.ts'
import { ask, bearer, rest, send, type TestApp, TICKETS, testApp } from '../support/app.ts'
import type { Headers } from './access.callers.ts'
import { makeTicket } from './concurrency.world.ts'

let app: TestApp
let ada: Headers
let cookie: Headers

beforeAll(async () => {
  app = await testApp()
  ada = await app.acme.admin.signIn()
  cookie = { cookie: ada.cookie as string }
})
afterAll(() => app.close())

const WHO = '{ viewer { name organisation { name } } }'
const codeOf = async (headers: Headers, query = WHO) => {
  const { status, errors } = await send(app, headers, query)
  return errors.length === 0 ? status : `${status} ${errors[0]?.extensions.code}`
}
const nameOf = async (headers: Headers) => (await ask<Who, object>(app, headers, WHO)).viewer.name
interface Who {
  viewer: { name: string }
}

describe('a session’s cookie on /graphql', () => {
  it.each([
    ['from our own origin', () => ({ origin: app.url }), 200],
    ['from our own page, as the browser says', () => ({ 'sec-fetch-site': 'same-origin' }), 200],
    ['from another site', () => ({ origin: 'https://evil.example' }), '403 FORBIDDEN'],
    ['from another port', () => ({ origin: app.url.replace(/\d+$/, '1') }), '403 FORBIDDEN'],
    ['from an opaque origin', () => ({ origin: 'null' }), '403 FORBIDDEN'],
    ['from another site, as the browser says', () => ({ 'sec-fetch-site': 'cross-site' }), '403 FORBIDDEN'],
    ['from a sister site', () => ({ 'sec-fetch-site': 'same-site' }), '403 FORBIDDEN'],
    ['from nowhere in particular', () => ({}), '403 FORBIDDEN'],
  ])('%s', async (_, headers, expected) => {
    expect(await codeOf({ ...cookie, ...headers() })).toBe(expected)
  })

  it('does not count for a typed address', async () => {
    for (const more of [{}, { 'sec-fetch-site': 'none' }] as Headers[]) {
      const response = await fetch(`${app.url}/graphql?query=${encodeURIComponent(WHO)}`, {
        headers: { accept: 'application/json', ...cookie, ...more },
      })
      expect(response.status).toBe(403)
      expect(await response.text()).not.toContain('Acme')
    }
  })

  it('of another site’s page changes nothing', async () => {
    const mutation = 'mutation { createApiToken(input: { name: "stolen", scopes: [TICKETS_READ] }) { __typename } }'
    const before = await app.database.prisma.apiToken.count()
    expect(await codeOf({ ...cookie, origin: 'https://evil.example' }, mutation)).toBe('403 FORBIDDEN')
    expect(await app.database.prisma.apiToken.count()).toBe(before)
  })
})

describe('a session’s cookie over REST', () => {
  const SESSIONS = '/org/support/tickets'

  it('reads for our own pages and for typed addresses, not for other sites', async () => {
    const status = async (more: Headers) => (await rest(app, { ...cookie, ...more }, 'GET', SESSIONS)).status
    expect(await status({ origin: app.url })).toBe(200)
    expect(await status({})).toBe(200)
    expect(await status({ 'sec-fetch-site': 'none' })).toBe(200)
    expect(await status({ origin: 'https://evil.example' })).toBe(403)
    expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(403)
  })

  it('writes for our own pages only', async () => {
    const ticketId = await makeTicket(app, ada)
    const path = `${SESSIONS}/${ticketId}/close`
    const pages: Headers[] = [{}, { origin: 'https://evil.example' }, { 'sec-fetch-site': 'none' }]
    for (const more of pages) {
      expect((await rest(app, { ...cookie, ...more }, 'POST', path)).status).toBe(403)
    }
    const closed = await rest(app, ada, 'POST', path)
    expect([closed.status, closed.body.status]).toEqual([200, 'closed'])
  })

  it.each([TICKETS, `${TICKETS}/limits`, '/api/v1/clusters', '/api/v1/org/organisation'])(
    'is nothing under %s',
    async (path) => {
      const { status, body } = await rest(app, ada, 'GET', path)
      expect([status, typeof body.detail]).toEqual([401, 'string'])
    },
  )
})

describe('a bearer token', () => {
  it('needs no origin, and is taken from any', async () => {
    const pages: Headers[] = [{}, { origin: 'https://other.example' }, { 'sec-fetch-site': 'cross-site' }]
    for (const more of pages) {
      expect(await codeOf({ ...bearer(app.acme.token), ...more })).toBe(200)
    }
  })

  it('wins over a cookie', async () => {
    expect(await nameOf({ ...ada, ...bearer(app.globex.token) })).toBe('Globex monitoring')
    const list = await rest(app, { ...ada, ...bearer(app.globex.token) }, 'GET', '/org/support/tickets')
    expect(list.body.pagination.total_count).toBe(0)
  })

  it('that is no good is not made good by a cookie', async () => {
    expect(await codeOf({ ...ada, ...bearer('nonsense') })).toBe('200 UNAUTHENTICATED')
    expect((await rest(app, { ...ada, ...bearer('nonsense') }, 'GET', '/org/support/tickets')).status).toBe(401)
  })

  it('is told by its scheme in any case; another scheme leaves the cookie', async () => {
    expect(await nameOf({ authorization: `bEARER ${app.acme.token}` })).toBe('Acme monitoring')
    expect(await nameOf({ ...ada, authorization: 'Basic YTpi' })).toBe('Ada of Acme')
  })

  it('is good for one organisation, which the header may repeat', async () => {
    const header = (organisationId: string) => ({
      ...bearer(app.acme.token),
      'x-ankra-organisation-id': organisationId,
    })
    expect(await codeOf(header(app.acme.organisationId))).toBe(200)
    expect(await codeOf(header(app.globex.organisationId))).toBe('403 FORBIDDEN')
    expect((await rest(app, header(app.globex.organisationId), 'GET', TICKETS)).status).toBe(404)
  })
})

describe('scopes', () => {
  it('the tickets of a cluster or an organisation are no way round them', async () => {
    const platform = bearer(await app.token(app.acme.organisationId, ['clusters_write']))
    await rest(app, platform, 'PUT', '/api/v1/clusters', { name: 'a', state: 'up', control_planes: 1, nodes: 1 })
    for (const list of [
      '{ clusters { nodes { tickets { totalCount } } } }',
      '{ organisations { nodes { tickets { totalCount } } } }',
      '{ viewer { organisation { tickets { nodes { id } } } } }',
      `mutation { upsertCluster(input: { name: "a", state: "up", controlPlanes: 1, nodes: 1 }) {
        ... on UpsertClusterPayload { cluster { tickets { nodes { id } } } } } }`,
    ]) {
      expect(await codeOf(platform, list)).toBe('200 FORBIDDEN')
    }
  })

  it('an admin gives tokens for tickets, never for clusters, and never without a scope', async () => {
    const create = (scopes: string[]) =>
      ask<{ createApiToken: object }, object>(
        app,
        ada,
        `mutation ($scopes: [TokenScope!]!) { createApiToken(input: { name: "exporter", scopes: $scopes }) { __typename
          ... on CreateApiTokenPayload { token { scopes } } ... on InputError { fields { path code } } } }`,
        { scopes },
      ).then((data) => data.createApiToken)
    expect(await create(['TICKETS_READ'])).toMatchObject({ token: { scopes: ['TICKETS_READ'] } })
    expect(await create(['TICKETS_WRITE', 'CLUSTERS_WRITE'])).toMatchObject({
      __typename: 'InputError',
      fields: [{ path: ['scopes'] }],
    })
    expect(await create([])).toMatchObject({ __typename: 'InputError', fields: [{ path: ['scopes'] }] })
  })

  it('tokens see no tokens and have no role; members see none, admins all of their organisation', async () => {
    const query = '{ viewer { role apiTokens { name } } }'
    const seen = async (who: Headers) => (await ask<Seen, object>(app, who, query)).viewer
    expect(await seen(bearer(app.acme.token))).toEqual({ role: null, apiTokens: [] })
    expect(await seen(bearer(app.team.token))).toEqual({ role: null, apiTokens: [] })
    expect(await seen(await app.acme.member.signIn())).toEqual({ role: 'MEMBER', apiTokens: [] })
    const { role, apiTokens } = await seen(ada)
    expect(role).toBe('ADMIN')
    expect(apiTokens).toContainEqual({ name: 'Acme monitoring' })
    expect(apiTokens).not.toContainEqual({ name: 'Globex monitoring' })
  })

  it('a token that its admin revokes is felt within five seconds, also where it was just used', async () => {
    const created = await ask<{ createApiToken: { secret: string; token: { id: string } } }, object>(
      app,
      ada,
      `mutation { createApiToken(input: { name: "leaked", scopes: [TICKETS_READ] }) {
        ... on CreateApiTokenPayload { secret token { id } } } }`,
    )
    const { secret, token } = created.createApiToken
    expect(await codeOf(bearer(secret))).toBe(200)
    const revoke =
      'mutation ($id: ID!) { revokeApiToken(id: $id) { __typename ... on RevokeApiTokenPayload { token { revokedAt } } } }'
    const first = await ask(app, ada, revoke, { id: token.id })
    await vi.waitFor(async () => expect(await codeOf(bearer(secret))).toBe('200 UNAUTHENTICATED'), 5000)
    const before = await revisions()
    expect(await ask(app, ada, revoke, { id: token.id })).toEqual(first)
    expect(await revisions()).toEqual(before)
  })

  const revisions = () =>
    app.database.prisma.organisationCounters.findUniqueOrThrow({
      where: { organisationId: app.acme.organisationId },
      select: { publicRevision: true, teamRevision: true },
    })
})
interface Seen {
  viewer: { role: string | null; apiTokens: { name: string }[] }
}

describe('who is of the team and a member somewhere', () => {
  it('acts as the team', async () => {
    const place = { organisationId: app.globex.organisationId, userId: app.team.tom.id, role: 'admin' as const }
    await app.database.write((tx) => addMember(tx, place))
    const tom = await app.team.tom.signIn()
    const query = '{ viewer { isTeam role organisation { id } apiTokens { id } } teamMembers { name } }'
    expect(await ask(app, tom, query)).toEqual({
      viewer: { isTeam: true, role: null, organisation: null, apiTokens: [] },
      teamMembers: [{ name: 'Tess' }, { name: 'Tom' }],
    })
  })
})

// What one organisation gets when it names the things of another over REST: 404 for what it asks for, 422 for what a
// body names, without a word of theirs, and nothing of theirs changes.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, type TestApp, testApp } from '../support/app.ts'
import {
  draftAbout,
  fill,
  type Headers,
  type Ids,
  neutral,
  nobodys,
  raw,
  rowsOf,
  ticketMount,
} from './tenants.world.ts'

let app: TestApp
let acme: Ids
let globex: Ids
let nobody: Ids
let callers: Record<'token' | 'admin' | 'member', Headers>

beforeAll(async () => {
  app = await testApp()
  globex = await fill(app, app.globex, 'zanzibar')
  acme = await fill(app, app.acme, 'lighthouse')
  nobody = nobodys(globex)
  const [admin, member] = [await app.acme.admin.signIn(), await app.acme.member.signIn()]
  callers = { token: bearer(app.acme.token), admin, member }
})
afterAll(() => app.close())

interface Attempt {
  name: string
  method: 'GET' | 'POST'
  path(theirs: Ids): string
  body?(theirs: Ids, own: Ids): object
  headers?(theirs: Ids): Headers
  status: number
}

const attempts: Attempt[] = [
  { name: 'reading a ticket', method: 'GET', path: ({ ticketId }) => `/${ticketId}`, status: 404 },
  {
    name: 'commenting on a ticket',
    method: 'POST',
    path: ({ ticketId }) => `/${ticketId}/comments`,
    body: () => ({ body: 'Hello?' }),
    status: 404,
  },
  { name: 'closing a ticket', method: 'POST', path: ({ ticketId }) => `/${ticketId}/close`, status: 404 },
  {
    name: 'closing a ticket with a key',
    method: 'POST',
    path: ({ ticketId }) => `/${ticketId}/close`,
    headers: () => ({ 'idempotency-key': 'close once' }),
    status: 404,
  },
  {
    name: 'linking an own review to a ticket',
    method: 'POST',
    path: ({ ticketId }) => `/${ticketId}/link`,
    body: (_, { reviewId }) => ({ review_id: reviewId }),
    status: 404,
  },
  {
    name: 'linking a review to an own ticket',
    method: 'POST',
    path: () => `/${acme.ticketId}/link`,
    body: ({ reviewId }) => ({ review_id: reviewId }),
    status: 422,
  },
  {
    name: 'filing from a review',
    method: 'POST',
    path: () => '',
    body: ({ reviewId }) => ({ review_id: reviewId, acknowledged: true }),
    status: 422,
  },
  {
    name: 'filing about a cluster',
    method: 'POST',
    path: () => '',
    body: ({ clusterId }) => ({ ...draftAbout('harbour'), cluster_id: clusterId, acknowledged: true }),
    status: 422,
  },
  {
    name: 'a review about a cluster',
    method: 'POST',
    path: () => '/review',
    body: ({ clusterId }) => ({ ...draftAbout('harbour'), cluster_id: clusterId }),
    status: 422,
  },
  { name: "a cluster's tickets", method: 'GET', path: ({ clusterId }) => `?cluster_id=${clusterId}`, status: 200 },
  {
    name: 'the header, in a list',
    method: 'GET',
    path: () => '',
    headers: ({ organisationId }) => ({ 'x-ankra-organisation-id': organisationId }),
    status: 404,
  },
  {
    name: 'the header, with a ticket of theirs',
    method: 'GET',
    path: ({ ticketId }) => `/${ticketId}`,
    headers: ({ organisationId }) => ({ 'x-ankra-organisation-id': organisationId }),
    status: 404,
  },
  {
    name: 'the header, when filing',
    method: 'POST',
    path: () => '',
    body: () => ({ ...draftAbout('harbour'), acknowledged: true }),
    headers: ({ organisationId }) => ({ 'x-ankra-organisation-id': organisationId }),
    status: 404,
  },
]

function expectNothingOfGlobex(answer: string, request: string): void {
  const words = ['globex', 'zanzibar', ...Object.values(globex).filter((id) => typeof id === 'string')]
  expect(words.filter((word) => !request.includes(word) && answer.toLowerCase().includes(word))).toEqual([])
}

async function attempt({ method, path, body, headers }: Attempt, who: Headers, theirs: Ids) {
  const asked = { headers: { ...who, ...headers?.(theirs) }, path: path(theirs), body: body?.(theirs, acme) }
  const reply = await raw(app, asked.headers, method, ticketMount(who) + asked.path, asked.body)
  return { ...reply, request: JSON.stringify(asked) }
}

describe.each(['token', 'admin', 'member'] as const)("Globex's things, asked for by Acme's %s", (who) => {
  it.each(attempts)('$name: $status, as if nobody had it', async (one) => {
    const before = await rowsOf(app, globex.organisationId)
    const foreign = await attempt(one, callers[who], globex)
    const absent = await attempt(one, callers[who], nobody)
    expect(foreign.status).toBe(one.status)
    expectNothingOfGlobex(foreign.text, foreign.request)
    expectNothingOfGlobex(foreign.head, foreign.request)
    expect(neutral(foreign.text, globex)).toBe(neutral(absent.text, nobody))
    expect(await rowsOf(app, globex.organisationId)).toEqual(before)
  })

  it('the list and the search have the own tickets only', async () => {
    for (const query of ['', '?page_size=100', '?q=zanzibar', '?q=%231', '?status=open', '?q=worker-3']) {
      const { text } = await raw(app, callers[who], 'GET', ticketMount(callers[who]) + query)
      expectNothingOfGlobex(text, query)
      expect(JSON.parse(text).pagination.total_count).toBe(query === '?q=zanzibar' ? 0 : 1)
    }
  })

  it('the filter by assignee is the team’s', async () => {
    const path = `${ticketMount(callers[who])}?assignee_id=${app.team.tess.id}`
    expect((await raw(app, callers[who], 'GET', path)).status).toBe(422)
  })
})

describe('clusters and organisations', () => {
  it('are the own ones, whatever the address names', async () => {
    for (const query of ['', `?cluster_id=${globex.clusterId}`, '?cluster_name=zanzibar-prod', '?page=2']) {
      const { status, text } = await raw(app, callers.token, 'GET', `/api/v1/clusters${query}`)
      expect(status).toBe(200)
      expectNothingOfGlobex(text, query)
      expect(JSON.parse(text).result).toHaveLength(query === '' ? 1 : 0)
    }
    const { text } = await raw(app, callers.token, 'GET', '/api/v1/org/organisation')
    expect(JSON.parse(text).map(({ name }: { name: string }) => name)).toEqual(['Acme'])
  })

  it('a platform token writes no cluster of another organisation', async () => {
    const platform = bearer(await app.token(acme.organisationId, ['clusters_write'], 'The platform'))
    const before = await rowsOf(app, globex.organisationId)
    const facts = { name: 'zanzibar-prod', state: 'gone', control_planes: 1, nodes: 1 }
    const named = { ...platform, 'x-ankra-organisation-id': globex.organisationId }
    expect((await raw(app, named, 'PUT', '/api/v1/clusters', facts)).status).toBe(404)
    const own = await raw(app, platform, 'PUT', '/api/v1/clusters', facts)
    expect(JSON.parse(own.text)).toMatchObject({ organisation_id: acme.organisationId, name: 'zanzibar-prod' })
    expect(JSON.parse(own.text).id).not.toBe(globex.clusterId)
    expect(await rowsOf(app, globex.organisationId)).toEqual(before)
  })
})

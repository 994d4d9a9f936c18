// What one organisation gets when it names the things of another over GraphQL: the answer that things of nobody get,
// without a word of them, and nothing of theirs changes.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, type Customer, type TestApp, testApp } from '../support/app.ts'
import { type Attempt, mutations, outcome, queries, type Who } from './tenants.attempts.ts'
import { draftAbout, fill, type Headers, type Ids, neutral, nobodys, rawGraphQL, rowsOf } from './tenants.world.ts'

let app: TestApp
let acme: Ids
let globex: Ids
let nobody: Ids
let callers: Record<Who, Headers>

beforeAll(async () => {
  app = await testApp()
  globex = await fill(app, app.globex, 'zanzibar')
  acme = await fill(app, app.acme, 'lighthouse')
  nobody = nobodys(globex)
  callers = await callersOf(app.acme)
})
afterAll(() => app.close())

async function callersOf({ organisationId, token, admin, member }: Customer): Promise<Record<Who, Headers>> {
  return {
    token: bearer(token),
    admin: await admin.signIn(),
    member: await member.signIn(),
    platform: bearer(await app.token(organisationId, ['tickets_write', 'clusters_write'], 'The platform')),
  }
}

/** What of Globex must be in no answer, except where the request itself said it. */
const wordsOfGlobex = () => ['globex', 'zanzibar', ...Object.values(globex).filter((id) => typeof id === 'string')]

function expectNothingOfGlobex(answer: string, request: string): void {
  const told = wordsOfGlobex().filter((word) => !request.includes(word) && answer.toLowerCase().includes(word))
  expect(told).toEqual([])
}

async function attempt({ document, variables, headers }: Attempt, who: Headers, theirs: Ids) {
  const asked = { headers: { ...who, ...headers?.(theirs) }, variables: variables(theirs, acme) }
  const { text, status } = await rawGraphQL(app, asked.headers, document, asked.variables)
  return { text, status, request: JSON.stringify(asked) }
}

const everybody: Who[] = ['token', 'admin', 'member', 'platform']

describe.each(everybody)("Globex's things, asked for by Acme's %s", (who) => {
  it.each([...queries, ...mutations])('$name: as if nobody had it', async (one) => {
    const before = await rowsOf(app, globex.organisationId)
    const foreign = await attempt(one, callers[who], globex)
    const absent = await attempt(one, callers[who], nobody)
    expect(outcome(foreign.text)).toBe(typeof one.comes === 'string' ? one.comes : one.comes[who])
    expectNothingOfGlobex(foreign.text, foreign.request)
    expect(neutral(foreign.text, globex)).toBe(neutral(absent.text, nobody))
    expect(foreign.status).toBe(absent.status)
    expect(await rowsOf(app, globex.organisationId)).toEqual(before)
  })
})

describe('the same requests', () => {
  it.each(queries)('$name: works for Globex itself', async ({ document, variables, headers }) => {
    const who = { ...bearer(app.globex.token), ...headers?.(globex) }
    const { text } = await rawGraphQL(app, who, document, variables(globex, globex))
    expect(JSON.parse(text)).not.toHaveProperty('errors')
    expect(outcome(text)).not.toBe('null')
  })
})

describe('what belongs to nobody in particular', () => {
  const SEARCH = 'query ($q: String) { tickets(filter: { q: $q }) { totalCount nodes { subject } } }'
  const total = async (headers: Headers, q: string) =>
    JSON.parse((await rawGraphQL(app, headers, SEARCH, { q })).text).data.tickets.totalCount

  it.each(everybody)('a search by %s finds no word and no number of another organisation', async (who) => {
    expect(await total(callers[who], 'zanzibar')).toBe(0)
    expect(await total(callers[who], 'worker-3 zanzibar')).toBe(0)
    expect(await total(callers[who], 'lighthouse')).toBe(1)
    expect(await total(bearer(app.globex.token), 'zanzibar')).toBe(1)
  })

  it("a cursor of another organisation's list is only a place: behind it are the caller's own", async () => {
    const PAGES = `query ($list: String, $names: String) {
      after: tickets(after: $list) { totalCount nodes { organisation { id } } }
      before: tickets(before: $list) { totalCount nodes { organisation { id } } }
      clusters(after: $names) { nodes { name } } }`
    const variables = { list: globex.listCursor, names: globex.clusterCursor }
    const { text } = await rawGraphQL(app, callers.token, PAGES, variables)
    expectNothingOfGlobex(text, JSON.stringify(variables))
    const { after, before } = JSON.parse(text).data
    const places = [...after.nodes, ...before.nodes]
    expect(places).toEqual([{ organisation: { id: acme.organisationId } }])
    expect([after.totalCount, before.totalCount]).toEqual([1, 1])
  })

  it('lists, counts, numbers, organisations and tokens are those of the own organisation', async () => {
    const ALL = `{ tickets { totalCount nodes { id } } ticketStats { total } clusters { nodes { id } }
      organisations { nodes { id name } } ticketByNumber(number: 1) { id }
      viewer { organisation { id tickets { totalCount } clusters { nodes { id } } } memberships { role } apiTokens { id } } }`
    const { text } = await rawGraphQL(app, callers.admin, ALL)
    expectNothingOfGlobex(text, '')
    expect(JSON.parse(text).data).toMatchObject({
      tickets: { totalCount: 1, nodes: [{ id: acme.ticketId }] },
      ticketStats: { total: 1 },
      clusters: { nodes: [{ id: acme.clusterId }] },
      organisations: { nodes: [{ id: acme.organisationId, name: 'Acme' }] },
      ticketByNumber: { id: acme.ticketId },
      viewer: { organisation: { tickets: { totalCount: 1 } }, memberships: [{ role: 'ADMIN' }] },
    })
  })

  it("a review of another organisation's very words finds no duplicate", async () => {
    const REVIEW = `mutation ($input: ReviewTicketInput!) { reviewTicket(input: $input) {
      ... on ReviewTicketPayload { review { recommendedAction duplicateCandidates { summary evidence } } } } }`
    const input = draftAbout('zanzibar')
    const review = async (token: string) =>
      JSON.parse((await rawGraphQL(app, bearer(token), REVIEW, { input })).text).data.reviewTicket.review
    const own = await review(app.globex.token)
    expect(own.duplicateCandidates).toHaveLength(1)
    const foreign = await review(app.acme.token)
    expectNothingOfGlobex(JSON.stringify(foreign), JSON.stringify(input))
    expect(foreign.duplicateCandidates.filter(({ summary }: { summary: string }) => summary.includes('zanz'))).toEqual(
      [],
    )
  })

  it.each([
    ['assigneeId', '[]'],
    ['unassigned', 'false'],
    ['unassigned', 'true'],
  ])('the filter %s: %s is the team’s', async (name, value) => {
    for (const field of ['tickets(filter: F) { totalCount }', 'ticketStats(filter: F) { total }']) {
      const query = `{ ${field.replace('F', `{ ${name}: ${value} }`)} }`
      expect(outcome((await rawGraphQL(app, callers.admin, query)).text)).toBe('BAD_USER_INPUT')
    }
  })

  it('the filter createdById is the team’s, also with the own id', async () => {
    const query = 'query ($id: ID) { tickets(filter: { createdById: $id }) { totalCount } }'
    for (const id of [globex.personId, acme.personId]) {
      expect(outcome((await rawGraphQL(app, callers.admin, query, { id })).text)).toBe('BAD_USER_INPUT')
    }
  })
})

// The other way round: how the team names the organisation it reads and writes in, and how a member of two chooses.

import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addMember } from '../../src/admin/people.ts'
import { bearer, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { outcome } from './tenants.attempts.ts'
import { draftAbout, fill, type Headers, type Ids, raw, rawGraphQL, rowsOf } from './tenants.world.ts'

let app: TestApp
let acme: Ids
let globex: Ids

beforeAll(async () => {
  app = await testApp()
  acme = await fill(app, app.acme, 'lighthouse')
  globex = await fill(app, app.globex, 'zanzibar')
})
afterAll(() => app.close())

const ORGANISATION = 'x-ankra-organisation-id'

async function data(headers: Headers, query: string, variables?: object) {
  const { text } = await rawGraphQL(app, headers, query, variables)
  expect(JSON.parse(text).errors).toBeUndefined()
  return JSON.parse(text).data
}

describe('the team', () => {
  let team: Headers
  let person: Headers
  beforeAll(async () => {
    team = bearer(app.team.token)
    person = await app.team.tess.signIn()
  })

  const LISTS = `query ($of: ID) { tickets(filter: { organisationId: $of }) { totalCount nodes { organisation { id } } }
    ticketStats(filter: { organisationId: $of }) { total } clusters(organisationId: $of) { nodes { id } } }`

  it('reads over all organisations unless it names one, by argument or by header', async () => {
    for (const headers of [team, person]) {
      expect(await data(headers, LISTS)).toMatchObject({
        tickets: { totalCount: 2 },
        ticketStats: { total: 2 },
        clusters: { nodes: [{ id: acme.clusterId }, { id: globex.clusterId }] },
      })
      const one = { tickets: { totalCount: 1, nodes: [{ organisation: { id: globex.organisationId } }] } }
      const ofGlobex = { ...one, ticketStats: { total: 1 }, clusters: { nodes: [{ id: globex.clusterId }] } }
      expect(await data(headers, LISTS, { of: globex.organisationId })).toEqual(ofGlobex)
      expect(await data({ ...headers, [ORGANISATION]: globex.organisationId }, LISTS)).toEqual(ofGlobex)
      const both = { ...headers, [ORGANISATION]: acme.organisationId }
      expect(await data(both, LISTS, { of: globex.organisationId })).toEqual(ofGlobex)
    }
  })

  it('sees a ticket of any organisation by its id', async () => {
    const query = 'query ($id: ID!) { ticket(id: $id) { organisation { name } comments { nodes { internal } } } }'
    for (const { ticketId } of [acme, globex]) {
      const { ticket } = await data(person, query, { id: ticketId })
      expect(ticket.comments.nodes.map(({ internal }: { internal: boolean }) => internal)).toContain(true)
    }
  })

  it('must name the organisation for ticketByNumber', async () => {
    const query = 'query ($of: ID) { ticketByNumber(number: 1, organisationId: $of) { id } }'
    expect(outcome((await rawGraphQL(app, team, query)).text)).toBe('BAD_USER_INPUT')
    expect(await data(team, query, { of: globex.organisationId })).toEqual({ ticketByNumber: { id: globex.ticketId } })
    const named = { ...team, [ORGANISATION]: acme.organisationId }
    expect(await data(named, query)).toEqual({ ticketByNumber: { id: acme.ticketId } })
    expect(await data(team, query, { of: uuid() })).toEqual({ ticketByNumber: null })
  })

  it("is refused a list that contradicts itself: one organisation's, filtered by another", async () => {
    const query = `query ($id: ID!, $of: ID) { cluster(id: $id) {
      tickets(filter: { organisationId: $of }) { totalCount } } }`
    const variables = { id: acme.clusterId, of: globex.organisationId }
    expect(outcome((await rawGraphQL(app, team, query, variables)).text)).toBe('BAD_USER_INPUT')
  })

  it.each(['reviewTicket', 'createTicket'])('%s on behalf needs an organisation that exists', async (field) => {
    const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`
    const query = `mutation ($input: ${type}!) { ${field}(input: $input) { __typename
      ... on InputError { fields { path code } } } }`
    const run = async (organisationId?: string) => {
      const input = { ...draftAbout('harbour'), organisationId }
      return outcome((await rawGraphQL(app, team, query, { input })).text)
    }
    expect(await run()).toBe('InputError organisationId REQUIRED')
    expect(await run(uuid())).toBe('InputError organisationId NOT_FOUND')
    expect(await run('no uuid')).toBe('InputError organisationId NOT_FOUND')
  })

  it('upsertCluster on behalf needs an organisation that exists', async () => {
    const query = `mutation ($of: ID) { upsertCluster(input: {
      organisationId: $of, name: "x", state: "up", controlPlanes: 1, nodes: 1
    }) { __typename ... on InputError { fields { path code } } } }`
    const run = async (of?: string) => outcome((await rawGraphQL(app, team, query, { of })).text)
    expect(await run()).toBe('InputError organisationId REQUIRED')
    expect(await run(uuid())).toBe('InputError organisationId NOT_FOUND')
  })

  it("files for a customer in the member's name, and touches no other customer", async () => {
    const before = await rowsOf(app, acme.organisationId)
    const query = `mutation ($input: CreateTicketInput!) { createTicket(input: $input) {
      ... on CreateTicketPayload { ticket { organisation { id } createdBy { type label } } } ... on Error { message } } }`
    const input = { ...draftAbout('harbour'), organisationId: globex.organisationId }
    expect((await data(person, query, { input })).createTicket.ticket).toEqual({
      organisation: { id: globex.organisationId },
      createdBy: { type: 'TEAM', label: 'Tess' },
    })
    expect(await rowsOf(app, acme.organisationId)).toEqual(before)
  })

  it.each([
    ["another customer's review", () => ({ reviewId: acme.reviewId }), 'reviewId'],
    ["another customer's cluster", () => ({ ...draftAbout('harbour'), clusterId: acme.clusterId }), 'clusterId'],
  ])('does not file for one customer from %s', async (_, from, path) => {
    const query = `mutation ($input: CreateTicketInput!) { createTicket(input: $input) { __typename
      ... on InputError { fields { path code } } } }`
    const input = { ...from(), organisationId: globex.organisationId, acknowledged: true }
    expect(outcome((await rawGraphQL(app, team, query, { input })).text)).toBe(`InputError ${path} NOT_FOUND`)
  })

  it("joins no customer's review to another customer's ticket", async () => {
    const query = `mutation ($input: LinkTicketInput!) { linkTicket(input: $input) { __typename
      ... on InputError { fields { path code } } } }`
    const input = { reviewId: acme.reviewId, ticketId: globex.ticketId }
    const before = await rowsOf(app, acme.organisationId)
    expect(outcome((await rawGraphQL(app, team, query, { input })).text)).toBe('InputError reviewId NOT_FOUND')
    expect(await rowsOf(app, acme.organisationId)).toEqual(before)
  })

  it('an organisation that there is not is FORBIDDEN as a header, and 404 over REST', async () => {
    const headers = { ...team, [ORGANISATION]: uuid() }
    const reply = await rawGraphQL(app, headers, '{ viewer { id } }')
    expect([reply.status, outcome(reply.text)]).toEqual([403, 'FORBIDDEN'])
    expect((await raw(app, headers, 'GET', TICKETS)).status).toBe(404)
  })

  it('over REST a list spans all, the header narrows it, and filing without the header is 422', async () => {
    const list = async (headers: Headers) => JSON.parse((await raw(app, headers, 'GET', TICKETS)).text)
    const organisations = (body: { result: { organisation_id: string }[] }) =>
      new Set(body.result.map(({ organisation_id }) => organisation_id))
    expect(organisations(await list(team)).size).toBe(2)
    const narrowed = await list({ ...team, [ORGANISATION]: acme.organisationId })
    expect(organisations(narrowed)).toEqual(new Set([acme.organisationId]))
    const filed = await raw(app, team, 'POST', TICKETS, draftAbout('harbour'))
    expect(filed.status).toBe(422)
    expect(JSON.parse(filed.text).detail[0].loc).toEqual(['header', 'X-Ankra-Organisation-Id'])
  })
})

describe('a member of two organisations', () => {
  let max: Headers
  beforeAll(async () => {
    const place = { organisationId: globex.organisationId, userId: app.acme.member.id, role: 'admin' as const }
    await app.database.write((tx) => addMember(tx, place))
    max = await app.acme.member.signIn()
  })

  const WHERE = '{ viewer { role organisation { id } } organisations { nodes { name } } tickets { nodes { id } } }'

  it('acts in the oldest membership, or in the one the header names, with the role there', async () => {
    const organisations = { nodes: [{ name: 'Acme' }, { name: 'Globex' }] }
    expect(await data(max, WHERE)).toMatchObject({
      viewer: { role: 'MEMBER', organisation: { id: acme.organisationId } },
      organisations,
      tickets: { nodes: [{ id: acme.ticketId }] },
    })
    const elsewhere = await data({ ...max, [ORGANISATION]: globex.organisationId.toUpperCase() }, WHERE)
    expect(elsewhere).toMatchObject({
      viewer: { role: 'ADMIN', organisation: { id: globex.organisationId } },
      organisations,
    })
    expect(elsewhere.tickets.nodes).not.toContainEqual({ id: acme.ticketId })
  })

  it('finds nothing of the one that is not chosen', async () => {
    const query =
      'query ($t: ID!, $c: ID!, $r: ID!) { ticket(id: $t) { id } cluster(id: $c) { id } review(id: $r) { id } }'
    const variables = { t: globex.ticketId, c: globex.clusterId, r: globex.reviewId }
    expect(await data(max, query, variables)).toEqual({ ticket: null, cluster: null, review: null })
    const there = await data({ ...max, [ORGANISATION]: globex.organisationId }, query, variables)
    expect(there.ticket).toEqual({ id: globex.ticketId })
    expect((await raw(app, max, 'GET', `/org/support/tickets/${globex.ticketId}`)).status).toBe(404)
  })

  it.each(['tickets { totalCount }', 'clusters { nodes { id } }'])(
    'is refused the %s of the one that is not chosen, and gets those of the chosen',
    async (field) => {
      const list = `{ organisations { nodes { name ${field} } } }`
      const { text } = await rawGraphQL(app, max, list)
      const paths = JSON.parse(text).errors.map(({ path }: { path: unknown[] }) => path.slice(0, 3))
      expect(outcome(text)).toBe('FORBIDDEN')
      expect(paths).toEqual([['organisations', 'nodes', 1]])
    },
  )

  it('may repeat the chosen one as an argument, and name no other', async () => {
    const query = 'query ($of: ID) { tickets(filter: { organisationId: $of }) { totalCount } }'
    const there = { ...max, [ORGANISATION]: globex.organisationId }
    expect(outcome((await rawGraphQL(app, there, query, { of: acme.organisationId })).text)).toBe('FORBIDDEN')
    expect(outcome((await rawGraphQL(app, there, query, { of: globex.organisationId })).text)).not.toBe('FORBIDDEN')
  })
})

// GraphQL and REST are two faces of the same operations: the same input gives the same state, the same thing to look
// at, and the same problems. Acme asks over GraphQL what Globex asks over REST, in the same order.

import type { GraphQLObjectType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { schema } from '../../src/graphql/schema.ts'
import { operations } from '../../src/operations/registry.ts'
import { routes } from '../../src/rest/routes.ts'
import { bearer, type Customer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { STEPS, type Step, unknown, type World } from './steps.ts'
import {
  byGraphQL,
  byRest,
  mutations,
  type Outcome,
  readByGraphQL,
  TICKET_SUMMARY,
  type Transport,
  ticketOf,
  WHOLE_TICKET,
  wire,
} from './transports.ts'

const NOW = new Date('2026-05-03T12:00:00Z')

let app: TestApp
beforeAll(async () => {
  app = await testApp({ now: () => NOW })
})
afterAll(() => app.close())

const REST_ONLY = ['clustersByNumber']
/** Answers with bytes, so that it has no entry in the table of routes. */
const DOWNLOAD = 'downloadAttachment'
const fieldsOf = (type: string) => Object.keys((schema.getType(type) as GraphQLObjectType).getFields())
const overGraphQL = () => [...fieldsOf('Query'), ...fieldsOf('Mutation')]

describe('the registry', () => {
  it('has every operation that a transport offers, and each is offered', () => {
    const names = Object.values(operations).map(({ name }) => name)
    const overRest = [...routes.map(({ operation }) => operation.name), DOWNLOAD]
    for (const { operation } of routes) expect(Object.values(operations)).toContain(operation)
    for (const name of names) expect([...overRest, ...overGraphQL(), ...fieldsOf('Viewer')]).toContain(name)
    expect(overRest.filter((name) => !overGraphQL().includes(name))).toEqual([...REST_ONLY, DOWNLOAD])
  })

  it('has no operation on both transports that is not compared here', () => {
    const both = routes.map(({ operation }) => operation.name).filter((name) => overGraphQL().includes(name))
    expect([...READS, ...mutations].sort()).toEqual(both.sort())
    expect(new Set(STEPS.map(({ operation }) => operation))).toEqual(new Set(mutations))
  })
})

describe('every operation that both transports offer', () => {
  it('comes to the same, step by step, and leaves the same state', async () => {
    const worlds = [await world(app.acme, byGraphQL), await world(app.globex, byRest)] as const
    for (const [index, step] of STEPS.entries()) {
      const [graphql, overRest] = [await take(worlds[0], step), await take(worlds[1], step)]
      const name = `step ${index + 1}: ${step.operation}`
      expect([name, overRest.kind, graphql.kind]).toEqual([name, step.gives, step.gives])
      expect(anonymous(overRest, app.globex), name).toEqual(anonymous(graphql, app.acme))
    }
    expect(await stateOf(app.globex)).toEqual(await stateOf(app.acme))
  })
})

async function world(customer: Customer, transport: Transport): Promise<World> {
  const { organisationId } = customer
  const tokens = {
    customer: customer.token,
    reader: await app.token(organisationId, ['tickets_read'], 'Reader'),
    platform: await app.token(organisationId, ['clusters_write'], 'Platform'),
    team: app.team.token,
    nobody: 'dw_nonsense',
  }
  return { customer, transport, made: {}, tokens }
}

async function take(world: World, { operation, input, as = 'customer', makes, before }: Step): Promise<Outcome> {
  await before?.(app, world.made)
  const outcome = await world.transport(app, world.tokens[as], operation, input(world.made))
  if (makes) {
    const { body } = outcome.body as { body: { id?: string; review_id?: string } }
    world.made[makes] = (body.id ?? body.review_id) as string
  }
  return outcome
}

/** Ids by the order in which they appear, and the customer without a name: what two organisations may differ in. */
function anonymous(value: unknown, { organisationId }: Customer): unknown {
  const ids = new Map([[organisationId, 'the organisation']])
  const text = JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? Number(inner) : inOneOrder(inner)))
  const hidden = text
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
      if (!ids.has(id)) ids.set(id, `id ${ids.size}`)
      return ids.get(id) as string
    })
    .replace(/Acme|Globex/g, 'The customer')
  return JSON.parse(hidden)
}

/** The order of an object's fields says nothing. */
function inOneOrder(value: unknown): unknown {
  const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  return isPlain ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value
}

/** All that is stored of an organisation, but for the numbers of transactions. */
async function stateOf(customer: Customer): Promise<unknown> {
  const { prisma } = app.database
  const where = { organisationId: customer.organisationId }
  const omit = { pos: true, xid: true } as const
  const state = {
    clusters: await prisma.cluster.findMany({ where, orderBy: { name: 'asc' } }),
    tickets: await prisma.ticket.findMany({ where, orderBy: { number: 'asc' } }),
    comments: await prisma.comment.findMany({ where, orderBy: { seq: 'asc' } }),
    attachments: await prisma.attachment.findMany({ where, orderBy: { seq: 'asc' } }),
    reviews: await prisma.review.findMany({ where, orderBy: { id: 'asc' } }),
    events: await prisma.ticketEvent.findMany({ where, orderBy: { seq: 'asc' }, omit }),
    counters: await prisma.organisationCounters.findMany({ where, omit: { pos: true } }),
  }
  for (const [name, rows] of Object.entries(state)) expect(rows.length, name).toBeGreaterThan(0)
  return anonymous(state, customer)
}

const READS = ['organisations', 'attachmentLimits', 'ticket', 'tickets'] as const

describe('what both transports show', () => {
  const get = async (path: string, token = app.acme.token) => (await rest(app, bearer(token), 'GET', path)).body

  it('of a ticket is the same', async () => {
    const { result } = await get(TICKETS)
    expect(result.length).toBeGreaterThan(3)
    for (const { id } of result) {
      for (const token of [app.acme.token, app.team.token]) {
        const document = `query ($id: ID!) { ${WHOLE_TICKET.replace('ticket', 'ticket(id: $id)')} }`
        const { ticket } = await readByGraphQL(app, token, document, { id })
        expect(await get(`${TICKETS}/${id}`, token)).toEqual(ticketOf(ticket as Record<string, unknown>))
      }
    }
  })

  it('of a list is the same, under every filter', async () => {
    const document = `query ($filter: TicketFilter) { tickets(filter: $filter, first: 100) {
      nodes { ${TICKET_SUMMARY} } totalCount } }`
    const filters: [string, object][] = [
      ['', {}],
      ['&status=open&status=closed', { status: ['OPEN', 'CLOSED'] }],
      ['&category=feature_request', { category: ['FEATURE_REQUEST'] }],
      ['&severity=high&source=api', { severity: ['HIGH'], source: ['API'] }],
      ['&q=NotRea', { q: 'NotRea' }],
      ['&q=%232', { q: '#2' }],
      [`&cluster_id=${unknown}`, { clusterId: [unknown] }],
    ]
    for (const [query, filter] of filters) {
      for (const token of [app.acme.token, app.team.token]) {
        const { tickets } = await readByGraphQL(app, token, document, { filter })
        const { nodes, totalCount } = tickets as { nodes: Record<string, unknown>[]; totalCount: number }
        const page = await get(`${TICKETS}?page_size=100${query}`, token)
        expect([query, page.result, page.pagination.total_count]).toEqual([query, nodes.map(ticketOf), totalCount])
      }
    }
  })

  it('of organisations and limits is the same', async () => {
    for (const token of [app.acme.token, app.team.token]) {
      const document = `{ organisations(first: 100) { nodes { id name slug } }
        attachmentLimits { maxFileBytes maxFiles maxTicketBytes contentTypes } }`
      const { organisations, attachmentLimits } = await readByGraphQL(app, token, document, {})
      const listed = (await get('/api/v1/org/organisation', token)) as Record<string, unknown>[]
      expect(listed.map(({ organisation_id: id, name, slug }) => ({ id, name, slug }))).toEqual(
        (organisations as { nodes: object[] }).nodes,
      )
      expect(await get(`${TICKETS}/limits`, token)).toEqual(wire(attachmentLimits))
    }
  })
})

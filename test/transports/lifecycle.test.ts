// Every status and everything that both transports can do to a ticket there, by the customer and by the team: the same
// over both, and what the table "Lifecycle" of the REST contract gives. A move of the team, made over GraphQL alone, is
// shown alike.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ticketOf, WHOLE_TICKET } from '../rest/transports.ts'
import { ask, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { BY_TEAM } from '../support/lifecycle.ts'
import type { Sender } from './cases.ts'
import { compare } from './compare.ts'
import { masked } from './state.ts'
import { NOW, ticketAt, twoWorlds, type World } from './worlds.ts'

let app: TestApp
let worlds: [World, World]
beforeAll(async () => {
  app = await testApp({ now: () => NOW })
  worlds = await twoWorlds(app)
})
afterAll(() => app.close())

type Json = Record<string, unknown>

const STATUSES = Object.keys(BY_TEAM)

const reply = (status: string) => (['waiting_customer', 'resolved'].includes(status) ? 'in_progress' : status)
const stay = (status: string) => status

interface Act {
  name: string
  operation: string
  input: Json
  /** Where it leaves a ticket that is not closed, by who does it. */
  leads: Record<'customer' | 'team', (status: string) => string>
  /** What becomes of a closed one. */
  whenClosed: 'input' | 'done'
}

const ACTS: Act[] = [
  {
    name: 'a comment',
    operation: 'addComment',
    input: { body: 'And now?' },
    leads: { customer: reply, team: stay },
    whenClosed: 'input',
  },
  {
    name: 'an upload',
    operation: 'uploadAttachment',
    input: { name: 'node.log', bytes: 'NotReady' },
    leads: { customer: reply, team: stay },
    whenClosed: 'input',
  },
  {
    name: 'closing',
    operation: 'closeTicket',
    input: {},
    leads: { customer: () => 'closed', team: () => 'closed' },
    whenClosed: 'done',
  },
  {
    name: 'joining',
    operation: 'linkTicket',
    input: { reviewId: '$freshReview' },
    leads: { customer: stay, team: stay },
    whenClosed: 'input',
  },
  {
    name: 'joining, since it still happens',
    operation: 'linkTicket',
    input: { reviewId: '$freshReview', stillHappening: true },
    leads: { customer: reopened, team: reopened },
    whenClosed: 'input',
  },
]

function reopened(status: string): string {
  return status === 'resolved' ? 'in_progress' : status
}

describe.each(STATUSES)('on a ticket that is %s', (status) => {
  it.each(ACTS)('$name comes to the same', async ({ name, operation, input, leads, whenClosed }) => {
    for (const as of ['customer', 'team'] satisfies Sender[]) {
      const asked = { name: `${name} by ${as}`, operation, input: { ticketId: `$at ${status}`, ...input }, as }
      const { faults, graphql } = await compare(app, worlds, asked)
      expect(faults).toEqual([])
      expect(graphql.kind).toBe(status === 'closed' ? whenClosed : 'done')
      const { body } = graphql.body as { body?: { status: string } }
      if (body) expect(body.status).toBe(status === 'closed' ? 'closed' : leads[as](status))
    }
  })

  it.each(STATUSES)('a move of the team to %s is shown alike, or refused', async (to) => {
    const seen = await Promise.all(worlds.map((world) => move(world, status, to)))
    const [graphql, overRest] = [await readByGraphQL(worlds[0], seen[0]?.id), await readByRest(worlds[1], seen[1]?.id)]
    expect(masked(JSON.stringify(overRest))).toBe(masked(JSON.stringify(inOrderOf(overRest, graphql))))
    const allowed = to === status || BY_TEAM[status]?.includes(to)
    expect([seen[0]?.code, (graphql as Json).status]).toEqual([allowed ? undefined : 'INPUT', allowed ? to : status])
  })
})

const UPDATE = `mutation ($id: ID!, $to: TicketStatus) { updateTicket(input: { ticketId: $id, status: $to }) {
  ... on UpdateTicketPayload { ticket { status } } ... on Error { code message } } }`

async function move(world: World, from: string, to: string): Promise<{ id: string; code?: string }> {
  const id = await ticketAt(world, from)
  type Updated = { updateTicket: { code?: string } }
  const variables = { id, to: to.toUpperCase() }
  const { updateTicket } = await ask<Updated, object>(app, world.headers.team, UPDATE, variables)
  return { id, ...updateTicket }
}

async function readByGraphQL({ headers }: World, id: string | undefined): Promise<Json> {
  const document = `query ($id: ID!) { ${WHOLE_TICKET.replace('ticket', 'ticket(id: $id)')} }`
  const { ticket } = await ask<{ ticket: Json }, object>(app, headers.customer, document, { id })
  return ticketOf(ticket) as Json
}

async function readByRest({ headers }: World, id: string | undefined): Promise<Json> {
  return (await rest(app, headers.customer, 'GET', `${TICKETS}/${id}`)).body
}

/** The order of an object's fields says nothing. */
const inOrderOf = (order: Json, thing: Json): Json =>
  Object.fromEntries([...Object.keys(order), ...Object.keys(thing)].map((name) => [name, thing[name]]))

// The first assignment is seen, once; later ones and notes leave no trace in numbers, cursors, versions or errors.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, type TestApp, testApp } from '../support/app.ts'
import { outcome } from './tenants.attempts.ts'
import { draftAbout, type Headers, neutral, nobodys, rawGraphQL } from './tenants.world.ts'

let app: TestApp
let customer: Headers
let team: Headers

beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
  team = await app.team.tess.signIn()
})
afterAll(() => app.close())

async function run(who: Headers, query: string, variables: object = {}) {
  const { text } = await rawGraphQL(app, who, query, variables)
  expect(JSON.parse(text).errors).toBeUndefined()
  return JSON.parse(text).data
}

async function file(): Promise<string> {
  const query = `mutation ($input: CreateTicketInput!) { createTicket(input: $input) {
    ... on CreateTicketPayload { ticket { id } } } }`
  const { createTicket } = await run(customer, query, { input: { ...draftAbout('lighthouse'), acknowledged: true } })
  return createTicket.ticket.id
}

const UPDATE = `mutation ($input: UpdateTicketInput!) { updateTicket(input: $input) {
  ... on UpdateTicketPayload { ticket { version teamVersion updatedAt } } ... on Error { message } } }`
const update = async (ticketId: string, input: object) =>
  (await run(team, UPDATE, { input: { ticketId, ...input } })).updateTicket.ticket

const SAY = `mutation ($input: AddCommentInput!) { addComment(input: $input) { __typename
  ... on AddCommentPayload { comment { id internal } ticket { version teamVersion asOf } }
  ... on InputError { fields { path code } } } }`
const say = (who: Headers, ticketId: string, body: string, internal?: boolean) =>
  run(who, SAY, { input: { ticketId, body, internal } })

const HISTORY = `query ($id: ID!) { ticket(id: $id) { version isTrackedByTeam assignee { name }
  events(first: 100) { edges { cursor } nodes { __typename ticketVersion internal
    ... on TicketUpdated { changes { field from to } } ... on TicketAssigned { from { name } to { name } } } } } }`

interface History {
  version: number
  isTrackedByTeam: boolean
  assignee: { name: string } | null
  events: { edges: { cursor: string }[]; nodes: Record<string, unknown>[] }
}
const history = async (who: Headers, id: string): Promise<History> => (await run(who, HISTORY, { id })).ticket

/** The number that a cursor of an organisation holds: it must not skip. */
const placeOf = (cursor: string) => Number(Buffer.from(cursor, 'base64url').toString().split(' ').at(-1))

describe('assignments', () => {
  it('the first is one TicketUpdated for the customer; later ones are nothing', async () => {
    const id = await file()
    const { version } = await history(customer, id)
    await update(id, { assigneeId: app.team.tess.id })
    const tracked = await history(customer, id)
    const isUpdate = ({ __typename }: Record<string, unknown>) => __typename === 'TicketUpdated'
    const change = { field: 'IS_TRACKED_BY_TEAM', from: 'false', to: 'true' }
    const told = { __typename: 'TicketUpdated', ticketVersion: version + 1, internal: false, changes: [change] }
    expect(tracked).toMatchObject({ version: version + 1, isTrackedByTeam: true, assignee: null })
    expect(tracked.events.nodes.at(-1)).toEqual(told)

    await update(id, { assigneeId: app.team.tom.id })
    await update(id, { assigneeId: null })
    await update(id, { assigneeId: app.team.tess.id })
    expect(await history(customer, id)).toEqual(tracked)
    expect(tracked.events.nodes.filter(isUpdate)).toEqual([told])
    const all = (await history(team, id)).events.nodes
    expect(all.filter(isUpdate)).toHaveLength(1)
    expect(all.filter(({ internal }) => internal).map(({ from, to }) => [from, to])).toEqual([
      [null, { name: 'Tess' }],
      [{ name: 'Tess' }, { name: 'Tom' }],
      [{ name: 'Tom' }, null],
      [null, { name: 'Tess' }],
    ])
  })

  it('of the same person again changes nothing for anybody', async () => {
    const id = await file()
    const before = await update(id, { assigneeId: app.team.tom.id })
    expect(await update(id, { assigneeId: app.team.tom.id })).toEqual(before)
  })

  it('of nobody on a new ticket does not make it tracked', async () => {
    const id = await file()
    await update(id, { assigneeId: null })
    expect(await history(team, id)).toMatchObject({ isTrackedByTeam: false, version: 1 })
  })
})

describe('numbers', () => {
  it('the places of a customer’s cursors count on without a gap around notes and assignments', async () => {
    const id = await file()
    const start = placeOf((await history(customer, id)).events.edges[0]?.cursor as string)
    for (let turn = 0; turn < 3; turn++) {
      await say(team, id, `Thought ${turn}`, true)
      await update(id, { assigneeId: turn % 2 === 0 ? app.team.tess.id : app.team.tom.id })
      await say(customer, id, `Word ${turn}`)
    }
    const { edges } = (await history(customer, id)).events
    expect(edges.map(({ cursor }) => placeOf(cursor))).toEqual(edges.map((_, index) => start + index))
  })

  it('an expected version is not spoilt by what the customer cannot see', async () => {
    const id = await file()
    const { version } = await history(customer, id)
    await say(team, id, 'Hm.', true)
    const close = `mutation ($input: CloseTicketInput!) { closeTicket(input: $input) { __typename } }`
    const input = { ticketId: id, expectedVersion: version }
    expect(await run(customer, close, { input })).toEqual({ closeTicket: { __typename: 'CloseTicketPayload' } })
  })

  it('a note counts as no first response, and moves no status', async () => {
    const id = await file()
    await update(id, { status: 'WAITING_CUSTOMER' })
    await say(team, id, 'They sleep.', true)
    const row = await app.database.prisma.ticket.findUniqueOrThrow({ where: { id } })
    expect([row.status, row.firstResponseAt]).toEqual(['waiting_customer', null])
    await say(team, id, 'We wait for you.')
    const answered = await app.database.prisma.ticket.findUniqueOrThrow({ where: { id } })
    expect(answered.firstResponseAt).not.toBeNull()
  })
})

describe('the team’s places, in a customer’s hands', () => {
  it('a note’s cursor is as unknown as a comment’s that there never was', async () => {
    const id = await file()
    await say(team, id, 'Between us.', true)
    const cursors = `query ($id: ID!) { ticket(id: $id) { asOf comments(last: 1) { edges { cursor } }
      events(last: 1) { edges { cursor } } } }`
    const { ticket } = await run(team, cursors, { id })
    const seen = { commentCursor: ticket.comments.edges[0].cursor, eventCursor: ticket.events.edges[0].cursor }
    const theirs = { ...seen, asOf: ticket.asOf } as Parameters<typeof nobodys>[0]
    const nobody = nobodys(theirs)
    const behind = (field: string) => `query ($id: ID!, $at: String) { ticket(id: $id) { ${field}(after: $at) {
      pageInfo { hasNextPage } } } }`
    for (const [field, name, code] of [
      ['comments', 'commentCursor', 'BAD_USER_INPUT'],
      ['events', 'eventCursor', 'RESYNC_REQUIRED'],
      ['events', 'asOf', 'RESYNC_REQUIRED'],
    ] as const) {
      const refused = await rawGraphQL(app, customer, behind(field), { id, at: theirs[name] })
      const unknown = await rawGraphQL(app, customer, behind(field), { id, at: nobody[name] })
      expect(outcome(refused.text)).toBe(code)
      expect(neutral(refused.text, theirs)).toBe(neutral(unknown.text, nobody))
    }
  })

  it('a customer’s own internal note is refused, and nothing is published', async () => {
    const id = await file()
    const before = await history(customer, id)
    const { addComment } = await say(customer, id, 'Secret of ours', true)
    expect(addComment).toMatchObject({
      __typename: 'InputError',
      fields: [{ path: ['internal'], code: 'NOT_ALLOWED' }],
    })
    expect(await history(customer, id)).toEqual(before)
  })
})

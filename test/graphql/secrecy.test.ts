// Internal notes and assignments are the team's alone: whatever a customer reads is the same, byte for byte, before and
// after (events.md, promise 5), and only the team's numbers rise.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { type Bounds, customerReads } from './secrecy.reads.ts'
import { fill, type Headers, type Ids, raw, rawGraphQL } from './tenants.world.ts'

let app: TestApp
let acme: Ids
let team: Headers
let readers: Headers[]
let bounds: Bounds

beforeAll(async () => {
  app = await testApp()
  acme = await fill(app, app.acme, 'lighthouse')
  team = await app.team.tess.signIn()
  readers = [bearer(app.acme.token), await app.acme.admin.signIn(), await app.acme.member.signIn()]
  await update({ assigneeId: app.team.tess.id })
  const { updatedAt } = await app.database.prisma.ticket.findUniqueOrThrow({ where: { id: acme.ticketId } })
  bounds = {
    since: updatedAt.toISOString(),
    until: new Date(updatedAt.getTime() + 1).toISOString(),
  }
})
afterAll(() => app.close())

async function run(who: Headers, query: string, variables: object) {
  const { text } = await rawGraphQL(app, who, query, variables)
  expect(JSON.parse(text).errors).toBeUndefined()
  return JSON.parse(text).data
}

const update = (input: object, ticketId = acme.ticketId) =>
  run(
    team,
    `mutation ($input: UpdateTicketInput!) { updateTicket(input: $input) {
      ... on UpdateTicketPayload { ticket { version teamVersion } } ... on Error { message } } }`,
    { input: { ticketId, ...input } },
  )

const note = (body: string) =>
  run(
    team,
    `mutation ($input: AddCommentInput!) { addComment(input: $input) {
      ... on AddCommentPayload { comment { internal } } ... on Error { message } } }`,
    { input: { ticketId: acme.ticketId, body, internal: true } },
  )

const revisions = () =>
  app.database.prisma.organisationCounters.findUniqueOrThrow({ where: { organisationId: acme.organisationId } })

const readAll = () => Promise.all(readers.map((who) => customerReads(app, who, acme.ticketId, bounds)))

describe('what a customer reads is the same, byte for byte, after', () => {
  it.each([
    ['an internal note', () => note('The xylophone of Tom is behind it.')],
    ['an internal note of many words', () => note('worker '.repeat(500))],
    ['a second assignment', () => update({ assigneeId: app.team.tom.id })],
    ['the end of an assignment', () => update({ assigneeId: null })],
    ['an assignment beside fields that stay', () => update({ assigneeId: app.team.tess.id, status: 'OPEN' })],
  ])('%s, and only the team’s numbers rise', async (_, change) => {
    const before = { answers: await readAll(), revisions: await revisions() }
    await change()
    const after = { answers: await readAll(), revisions: await revisions() }
    for (const [index, answers] of before.answers.entries()) {
      for (const [name, text] of Object.entries(answers)) {
        expect(after.answers[index]?.[name], name).toBe(text)
      }
    }
    expect(after.revisions.publicRevision).toBe(before.revisions.publicRevision)
    expect(after.revisions.publicSeq).toBe(before.revisions.publicSeq)
    expect(after.revisions.teamRevision).toBe(before.revisions.teamRevision + 1n)
    expect(after.revisions.seq).toBe(before.revisions.seq + 1n)
  })

  it('and so is the answer that an ETag asks for', async () => {
    const path = `${TICKETS}/${acme.ticketId}`
    const response = await fetch(`${app.url}${path}`, { headers: readers[0] as Headers })
    await response.text()
    const etag = response.headers.get('etag')
    expect(etag).not.toBeNull()
    await note('Nothing to see.')
    const again = await raw(app, { ...readers[0], 'if-none-match': etag as string }, 'GET', path)
    expect(again.status).toBe(304)
  })

  it('while a change that they may see does change it', async () => {
    const before = await readAll()
    await update({ severity: 'CRITICAL' })
    const after = await readAll()
    for (const name of ['ONE', 'LISTS', `GET /${acme.ticketId}`]) expect(after[0]?.[name]).not.toBe(before[0]?.[name])
  })
})

describe('the team sees', () => {
  it('the notes, the assignments, its own version and who has a ticket', async () => {
    const query = `query ($id: ID!) { ticket(id: $id) { version teamVersion assignee { name }
      comments(first: 100) { totalCount nodes { internal body } }
      events(first: 100) { nodes { __typename internal ticketTeamVersion } } } ticketStats { unassigned } }`
    const { ticket, ticketStats } = await run(team, query, { id: acme.ticketId })
    expect(ticket.teamVersion).toBeGreaterThan(ticket.version)
    expect(ticket.assignee).toEqual({ name: 'Tess' })
    expect(ticketStats.unassigned).toBe(0)
    expect(ticket.comments.totalCount).toBe(ticket.comments.nodes.length)
    expect(ticket.comments.nodes.map(({ body }: { body: string }) => body)).toContain(
      'The xylophone of Tom is behind it.',
    )
    const hidden = ticket.events.nodes.filter(({ internal }: { internal: boolean }) => internal)
    expect(new Set(hidden.map((event: { __typename: string }) => event.__typename))).toEqual(
      new Set(['CommentAdded', 'TicketAssigned']),
    )
  })

  it('a ticket by a word that only a note has; the customer does not', async () => {
    const query = `query ($q: String) { tickets(filter: { q: $q }) { totalCount nodes { id } }
      ticketStats(filter: { q: $q }) { total } }`
    for (const q of ['xylophone', 'XYLOPHONE', 'xylophone Tom']) {
      expect(await run(team, query, { q })).toEqual({
        tickets: { totalCount: 1, nodes: [{ id: acme.ticketId }] },
        ticketStats: { total: 1 },
      })
      for (const who of readers) {
        expect(await run(who, query, { q })).toEqual({
          tickets: { totalCount: 0, nodes: [] },
          ticketStats: { total: 0 },
        })
      }
    }
  })

  it('no note over REST, as anybody', async () => {
    const { text } = await raw(app, team, 'GET', `/org/support/tickets/${acme.ticketId}`)
    expect(JSON.parse(text).id).toBe(acme.ticketId)
    expect(text).not.toContain('xylophone')
  })
})

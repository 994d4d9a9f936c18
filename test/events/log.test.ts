// The numbers of the log: no holes in either numbering, comments at the place of their event, and cursors of what an
// answer shows. Decoded here; clients take cursors as they are.

import { NIL } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Cursor,
  type DeskCursor,
  decodeCursor,
  encodeCursor,
  type OrganisationCursor,
} from '../../src/events/cursor.ts'
import { file, run } from '../graphql/fixtures.ts'
import { ask, bearer, type TestApp, testApp } from '../support/app.ts'

let app: TestApp
let customer: Record<string, string>
let team: Record<string, string>
let id: string

beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
  team = bearer(app.team.token)
  id = await file(app, customer)
  await file(app, bearer(app.globex.token))
})
afterAll(() => app.close())

const cursorOf = (text: string) => decodeCursor(text) as OrganisationCursor

async function asOf(headers: Record<string, string>, ticketId = id): Promise<OrganisationCursor> {
  const document = 'query ($id: ID!) { ticket(id: $id) { asOf } }'
  const { ticket } = await ask<{ ticket: { asOf: string } }, object>(app, headers, document, { id: ticketId })
  return cursorOf(ticket.asOf)
}

async function asOfList(headers: Record<string, string>, filter?: object): Promise<Cursor | null> {
  const document = 'query ($filter: TicketFilter) { tickets(filter: $filter) { asOf } }'
  const { tickets } = await ask<{ tickets: { asOf: string } }, object>(app, headers, document, { filter })
  return decodeCursor(tickets.asOf)
}

describe('asOf of a ticket', () => {
  it("is of its organisation, in the reader's own numbering", async () => {
    const ofAcme = { life: app.life, organisationId: app.acme.organisationId }
    expect(await asOf(customer)).toEqual({ kind: 'customer', ...ofAcme, place: 1n })
    expect(await asOf(team)).toEqual({ kind: 'team', ...ofAcme, place: 1n })
  })

  it('moves with what the reader may see, and betrays no note', async () => {
    const before = { customer: await asOf(customer), team: await asOf(team) }
    await run(app, team, 'addComment', { ticketId: id, body: 'A note.', internal: true })
    expect(await asOf(customer)).toEqual(before.customer)
    expect((await asOf(team)).place).toBe(before.team.place + 1n)
    await run(app, team, 'addComment', { ticketId: id, body: 'An answer.' })
    expect((await asOf(customer)).place).toBe(before.customer.place + 1n)
    expect((await asOf(team)).place).toBe(before.team.place + 2n)
  })

  it('stays when another ticket changes', async () => {
    const other = await file(app, customer)
    const before = await asOf(customer)
    await run(app, customer, 'addComment', { ticketId: other, body: 'On the other one.' })
    expect(await asOf(customer)).toEqual(before)
    expect((await asOf(customer, other)).place).toBeGreaterThan(before.place)
  })

  it('in the answer to a change is the place of its last event', async () => {
    const input = { ticketId: id, status: 'RESOLVED', assigneeId: app.team.tess.id }
    const { ticket } = await run(
      app,
      team,
      'updateTicket',
      input,
      'ticket { asOf events(last: 1) { nodes { cursor internal } } }',
    )
    expect(ticket.events.nodes[0].internal).toBe(true)
    expect(ticket.asOf).toBe(ticket.events.nodes[0].cursor)
    const reply = { ticketId: id, body: 'It is back.' }
    const said = await run(
      app,
      customer,
      'addComment',
      reply,
      'ticket { asOf events(last: 1) { nodes { cursor type } } }',
    )
    expect(said.ticket.events.nodes[0].type).toBe('TICKET_STATUS_CHANGED')
    expect(said.ticket.asOf).toBe(said.ticket.events.nodes[0].cursor)
  })
})

describe('asOf of a list', () => {
  const head = (organisationId: string) =>
    app.database.prisma.organisationCounters.findFirstOrThrow({ where: { organisationId } })

  it("is the head of a customer's own log", async () => {
    const { publicSeq } = await head(app.acme.organisationId)
    const cursor = { life: app.life, organisationId: app.acme.organisationId, place: publicSeq }
    expect(await asOfList(customer)).toEqual({ kind: 'customer', ...cursor })
    expect(await asOfList(customer, { q: 'nothing like it' })).toEqual({ kind: 'customer', ...cursor })
  })

  it('is the head of the log of the organisation that the team names', async () => {
    const { seq } = await head(app.acme.organisationId)
    const cursor = { kind: 'team', life: app.life, organisationId: app.acme.organisationId, place: seq }
    expect(await asOfList(team, { organisationId: app.acme.organisationId })).toEqual(cursor)
    expect(await asOfList({ ...team, 'x-ankra-organisation-id': app.acme.organisationId })).toEqual(cursor)
  })

  it("is the desk's over all organisations, with the snapshot that the list saw", async () => {
    const cursor = (await asOfList(team)) as DeskCursor
    expect(cursor).toMatchObject({ kind: 'desk', life: app.life, organisationId: NIL, seq: 0n })
    const [xmin, xmax] = (cursor.snapshot as string).split(':').slice(0, 2).map(BigInt) as [bigint, bigint]
    expect(cursor.pos).toBe(xmin)
    expect(xmax).toBeGreaterThanOrEqual(xmin)
    const events = await app.database.prisma.ticketEvent.findMany()
    expect(events.every(({ xid }) => xid < xmax)).toBe(true)
    await file(app, customer)
    expect(((await asOfList(team)) as DeskCursor).snapshot).not.toBe(cursor.snapshot)
  })

  it('on an organisation and on a cluster is that of their organisation', async () => {
    const document = '{ organisations { nodes { id tickets { asOf } } } }'
    const { organisations } = await ask<Organisations, object>(app, team, document)
    for (const { id, tickets } of organisations.nodes) {
      const { seq } = await head(id)
      expect(cursorOf(tickets.asOf)).toEqual({ kind: 'team', life: app.life, organisationId: id, place: seq })
    }
  })

  interface Organisations {
    organisations: { nodes: { id: string; tickets: { asOf: string } }[] }
  }
})

describe('the log', () => {
  it('numbers events without a hole, for the team and for customers', async () => {
    await run(app, team, 'addComment', { ticketId: id, body: 'Another note.', internal: true })
    await run(app, customer, 'closeTicket', { ticketId: id })
    for (const { organisationId } of [app.acme, app.globex]) {
      const where = { organisationId }
      const events = await app.database.prisma.ticketEvent.findMany({ where, orderBy: { seq: 'asc' } })
      const counters = await app.database.prisma.organisationCounters.findFirstOrThrow({ where })
      const visible = events.flatMap(({ publicSeq }) => (publicSeq === null ? [] : [publicSeq]))
      const counting = (to: number) => Array.from({ length: to }, (_, i) => BigInt(i + 1))
      expect(events.map(({ seq }) => seq)).toEqual(counting(events.length))
      expect(visible).toEqual(counting(visible.length))
      expect(counters).toMatchObject({ seq: BigInt(events.length), publicSeq: BigInt(visible.length) })
      const orders = events.map(({ pos }) => pos)
      expect(orders).toEqual([...orders].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)))
    }
  })

  it('and each comment stands at the place of its event', async () => {
    const comments = await app.database.prisma.comment.findMany()
    const events = await app.database.prisma.ticketEvent.findMany({ where: { type: 'comment_added' } })
    expect(comments.length).toBeGreaterThan(5)
    expect(events).toHaveLength(comments.length)
    for (const comment of comments) {
      const event = events.find(({ payload }) => (payload as { commentId: string }).commentId === comment.id)
      expect(event?.seq).toBe(comment.seq)
      expect(event?.publicSeq === null).toBe(comment.internal)
      expect(event?.ticketId).toBe(comment.ticketId)
    }
  })

  it('holds no text that a person wrote but names', async () => {
    const rows = await app.database.prisma.$queryRaw<{ payload: string }[]>`SELECT payload::text FROM ticket_events`
    for (const { payload } of rows) expect(payload).toMatch(/^[\w\s"{}[\]:,-]*$/)
    expect(rows.map(({ payload }) => payload).join()).not.toMatch(/note|answer|back/i)
  })

  it('gives a hundred writers at once their places, without a hole or a repeat', async () => {
    const ticketId = await file(app, bearer(app.globex.token))
    const texts = Array.from({ length: 100 }, (_, n) => `From many sides: ${n}`)
    const outcomes = await Promise.all(
      texts.map((body, n) =>
        run(app, n % 4 === 0 ? team : bearer(app.globex.token), 'addComment', {
          ticketId,
          body,
          internal: n % 4 === 0,
        }),
      ),
    )
    expect(outcomes.every(({ ticket }) => ticket)).toBe(true)
    const document = `query ($id: ID!) { ticket(id: $id) { version teamVersion
      events(first: 100, after: null) { nodes { ticketVersion } } comments(first: 100) { nodes { body } totalCount } } }`
    const { ticket } = await ask<Written, object>(app, bearer(app.globex.token), document, { id: ticketId })
    expect(ticket).toMatchObject({ version: 76, teamVersion: null })
    expect(ticket.events.nodes.map(({ ticketVersion }) => ticketVersion)).toEqual(
      Array.from({ length: 76 }, (_, i) => i + 1),
    )
    expect(ticket.comments.totalCount).toBe(75)
    const forTeam = await ask<Written, object>(app, team, document, { id: ticketId })
    expect(forTeam.ticket).toMatchObject({ version: 76, teamVersion: 101 })
    expect(forTeam.ticket.comments.nodes.map(({ body }) => body).sort()).toEqual(texts.sort())
  })

  interface Written {
    ticket: {
      version: number
      teamVersion: number | null
      events: { nodes: { ticketVersion: number }[] }
      comments: { nodes: { body: string }[]; totalCount: number }
    }
  }
})

describe('a cursor', () => {
  const organisationId = '018f0000-0000-7000-8000-000000000001'
  const life = '018f0000-0000-7000-8000-000000000002'
  const cursors: Cursor[] = [
    { kind: 'customer', life, organisationId, place: 0n },
    { kind: 'team', life, organisationId, place: 2n ** 62n },
    { kind: 'desk', life, pos: 7n, organisationId, seq: 9n, snapshot: null },
    { kind: 'desk', life, pos: 7n, organisationId, seq: 9n, snapshot: '7:12:8,9' },
    { kind: 'desk', life, pos: 7n, organisationId, seq: 9n, snapshot: '7:7:' },
  ]

  it.each(cursors)('of $kind at $place$pos is read back as it was written', (cursor) => {
    expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor)
    expect(encodeURIComponent(encodeCursor(cursor))).toBe(encodeCursor(cursor))
  })

  const raw = (text: string) => Buffer.from(text).toString('base64url')
  it.each([
    ['nothing', ''],
    ['a blank', ' '],
    ['no base64', 'ä'],
    ['padding', `${raw(`c ${life} ${organisationId} 1`)}=`],
    ['another kind', raw(`x ${life} ${organisationId} 1`)],
    ['no life', raw(`c  ${organisationId} 1`)],
    ['a life that is no UUID', raw(`c 1 ${organisationId} 1`)],
    ['an organisation that is no UUID', raw(`c ${life} 1 1`)],
    ['no place', raw(`c ${life} ${organisationId} `)],
    ['a negative place', raw(`c ${life} ${organisationId} -1`)],
    ['a place in another notation', raw(`c ${life} ${organisationId} 0x1`)],
    ['a place of twenty digits', raw(`c ${life} ${organisationId} 99999999999999999999`)],
    ['something behind', raw(`c ${life} ${organisationId} 1 1`)],
    ['a desk without snapshot field', raw(`d ${life} 7 ${organisationId} 9`)],
    ['a desk with another snapshot', raw(`d ${life} 7 ${organisationId} 9 7:12:8;DROP`)],
  ])('with %s is none', (_, text) => {
    expect(decodeCursor(text)).toBeNull()
  })
})

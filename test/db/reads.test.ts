// The reads that clients cannot ask apart: batches in one statement, one state of a ticket whatever happens meanwhile,
// and scopes that leave out what is not theirs before anybody can look at it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { organisationHead } from '../../src/db/reads/heads.ts'
import { decodePlace, encodePlace, isId, isNumberIn, isText, isTime } from '../../src/db/reads/keyset.ts'
import { type Loaders, makeLoaders } from '../../src/db/reads/loaders.ts'
import type { Scope } from '../../src/db/reads/scope.ts'
import { commentCounts, publicComments } from '../../src/db/reads/threads.ts'
import { COUNTED, type TicketListRequest, ticketPages } from '../../src/db/reads/tickets.ts'
import type { Ticket } from '../../src/generated/prisma/client.ts'
import { file, fillAttachments, fillComments, fillTickets, makeCluster, run } from '../graphql/fixtures.ts'
import { bearer, type TestApp, testApp } from '../support/app.ts'

const CLUSTER = '018f0000-0000-7000-8000-000000000001'

let app: TestApp
let acme: Scope
let globex: Scope
const team: Scope = { side: 'team', organisationId: null }
let tickets: Ticket[]

beforeAll(async () => {
  app = await testApp()
  acme = { side: 'customer', organisationId: app.acme.organisationId }
  globex = { side: 'customer', organisationId: app.globex.organisationId }
  await makeCluster(app.database, app.acme.organisationId, CLUSTER, 'prod')
  await fillTickets(app.database, app.acme.organisationId, 40, { cluster_id: `'${CLUSTER}'::uuid` })
  await fillTickets(app.database, app.globex.organisationId, 7)
  await fillComments(app.database, app.acme.organisationId, { perTicket: 4, internal: 'k = 2' })
  await fillAttachments(app.database, app.acme.organisationId)
  tickets = await app.database.prisma.ticket.findMany({ orderBy: { number: 'asc' } })
})
afterAll(() => app.close())

const loadersOf = (scope: Scope): Loaders => makeLoaders(app.database, scope)
const ofAcme = () => tickets.filter(({ organisationId }) => organisationId === app.acme.organisationId)
const newest: TicketListRequest = {
  first: 3,
  filter: {},
  orderBy: { field: 'created_at', direction: 'desc' },
  counted: true,
}

describe('loaders', () => {
  it('ask once for any number of things of a kind', async () => {
    const loaders = loadersOf(team)
    const { result, statements } = await app.statements(() =>
      Promise.all([
        ...tickets.map((ticket) => loaders.comments(ticket, { last: 2 })),
        ...tickets.map((ticket) => loaders.attachments.load(ticket)),
        ...tickets.map((ticket) => loaders.commentCount.load(ticket)),
        ...tickets.map(({ id }) => loaders.ticket.load(id)),
        ...tickets.map((ticket) => loaders.events(ticket, { first: 2 })),
        ...tickets.map(({ organisationId }) => loaders.organisation.load(organisationId)),
      ]),
    )
    expect(statements).toHaveLength(6)
    expect(result).toHaveLength(6 * tickets.length)
  })

  it('ask once for each set of arguments', async () => {
    const loaders = loadersOf(team)
    const { statements } = await app.statements(() =>
      Promise.all(
        tickets.flatMap((ticket) => [loaders.comments(ticket, { last: 2 }), loaders.comments(ticket, { first: 2 })]),
      ),
    )
    expect(statements).toHaveLength(2)
  })

  it('give to each what belongs to it, also where there is nothing', async () => {
    const loaders = loadersOf(team)
    const pages = await Promise.all(tickets.map((ticket) => loaders.comments(ticket, { last: 2 })))
    for (const [i, ticket] of tickets.entries()) {
      const isFull = ticket.organisationId === app.acme.organisationId
      const page = pages[i]
      expect(page?.rows.map(({ body }) => body)).toEqual(isFull ? ['Comment 3', 'Comment 4'] : [])
      expect(page?.rows.every(({ ticketId }) => ticketId === ticket.id)).toBe(true)
      expect(page).toMatchObject({ hasPreviousPage: isFull, hasNextPage: false })
    }
  })

  it('remember the tickets of a page', async () => {
    const loaders = loadersOf(acme)
    const page = await loaders.tickets({ organisationId: app.acme.organisationId }, newest)
    const { statements } = await app.statements(() => loaders.ticket.load(page.rows[0]?.id as string))
    expect(statements).toEqual([])
  })

  it('list the tickets of several organisations, and of several clusters, in one statement', async () => {
    const loaders = loadersOf(team)
    const parents = [app.acme, app.globex].map(({ organisationId }) => ({ organisationId }))
    const { result, statements } = await app.statements(() =>
      Promise.all(parents.map((parent) => loaders.tickets(parent, newest))),
    )
    expect(statements).toHaveLength(1)
    expect(result.map(({ total }) => total)).toEqual([40, 7])
    expect(result.map(({ rows }) => rows.map(({ number }) => number))).toEqual([
      [40, 39, 38],
      [7, 6, 5],
    ])
  })

  it("list all organisations' clusters for the team", async () => {
    const page = await loadersOf(team).clusters({ organisationId: null }, { first: 10 })
    expect(page.rows.map(({ name }) => name)).toEqual(['prod'])
  })
})

describe('a scope', () => {
  it('leaves out what is not of its organisation', async () => {
    const [ticket] = ofAcme() as [Ticket]
    const loaders = loadersOf(globex)
    const comment = await app.database.prisma.comment.findFirstOrThrow({ where: { internal: false } })
    const attachment = await app.database.prisma.attachment.findFirstOrThrow()
    expect(await loaders.ticket.load(ticket.id)).toBeNull()
    expect(await loaders.comment.load(comment.id)).toBeNull()
    expect(await loaders.attachment.load(attachment.id)).toBeNull()
    expect(await loaders.cluster.load(CLUSTER)).toBeNull()
    const own = loadersOf(acme)
    expect((await own.ticket.load(ticket.id))?.id).toBe(ticket.id)
    expect((await own.comment.load(comment.id))?.id).toBe(comment.id)
    expect((await own.attachment.load(attachment.id))?.id).toBe(attachment.id)
    expect((await own.cluster.load(CLUSTER))?.name).toBe('prod')
  })

  it('of a customer has no notes: not by id, in pages, counts or events', async () => {
    const note = await app.database.prisma.comment.findFirstOrThrow({ where: { internal: true } })
    const [ticket] = ofAcme() as [Ticket]
    const loaders = loadersOf(acme)
    expect(await loaders.comment.load(note.id)).toBeNull()
    expect((await loaders.comments(ticket, { first: 10 }))?.rows.map(({ body }) => body)).toEqual([
      'Comment 1',
      'Comment 3',
      'Comment 4',
    ])
    expect(await loaders.commentCount.load(ticket)).toBe(3)
    expect((await loaders.events(ticket, { first: 10 }))?.rows).toHaveLength(4)
    expect(await loaders.comments(ticket, { first: 10, after: note.id })).toBeNull()
    expect((await publicComments(app.database, ticket, 100)).map(({ body }) => body)).not.toContain('Comment 2')
    expect((await loadersOf(team).comment.load(note.id))?.body).toBe('Comment 2')
  })
})

describe('a ticket in hand', () => {
  it('is shown with what was there when it was read, whatever has happened since', async () => {
    const customer = bearer(app.acme.token)
    const id = await file(app, customer)
    await run(app, customer, 'addComment', { ticketId: id, body: 'Seen.' })
    const then = (await loadersOf(acme).ticket.load(id)) as Ticket
    await run(app, customer, 'addComment', { ticketId: id, body: 'Too late.' })
    await run(app, bearer(app.team.token), 'updateTicket', { ticketId: id, status: 'TRIAGING' })

    for (const scope of [acme, team]) {
      const loaders = loadersOf(scope)
      expect((await loaders.comments(then, { first: 10 }))?.rows.map(({ body }) => body)).toEqual(['Seen.'])
      expect(await loaders.comments(then, { first: 10 })).toMatchObject({ hasNextPage: false })
      expect(await commentCounts(app.database, scope, [then])).toEqual([1])
      expect((await loaders.events(then, { last: 10 }))?.rows.map(({ type }) => type)).toEqual([
        'ticket_created',
        'comment_added',
      ])
    }
    expect((await publicComments(app.database, then, 100)).map(({ body }) => body)).toEqual(['Seen.'])
    const now = (await loadersOf(acme).ticket.load(id)) as Ticket
    expect(await commentCounts(app.database, acme, [now])).toEqual([2])
  })
})

describe('a page of tickets', () => {
  it('counts only when the count is wanted', async () => {
    const parent = { organisationId: app.acme.organisationId }
    const [uncounted] = await ticketPages(app.database, acme, [parent], { ...newest, counted: false })
    expect(uncounted?.total).toBeNull()
  })

  it('tells the place of its own snapshot', async () => {
    const parent = { organisationId: app.globex.organisationId }
    const [page] = await ticketPages(app.database, globex, [parent], newest)
    const head = await organisationHead(app.database, app.globex.organisationId, 'team')
    expect(head?.place).toBe(head?.seq)
    expect(page?.place).toEqual({ organisationId: app.globex.organisationId, seq: head?.seq, publicSeq: head?.seq })
    const [all] = await ticketPages(app.database, team, [{ organisationId: null }], newest)
    expect(all?.place).toMatchObject({ organisationId: null, snapshot: expect.stringMatching(/^\d+:\d+:[\d,]*$/) })
  })

  it('of an organisation that does not exist is empty and begins the log', async () => {
    const parent = { organisationId: crypto.randomUUID() }
    const [page] = await ticketPages(app.database, team, [parent], newest)
    expect(page).toMatchObject({ rows: [], total: 0, totalIsExact: true, hasNextPage: false, hasPreviousPage: false })
    expect(page?.place).toMatchObject({ seq: 0n, publicSeq: 0n })
    expect(await organisationHead(app.database, parent.organisationId, 'customer')).toBeNull()
  })

  it('by number skips rows', async () => {
    const parent = { organisationId: app.acme.organisationId }
    const [page] = await ticketPages(app.database, acme, [parent], { ...newest, first: 2, offset: 3 })
    expect(page?.rows).toHaveLength(2)
    const [whole] = await ticketPages(app.database, acme, [parent], { ...newest, first: 100 })
    expect(page?.rows.map(({ id }) => id)).toEqual(whole?.rows.slice(3, 5).map(({ id }) => id))
    expect(COUNTED).toBe(10_000)
  })
})

const SOME_ID = '018f0000-0000-7000-8000-00000000000a'

describe('a place in a list', () => {
  it.each([
    ['created_at desc', [isTime, isId], ['2026-03-01T12:00:00.000Z', SOME_ID]],
    ['name asc', [isText, isId], ['Ärger "prod" \\ 漢字 🔥', SOME_ID]],
    ['severity asc', [isNumberIn(0, 5), isId], [0, SOME_ID]],
  ])('by %s is read back as it was written', (order, checks, values) => {
    expect(decodePlace(order, checks, encodePlace(order, values))).toEqual(values)
  })

  it('of another order, another number of values or another writing is none', () => {
    const text = encodePlace('name asc', ['a', SOME_ID])
    const decode = (given: string, order = 'name asc') => decodePlace(order, [isText, isId], given)
    expect(decode(text)).not.toBeNull()
    expect(decode(text, 'name desc')).toBeNull()
    expect(decodePlace('name asc', [isText], text)).toBeNull()
    expect(decode(`${text}=`)).toBeNull()
    expect(decode(Buffer.from(`["name asc","a", "${SOME_ID}"]`).toString('base64url'))).toBeNull()
    expect(decode(Buffer.from('["name asc",null,true]').toString('base64url'))).toBeNull()
    expect(decode('')).toBeNull()
  })
})

// How a server knows that its database is not the one that its cursors were given for, and what it does until somebody
// has said so.

import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { beginNewLife } from '../../src/admin/events.ts'
import { openDatabase } from '../../src/db/client.ts'
import { readLife } from '../../src/db/life.ts'
import { connect, EVENTS, type Event, followOverRest, followOverSse } from '../events/follow.ts'
import { ask, bearer, rest, send, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { bareDatabase, type TestDatabase, testDatabase } from '../support/database.ts'
import { onServer } from '../support/server.ts'

const SOON_MS = 6000
const COMMAND = 'npm run admin -- events restored'

const nameOf = (url: string) => new URL(url).pathname.slice(1)

const endConnections = (url: string) =>
  `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${nameOf(url)}'`

describe('a database', () => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await testDatabase()
  })
  afterAll(() => test.close())

  const restored = async () => (await readLife(test.database))?.restored

  it('is the one that its life was given to', async () => {
    expect(await readLife(test.database)).toEqual({ id: test.life, restored: null })
  })

  it('is known by its cluster, where the server tells which one it is', async () => {
    const { prisma } = test.database
    const row = await prisma.databaseLife.findFirstOrThrow()
    await prisma.databaseLife.updateMany({ data: { systemIdentifier: '7000000000000000000' } })
    expect(await restored()).toContain('another PostgreSQL server')
    await prisma.databaseLife.updateMany({ data: { systemIdentifier: 'unknown' } })
    expect(await restored()).toBeNull()
    await prisma.databaseLife.updateMany({ data: { systemIdentifier: row.systemIdentifier } })
    expect(await restored()).toBeNull()
  })

  it('that was copied on the same server is another', async () => {
    // Nothing may be connected to what is copied.
    const original = await testDatabase()
    await original.database.prisma.$disconnect()
    await onServer(inject('postgres').serverUrl, endConnections(original.url))
    const copy = await bareDatabase(`TEMPLATE ${nameOf(original.url)}`)
    const database = openDatabase(copy.url)
    expect(await readLife(database)).toEqual({
      id: original.life,
      restored: expect.stringContaining('another database'),
    })
    const { life } = await beginNewLife(database)
    expect(await readLife(database)).toEqual({ id: life, restored: null })
    await database.close()
    await Promise.all([copy.drop(), original.close()])
  })
})

describe('a running server whose database turns out to be a restored one', () => {
  let app: TestApp
  let ticket: string
  let cursors: { customer: string; team: string }

  beforeAll(async () => {
    app = await testApp()
    const body = { subject: 'Nodes lost', description: 'Two nodes are NotReady since 10:00.', acknowledged: true }
    ticket = (await rest(app, bearer(app.acme.token), 'POST', TICKETS, body)).body.id
    cursors = { customer: await asOf(app.acme.token), team: await asOf(app.team.token) }
  })
  afterAll(() => app.close())

  const asOf = async (token: string): Promise<string> => {
    const { tickets } = await ask<{ tickets: { asOf: string } }, object>(app, bearer(token), '{ tickets { asOf } }')
    return tickets.asOf
  }
  const customer = () => bearer(app.acme.token)
  const ready = async () => {
    const { status, body } = await rest(app, {}, 'GET', '/readyz')
    return { status, detail: body.detail as string | undefined }
  }
  const comment = () => rest(app, customer(), 'POST', `${TICKETS}/${ticket}/comments`, { body: 'And now?' })

  it('ends every stream so that its client comes back, and is no longer ready: it names the command', async () => {
    expect(await ready()).toEqual({ status: 200, detail: undefined })
    const socket = await connect(app, customer())
    const overSocket = socket.follow<Event>(EVENTS)
    const overRest = await followOverRest(app, customer(), `${TICKETS}/events`)
    await comment()
    await Promise.all([overSocket.atLeast(1), overRest.atLeast(1)])

    // As in a dump from a server that had come much further.
    await app.database.prisma.$executeRaw`UPDATE ticket_events SET pos = pos + 1000000000, xid = xid + 1000000000`
    await app.database.prisma.$executeRaw`UPDATE organisation_counters SET pos = pos + 1000000000 WHERE pos > 0`
    expect(await socket.closed).toMatchObject({ code: 1012 })
    expect(await overRest.ended()).toEqual({ how: 'completed' })
    expect(await ready()).toEqual({ status: 503, detail: expect.stringContaining(COMMAND) })
  })

  it('refuses subscriptions and every cursor meanwhile, those that it gives out too', async () => {
    const given = await asOf(app.team.token)
    const socket = await connect(app, bearer(app.team.token))
    expect(await socket.follow(EVENTS).ended()).toMatchObject({ how: 'refused', code: 'UNAVAILABLE' })
    expect(await socket.follow(EVENTS, { after: cursors.team }).ended()).toMatchObject({ code: 'RESYNC_REQUIRED' })
    expect(await socket.follow(EVENTS, { after: given }).ended()).toMatchObject({ code: 'UNAVAILABLE' })
    await socket.close()

    const stream = await followOverRest(app, customer(), `${TICKETS}/events`)
    expect(await stream.ended()).toMatchObject({ how: 'refused', status: 503 })
    const old = await followOverRest(app, customer(), `${TICKETS}/events?after=${cursors.customer}`)
    expect(await old.ended()).toMatchObject({ how: 'refused', status: 410 })
    const overSse = await followOverSse(app, customer(), EVENTS)
    expect(await overSse.ended()).toMatchObject({ how: 'refused', code: 'UNAVAILABLE' })

    const timeline = `query ($id: ID!, $after: String) { ticket(id: $id) { events(after: $after) { nodes { type } } } }`
    const { errors } = await send(app, customer(), timeline, { id: ticket, after: cursors.customer })
    expect(errors).toMatchObject([{ extensions: { code: 'RESYNC_REQUIRED' } }])
    expect((await comment()).status).toBeLessThan(300)
  })

  it('serves again soon after the command, without a restart: from new cursors, and from no old one', async () => {
    const meanwhile = await asOf(app.team.token)
    await beginNewLife(app.database)
    await vi.waitFor(async () => expect((await ready()).status).toBe(200), { timeout: SOON_MS, interval: 50 })

    const socket = await connect(app, bearer(app.team.token))
    for (const after of [cursors.team, meanwhile]) {
      expect(await socket.follow(EVENTS, { after }).ended()).toMatchObject({ code: 'RESYNC_REQUIRED' })
    }
    const all = socket.follow<Event>(EVENTS, { after: await asOf(app.team.token) })
    const own = await followOverRest(app, customer(), `${TICKETS}/events?after=${await asOf(app.acme.token)}`)
    await comment()
    await comment()
    expect((await all.atLeast(2)).map(({ type }) => type)).toEqual(['COMMENT_ADDED', 'COMMENT_ADDED'])
    expect((await own.atLeast(2)).map(({ event }) => event)).toEqual(['comment_added', 'comment_added'])
    own.stop()
    await socket.close()
  })

  it('notices a new life by itself that was begun without any sign, as after a failover', async () => {
    const before = await asOf(app.acme.token)
    const socket = await connect(app, customer())
    const feed = socket.follow<Event>(EVENTS, { after: before })
    await comment()
    await feed.atLeast(1)
    await beginNewLife(app.database)
    expect(await socket.closed).toMatchObject({ code: 1012 })
    const again = await connect(app, customer())
    expect(await again.follow(EVENTS, { after: before }).ended()).toMatchObject({ code: 'RESYNC_REQUIRED' })
    expect((await ready()).status).toBe(200)
    await again.close()
  })
})

// `events restored`: a new life of the event log, all or nothing, whoever writes meanwhile.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { overview } from '../../src/admin/command.ts'
import { commands } from '../../src/admin/commands/index.ts'
import { beginNewLife } from '../../src/admin/events.ts'
import { loadConfig } from '../../src/config.ts'
import { bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'

let app: TestApp
let ticket: string

beforeAll(async () => {
  app = await testApp()
  ticket = await file()
})
afterAll(() => app.close())

async function file(): Promise<string> {
  const body = { subject: 'Nodes lost', description: 'Two nodes are NotReady since 10:00.', acknowledged: true }
  return (await rest(app, bearer(app.acme.token), 'POST', TICKETS, body)).body.id
}

const comment = () => rest(app, bearer(app.acme.token), 'POST', `${TICKETS}/${ticket}/comments`, { body: 'And now?' })

const eventsOf = () =>
  app.database.prisma.ticketEvent.findMany({ orderBy: [{ organisationId: 'asc' }, { seq: 'asc' }] })

const positions = async () => (await app.database.prisma.organisationCounters.findMany()).map(({ pos }) => pos)

describe('npm run admin -- events restored', () => {
  it('is among the commands that the help lists', () => {
    expect(overview(commands)).toContain('events restored')
  })

  it('says what it did, and prints the new life for scripts', async () => {
    const before = await app.database.prisma.databaseLife.findFirstOrThrow()
    const count = (await eventsOf()).length
    const [out, notes]: [string[], string[]] = [[], []]
    const io = { out: (line: string) => out.push(line), note: (line: string) => notes.push(line) }
    const run = commands.find(({ name }) => name === 'events restored')?.prepare([])
    await run?.({ database: app.database, config: loadConfig({}), io })

    const after = await app.database.prisma.databaseLife.findFirstOrThrow()
    expect(after.life).not.toBe(before.life)
    expect(out).toEqual([after.life])
    expect(notes[0]).toBe(`The event log has begun a new life; the ${count} events there are come before it.`)
    expect(notes.join(' ')).toContain('RESYNC_REQUIRED')
  })

  it('puts every event before what follows, whatever the ids of the server it came from, and keeps all else', async () => {
    await app.database.prisma.$executeRaw`UPDATE ticket_events SET pos = pos + 1000000000, xid = xid + 1000000000`
    await app.database.prisma.$executeRaw`UPDATE organisation_counters SET pos = pos + 1000000000`
    const before = await eventsOf()
    await beginNewLife(app.database)
    expect(await eventsOf()).toEqual(before.map((event) => ({ ...event, pos: 0n, xid: 0n })))
    expect(new Set(await positions())).toEqual(new Set([0n]))

    await comment()
    const [last] = (await eventsOf()).slice(-1)
    const [now] = await app.database.prisma.$queryRaw<[{ xmax: bigint }]>`
      SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS xmax`
    expect(last?.pos).toBe(last?.xid)
    expect(last?.pos).toBeGreaterThan(0n)
    expect(last?.pos).toBeLessThan(now.xmax)
  })

  it('writes the cluster and the database that it runs on', async () => {
    await app.database.prisma.databaseLife.updateMany({ data: { systemIdentifier: '1', databaseOid: 1n } })
    await beginNewLife(app.database)
    const [here] = await app.database.prisma.$queryRaw<[object]>`
      SELECT system_identifier::text AS "systemIdentifier", oid::bigint AS "databaseOid"
      FROM pg_control_system(), pg_database WHERE datname = current_database()`
    expect(await app.database.prisma.databaseLife.findMany()).toEqual([expect.objectContaining(here)])
  })

  it('begins one in a database that never had any', async () => {
    await app.database.prisma.databaseLife.deleteMany()
    const { life } = await beginNewLife(app.database)
    expect(await app.database.prisma.databaseLife.findMany()).toMatchObject([{ life }])
  })

  it('waits for who has taken a place, moves their event too, and lets the next writer go on after it', async () => {
    const taken = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const writer = app.database.write(async (tx) => {
      await tx.$executeRaw`UPDATE organisation_counters SET seq = seq + 1, pos = pg_current_xact_id()::text::bigint
        WHERE organisation_id = ${app.globex.organisationId}::uuid`
      taken.resolve()
      await release.promise
    })
    await taken.promise
    const begun = beginNewLife(app.database)
    await blocked(1)
    const later = comment()
    await blocked(2)
    release.resolve()
    await Promise.all([writer, begun])
    expect((await later).status).toBeLessThan(300)
    const placed = (await positions()).filter((pos) => pos > 0n)
    const moved = (await eventsOf()).filter(({ pos }) => pos > 0n)
    // Of the one that came after alone.
    expect(placed).toEqual(moved.map(({ pos }) => pos))
    expect(moved).toHaveLength(1)
  })
})

/** Waits until so many of the database's statements wait for a lock. */
function blocked(count: number): Promise<void> {
  return vi.waitFor(async () => {
    const rows = await app.database.prisma.$queryRaw<unknown[]>`
      SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    expect(rows).toHaveLength(count)
  })
}

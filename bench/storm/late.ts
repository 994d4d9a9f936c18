// Writers whose transactions are held open on purpose: they take their id early and their places late, some of them are
// rolled back, and only some tell anybody. They write as the service does, through its own log.

import type { Actor } from '../../src/context.ts'
import type { Database, Tx } from '../../src/db/client.ts'
import { lockTicket } from '../../src/db/locks.ts'
import { TicketChange } from '../../src/events/change.ts'
import { makeEventLog } from '../../src/events/log.ts'
import type { Random } from './random.ts'
import type { Tally } from './tally.ts'
import type { World } from './world.ts'
import { chooseTicket, pause } from './writers.ts'

export interface LateOptions {
  database: Database
  /** Tells the processes of commits, as far as they are told of them. */
  notify(organisationId: string): Promise<unknown>
  world: World
  random: Random
  tally: Tally
  stopped: AbortSignal
}

class RolledBack extends Error {}

const CUT = /57P01|terminat|connection|closed|start a transaction/i

export async function runLateWriter(options: LateOptions): Promise<void> {
  const { random, tally, stopped } = options
  while (!stopped.aborted) {
    try {
      await writeLate(options)
    } catch (error) {
      if (error instanceof RolledBack) tally.add('rollbacks')
      // The storm cuts these connections too.
      else if (CUT.test(String(error))) tally.add('late transactions cut')
      else tally.fault('A late writer failed', String(error))
    }
    await pause(random.between(0, 150), stopped)
  }
}

async function writeLate({ database, notify, world, random, tally, stopped }: LateOptions): Promise<void> {
  const place = random.pick(world.organisations)
  const isLate = await database.write(async (tx) => {
    const xid = await takeId(tx)
    await pause(random.chance(0.05) ? random.between(1000, 3000) : random.between(20, 500), stopped)
    await comment(tx, place.id, chooseTicket(random, place), random.chance(0.4))
    // From here the organisation's other writers wait: seldom, and not for long.
    if (random.chance(0.3)) await pause(random.between(5, 80), stopped)
    if (random.chance(0.25)) throw new RolledBack()
    return isOvertaken(tx, xid)
  })
  tally.add('held commits')
  if (isLate) tally.add('late commits')
  if (random.chance(0.5)) await notify(place.id)
}

async function takeId(tx: Tx): Promise<bigint> {
  const [row] = await tx.$queryRaw<{ xid: bigint }[]>`SELECT pg_current_xact_id()::text::bigint AS xid`
  return (row as { xid: bigint }).xid
}

/** Whether transactions with a later id have been committed, with events, before this one. */
async function isOvertaken(tx: Tx, xid: bigint): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ late: boolean }[]>`
    SELECT EXISTS (SELECT FROM ticket_events WHERE pos >= ${xid} AND xid > ${xid}) AS late`
  return (row as { late: boolean }).late
}

const log = makeEventLog('00000000-0000-0000-0000-000000000000')

const WRITER: Actor = { type: 'team', id: null, label: 'A late writer' }

/** On closed tickets too. */
export async function comment(tx: Tx, organisationId: string, ticketId: string, internal: boolean): Promise<void> {
  const ticket = await lockTicket(tx, { side: 'team', organisationId: null }, ticketId)
  if (!ticket) throw new Error(`there is no ticket ${ticketId} in ${organisationId}`)
  const change = TicketChange.of(ticket, WRITER, new Date())
  change.comment('Written late', { internal })
  await log.commit(tx, change)
}

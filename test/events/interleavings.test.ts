// The orders of two transactions in which simpler logs lose an event, repeat one, or bring two the wrong way round; each
// made step by step on connections of our own.

import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type DeskCursor, decodeCursor } from '../../src/events/cursor.ts'
import { file } from '../graphql/fixtures.ts'
import { ask, bearer, type TestApp, testApp } from '../support/app.ts'
import { makeWriter, type Place, type Writer } from './feeds.writers.ts'
import { type Connection, connect, EVENTS, type Event, type Following, followOverSse } from './follow.ts'

let app: TestApp
let acme: Place
let globex: Place
let one: Writer
let other: Writer
let third: Writer
let team: Connection

beforeAll(async () => {
  app = await testApp()
  const { organisationId } = app.acme
  acme = { organisationId, ticketId: await file(app, bearer(app.acme.token)) }
  globex = { organisationId: app.globex.organisationId, ticketId: await file(app, bearer(app.globex.token)) }
})
afterAll(() => app.close())

beforeEach(async () => {
  ;[one, other, third] = [await makeWriter(app), await makeWriter(app), await makeWriter(app)]
  team = await connect(app, bearer(app.team.token))
})
afterEach(async () => {
  for (const writer of [one, other, third]) await writer.close()
  await team.close()
})

const desk = (after: string): Following<Event> => team.follow<Event>(EVENTS, { after })
const bodies = (events: readonly Event[]) => events.map(({ comment }) => comment?.body)
const isLast = ({ comment }: Event) => comment?.body === 'The last.'
const place = ({ cursor }: Event) => decodeCursor(cursor) as DeskCursor

/** The cursor of a list over all organisations. */
async function asOf(): Promise<string> {
  const document = '{ tickets { asOf } }'
  return (await ask<{ tickets: { asOf: string } }, object>(app, bearer(app.team.token), document)).tickets.asOf
}

/** Waits until an organisation's own feed, which no transaction elsewhere holds back, has brought a comment. */
async function broughtTo({ organisationId }: Place, body: string, after: string): Promise<void> {
  const feed = team.follow<Event>(EVENTS, { organisationId, after })
  await feed.through(({ comment }) => comment?.body === body)
  feed.stop()
}

async function asOfOrganisation({ organisationId }: Place): Promise<string> {
  const document = 'query ($id: ID!) { tickets(filter: { organisationId: $id }) { asOf } }'
  const variables = { id: organisationId }
  return (await ask<{ tickets: { asOf: string } }, object>(app, bearer(app.team.token), document, variables)).tickets
    .asOf
}

function expectOrder(events: readonly Event[]): void {
  const key = (event: Event) => {
    const { pos, organisationId, seq } = place(event)
    return `${String(pos).padStart(20, '0')} ${organisationId} ${String(seq).padStart(20, '0')}`
  }
  const keys = events.map(key)
  expect(keys).toEqual([...keys].sort())
  expect(new Set(keys).size).toBe(keys.length)
}

describe('a transaction that took an earlier place and commits later', () => {
  it('is waited for by the feed over all organisations, live and in replay', async () => {
    const start = await asOf()
    const startOfGlobex = await asOfOrganisation(globex)
    const live = desk(start)
    await one.begin()
    await one.comment(acme, { body: 'Placed first, committed last.' })
    await other.write(globex, { body: 'Placed last, committed first.' })
    await broughtTo(globex, 'Placed last, committed first.', startOfGlobex)
    const replayed = desk(start)
    expect(live.events).toEqual([])
    await one.commit()
    await third.write(acme, { body: 'The last.' })
    for (const feed of [live, replayed]) {
      const events = await feed.through(isLast)
      expect(bodies(events)).toEqual(['Placed first, committed last.', 'Placed last, committed first.', 'The last.'])
      expectOrder(events)
    }
  })

  it('is no more waited for when it rolls back', async () => {
    const live = desk(await asOf())
    await one.begin()
    await one.comment(acme, { body: 'Never.' })
    await other.write(globex, { body: 'The last.' })
    expect(live.events).toEqual([])
    await one.rollback()
    expect(bodies(await live.through(isLast))).toEqual(['The last.'])
  })

  it('is not lost on who follows from now on while it is in flight', async () => {
    await one.begin()
    await one.comment(acme, { body: 'In flight.' })
    // It has begun when its headers are there.
    const live = await followOverSse<Event>(app, bearer(app.team.token), EVENTS)
    await other.write(globex, { body: 'Committed meanwhile.' })
    await one.commit()
    await third.write(acme, { body: 'The last.' })
    expect(bodies(await live.through(isLast))).toEqual(['In flight.', 'Committed meanwhile.', 'The last.'])
    live.stop()
  })

  it('does not hold back the feed of another organisation, nor its own', async () => {
    const start = await asOfOrganisation(globex)
    const own = await asOfOrganisation(acme)
    await third.begin()
    await third.takeId()
    await one.write(acme, { body: 'Of acme.' })
    await other.write(globex, { body: 'Of globex.' })
    await broughtTo(acme, 'Of acme.', own)
    await broughtTo(globex, 'Of globex.', start)
    await third.rollback()
  })
})

describe('a transaction that takes its id early and its place late', () => {
  it('does not bring two changes of one ticket the wrong way round', async () => {
    const start = await asOf()
    const live = desk(start)
    await one.begin()
    const early = await one.takeId()
    await other.write(acme, { body: 'First.' })
    await one.comment(acme, { body: 'Second.' })
    await one.commit()
    await third.write(acme, { body: 'The last.' })
    for (const feed of [live, desk(start)]) {
      const events = await feed.through(isLast)
      expect(bodies(events)).toEqual(['First.', 'Second.', 'The last.'])
      const versions = events.map(({ ticketTeamVersion }) => ticketTeamVersion as number)
      expect(versions).toEqual([...versions].sort((a, b) => a - b))
      expectOrder(events)
      // Its place is not its id: that is what the order rests on.
      expect(place(events[1] as Event).pos).toBeGreaterThan(early)
    }
  })

  it('is neither lost nor repeated for who resumes between the two', async () => {
    const live = desk(await asOf())
    await one.begin()
    await one.takeId()
    await other.write(acme, { body: 'First.' })
    await one.comment(acme, { body: 'Second.' })
    await one.commit()
    const [first] = await live.atLeast(2)
    await third.write(acme, { body: 'The last.' })
    const resumed = desk((first as Event).cursor)
    expect(bodies(await resumed.through(isLast))).toEqual(['Second.', 'The last.'])
  })
})

describe('a transaction whose place the snapshot of a list saw and whose id it did not', () => {
  /** One transaction has its id, another comments, the list is read, and the first takes its place and commits. */
  async function unseenAtSeenPlace(): Promise<string> {
    await one.begin()
    const early = await one.takeId()
    await other.write(acme, { body: 'Seen by the list.' })
    const start = await asOf()
    const { snapshot } = decodeCursor(start) as DeskCursor
    expect(snapshot?.split(':')[2]?.split(',')).toContain(String(early))
    await one.comment(acme, { body: 'Not seen by the list.' })
    await one.commit()
    const [row] = await app.database.prisma.ticketEvent.findMany({ where: { xid: early } })
    expect(row?.pos).toBeLessThan(BigInt((snapshot as string).split(':')[1] as string))
    return start
  }

  it('is delivered by the replay, and what the list showed is not', async () => {
    const start = await unseenAtSeenPlace()
    await third.write(globex, { body: 'The last.' })
    expect(bodies(await desk(start).through(isLast))).toEqual(['Not seen by the list.', 'The last.'])
  })

  it('is delivered live to who subscribed before it took its place', async () => {
    await one.begin()
    await one.takeId()
    await other.write(acme, { body: 'Seen by the list.' })
    const live = desk(await asOf())
    await one.comment(acme, { body: 'Not seen by the list.' })
    await one.commit()
    await third.write(globex, { body: 'The last.' })
    expect(bodies(await live.through(isLast))).toEqual(['Not seen by the list.', 'The last.'])
  })

  it('leaves its snapshot in the cursors that need it, so that resuming from them is exact too', async () => {
    await one.begin()
    await one.takeId()
    await third.begin()
    await third.takeId()
    await other.write(acme, { body: 'Seen by the list.' })
    const start = await asOf()
    await one.comment(acme, { body: 'Not seen.' })
    await one.commit()
    await third.comment(globex, { body: 'Not seen either.' })
    await third.commit()
    const [first] = await desk(start).atLeast(2)
    expect(place(first as Event).snapshot).not.toBeNull()
    const writer = other
    await writer.write(acme, { body: 'The last.' })
    const all = await desk(start).through(isLast)
    expect([...bodies(all)].sort()).toEqual(['Not seen either.', 'Not seen.', 'The last.'])
    expectOrder(all)
    for (const [index, { cursor }] of all.slice(0, -1).entries()) {
      expect(bodies(await desk(cursor).through(isLast))).toEqual(bodies(all.slice(index + 1)))
    }
    expect(place(all.at(-1) as Event).snapshot).toBeNull()
  })
})

describe('while a transaction holds the feed over all organisations back', () => {
  /** How often the log of all organisations is read in a second in which nobody writes. */
  async function readsInASecond(): Promise<number> {
    const { statements } = await app.statements(() => pause(1000))
    return statements.filter((text) => text.includes('pg_snapshot_xmin')).length
  }

  it('what others have committed meanwhile does not make it look more often', async () => {
    const live = desk(await asOf())
    await third.begin()
    await third.takeId()
    await other.write(acme, { body: 'Held back.' })
    await readsInASecond()
    const afterOne = await readsInASecond()
    for (let n = 0; n < 300; n++) await other.write(acme, { body: 'Held back.' })
    const afterMany = await readsInASecond()
    expect(live.events).toEqual([])
    await third.rollback()
    await one.write(acme, { body: 'The last.' })
    expect(await live.through(isLast)).toHaveLength(302)
    expect(afterOne).toBeGreaterThan(0)
    expect(afterMany, `${afterOne} a second after one commit`).toBeLessThanOrEqual(afterOne + 5)
  })
})

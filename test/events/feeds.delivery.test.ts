// How soon an event is there, and that those who follow cost those who write nothing.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { file, run } from '../graphql/fixtures.ts'
import { bearer, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { makeWriter, type Place, type Writer } from './feeds.writers.ts'
import { connect, EVENTS, type Event, followOverRest, followOverSse } from './follow.ts'

/**
 * DELIVERY_TIMES=on measures longer and prints, and measures the feed over all organisations too: that one waits for any
 * transaction on the server, those of other test files too, so it wants a server of its own.
 */
const isMeasuring = process.env.DELIVERY_TIMES === 'on'
const EVENT_COUNT = isMeasuring ? 200 : 50

let app: TestApp
let acme: Place
let writer: Writer

beforeAll(async () => {
  app = await testApp()
  acme = { organisationId: app.acme.organisationId, ticketId: await file(app, bearer(app.acme.token)) }
  writer = await makeWriter(app)
})
afterAll(async () => {
  await writer.close()
  await app.close()
})

const headers = () => bearer(app.acme.token)
const byProgram = (body: string) => run(app, headers(), 'addComment', { ticketId: acme.ticketId, body })

/** Milliseconds from the end of each write to its arrival, sorted; none below zero. */
async function times(write: (body: string) => Promise<unknown>, isDesk: boolean): Promise<number[]> {
  const token = isDesk ? app.team.token : app.acme.token
  const feed = await followOverSse<Event>(app, bearer(token), EVENTS)
  const taken: number[] = []
  for (let n = 0; n < EVENT_COUNT; n++) {
    const body = `Number ${n}.`
    const arrived = feed.through(({ comment }) => comment?.body === body).then(() => performance.now())
    await write(body)
    const committed = performance.now()
    taken.push(Math.max(0, (await arrived) - committed))
  }
  feed.stop()
  return taken.sort((a, b) => a - b)
}

describe('an event arrives soon after its commit', () => {
  const ORGANISATION = [
    ['of this process, in its organisation', 'here', false],
    ['of another process, in its organisation', 'elsewhere', false],
  ] as const
  const ALL = [
    ['of this process, over all organisations', 'here', true],
    ['of another process, over all organisations', 'elsewhere', true],
  ] as const

  it.each(isMeasuring ? [...ORGANISATION, ...ALL] : ORGANISATION)('%s', async (name, where, isDesk) => {
    const sorted = await times(where === 'here' ? byProgram : (body) => writer.write(acme, { body }), isDesk)
    const [median, late] = [0.5, 0.99].map((part) => sorted[Math.floor(EVENT_COUNT * part)] as number)
    if (isMeasuring) console.log(`${name}: p50 ${median?.toFixed(1)} ms, p99 ${late?.toFixed(1)} ms`)
    expect(late).toBeLessThan(500)
  })
})

describe('who writes', () => {
  const ofWriter = (text: string) => /^\s*(BEGIN|COMMIT|INSERT|UPDATE|DELETE)|FOR NO KEY UPDATE/i.test(text)

  it('sends the same statements whether nobody follows or many do', async () => {
    await byProgram('Warm.')
    const alone = await app.statements(() => byProgram('Nobody listens.'))
    const socket = await connect(app, headers())
    const feeds = [
      ...Array.from({ length: 20 }, () => socket.follow<Event>(EVENTS)),
      await followOverRest(app, headers(), `${TICKETS}/events`),
    ]
    while (feeds.some(({ events }) => events.length === 0)) await byProgram('Is anybody there?')
    const followed = await app.statements(async () => {
      const body = 'Many listen.'
      await byProgram(body)
      await Promise.all(feeds.map((feed) => feed.through((event) => JSON.stringify(event).includes(body))))
    })
    expect(followed.statements.filter(ofWriter)).toEqual(alone.statements.filter(ofWriter))
    expect(alone.statements.filter(ofWriter).length).toBeGreaterThan(4)
    expect(alone.statements.filter((text) => /pg_notify|\bNOTIFY\b/i.test(text))).toEqual([])
    feeds.at(-1)?.stop()
    await socket.close()
  })
})

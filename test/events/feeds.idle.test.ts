// Subscriptions to which nothing comes cost nothing of their own.

import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { file } from '../graphql/fixtures.ts'
import { bearer, type TestApp, testApp } from '../support/app.ts'
import { makeWriter, type Place, type Writer } from './feeds.writers.ts'
import { connect, EVENTS, type Event, followOverSse } from './follow.ts'

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

describe('two hundred idle subscriptions', () => {
  const isPoll = (text: string) => /^\s*SELECT organisation_id AS id, seq, pos FROM organisation_counters/.test(text)
  const isWatch = (text: string) => /unnest\(/.test(text) && /api_tokens k/.test(text)

  const statementsIn = async (ms: number) => (await app.statements(() => pause(ms))).statements
  const isOwn = (text: string) => !isPoll(text) && !isWatch(text)

  it('of many people cost the poll and the check of rights, one each, and no other statement', async () => {
    const tokens = await Promise.all(
      ['1', '2', '3'].map((name) => app.token(acme.organisationId, ['tickets_read'], name)),
    )
    const sockets = await Promise.all(tokens.map((token) => connect(app, bearer(token))))
    const feeds = sockets.flatMap((socket) =>
      Array.from({ length: 50 }, (_, n) => socket.follow<Event>(n % 2 ? EVENTS : ONE_TICKET, n % 2 ? {} : acme)),
    )
    const ofAll = () => followOverSse<Event>(app, bearer(app.team.token), EVENTS)
    const streams = await Promise.all(Array.from({ length: 50 }, ofAll))
    while (feeds.some(({ events }) => events.length === 0)) {
      await writer.write(acme)
      await pause(100)
    }
    // Until what was just sent has been read everywhere, also where a transaction of somebody else holds it back.
    while ((await statementsIn(1000)).some(isOwn)) await pause(0)
    const seconds = 4
    const statements = await statementsIn(seconds * 1000)
    expect(statements.filter(isOwn)).toEqual([])
    expect(statements.filter(isPoll).length).toBeLessThanOrEqual(seconds + 1)
    expect(statements.filter(isWatch).length).toBeLessThanOrEqual(seconds / 2 + 1)
    expect(statements.filter(isWatch).length).toBeGreaterThan(0)
    for (const stream of streams) stream.stop()
    for (const socket of sockets) await socket.close()
  })

  const ONE_TICKET = 'subscription ($ticketId: ID) { ticketEvents(ticketId: $ticketId) { cursor type } }'
})

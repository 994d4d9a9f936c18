// A stream lives no longer than the rights it was opened with: five seconds after they end it has ended, over every
// transport, and nobody else's has.

import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { addMember } from '../../src/admin/people.ts'
import { file } from '../graphql/fixtures.ts'
import { bearer, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { makeWriter, type Place, type Writer } from './feeds.writers.ts'
import {
  type Connection,
  connect,
  EVENTS,
  type Event,
  type Following,
  followOverRest,
  followOverSse,
} from './follow.ts'

type Headers = Record<string, string>

let app: TestApp
let acme: Place
let globex: Place
let writer: Writer

beforeAll(async () => {
  app = await testApp()
  acme = { organisationId: app.acme.organisationId, ticketId: await file(app, bearer(app.acme.token)) }
  globex = { organisationId: app.globex.organisationId, ticketId: await file(app, bearer(app.globex.token)) }
  writer = await makeWriter(app)
})
afterAll(async () => {
  await writer.close()
  await app.close()
})

/** One viewer's streams over all transports, which have begun. */
interface Streams {
  socket: Connection
  feeds: Following<unknown>[]
}

const opened: Streams[] = []
afterEach(async () => {
  for (const { socket, feeds } of opened.splice(0)) {
    for (const feed of feeds.slice(1)) feed.stop()
    await socket.close()
  }
})

/** @param on what they follow: the write with which they have begun goes there. */
async function open(headers: Headers, on = acme): Promise<Streams> {
  const { organisationId } = on
  const isSession = 'cookie' in headers
  const mount = isSession ? TICKETS.replace('/api/v1', '') : TICKETS
  const socket = await connect(app, isSession ? { organisationId } : { ...headers, organisationId }, headers)
  const streams = {
    socket,
    feeds: [
      socket.follow<Event>(EVENTS, { organisationId }),
      await followOverSse<Event>(app, { ...headers, 'x-ankra-organisation-id': organisationId }, EVENTS),
      await followOverRest(app, headers, `${mount}/events?organisation_id=${organisationId}`),
    ],
  }
  // A websocket does not say when it has begun: it has when something comes.
  const [first, ...others] = streams.feeds as [Following<unknown>, ...Following<unknown>[]]
  while (first.events.length === 0) {
    await writer.write(on)
    await Promise.race([first.atLeast(1), pause(100)])
  }
  await Promise.all(others.map((feed) => feed.atLeast(1)))
  opened.push(streams)
  return streams
}

const ALLOWED_MS = 5000

/** Ends rights and expects the streams to end in time: the socket with its code, the others by their end. */
async function expectEnd({ socket, feeds }: Streams, endRights: () => Promise<unknown>): Promise<void> {
  await endRights()
  const from = performance.now()
  const [closed] = await Promise.all([socket.closed, ...feeds.map((feed) => feed.ended())])
  expect(performance.now() - from).toBeLessThan(ALLOWED_MS)
  expect(closed.code).toBe(4401)
  const ends = await Promise.all(feeds.map((feed) => feed.ended()))
  expect(ends.map(({ how }) => how)).toEqual(['cut', 'cut', 'completed'])
}

async function expectLife({ feeds }: Streams, on = acme): Promise<void> {
  const counts = feeds.map(({ events }) => events.length + 1)
  await writer.write(on)
  await Promise.all(feeds.map((feed, i) => feed.atLeast(counts[i] as number)))
}

const execute = (statement: string, ...values: unknown[]) => app.database.prisma.$executeRawUnsafe(statement, ...values)

describe('a stream ends in time, and others go on, when', () => {
  it('a token is revoked or runs out', async () => {
    const [revoked, expired, twin] = await Promise.all(
      ['Revoked', 'Expired', 'Twin'].map((name) => app.token(acme.organisationId, ['tickets_read'], name)),
    )
    const others = [await open(bearer(twin as string)), await open(bearer(app.team.token))]
    const one = await open(bearer(revoked as string))
    const two = await open(bearer(expired as string))
    await Promise.all([
      expectEnd(one, () => execute("UPDATE api_tokens SET revoked_at = now() WHERE name = 'Revoked'")),
      expectEnd(two, () => execute("UPDATE api_tokens SET expires_at = now() WHERE name = 'Expired'")),
    ])
    for (const other of others) await expectLife(other)
  })

  it("a team's token is revoked", async () => {
    const token = await app.token(null, ['tickets_read'], 'Robot')
    const one = await open(bearer(token))
    const other = await open(bearer(app.team.token))
    await expectEnd(one, () => execute("UPDATE api_tokens SET revoked_at = now() WHERE name = 'Robot'"))
    await expectLife(other)
  })

  it('somebody signs out, or the session runs out', async () => {
    const leaving = await app.acme.member.signIn()
    const out = await open(leaving)
    // The same person, signed in elsewhere.
    const stays = await open(await app.acme.member.signIn())
    const signOut = () =>
      fetch(`${app.url}/api/auth/sign-out`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...leaving },
        body: '{}',
      })
    await expectEnd(out, signOut)
    await expectLife(stays)
    await expectEnd(stays, () => execute('UPDATE sessions SET expires_at = now()'))
  })

  it('a membership ends; in another organisation they still follow', async () => {
    const { admin } = app.acme
    await app.database.write((tx) =>
      addMember(tx, { organisationId: globex.organisationId, userId: admin.id, role: 'member' }),
    )
    const headers = await admin.signIn()
    const inAcme = await open(headers)
    const inGlobex = await open(headers, globex)
    const { organisationId } = acme
    await expectEnd(inAcme, () =>
      execute('DELETE FROM members WHERE organisation_id = $1::uuid AND user_id = $2::uuid', organisationId, admin.id),
    )
    await expectLife(inGlobex, globex)
  })

  it('somebody leaves the team', async () => {
    const gone = await open(await app.team.tom.signIn())
    const stays = await open(await app.team.tess.signIn())
    const { id } = app.team.tom
    await expectEnd(gone, () => execute('UPDATE team_members SET removed_at = now() WHERE user_id = $1::uuid', id))
    await expectLife(stays)
  })
})

describe('who has no rights any more', () => {
  it('opens nothing on a socket that is still open: it closes', async () => {
    const token = await app.token(acme.organisationId, ['tickets_read'], 'Short')
    const socket = await connect(app, bearer(token))
    await execute("UPDATE api_tokens SET revoked_at = now() WHERE name = 'Short'")
    const closed = socket.closed
    socket.follow<Event>(EVENTS)
    expect(await closed).toMatchObject({ code: 4401 })
  })
})

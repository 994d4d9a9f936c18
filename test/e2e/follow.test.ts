// The reference client through everything that may happen between it and the service: every event once, in order.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOrganisation } from '../../src/admin/organisations.ts'
import { createToken } from '../../src/admin/tokens.ts'
import { follow } from '../../src/client/follow.ts'
import { makeWire, type Wire } from '../client/wire.ts'
import { ask, bearer, rest, send, TICKETS } from '../support/app.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { type Running, startProcess } from '../support/process.ts'
import { onServer } from '../support/server.ts'

/** Processes start several times, which takes seconds where the machine is busy. */
const TIMEOUT_MS = 120_000

const EVENTS = `subscription ($after: String) {
  ticketEvents(after: $after) { cursor type ticketId ticketVersion }
}`

interface Event {
  cursor: string
  type: string
  ticketId: string
  ticketVersion: number
}

let home: TestDatabase
let organisationId: string
let customer: string
/** Another token of the customer's. */
let another: string
let team: string
const running = new Set<Running>()
const wires: Wire[] = []

beforeAll(async () => {
  home = await testDatabase()
  await home.database.write(async (tx) => {
    organisationId = (await createOrganisation(tx, { name: 'Acme', slug: 'acme' })).id
    const rights = { scopes: ['tickets_read' as const, 'tickets_write' as const], expiresAt: null }
    customer = (await createToken(tx, { ...rights, organisationId, name: 'Acme' })).secret
    another = (await createToken(tx, { ...rights, organisationId, name: 'Acme too' })).secret
    team = (await createToken(tx, { ...rights, organisationId: null, name: 'Team' })).secret
  })
})

afterAll(async () => {
  for (const wire of wires) await wire.close()
  for (const process of running) await process.kill9()
  await home.close()
})

test(
  'five lost connections, two kills and a move to another process: nothing is missing, nothing comes twice',
  async () => {
    let first = await start(home.url)
    const second = await start(home.url)
    const ticketId = await file(second.url)
    const { after, place } = await now(second.url, ticketId)
    const wire = await wireTo(first.url)
    const client = follower(after, wire)
    await client.connects()
    const writers = write(ticketId, () => pick([first.url, second.url]))

    for (let drops = 1; drops <= 5; drops++) {
      await client.sees(15)
      await client.comesBackAfter(() => wire.drop())
    }
    for (let kills = 1; kills <= 2; kills++) {
      await client.sees(15)
      await client.comesBackAfter(async () => {
        await end(first, 'kill9')
        first = await start(home.url)
        wire.leadTo(first.url)
      })
    }
    // Asked to stop, it tells its clients to come back, and they do, elsewhere.
    await client.sees(15)
    await client.comesBackAfter(async () => {
      wire.leadTo(second.url)
      await end(first, 'stop')
    })
    await client.sees(15)
    await writers.finish()

    const log = await publicEvents(place)
    await client.sees(log.length - client.events.length)
    expect(client.events.map(({ type, ticketId, ticketVersion }) => ({ type, ticketId, ticketVersion }))).toEqual(log)
    expect(new Set(client.events.map(({ cursor }) => cursor)).size).toBe(log.length)
    expect(writers.notes()).toBeGreaterThan(10)
    await client.stop()
    await end(second, 'stop')
  },
  TIMEOUT_MS,
)

test(
  'a database that is away refuses nobody for good: clients wait for it, and go on',
  async () => {
    const toDatabase = await wireTo(home.url)
    const process = await start(through(toDatabase, home.url))
    const ticketId = await file(process.url)
    const wire = await wireTo(process.url)
    const { after } = await now(process.url, ticketId)
    const known = follower(after, wire)
    await comment({ ticketId, token: customer, internal: false }, () => process.url)
    await known.sees(1)

    toDatabase.leadTo(null)
    toDatabase.drop()
    wire.drop()
    // Of this token the service cannot tell whether it is good.
    const unknown = follower(after, wire, another)
    await unknown.triesInVain(4)
    const seen = Promise.all([known.sees(1), unknown.sees(2)])
    toDatabase.leadTo(home.url)
    await comment({ ticketId, token: customer, internal: false }, () => process.url)
    await seen
    expect(known.events).toHaveLength(2)
    expect(unknown.events).toEqual(known.events)
    await Promise.all([known.stop(), unknown.stop()])
    await end(process, 'stop')
  },
  TIMEOUT_MS,
)

async function start(databaseUrl: string): Promise<Running> {
  const process = await startProcess({ env: { DATABASE_URL: databaseUrl, RATE_LIMITS: 'off', DEMO: '0' } })
  running.add(process)
  return process
}

async function end(process: Running, how: 'stop' | 'kill9'): Promise<void> {
  await process[how]()
  running.delete(process)
}

async function wireTo(url: string): Promise<Wire> {
  const wire = await makeWire(url)
  wires.push(wire)
  return wire
}

function through({ port }: Wire, url: string): string {
  const there = new URL(url)
  there.hostname = '127.0.0.1'
  there.port = String(port)
  return there.href
}

/** Follows all that the customer may see. Its waits give up when the client does. */
function follower(after: string, wire: Wire, token = customer) {
  const events: Event[] = []
  let connections = 0
  let attempts = 0
  const waiting = new Set<() => void>()
  const changed = () => {
    for (const look of waiting) look()
  }
  const following = follow<Event>({
    url() {
      attempts += 1
      changed()
      return wire.url
    },
    authorization: `Bearer ${token}`,
    query: EVENTS,
    after,
    onEvent(event) {
      events.push(event)
      changed()
    },
    onResync: () => Promise.reject(new Error('It was told to read anew.')),
    onConnection(connected) {
      if (connected) connections += 1
      changed()
    },
  })
  async function until(holds: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = () => {
      if (holds()) resolve()
    }
    waiting.add(look)
    look()
    await Promise.race([promise, following.ended])
    waiting.delete(look)
    expect(holds(), 'The client goes on.').toBe(true)
  }
  return {
    events,
    connects: () => until(() => connections > 0),
    /** So many more. */
    sees(count: number) {
      const total = events.length + count
      return until(() => events.length >= total)
    },
    async comesBackAfter(happening: () => unknown) {
      const before = connections
      await happening()
      await until(() => connections > before)
    },
    triesInVain(count: number) {
      const total = attempts + count + 1
      return until(() => attempts >= total)
    },
    async stop() {
      following.stop()
      await following.ended
    },
  }
}

/** Three writers; what one of them writes, the customer must not see. */
function write(ticketId: string, url: () => string) {
  let finished = false
  let notes = 0
  async function writer(token: string, internal: boolean): Promise<void> {
    while (!finished) {
      await comment({ ticketId, token, internal }, url)
      if (internal) notes += 1
    }
  }
  const all = Promise.all([writer(customer, false), writer(team, false), writer(team, true)])
  return {
    notes: () => notes,
    async finish() {
      finished = true
      await all
    },
  }
}

const pick = (urls: string[]) => urls[Math.floor(Math.random() * urls.length)] as string

const COMMENT = `mutation ($ticketId: ID!, $internal: Boolean!, $key: String!) {
  addComment(input: { ticketId: $ticketId, body: "Another line", internal: $internal, idempotencyKey: $key }) {
    __typename ... on Error { message }
  }
}`

/** Tried, at whichever process `url` names, until there is an answer; the key makes it one comment. */
async function comment(what: { ticketId: string; token: string; internal: boolean }, url: () => string): Promise<void> {
  const { token, ...rest } = what
  const variables = { ...rest, key: randomUUID() }
  for (;;) {
    const answer = await send<{ addComment: { __typename: string } }, typeof variables>(
      { url: url() },
      bearer(token),
      COMMENT,
      variables,
    ).catch(() => null)
    if (answer?.data?.addComment.__typename === 'AddCommentPayload') return
    if (answer && answer.errors[0]?.extensions.code !== 'UNAVAILABLE') throw new Error(JSON.stringify(answer))
  }
}

async function file(url: string): Promise<string> {
  const { body } = await rest({ url }, bearer(customer), 'POST', TICKETS, {
    subject: 'The gallery answers 502',
    description: 'A third of the thumbnails fail to load since 08:10, with "upstream prematurely closed connection".',
    acknowledged: true,
  })
  return body.id
}

/** The state that is followed from: as the client knows it, and as the log does. */
async function now(url: string, ticketId: string): Promise<{ after: string; place: string }> {
  const query = 'query ($ticketId: ID!) { ticket(id: $ticketId) { asOf } }'
  const { ticket } = await ask<{ ticket: { asOf: string } }, object>({ url }, bearer(customer), query, { ticketId })
  const [row] = await onServer<{ seq: string }>(home.url, 'SELECT seq FROM organisation_counters')
  return { after: ticket.asOf, place: (row as { seq: string }).seq }
}

function publicEvents(place: string) {
  return onServer<Pick<Event, 'type' | 'ticketId' | 'ticketVersion'>>(
    home.url,
    `SELECT upper(type::text) AS type, ticket_id AS "ticketId", ticket_version AS "ticketVersion" FROM ticket_events
     WHERE seq > ${place} AND public_seq IS NOT NULL ORDER BY seq`,
  )
}

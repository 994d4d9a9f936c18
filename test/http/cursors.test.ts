// Cursors are opaque, but anybody can take one apart: whatever they put together again is an answer or a refusal.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, send, type TestApp, testApp } from '../support/app.ts'

const PAGE = 'pageInfo { startCursor }'
const NEWEST = 'orderBy: { field: UPDATED_AT, direction: ASC }'
const GRAVEST = 'orderBy: { field: SEVERITY, direction: DESC }'

interface Place {
  name: string
  document: (args: string) => string
  ways: string[]
  /** How a wrong cursor is refused. */
  code: string
}

const BOTH = ['after', 'before']
const FORWARD = ['after']
const place = (name: string, ways: string[], document: Place['document'], code = 'BAD_USER_INPUT'): Place => ({
  name,
  ways,
  document,
  code,
})

/** Every list that has cursors. */
const PLACES = [
  place('tickets', BOTH, (args) => `{ tickets(${args}) { ${PAGE} } }`),
  place('tickets by update', BOTH, (args) => `{ tickets(${NEWEST}, ${args}) { ${PAGE} } }`),
  place('tickets by severity', BOTH, (args) => `{ tickets(${GRAVEST}, ${args}) { ${PAGE} } }`),
  place("an organisation's tickets", BOTH, (args) => `{ viewer { organisation { tickets(${args}) { ${PAGE} } } } }`),
  place("a cluster's tickets", BOTH, (args) => `{ cluster(id: "CLUSTER") { tickets(${args}) { ${PAGE} } } }`),
  place('clusters', FORWARD, (args) => `{ clusters(${args}) { ${PAGE} } }`),
  place(
    "an organisation's clusters",
    FORWARD,
    (args) => `{ viewer { organisation { clusters(${args}) { ${PAGE} } } } }`,
  ),
  place('organisations', FORWARD, (args) => `{ organisations(${args}) { ${PAGE} } }`),
  place('comments', BOTH, (args) => `{ ticket(id: "TICKET") { comments(${args}) { ${PAGE} } } }`),
  place('events', BOTH, (args) => `{ ticket(id: "TICKET") { events(${args}) { ${PAGE} } } }`, 'RESYNC_REQUIRED'),
]

let app: TestApp
let ids: Record<string, string>
beforeAll(async () => {
  app = await testApp()
  ids = await fill()
})
afterAll(() => app.close())

const customer = () => bearer(app.acme.token)

/** A ticket on a cluster, with a comment. */
async function fill(): Promise<Record<string, string>> {
  const { upsertCluster } = await ask<{ upsertCluster: { cluster: { id: string } } }, object>(
    app,
    bearer(app.team.token),
    `mutation ($organisationId: ID) { upsertCluster(input: { organisationId: $organisationId, name: "prod",
      state: "online", controlPlanes: 1, nodes: 2 }) { ... on UpsertClusterPayload { cluster { id } } } }`,
    { organisationId: app.acme.organisationId },
  )
  const clusterId = upsertCluster.cluster.id
  const { createTicket } = await ask<{ createTicket: { ticket: { id: string } } }, object>(
    app,
    customer(),
    `mutation ($clusterId: ID) { createTicket(input: { subject: "Nodes are NotReady", description: "All of them, since noon.",
      clusterId: $clusterId, severity: HIGH, acknowledged: true }) { ... on CreateTicketPayload { ticket { id } } } }`,
    { clusterId },
  )
  const ticketId = createTicket.ticket.id
  const comment = 'mutation ($id: ID!) { addComment(input: { ticketId: $id, body: "Still." }) { __typename } }'
  await ask(app, customer(), comment, { id: ticketId })
  return { CLUSTER: clusterId, TICKET: ticketId }
}

const textOf = (place: Place, args: string) =>
  place.document(args).replace(/CLUSTER|TICKET/g, (name) => ids[name] ?? name)

async function realCursor(place: Place): Promise<string> {
  const data = await ask<object, object>(app, customer(), textOf(place, 'first: 1'))
  const cursor = /"startCursor":"([^"]+)"/.exec(JSON.stringify(data))?.[1]
  if (!cursor) throw new Error(`${place.name} is empty`)
  return cursor
}

/** The codes of the answers to a list of cursors, each with what was asked. */
async function codesOf(place: Place, way: string, cursors: readonly string[]) {
  return Promise.all(
    cursors.map(async (cursor) => {
      const args = `${way === 'after' ? 'first' : 'last'}: 1, ${way}: ${JSON.stringify(cursor)}`
      const { errors } = await send(app, customer(), textOf(place, args))
      return { raw: decoded(cursor), code: errors[0]?.extensions.code ?? null }
    }),
  )
}

const decoded = (cursor: string) => Buffer.from(cursor, 'base64url').toString('latin1')
const encoded = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64url')

/** The cursor with one bit of one byte turned, for every byte. */
function flipped(cursor: string): string[] {
  const bytes = Buffer.from(cursor, 'base64url')
  return [...bytes.keys()].map((index) => {
    const copy = Buffer.from(bytes)
    copy[index] = (copy[index] ?? 0) ^ (1 << (index % 7))
    return encoded(copy)
  })
}

describe.each(PLACES)('a cursor of $name', (place) => {
  it.each(place.ways)('with any of its bytes changed is a cursor or is refused, as %s', async (way) => {
    const answers = await codesOf(place, way, flipped(await realCursor(place)))
    expect(answers.filter(({ code }) => code !== null && code !== place.code).slice(0, 3)).toEqual([])
  })

  it.each(place.ways)('whose parts are of another kind is refused, as %s', async (way) => {
    const real = decoded(await realCursor(place))
    const answers = await codesOf(place, way, [...madeUp(real), '', 'x', '=', '\u00e9', 'A'.repeat(999)])
    expect(answers.filter(({ code }) => code !== place.code).slice(0, 3)).toEqual([])
  })

  it('works as it came', async () => {
    for (const way of place.ways) {
      const answers = await codesOf(place, way, [await realCursor(place)])
      expect(answers.map(({ code }) => code)).toEqual([null])
    }
  })
})

/** Cursors of the same form with wrong values in each of their parts. */
function madeUp(real: string): string[] {
  if (!real.startsWith('[')) return inWords(real)
  const parts = JSON.parse(real) as (string | number)[]
  const wrong = ['', 'x', '\u0000', 'infinity', 'now', '{}', '99999-01-01', 1.5, -1, 2 ** 53, true, null, [], {}]
  const changed = wrong.map((value) => [...parts.slice(0, -1), value])
  return [...changed, parts.slice(0, -1), [...parts, 'x'], parts.slice(1), []].map((value) =>
    encoded(JSON.stringify(value)),
  )
}

function inWords(real: string): string[] {
  const parts = real.split(' ')
  const wrong = ['', 'x', '\u0000', '-1', '1.5', '9'.repeat(19), '9'.repeat(30), '1e3', ' ']
  const changed = wrong.map((value) => [...parts.slice(0, -1), value].join(' '))
  return [...changed, parts.slice(0, -1).join(' '), `${real} x`, real.toUpperCase(), `\ufeff${real}`].map(encoded)
}

describe('a cursor of tickets made by hand', () => {
  const id = '01900000-0000-7000-8000-000000000000'
  const orders: [string, string, unknown[]][] = [
    [
      'created_at desc',
      '',
      ['x', '', 'now', 'infinity', '2024-01-01', '2024-02-30T00:00:00.000Z', '99999-01-01T00:00:00.000Z', 5],
    ],
    ['updated_at asc', `${NEWEST}, `, ['x', '', '-infinity', '2024-13-01T00:00:00.000Z', '2024-01-01 BC', 5]],
    ['severity desc', `${GRAVEST}, `, ['x', '', '1', 2 ** 31, -(2 ** 40), 2 ** 53 - 1, 1.5]],
  ]
  it.each(orders)('in the order %s is refused when its value is none', async (order, args, values) => {
    for (const way of ['first: 1, after', 'last: 1, before']) {
      for (const value of values) {
        const cursor = encoded(JSON.stringify([order, value, id]))
        const { errors } = await send(app, customer(), `{ tickets(${args}${way}: "${cursor}") { ${PAGE} } }`)
        expect({ value, code: errors[0]?.extensions.code }).toEqual({ value, code: 'BAD_USER_INPUT' })
      }
    }
  })
})

describe("the team's list of clusters", () => {
  it('spans all organisations when none is named', async () => {
    const { clusters } = await ask<{ clusters: { nodes: { name: string }[] } }, object>(
      app,
      bearer(app.team.token),
      '{ clusters(first: 5) { nodes { name } } }',
    )
    expect(clusters.nodes).toEqual([{ name: 'prod' }])
  })
})

// Reading over both transports, good and bad: the same things are shown, the same sentences refuse, and the same events
// are told by streams. Here both ask about one organisation.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { followOverRest, followOverSse, type RestEvent } from '../events/follow.ts'
import { inSnakeCase, wire } from '../rest/transports.ts'
import { ask, bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { bustle, draftAbout, make } from '../tenants/world.ts'
import { SENDERS } from './cases.ts'
import {
  FILTERS,
  limits,
  type Read,
  readByGraphQL,
  readByRest,
  refusalOf,
  ticketById,
  ticketsBy,
  valuesOf,
} from './reads.ts'
import { NOW, ticketAt, twoWorlds, type World } from './worlds.ts'

type Json = Record<string, unknown>

let app: TestApp
let world: World
beforeAll(async () => {
  app = await testApp({ now: () => NOW })
  const [own] = await twoWorlds(app)
  world = own
  const { token } = app.acme
  const clusterId = world.known.cluster as string
  const { id } = await make(app, bearer(token), 'createTicket', {
    ...draftAbout('harbour'),
    clusterId,
    severity: 'HIGH',
  })
  await make(app, bearer(app.team.token), 'addComment', { ticketId: id, body: 'A note.', internal: true })
  await ticketAt(world, 'closed')
  const names = { word: 'harbour', ticketId: id, clusterId }
  await bustle(app, app.acme, names as Parameters<typeof bustle>[2])
  world.known.told = id
})
afterAll(() => app.close())

/** What a read comes to over both, if that differs. */
async function differenceOf(read: Read, as: (typeof SENDERS)[number]): Promise<string[]> {
  const headers = world.headers[as]
  const { document, variables, shown, path } = read
  const { byTypes, ...graphql } = await readByGraphQL(world, headers, document, variables, shown)
  const overRest = await readByRest(world, headers, path)
  // GraphQL checks types before it asks who is there. What is absent is null there, and has no sentence.
  const isAbsent = overRest.status === 404 && JSON.stringify(graphql.body) === '{"status":404}'
  const same = byTypes ? overRest.status >= 400 : isAbsent || isDeepEqual(overRest, graphql)
  return same ? [] : [`${read.name}, by ${as}:\n${JSON.stringify(graphql)}\n${JSON.stringify(overRest)}`]
}

function isDeepEqual(a: unknown, b: unknown): boolean {
  try {
    expect(a).toEqual(b)
    return true
  } catch {
    return false
  }
}

async function differencesOf(reads: Read[]): Promise<string[]> {
  const faults: string[] = []
  for (const as of SENDERS) for (const read of reads) faults.push(...(await differenceOf(read, as)))
  return faults
}

describe('what is read over both transports', () => {
  it('of a ticket is the same', async () => {
    const { ticket, told, theirTicket, unknown } = world.known as Record<string, string>
    const ids = [ticket, told, (told as string).toUpperCase(), theirTicket, unknown, 'nope', 'a/b #1', 'a\u0000b']
    expect(await differencesOf(ids.map((id) => ticketById(id as string)))).toEqual([])
  })

  it.each(Object.keys(FILTERS))('of a list by %s is the same, whatever the value', async (parameter) => {
    const values = valuesOf(FILTERS[parameter] as string, world)
    expect(await differencesOf(values.map((value) => ticketsBy(parameter, value)))).toEqual([])
  })

  it('of limits is the same', async () => {
    expect(await differencesOf([limits])).toEqual([])
  })

  it('of organisations is the same', async () => {
    const shown = ({ organisations }: Json) => (organisations as { nodes: object[] }).nodes
    const document = '{ organisations(first: 100) { nodes { id name slug } } }'
    for (const as of SENDERS) {
      const graphql = await readByGraphQL(world, world.headers[as], document, {}, shown)
      const { status, body } = await readByRest(world, world.headers[as], '/api/v1/org/organisation')
      const listed = (list: Json[]) => list.map(({ organisation_id: id, name, slug }) => ({ id, name, slug }))
      expect({ status, body: status === 200 ? listed(body as Json[]) : body }).toEqual(withoutTypes(graphql))
    }
  })

  it('of clusters is the same', async () => {
    const document = `query ($of: ID) { clusters(organisationId: $of, first: 100) { nodes { id name kind state
      description environment kubeVersion controlPlanes nodes createdAt observedAt } } }`
    const shown = ({ clusters }: Json) => (clusters as { nodes: Json[] }).nodes.map((one) => wire(one))
    for (const as of SENDERS) {
      const graphql = await readByGraphQL(world, world.headers[as], document, {}, shown)
      const { status, body } = await readByRest(world, world.headers[as], '/api/v1/clusters?page_size=100')
      const listed = (page: unknown) => (page as { result: Json[] }).result.map(({ organisation_id, ...one }) => one)
      expect({ status, body: status === 200 ? listed(body) : body }).toEqual(withoutTypes(graphql))
    }
  })

  it('and no text of an address is a fault of ours', async () => {
    for (const text of ['a\u0000b', 'x'.repeat(201), '%', 'é', '😀']) {
      const path = `/api/v1/clusters?cluster_name=${encodeURIComponent(text)}`
      expect([text, (await rest(app, world.headers.customer, 'GET', path)).status]).toEqual([
        text,
        text.length > 200 || text.includes('\u0000') ? 422 : 200,
      ])
    }
  })
})

const withoutTypes = ({ status, body }: { status: number; body: unknown }) => ({ status, body })

const EVENTS = `subscription ($after: String, $ticketId: ID, $types: [TicketEventType!]) {
  ticketEvents(after: $after, ticketId: $ticketId, types: $types) { cursor type at ticketId ticketVersion
    ticketTeamVersion internal actor { id type label }
    ... on TicketStatusChanged { movedFrom: from movedTo: to } ... on TicketUpdated { changes { field from to } }
    ... on TicketLinked { linkedReports comment ${'{ id author { type label } body createdAt internal }'} }
    ... on CommentAdded { comment { id author { type label } body createdAt internal } }
    ... on TicketAssigned { from { id name } to { id name } } ... on ReviewCompleted { aiReviewStatus }
    ... on AttachmentAdded { attachment { id filename contentType sizeBytes createdAt } } } }`

/** An event of GraphQL as REST tells it. */
function eventOf({ movedFrom, movedTo, comment, changes, ticketTeamVersion, ...event }: Json, isTeam: boolean): Json {
  const { author, ...said } = (comment ?? {}) as { author: { type: string; label: string } } & Json
  const { type, actor } = event as { type: string; actor: { type: string } }
  return wire({
    ...event,
    ...(isTeam ? { ticketTeamVersion } : {}),
    type: type.toLowerCase(),
    actor: { ...actor, type: actor.type.toLowerCase() },
    ...(movedFrom ? { from: String(movedFrom).toLowerCase(), to: String(movedTo).toLowerCase() } : {}),
    ...(changes ? { changes: (changes as Json[]).map(lowerCase) } : {}),
    ...(comment ? { comment: { ...said, authorType: author.type.toLowerCase(), authorLabel: author.label } } : {}),
  }) as Json
}

const lowerCase = (change: Json) =>
  Object.fromEntries(
    Object.entries(change).map(([name, value]) => [name, (value as string | null)?.toLowerCase() ?? null]),
  )

describe('the events that streams tell', () => {
  it.each(['customer', 'team for one'] as const)('to the %s are the same, in order, from first to last', async (as) => {
    const isTeam = as !== 'customer'
    const headers = world.headers[as]
    const after = startOf(isTeam ? 't' : 'c')
    const where = { organisationId: app.acme.organisationId }
    const count = await app.database.prisma.ticketEvent.count({
      where: isTeam ? where : { ...where, publicSeq: { not: null } },
    })
    const graphql = await followOverSse<Json>(app, headers, EVENTS, { after })
    const overRest = await followOverRest(app, headers, `${TICKETS}/events?after=${after}`)
    const told = (await overRest.atLeast(count)) as readonly RestEvent[]
    const shown = await graphql.atLeast(count)
    expect(told.map(({ data }) => data)).toEqual(shown.map((event) => eventOf(event, isTeam)))
    expect(told.map(({ event }) => event)).toEqual(told.map(({ data }) => data.type))
    expect(new Set(told.map(({ event }) => event)).size).toBeGreaterThan(isTeam ? 5 : 4)
    for (const stream of [graphql, overRest]) stream.stop()
  })

  /** Before the first event of Acme. */
  const startOf = (side: 'c' | 't') =>
    Buffer.from(`${side} ${app.life} ${app.acme.organisationId} 0`).toString('base64url')

  it('are refused in the same words', async () => {
    const { unknown, theirTicket } = world.known as Record<string, string>
    const asked: [Json, string][] = [
      [{ ticketId: unknown }, `/${unknown}/events`],
      [{ ticketId: theirTicket }, `/${theirTicket}/events`],
      [{ ticketId: 'nope' }, '/nope/events'],
      [{ after: 'nonsense' }, '/events?after=nonsense'],
      [{ after: startOf('t') }, `/events?after=${startOf('t')}`],
      [{ types: Array(21).fill('COMMENT_ADDED') }, `/events?${'types=comment_added&'.repeat(21)}`],
    ]
    for (const as of ['customer', 'platform', 'nobody'] as const) {
      for (const [variables, path] of asked) {
        const body = JSON.stringify({ query: EVENTS, variables })
        const headers = { ...world.headers[as], 'content-type': 'application/json', accept: 'text/event-stream' }
        const sent = await fetch(`${app.url}/graphql`, { method: 'POST', headers, body })
        const [error] = errorsOf(await sent.text())
        const refused = await readByRest(world, world.headers[as], TICKETS + path)
        expect([path, refused]).toEqual([path, refusalOf(error as Parameters<typeof refusalOf>[0])])
      }
    }
  })
})

function errorsOf(text: string): unknown[] {
  const [, data] = /^data: (\{.*)$/m.exec(text) ?? []
  return JSON.parse(data ?? text).errors
}

describe('a key that makes things once', () => {
  it('is the same in GraphQL’s field and in REST’s header', async () => {
    const headers = bearer(app.acme.token)
    const ticketId = world.known.ticket as string
    const SAY = `mutation ($input: AddCommentInput!) { addComment(input: $input) {
      ... on AddCommentPayload { comment { id } } ... on InputError { fields { path code message } } } }`
    const byField = async (key: string, body: string) => {
      type Said = { addComment: { fields?: { code: string; message: string }[] } }
      const input = { ticketId, body, idempotencyKey: key }
      const { addComment } = await ask<Said, object>(app, headers, SAY, { input })
      return inSnakeCase(addComment.fields?.map(({ message }) => message).join(' ') ?? 'done')
    }
    const byHeader = async (key: string, body: string) => {
      const keyed = { ...headers, 'idempotency-key': key }
      const { status, body: answer } = await rest(app, keyed, 'POST', `${TICKETS}/${ticketId}/comments`, { body })
      return status < 300 ? 'done' : answer.detail.map(({ msg }: { msg: string }) => msg).join(' ')
    }
    const said = async (key: string, body: string) => [await byField(`g${key}`, body), await byHeader(`r${key}`, body)]
    for (const [key, body] of [
      ['ey', 'Once.'],
      ['ey', 'Once.'],
      ['ey', 'Another.'],
      ['x'.repeat(199), 'Long.'],
      ['x'.repeat(200), 'Too long.'],
    ] as const) {
      const [graphql, overRest] = await said(key, body)
      expect(overRest).toBe(graphql)
    }
    expect(await byHeader('', 'Empty.')).toBe(await byField('', 'Empty.'))
  })
})

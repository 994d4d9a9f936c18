// REST's event streams: the same as GraphQL's feeds, in REST's words, for programs that have only HTTP.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { StreamedEvent } from '../../src/rest/wire.ts'
import { bearer, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { type Headers, histories, history, type Story, tellStory, type Whole } from './feeds.story.ts'
import { EVENTS, followOverRest, followOverSse, type RestEvent } from './follow.ts'

let app: TestApp
let story: Story
let customer: Headers
let team: Headers
let ticketId: string
let start: Story['start']

beforeAll(async () => {
  app = await testApp()
  story = await tellStory(app)
  ;({ customer, team, ticketId, start } = story)
})
afterAll(() => app.close())

describe('a REST stream', () => {
  const isRestLast = ({ data }: RestEvent) => data.comment?.body === 'The last.'

  it.each(['/org/support/tickets', TICKETS])('brings the same as GraphQL, in its own words: %s', async (mount) => {
    for (const [headers, after, query] of [
      [customer, start.own, ''],
      [team, start.team, `&organisation_id=${app.acme.organisationId}`],
      [team, start.desk, ''],
    ] as const) {
      // Bearer tokens are good on both mounts.
      const stream = await followOverRest(app, headers, `${mount}/events?after=${after}${query}`)
      const events = await stream.through(isRestLast)
      stream.stop()
      expect(events.map(({ data: { cursor, ...data } }) => data)).toEqual(
        (await histories(app, story, headers)).map((event) => inRest(event, headers === team)),
      )
      for (const { id, event, data } of events) {
        expect({ id, event }).toEqual({ id: data.cursor, event: data.type })
        expect(StreamedEvent.strict().parse(data)).toEqual(data)
      }
    }
  })

  /** The shape of the contract, made from the event in GraphQL. */
  function inRest(event: Whole, forTeam: boolean) {
    const { type, at, ticketVersion, ticketTeamVersion, actor, internal, comment, changes, from, to } = event
    const said = comment?.author && {
      ...{ id: comment.id, author_type: comment.author.type.toLowerCase(), author_label: comment.author.label },
      ...{ body: comment.body, created_at: comment.createdAt, internal: comment.internal },
    }
    return {
      ...{ type: type.toLowerCase(), at, ticket_id: event.ticketId, ticket_version: ticketVersion },
      ...(forTeam ? { ticket_team_version: ticketTeamVersion } : {}),
      ...{ actor: { ...actor, type: actor.type.toLowerCase() }, internal },
      ...(from && to ? { from: from.toLowerCase(), to: to.toLowerCase() } : {}),
      ...(type === 'TICKET_ASSIGNED' ? { from: event.whoHad, to: event.whoHas } : {}),
      ...(changes ? { changes: changes.map(lowerCase) } : {}),
      ...(said ? { comment: said } : {}),
      ...(type === 'TICKET_LINKED' ? { linked_reports: event.linkedReports, comment: expect.anything() } : {}),
    }
  }

  const lowerCase = (change: Record<string, string | null>) =>
    Object.fromEntries(Object.entries(change).map(([key, value]) => [key, value?.toLowerCase() ?? null]))

  it('of a ticket brings what happened to it', async () => {
    const stream = await followOverRest(app, customer, `${TICKETS}/${ticketId}/events?after=${start.own}`)
    const events = await stream.through(({ data }) => data.to === 'closed')
    stream.stop()
    expect(events.map(({ id }) => id)).toEqual((await history(app, customer, ticketId)).map(({ cursor }) => cursor))
  })

  it('takes types, once or several times, and refuses others', async () => {
    const path = `${TICKETS}/events?after=${start.own}&types=comment_added&types=ticket_updated`
    const stream = await followOverRest(app, customer, path)
    const events = await stream.through(isRestLast)
    stream.stop()
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(['comment_added', 'ticket_updated']))
    const refused = await followOverRest(app, customer, `${TICKETS}/events?types=nothing`)
    expect((await refused.ended()).status).toBe(422)
  })

  it('resumes from Last-Event-ID, which wins over the address; an empty one is none', async () => {
    const all = await history(app, customer, ticketId)
    const at = all.at(-2)?.cursor as string
    const resumed = async (lastEventId: string, after: string) => {
      const headers = { ...customer, 'last-event-id': lastEventId }
      const stream = await followOverRest(app, headers, `${TICKETS}/${ticketId}/events?after=${after}`)
      const events = await stream.through(({ data }) => data.to === 'closed')
      stream.stop()
      return events.length
    }
    expect(await resumed(at, start.own)).toBe(1)
    expect(await resumed(at, 'not a cursor')).toBe(1)
    expect(await resumed('', at)).toBe(1)
    const broken = { ...customer, 'last-event-id': 'not a cursor' }
    const refused = await followOverRest(app, broken, `${TICKETS}/${ticketId}/events?after=${start.own}`)
    expect((await refused.ended()).status).toBe(410)
  })

  it('is no page to keep, says how soon to come back, and begins at once', async () => {
    const stream = await followOverRest(app, customer, `${TICKETS}/events`)
    expect(stream.response.headers).toMatchObject({
      'content-type': expect.stringMatching(/^text\/event-stream/),
      'cache-control': 'no-store',
    })
    expect(stream.response.headers).not.toHaveProperty('etag')
    expect(stream.response.headers).not.toHaveProperty('content-encoding')
    stream.stop()
  })

  it('sends a comment line every fifteen seconds, so that both ends know that it lives', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] })
    const stream = await followOverRest(app, customer, `${TICKETS}/events`)
    for (const beats of [1, 2]) {
      vi.advanceTimersByTime(15_000)
      await vi.waitFor(() => expect(stream.heartbeats()).toBe(beats))
    }
    vi.useRealTimers()
    expect(stream.events).toEqual([])
    stream.stop()
  })

  it('asks for credentials, and for the right to read', async () => {
    const refused = async (headers: Headers) =>
      (await (await followOverRest(app, headers, `${TICKETS}/events`)).ended()).status
    expect(await refused({})).toBe(401)
    expect(await refused(bearer('dw_nothing'))).toBe(401)
    const clusters = await app.token(null, ['clusters_write'])
    expect(await refused(bearer(clusters))).toBe(403)
    expect((await (await followOverSse(app, {}, EVENTS)).ended()).code).toBe('UNAUTHENTICATED')
  })
})

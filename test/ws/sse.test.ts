// Server-sent events, of GraphQL and of REST: what a stream says first, what is refused, and that a proxy or a browser
// keeps nothing of it.

import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bearer, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { comment, fileTicket, holdTime, nothingLeft, passTime, releaseTime, revoke, type Ticket } from './sockets.ts'

let app: TestApp
let ticket: Ticket
/** Every test's own: what a failed one leaves behind ends with it, and fails no other. */
let mine: string
beforeEach(async () => {
  mine = await app.token(app.acme.organisationId, ['tickets_read'])
  return async () => {
    await revoke(app, mine)
    await nothingLeft(app)
  }
})
beforeAll(async () => {
  holdTime()
  app = await testApp()
  ticket = await fileTicket(app)
})
afterAll(async () => {
  await nothingLeft(app)
  releaseTime()
  await app.close()
})

interface Stream {
  status: number
  headers: IncomingMessage['headers']
  /** What has come; waits until `fits`. */
  until(fits: (text: string) => boolean): Promise<string>
  ended: Promise<string>
  close(): void
}

interface Asked {
  method?: string
  token?: string | null
  headers?: Record<string, string>
  body?: object
}

async function open(path: string, { method = 'GET', token = mine, headers = {}, body }: Asked = {}) {
  const credentials: Record<string, string> = token === null ? {} : bearer(token)
  const json: Record<string, string> = body ? { 'content-type': 'application/json' } : {}
  const asking = request(app.url + path, { method, headers: { ...credentials, ...json, ...headers }, agent: false })
  asking.on('error', () => {})
  asking.end(body ? JSON.stringify(body) : undefined)
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  return streamOf(response, () => asking.destroy())
}

function streamOf(response: IncomingMessage, close: () => void): Stream {
  let text = ''
  let look = () => {}
  response.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
    look()
  })
  response.on('error', () => {})
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    until: (fits) =>
      new Promise((resolve) => {
        look = () => {
          if (fits(text)) resolve(text)
        }
        look()
      }),
    ended: new Promise((resolve) => response.on('close', () => resolve(text))),
    close,
  }
}

const EVENTS = `${TICKETS}/events`
/** A place to resume from, should nothing come before the connection is lost. */
const OPENING = /^id: \S+\nretry: 1000\n\n$/
const SSE = { accept: 'text/event-stream' }
const SUBSCRIBE = 'subscription ($after: String) { ticketEvents(after: $after) { type cursor } }'

const graphql = (query: string, variables: object = {}) =>
  `/graphql?query=${encodeURIComponent(query)}&variables=${encodeURIComponent(JSON.stringify(variables))}`

describe('a stream of REST', () => {
  it('says at once that it is one, and that nobody keeps or compresses it', async () => {
    const stream = await open(EVENTS, { headers: { 'accept-encoding': 'gzip, br, deflate' } })
    expect(stream.status).toBe(200)
    expect(stream.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    expect(stream.headers).not.toHaveProperty('content-encoding')
    expect(stream.headers).not.toHaveProperty('content-length')
    expect(stream.headers).toHaveProperty('x-request-id')
    await stream.until((text) => OPENING.test(text))
    stream.close()
  })

  it('has a comment line every 15 seconds, by which nobody learns what is hidden', async () => {
    const stream = await open(EVENTS)
    const opening = await stream.until((text) => OPENING.test(text))
    for (const beats of [1, 2]) {
      passTime(15_000)
      await stream.until((text) => text === opening + ':\n\n'.repeat(beats))
    }
    stream.close()
  })

  it('sends an event as three lines, whose id resumes behind it', async () => {
    await comment(app, ticket.id, 'Two lines\n\nand\r\nmore: \u2028 data: x\n\nid: 1')
    const first = await open(`${EVENTS}?after=${ticket.asOf}`)
    const text = await first.until((sofar) => /event: comment_added\ndata: [^\n]*\n\n$/.test(sofar))
    const [, id] = /id: (\S+)\nevent: comment_added\ndata: \{[^\n]*\}\n\n$/.exec(text) ?? []
    first.close()
    await comment(app, ticket.id)
    const second = await open(`${EVENTS}?after=${ticket.asOf}`, { headers: { 'last-event-id': id as string } })
    const rest = await second.until((sofar) => sofar.includes('event:'))
    expect(rest.match(/id: .*\nevent:/g)).toHaveLength(1)
    expect(rest).not.toContain(`id: ${id}\nevent:`)
    second.close()
  })

  it('takes an empty Last-Event-ID as none', async () => {
    const stream = await open(`${EVENTS}?after=${ticket.asOf}`, { headers: { 'last-event-id': '' } })
    await stream.until((text) => text.includes('event:'))
    stream.close()
  })

  it('sends only the types asked for', async () => {
    const stream = await open(`${EVENTS}?after=${ticket.asOf}&types=ticket_status_changed&types=ticket_assigned`)
    await comment(app, ticket.id)
    passTime(15_000)
    expect(await stream.until((text) => text.endsWith(':\n\n'))).not.toContain('event:')
    stream.close()
  })

  it('is refused in a sentence, and as JSON', async () => {
    const closed = await app.token(app.acme.organisationId, ['clusters_write'])
    const nobody = '00000000-0000-4000-8000-000000000000'
    const refused: [string, Asked, number][] = [
      [EVENTS, { token: null }, 401],
      [EVENTS, { token: 'dwk_nothing' }, 401],
      [EVENTS, { token: closed }, 403],
      [`${EVENTS}?organisation_id=${app.globex.organisationId}`, {}, 404],
      [`${EVENTS}?organisation_id=nonsense`, {}, 404],
      [`${TICKETS}/${nobody}/events`, {}, 404],
      [`${TICKETS}/nonsense/events`, {}, 404],
      [`${TICKETS}/${ticket.id}/events`, { token: app.globex.token }, 404],
      [`${EVENTS}?after=nonsense`, {}, 410],
      [EVENTS, { headers: { 'last-event-id': 'nonsense' } }, 410],
      [EVENTS, { headers: { 'last-event-id': ticket.asOf }, token: app.globex.token }, 410],
      [`${EVENTS}?after=${'x'.repeat(3000)}`, {}, 410],
      [`${EVENTS}?types=nonsense`, {}, 422],
      [`${EVENTS}?types=COMMENT_ADDED`, {}, 422],
      [EVENTS, { method: 'DELETE' }, 405],
      [EVENTS, { method: 'POST', body: {} }, 405],
    ]
    const seen = []
    for (const [path, asked, expected] of refused) {
      const { status, headers, ended } = await open(path, asked)
      const body = JSON.parse(await ended)
      expect(headers['content-type']).toMatch(/^application\/json/)
      expect(JSON.stringify(body.detail)).toMatch(/\w \w/)
      seen.push([
        path.slice(0, 100),
        JSON.stringify(asked),
        status === expected ? 'as expected' : `${status}, not ${expected}`,
      ])
    }
    expect(seen.filter(([, , as]) => as !== 'as expected')).toEqual([])
  })

  it('may be asked for by HEAD, which is over at once', async () => {
    const { status, headers, ended } = await open(EVENTS, { method: 'HEAD' })
    expect([status, headers['content-type'], await ended]).toEqual([200, 'text/event-stream', ''])
    await nothingLeft(app)
  })

  it('passes over parameters that it does not know, as the lists do', async () => {
    const stream = await open(`${EVENTS}?nothing=1&after=${ticket.asOf}`)
    await stream.until((text) => text.includes('event:'))
    stream.close()
  })

  it('ends when its token is revoked', async () => {
    const token = await app.token(app.acme.organisationId, ['tickets_read'])
    const stream = await open(EVENTS, { token })
    await revoke(app, token)
    passTime(2000)
    expect(await stream.ended).toMatch(OPENING)
  })
})

describe('a subscription by server-sent events', () => {
  const doors: [string, (query: string, variables?: object) => Promise<Stream>][] = [
    ['GET', (query, variables) => open(graphql(query, variables), { headers: SSE })],
    ['POST', (query, variables) => open('/graphql', { method: 'POST', headers: SSE, body: { query, variables } })],
  ]
  it.each(doors)('gets its events by %s, and nobody keeps or compresses them', async (_, ask) => {
    const stream = await ask(SUBSCRIBE, { after: ticket.asOf })
    expect(stream.status).toBe(200)
    expect(stream.headers['content-type']).toMatch(/^text\/event-stream/)
    expect(stream.headers['cache-control']).toMatch(/no-store|no-cache/)
    await comment(app, ticket.id)
    await stream.until((text) =>
      /event: next\ndata: \{"data":\{"ticketEvents":\{"type":"COMMENT_ADDED".*\n\n/.test(text),
    )
    stream.close()
    await nothingLeft(app)
  })

  it.each(doors)('is refused by %s with an error, and over', async (_, ask) => {
    const documents: [string, object?][] = [
      ['subscription {'],
      ['subscription { nothing }'],
      [SUBSCRIBE, { after: 'nonsense' }],
      ['subscription { ticketEvents(ticketId: "x") { cursor } }'],
      ['subscription ($id: ID!) { ticketEvents(ticketId: $id) { cursor } }'],
      [`{ ${'__typename '.repeat(1001)} }`],
    ]
    for (const [query, variables] of documents) {
      const stream = await ask(query, variables)
      const text = await stream.ended
      expect(text).toMatch(/"errors":\[\{"message":"/)
      expect(text).toMatch(/"extensions":\{"code":"\w+","requestId":"/)
    }
  })

  it('needs credentials, good ones', async () => {
    for (const token of [null, 'dwk_nothing']) {
      const stream = await open(graphql(SUBSCRIBE), { headers: SSE, token })
      expect(await stream.ended).toContain('UNAUTHENTICATED')
    }
  })

  it('by a cookie is for our own pages', async () => {
    const { cookie = '' } = await app.acme.member.signIn()
    const asked = (headers: Record<string, string>) =>
      open(graphql(SUBSCRIBE), { token: null, headers: { ...SSE, cookie, ...headers } })
    for (const headers of [{}, { origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      expect(await (await asked(headers as Record<string, string>)).ended).toContain('FORBIDDEN')
    }
    const own = await asked({ 'sec-fetch-site': 'same-origin' })
    expect(own.status).toBe(200)
    own.close()
  })

  it('may be a query, which ends; a mutation by GET is refused', async () => {
    const stream = await open(graphql('{ __typename }'), { headers: SSE })
    expect(await stream.ended).toContain(
      'event: next\ndata: {"data":{"__typename":"Query"},"extensions":{"cost":{"requested":0,"limit":10000}}}\n\nevent: complete',
    )
    const mutation = 'mutation { closeTicket(input: {ticketId: "x"}) { __typename } }'
    const refused = await open(graphql(mutation), { headers: SSE })
    const text = await refused.ended
    expect(text).not.toContain('"data"')
    expect(text).toContain('errors')
  })

  it.each(['application/json', 'application/graphql-response+json', 'multipart/mixed'])(
    'is not answered as %s, and then follows nothing',
    async (accept) => {
      const stream = await open('/graphql', { method: 'POST', headers: { accept }, body: { query: SUBSCRIBE } })
      expect([400, 406]).toContain(stream.status)
      await stream.ended
      await nothingLeft(app)
    },
  )

  it('may be asked for by HEAD, which is over at once', async () => {
    const { status, ended } = await open(graphql(SUBSCRIBE), { method: 'HEAD', headers: SSE })
    expect([status, await ended]).toEqual([200, ''])
    await nothingLeft(app)
  }, 5000)

  it('is broken off, not completed, when its token is revoked', async () => {
    const token = await app.token(app.acme.organisationId, ['tickets_read'])
    const stream = await open(graphql(SUBSCRIBE), { headers: SSE, token })
    await revoke(app, token)
    passTime(2000)
    expect(await stream.ended).not.toContain('complete')
  })
})

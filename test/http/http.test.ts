// What arrives at the door and is no decent request: hosts, paths, methods, bodies. Each gets its 4xx, in a sentence.

import { Agent, request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, rest, send, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { jsonRequest, request, wire } from './wire.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app.close())

const NOT_AN_ADDRESS = { detail: 'The address or the header Host is not valid.' }

describe('a header Host', () => {
  const hostile = ['a[b"<>', 'x:99999', 'x:', '', '[::1', 'a b', 'a/b', 'a@b', '1.2.3.4.5', '%00', 'é', '[:]']
  it.each(hostile)('is refused when it is "%s"', async (host) => {
    for (const path of ['/graphql?query={__typename}', '/api/v1/docs', '/healthz', '/api/auth/get-session']) {
      const { status, body } = await wire(app, request(`GET ${path}`, { Host: host }))
      expect(status).toBe(400)
      expect(JSON.parse(body)).toEqual(NOT_AN_ADDRESS)
    }
  })

  it('may be a name, an IPv4 or an IPv6 address, with or without a port', async () => {
    for (const host of ['desk.example.com', 'desk.example.com:8443', '10.0.0.1', '[::1]:4000', 'LOCALHOST']) {
      const { status, body } = await wire(app, request('GET /healthz', { Host: host }))
      expect({ host, status, body }).toEqual({ host, status: 200, body: '{"status":"alive"}' })
    }
  })
})

describe('an address', () => {
  it.each(['//[x', 'http://[x/graphql', 'http://a:99999/'])('is refused when it is "%s"', async (address) => {
    const { status, body } = await wire(app, request(`GET ${address}`))
    expect([status, JSON.parse(body)]).toEqual([400, NOT_AN_ADDRESS])
  })

  const unknown = [
    ['/nothing', '/nothing'],
    ['/graphql/', '/graphql/'],
    ['//graphql', '//graphql'],
    ['/graphql%2f', '/graphql%2f'],
    ['/graphql;x', '/graphql;x'],
    ['/healthz/', '/healthz/'],
    ['/%00', '/\u0000'],
    ['/api/v1/docs/', '/api/v1/docs/'],
    ['/API/v1/docs', '/API/v1/docs'],
    ['//evil.example/graphql', '//evil.example/graphql'],
  ]
  it.each(unknown)('that leads nowhere, %s, gets a 404 that names it', async (address, shown) => {
    const { status, headers, body } = await wire(app, request(`GET ${address}`))
    expect(status).toBe(404)
    expect(headers['content-type']).toBe('application/json')
    expect(JSON.parse(body)).toEqual({ detail: `There is nothing at ${shown}. See /api/v1/docs.` })
  })

  it('with dots after /api/auth gets a 404 as JSON too', async () => {
    for (const address of ['/api/auth/%2e%2e/x', '/api/auth/../v1/docs', '/api/auth/../nothing']) {
      const { status, headers, body } = await wire(app, request(`GET ${address}`))
      expect([address, status, headers['content-type']]).toEqual([address, 404, 'application/json'])
      expect(JSON.parse(body)).toEqual(expect.objectContaining({ detail: expect.stringMatching(/\S/) }))
    }
  })

  it('of a ticket that is no UUID is a ticket that does not exist', async () => {
    for (const id of ['%00', '%', '%ff', 'a%2fb', '..%2f..', '__proto__', 'constructor', 'x'.repeat(5000)]) {
      const { status, body } = await rest(app, bearer(app.acme.token), 'GET', `${TICKETS}/${id}`)
      expect({ id, status, body }).toEqual({ id, status: 404, body: { detail: 'There is no such ticket.' } })
    }
  })

  it('of 20,000 characters, or a flood of headers, is refused before anybody reads it', async () => {
    const flood = Array.from({ length: 3000 }, (_, i) => `x-${i}: y`).join('\r\n')
    expect((await wire(app, request(`GET /${'a'.repeat(20_000)}`))).status).toBe(431)
    expect((await wire(app, request('GET /healthz', { 'X-A': `b\r\n${flood}` }))).status).toBe(431)
  })
})

describe('a method', () => {
  const paths = ['/graphql', TICKETS, '/healthz', '/set-password', '/api/auth/get-session', '/']
  it.each(['TRACE', 'DELETE', 'PATCH', 'PROPFIND', 'QUERY'])('%s is refused with 405 and Allow', async (method) => {
    for (const path of paths) {
      const { status, headers } = await wire(app, request(`${method} ${path}`))
      expect([path, status, headers.allow]).toEqual([path, 405, expect.stringMatching(/GET/)])
    }
  })

  const known = [
    ['PUT', '/graphql', 'GET, HEAD, POST, OPTIONS'],
    ['PUT', '/healthz', 'GET, HEAD'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['POST', '/readyz', 'GET, HEAD'],
    ['POST', '/', 'GET, HEAD'],
    ['PUT', TICKETS, 'POST, GET, HEAD'],
    ['OPTIONS', TICKETS, 'POST, GET, HEAD'],
    ['POST', '/api/v1/docs', 'GET, HEAD'],
    ['PUT', '/set-password', 'GET, HEAD, POST'],
    ['PUT', '/api/auth/get-session', 'GET, HEAD'],
  ]
  it.each(known)('%s on %s, which exists, gets 405 with Allow: %s', async (method, path, allow) => {
    const { status, headers } = await wire(app, request(`${method} ${path}`))
    expect([status, headers.allow]).toEqual([405, allow])
  })

  it('HEAD is answered like GET, without the body', async () => {
    const headers = { Authorization: `Bearer ${app.acme.token}` }
    for (const path of ['/healthz', '/readyz', TICKETS, '/api/v1/docs', '/graphql?query={__typename}']) {
      const { status, body } = await wire(app, request(`HEAD ${path}`, headers))
      expect([path, status, body]).toEqual([path, 200, ''])
    }
  })
})

describe('a body', () => {
  const paths = ['/graphql', `${TICKETS}/review`, '/api/auth/sign-in/email']

  it('may come in chunks, whatever door it comes to', async () => {
    const headers = {
      Authorization: `Bearer ${app.acme.token}`,
      Origin: app.url,
      'Content-Type': 'application/json',
      'Transfer-Encoding': 'chunked',
    }
    const chunked = (body: string) => `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`
    const answers = await Promise.all([
      wire(app, request('POST /graphql', headers, chunked('{"query":"{__typename}"}'))),
      wire(app, request(`POST ${TICKETS}/review`, headers, chunked('{}'))),
      wire(app, request('PUT /api/v1/clusters', headers, chunked('{}'))),
      wire(app, request('POST /api/auth/sign-in/email', headers, chunked('{}'))),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 422, 403, 400])
  })

  it('may be missing where none is needed, also without Content-Length (curl -X POST)', async () => {
    const headers = { Authorization: `Bearer ${app.acme.token}` }
    const answer = await wire(app, request(`POST ${TICKETS}/0/close`, headers))
    expect([answer.status, answer.body]).toEqual([404, '{"detail":"There is no such ticket."}'])
  })

  it('that is missing where one is needed gets a sentence', async () => {
    const headers = { Authorization: `Bearer ${app.acme.token}`, 'Content-Type': 'application/json' }
    const answer = await wire(app, request(`POST ${TICKETS}/review`, headers))
    expect([answer.status, JSON.parse(answer.body)]).toEqual([400, { detail: 'The body is not valid JSON.' }])
  })

  it.each(paths)('that lies about its length, or is badly chunked, ends its connection only: %s', async (path) => {
    const json = { 'Content-Type': 'application/json', Authorization: `Bearer ${app.acme.token}`, Origin: app.url }
    const chunks = { ...json, 'Transfer-Encoding': 'chunked' }
    const line = `POST ${path}`
    const answers = await Promise.all([
      wire(app, request(line, { ...json, 'Content-Length': '-1' }, '{}')),
      wire(app, request(line, { ...json, 'Content-Length': 'abc' }, '{}')),
      wire(app, request(line, { ...json, 'Content-Length': '9'.repeat(30) }, '{}')),
      wire(app, request(line, { ...chunks, 'Content-Length': '2' }, '2\r\n{}\r\n0\r\n\r\n')),
      wire(app, request(line, chunks, 'zz\r\n{}\r\n0\r\n\r\n')),
      wire(app, request(line, chunks, '2\r\n{}x\r\n0\r\n\r\n')),
      wire(app, request(line, { ...json, 'Content-Length': '100' }, '{}'), { halfClose: true }),
      wire(app, request(line, chunks, '2\r\n{}'), { halfClose: true }),
    ])
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(400))
    expect(await send(app, {}, '{ __typename }')).toMatchObject({ data: { __typename: 'Query' } })
  })

  it.each([...paths, '/nothing', '/healthz'])(
    'that is too long leaves its connection fit for the next: %s',
    async (path) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      for (let round = 0; round < 5; round++) {
        expect(await statusOver(agent, 'POST', path, 'x'.repeat(2 * 1024 ** 2))).toBeGreaterThanOrEqual(400)
        expect(await statusOver(agent, 'GET', '/healthz')).toBe(200)
      }
      agent.destroy()
    },
  )

  it('whose length is announced as 5 GB is refused before it is read', async () => {
    const headers = { Authorization: `Bearer ${app.acme.token}`, Origin: app.url, 'Content-Length': '5000000000' }
    const json = { ...headers, 'Content-Type': 'application/json' }
    const answers = await Promise.all(paths.map((path) => wire(app, request(`POST ${path}`, json, '{'))))
    expect(answers.map(({ status }) => status)).toEqual([413, 413, 413])
  })
})

describe('a content type', () => {
  const right = ['Application/JSON', 'application/json ; charset=utf-8', 'APPLICATION/JSON;CHARSET=UTF-8']
  it.each(right)('"%s" is JSON', async (type) => {
    const headers = { 'Content-Type': type, Authorization: `Bearer ${app.acme.token}` }
    const graphql = await wire(app, jsonRequest('POST /graphql', headers, '{"query":"{__typename}"}'))
    expect([graphql.status, graphql.body]).toEqual([
      200,
      '{"data":{"__typename":"Query"},"extensions":{"cost":{"requested":0,"limit":10000}}}',
    ])
    expect((await wire(app, jsonRequest(`POST ${TICKETS}/review`, headers, '{}'))).status).toBe(422)
  })

  const wrong = [
    '',
    'text/plain',
    'application/graphql',
    'application/x-www-form-urlencoded',
    'text/plain;application/json',
  ]
  it.each(wrong)('"%s" is not taken, neither here nor there', async (type) => {
    const headers = { 'Content-Type': type, Authorization: `Bearer ${app.acme.token}` }
    const graphql = await wire(app, jsonRequest('POST /graphql', headers, '{"query":"{__typename}"}'))
    expect([graphql.status, JSON.parse(graphql.body)]).toEqual([
      415,
      {
        errors: [
          {
            message: 'Send the request as application/json, or an upload as multipart/form-data.',
            extensions: { code: 'BAD_USER_INPUT', requestId: graphql.headers['x-request-id'] },
          },
        ],
      },
    ])
    const tickets = await wire(app, jsonRequest(`POST ${TICKETS}/review`, headers, '{}'))
    expect([tickets.status, tickets.body]).toEqual([415, '{"detail":"Send the body as application/json."}'])
  })
})

/** The status of an answer over one connection, kept as HTTP allows; an error when it dies. */
function statusOver(agent: Agent, method: string, path: string, body = ''): Promise<number> {
  const json = body === '' ? {} : { 'content-type': 'application/json', 'content-length': String(body.length) }
  const headers = { ...json, origin: app.url, authorization: `Bearer ${app.acme.token}` }
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${app.url}${path}`, { agent, method, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

// How the REST routes behave as HTTP: methods, bodies, caching, compression, and what every answer carries.

import { type IncomingMessage, request } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routes } from '../../src/rest/routes.ts'
import { bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { file, outage, problems, sentences } from './drafts.ts'

let app: TestApp
let ticket: string
beforeAll(async () => {
  app = await testApp()
  ticket = `${TICKETS}/${(await file(app, app.acme.token)).id}`
})
afterAll(() => app.close())

const mine = () => bearer(app.acme.token)
const JSON_TYPE = { 'content-type': 'application/json' }

/** The answer is left as it came over the wire; `body: null` sends neither a body nor its length, as curl -X does. */
async function raw(method: string, path: string, headers: Record<string, string> = {}, body: string | null = null) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const sent = request(`${app.url}${path}`, { method, headers: { ...mine(), ...headers } }, resolve)
  if (body === null) for (const header of ['content-length', 'transfer-encoding']) sent.removeHeader(header)
  // Node gives the body of an OPTIONS no length by itself.
  else if (!headers['transfer-encoding']) sent.setHeader('content-length', Buffer.byteLength(body))
  sent.on('error', reject).end(body)
  const answer = await promise
  return { status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(await answer.toArray()) }
}

const textOf = async (method: string, path: string, headers: Record<string, string> = {}, body?: BodyInit) => {
  const answer = await fetch(`${app.url}${path}`, { method, headers: { ...mine(), ...headers }, body: body ?? null })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

describe('every answer', () => {
  it('is JSON with a sentence where something is wrong, and carries a request id of its own', async () => {
    const answers = await Promise.all([
      rest(app, mine(), 'GET', TICKETS),
      rest(app, {}, 'GET', TICKETS),
      rest(app, mine(), 'GET', `${TICKETS}/nope`),
      rest(app, mine(), 'GET', '/api/v1/nothing'),
      rest(app, mine(), 'PUT', TICKETS, {}),
      rest(app, mine(), 'DELETE', TICKETS),
      rest(app, mine(), 'POST', `${TICKETS}/review`, {}),
      rest(app, mine(), 'POST', TICKETS, { subject: 'Help', description: 'it does not work' }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 404, 404, 405, 405, 422, 409])
    const ids = answers.map(({ headers }) => headers.get('x-request-id'))
    expect(new Set(ids).size).toBe(answers.length)
    for (const { headers, body } of answers) {
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
      expect(headers.get('content-type')).toMatch(/^application\/json/)
      if (!('result' in body)) expect(body.detail.length).toBeGreaterThan(0)
    }
  })

  it('is never a redirect: an address with a slash too many is not there', async () => {
    for (const path of [`${TICKETS}/`, `${ticket}/`, '/api/v1/clusters/', '/api/v1/org/support', '/api/v1/']) {
      const answer = await fetch(`${app.url}${path}`, { headers: mine(), redirect: 'manual' })
      expect(answer.status, path).toBe(404)
      expect(await answer.json()).toEqual({ detail: expect.stringContaining(path) })
    }
  })

  it('is kept by no cache', async () => {
    const { headers } = await rest(app, mine(), 'GET', ticket)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })
})

describe('methods', () => {
  it('answer 405 with the methods that an address has, whether a body came or not', async () => {
    const cases = [
      ['PUT', TICKETS, ['GET', 'HEAD', 'POST']],
      ['POST', ticket, ['GET', 'HEAD']],
      ['GET', `${ticket}/comments`, ['POST']],
      ['GET', `${ticket}/close`, ['POST']],
      ['POST', '/api/v1/clusters', ['GET', 'HEAD', 'PUT']],
      ['POST', '/api/v1/openapi.json', ['GET', 'HEAD']],
      ['OPTIONS', TICKETS, ['GET', 'HEAD', 'POST']],
    ] as const
    for (const [method, path, methods] of cases) {
      const body = method === 'GET' ? null : '{}'
      for (const answer of [await raw(method, path), await raw(method, path, JSON_TYPE, body)]) {
        const allowed = answer.headers.allow?.split(', ').filter((one) => one !== 'OPTIONS')
        expect([method, path, answer.status, allowed?.sort()]).toEqual([method, path, 405, methods])
        expect(JSON.parse(answer.bytes.toString()).detail).toMatch(/^Use /)
      }
    }
  })

  it('are named for the address that was asked for, where the method is one that no address has', async () => {
    for (const [method, path, methods] of [
      ['DELETE', TICKETS, ['GET', 'HEAD', 'POST']],
      ['PATCH', ticket, ['GET', 'HEAD']],
    ] as const) {
      const { status, headers } = await raw(method, path)
      const allowed = headers.allow?.split(', ').filter((one) => one !== 'OPTIONS')
      expect([status, allowed?.sort()]).toEqual([405, methods])
    }
  })

  it('HEAD is there where GET is, without a body', async () => {
    for (const path of [TICKETS, ticket, `${TICKETS}/limits`, '/api/v1/clusters', '/api/v1/org/organisation']) {
      const [head, get] = [await raw('HEAD', path), await raw('GET', path)]
      expect([head.status, head.bytes.length, head.headers.etag]).toEqual([200, 0, get.headers.etag])
    }
    expect((await raw('HEAD', `${TICKETS}/nope`)).status).toBe(404)
  })
})

describe('bodies', () => {
  it('close a ticket without any, with or without a length or a type', async () => {
    const ways: [Record<string, string>, string | null][] = [
      [{}, null],
      [{}, ''],
      [JSON_TYPE, ''],
      [JSON_TYPE, '{}'],
    ]
    for (const [headers, body] of ways) {
      const closed = await raw('POST', `${ticket}/close`, headers, body)
      expect([closed.status, JSON.parse(closed.bytes.toString()).status]).toEqual([200, 'closed'])
    }
  })

  it('are read in chunks too', async () => {
    const answer = await raw('POST', `${TICKETS}/review`, { ...JSON_TYPE, 'transfer-encoding': 'chunked' }, DRAFT)
    expect(answer.status, answer.bytes.toString()).toBe(200)
  })

  it('must be JSON by their type, in any spelling of it', async () => {
    for (const type of ['Application/JSON', 'application/json ; charset=utf-8']) {
      expect((await textOf('POST', `${TICKETS}/review`, { 'content-type': type }, DRAFT)).status).toBe(200)
    }
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/graphql+json']) {
      const { status, text } = await textOf('POST', `${TICKETS}/review`, { 'content-type': type }, DRAFT)
      expect([status, text]).toEqual([415, '{"detail":"Send the body as application/json."}'])
    }
    expect((await raw('POST', `${TICKETS}/review`)).status).toBe(415)
  })

  it('must be JSON by their content (400), and an object (422)', async () => {
    for (const body of ['{', '', "{'subject': 1}", '{"a":1}}']) {
      const { status, text } = await textOf('POST', `${TICKETS}/review`, JSON_TYPE, body)
      expect([body, status, text]).toEqual([body, 400, '{"detail":"The body is not valid JSON."}'])
    }
    for (const body of [[], null, 'text', 7]) {
      const answer = await rest(app, mine(), 'POST', `${TICKETS}/review`, body)
      expect([body, problems(answer)]).toEqual([body, ['body: value_error']])
      expect(sentences(answer)).toEqual(['The body must be a JSON object.'])
    }
  })

  it.each<Record<string, string>>([{}, { 'transfer-encoding': 'chunked' }])(
    'may have 1 MiB, sent with %j',
    async (headers) => {
      const large = JSON.stringify({ ...outage, environment: { log: 'x'.repeat(1024 * 1024) } })
      const { status, bytes } = await raw('POST', `${TICKETS}/review`, { ...JSON_TYPE, ...headers }, large)
      expect([status, bytes.toString()]).toEqual([413, '{"detail":"A body may have 1 MiB."}'])
      expect((await rest(app, mine(), 'GET', ticket)).status).toBe(200)
    },
  )
})

const DRAFT = JSON.stringify(outage)

describe('ETags', () => {
  it('spare a client what it has, compressed or not, until it changes', async () => {
    const fresh = await file(app, app.acme.token)
    const path = `${TICKETS}/${fresh.id}`
    for (const encoding of ['identity', 'gzip']) {
      const accept = { 'accept-encoding': encoding }
      const etag = (await raw('GET', path, accept)).headers.etag as string
      expect(etag).toMatch(/^(W\/)?"\w+"$/)
      const again = await raw('GET', path, { ...accept, 'if-none-match': etag })
      expect([again.status, again.bytes.length]).toEqual([304, 0])
      await rest(app, mine(), 'POST', `${path}/comments`, { body: `Seen as ${encoding}.` })
      expect((await raw('GET', path, { ...accept, 'if-none-match': etag })).status).toBe(200)
    }
  })

  it('stand on every read', async () => {
    const reads = routes.filter(({ method }) => method === 'get')
    for (const { mount, path } of reads) {
      const address = mount === 'api' ? `/api/v1${path}` : `${TICKETS}${path}`
      const { headers } = await rest(app, mine(), 'GET', address.replace(`${TICKETS}/{ticket_id}`, ticket))
      expect(headers.get('etag'), address).not.toBeNull()
    }
  })
})

describe('compression', () => {
  it('begins at 1 KiB, on reads and on writes', async () => {
    const gzip = { 'accept-encoding': 'gzip' }
    await file(app, app.acme.token)
    const answers = [
      await raw('GET', TICKETS, gzip),
      await raw('POST', `${TICKETS}/review`, { ...gzip, ...JSON_TYPE }, JSON.stringify(longDraft)),
      await raw('GET', '/api/v1/openapi.json', gzip),
    ]
    for (const { headers, bytes } of answers) {
      expect(headers['content-encoding']).toBe('gzip')
      expect(headers.vary).toMatch(/accept-encoding/i)
      const plain = gunzipSync(bytes)
      expect(plain.length).toBeGreaterThanOrEqual(1024)
      expect(bytes.length).toBeLessThan(plain.length)
    }
    for (const path of [`${TICKETS}/nope`, '/api/v1/org/organisation', '/api/v1/clusters']) {
      const { headers, bytes } = await raw('GET', path, gzip)
      expect([path, headers['content-encoding'], bytes.length < 1024]).toEqual([path, undefined, true])
    }
    expect((await raw('GET', TICKETS)).headers['content-encoding']).toBeUndefined()
  })
})

const longDraft = { ...outage, subject: outage.subject.padEnd(200, '.') }

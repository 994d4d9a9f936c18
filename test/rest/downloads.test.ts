// The bytes of attachments over HTTP: always saved and never shown, in parts where asked, only for who may read them.

import { createHash, randomBytes } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Headers, leftovers, ticketAt, ticketOf } from '../operations/attachments.world.ts'
import { MIB } from '../storage/files.ts'
import { bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { uploadByRest } from '../support/uploads.ts'

const TEXT = 'worker-3 is NotReady since 08:10\n'.repeat(200)
const NAME = 'Knoten „drei“ 100%.log'

let app: TestApp
let customer: Headers
let ticketId: string
/** Of the text, under the mount of tokens. */
let path: string

beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
  ticketId = await ticketAt(app)
  path = await attach({ name: NAME, bytes: TEXT })
})
afterEach(async () => expect(await leftovers(app)).toEqual([]))
afterAll(() => app.close())

/** Gives the address of the attachment. */
async function attach(file: { name: string; bytes: string | Buffer<ArrayBuffer> }): Promise<string> {
  const { body } = await uploadByRest(app, customer, ticketId, file)
  return `${TICKETS}/${ticketId}/attachments/${body.attachments.at(-1).id}`
}

const get = (headers: Headers = {}, at = path, method = 'GET') =>
  fetch(app.url + at, { method, headers: { ...customer, ...headers } })
const etag = `"${createHash('sha256').update(TEXT).digest('hex')}"`

describe('a download', () => {
  it('gives the bytes to be saved under their name, and never to be shown', async () => {
    const response = await get({ 'accept-encoding': 'gzip, br' })
    expect([response.status, await response.text()]).toEqual([200, TEXT])
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(TEXT.length),
      'content-disposition':
        'attachment; filename="Knoten _drei_ 100_.log"; ' +
        "filename*=UTF-8''Knoten%20%E2%80%9Edrei%E2%80%9C%20100%25.log",
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
      'cache-control': 'private, no-cache',
      'accept-ranges': 'bytes',
      etag,
    })
    expect(response.headers.has('content-encoding')).toBe(false)
  })

  it('gives every byte of what is binary, as it is', async () => {
    const content = randomBytes(3 * MIB)
    const bytes = Buffer.from(gzipSync(content))
    const response = await get({}, await attach({ name: 'dump.gz', bytes }))
    expect(response.headers.get('content-type')).toBe('application/gzip')
    expect(gunzipSync(await response.arrayBuffer()).equals(content)).toBe(true)
  })

  it('has a head', async () => {
    const [whole, head] = [await get(), await get({}, path, 'HEAD')]
    await whole.arrayBuffer()
    const but = ({ headers }: Response) =>
      [...headers].filter(([name]) => !['date', 'x-request-id', 'connection', 'keep-alive'].includes(name))
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect(but(head)).toEqual(but(whole))
    const part = await get({ range: 'bytes=0-9' }, path, 'HEAD')
    expect([part.status, part.headers.get('content-length')]).toEqual([206, '10'])
  })

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])('has no %s', async (method) => {
    const { status, headers, body } = await rest(app, customer, method, path)
    expect([status, headers.get('allow'), body.detail]).toEqual([405, 'GET, HEAD', expect.any(String)])
  })
})

describe('a range', () => {
  const size = TEXT.length
  it.each([
    ['bytes=0-9', 0, 9],
    ['bytes=10-10', 10, 10],
    [`bytes=${size - 5}-`, size - 5, size - 1],
    ['bytes=-5', size - 5, size - 1],
    [`bytes=-${size + 100}`, 0, size - 1],
    [`bytes=100-${size + 100}`, 100, size - 1],
    ['bytes=0-', 0, size - 1],
  ])('%s gives that part', async (range, start, end) => {
    const response = await get({ range })
    expect(response.status).toBe(206)
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end}/${size}`)
    expect(response.headers.get('content-length')).toBe(String(end - start + 1))
    expect(await response.text()).toBe(TEXT.slice(start, end + 1))
  })

  it.each([`bytes=${size}-`, `bytes=${size}-${size + 5}`, 'bytes=99999999999999999999-', 'bytes=-0'])(
    '%s is not in it',
    async (range) => {
      const response = await get({ range })
      expect([response.status, response.headers.get('content-range')]).toEqual([416, `bytes */${size}`])
      expect(await response.json()).toEqual({ detail: expect.stringContaining(`${size} bytes`) })
    },
  )

  it.each(['bytes=0-1,4-5', 'bytes=9-3', 'bytes=-', 'bytes=a-b', 'lines=1-2', 'bytes 0-9', ''])(
    '%j gives the whole',
    async (range) => {
      const response = await get({ range })
      expect([response.status, response.headers.get('content-range')]).toEqual([200, null])
      expect(await response.text()).toBe(TEXT)
    },
  )

  it('counts only if the attachment is the one that was meant', async () => {
    const part = await get({ range: 'bytes=0-9', 'if-range': etag })
    expect([part.status, await part.text()]).toEqual([206, TEXT.slice(0, 10)])
    for (const other of ['"another"', `W/${etag}`, 'Wed, 25 Nov 2026 00:00:00 GMT']) {
      const whole = await get({ range: 'bytes=0-9', 'if-range': other })
      expect([whole.status, await whole.text()]).toEqual([200, TEXT])
    }
  })
})

describe('who has it already', () => {
  it.each([etag, `W/${etag}`, `"another", ${etag}`, '*'])(
    'and says so by %s is told that nothing changed',
    async (tag) => {
      const response = await get({ 'if-none-match': tag })
      expect([response.status, await response.text(), response.headers.get('etag')]).toEqual([304, '', etag])
    },
  )

  it('and names another gets it', async () => {
    const response = await get({ 'if-none-match': '"another", W/"a third"' })
    expect([response.status, await response.text()]).toEqual([200, TEXT])
  })

  it('is told so before any range is looked at', async () => {
    expect((await get({ 'if-none-match': etag, range: 'bytes=99999-' })).status).toBe(304)
  })
})

describe('who may download', () => {
  const status = async (headers: Headers, at = path) => {
    const { status, body } = await rest(app, headers, 'GET', at)
    return [status, body]
  }
  const NONE = [404, { detail: 'There is no such attachment.' }]

  it('are the team and all of the organisation, by token or by cookie on its mount', async () => {
    const portal = path.replace('/api/v1', '')
    const { cookie = '' } = await app.acme.member.signIn()
    const reader = bearer(await app.token(app.acme.organisationId, ['tickets_read']))
    for (const [headers, at] of [
      [bearer(app.team.token), path],
      [reader, path],
      [await app.team.tess.signIn(), portal],
      [await app.acme.admin.signIn(), portal],
      // As a browser opens a link: no page says that it asks.
      [{ cookie }, portal],
    ] as const) {
      const response = await fetch(app.url + at, { headers })
      expect([response.status, await response.text()]).toEqual([200, TEXT])
    }
    expect((await status({ cookie }))[0]).toBe(401)
    expect((await status({ cookie, origin: 'https://evil.example' }, portal))[0]).toBe(403)
  })

  it('are no strangers, and nobody without the right to read', async () => {
    expect(await status(bearer(app.globex.token))).toEqual(NONE)
    expect((await status({}))[0]).toBe(401)
    const platform = bearer(await app.token(app.acme.organisationId, ['clusters_write']))
    expect(await status(platform)).toEqual([403, { detail: expect.stringContaining('tickets:read') }])
  })

  it('find it under its own ticket only', async () => {
    const id = path.split('/').at(-1)
    expect(await status(customer, `${TICKETS}/${await ticketAt(app)}/attachments/${id}`)).toEqual(NONE)
    expect(await status(customer, `${TICKETS}/${ticketId}/attachments/${crypto.randomUUID()}`)).toEqual(NONE)
    for (const other of ['x', '..%2f..', '%00', `${id}%0a`]) {
      expect((await status(customer, `${TICKETS}/${ticketId}/attachments/${other}`))[0]).toBe(404)
    }
  })

  it('find nothing of what was redacted, which is listed still', async () => {
    const redacted = await attach({ name: 'secrets.log', bytes: 'password: 1234\n' })
    const id = redacted.split('/').at(-1) as string
    const { storageKey } = await app.database.prisma.attachment.findFirstOrThrow({ where: { id } })
    await app.database.prisma.attachment.updateMany({ where: { id }, data: { filename: '[redacted]', sizeBytes: 0 } })
    await app.store.remove(storageKey)
    expect(await status(customer, redacted)).toEqual(NONE)
    const listed = (await ticketOf(app, customer, ticketId)).attachments.map((one) => one.filename)
    expect(listed).toContain('[redacted]')
  })
})

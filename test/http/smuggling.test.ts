// Requests that a proxy in front might read in another way than we do, and what is only for proxies: none is answered as
// if it were a decent one, and each ends its connection.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send, type TestApp, testApp } from '../support/app.ts'
import { wire } from './wire.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(async () => {
  expect(await send(app, {}, '{ __typename }')).toMatchObject({ data: { __typename: 'Query' } })
  await app.close()
})

const BODY = '{"query":"{__typename}"}'
const SIZE = BODY.length
const CHUNKS = `${SIZE.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`
const CLOSE = 'Connection: close'
const lines = (...all: string[]) => all.map((line) => `${line}\r\n`).join('')
const get = (...more: string[]) => `${lines('GET /healthz HTTP/1.1', ...more, CLOSE)}\r\n`
const post = (headers: string[], body: string) =>
  `${lines('POST /graphql HTTP/1.1', 'Host: x', 'Content-Type: application/json', ...headers, CLOSE)}\r\n${body}`

const length = `Content-Length: ${SIZE}`
const chunked = 'Transfer-Encoding: chunked'

const smuggled: [string, string][] = [
  ['a length and chunks', post([length, chunked], CHUNKS)],
  ['chunks and a length', post([chunked, length], CHUNKS)],
  ['two transfer encodings', post([chunked, 'Transfer-Encoding: identity'], CHUNKS)],
  ['chunks that are packed again', post(['Transfer-Encoding: chunked, gzip'], CHUNKS)],
  ['a space before the colon of its encoding', post(['Transfer-Encoding : chunked'], CHUNKS)],
  ['a space before the colon of its length', post([`Content-Length : ${SIZE}`], BODY)],
  ['two lengths', post([length, 'Content-Length: 3'], BODY)],
  ['the same length twice', post([length, length], BODY)],
  ['a list of lengths', post([`${length}, ${SIZE}`], BODY)],
  ['a length with a sign', post([`Content-Length: +${SIZE}`], BODY)],
  ['a length in hexadecimal', post(['Content-Length: 0x18'], BODY)],
  ['chunks whose size is in C', post([chunked], `0x${CHUNKS}`)],
  ['chunks of a negative size', post([chunked], `-1\r\n${BODY}\r\n0\r\n\r\n`)],
  ['chunks of a size beyond numbers', post([chunked], `${'f'.repeat(18)}\r\n${BODY}`)],
  ['chunks without carriage returns', post([chunked], CHUNKS.replaceAll('\r', ''))],
  ['a length among the trailers', post([chunked], CHUNKS.replace(/\r\n$/, 'Content-Length: 5\r\n\r\n'))],
  ['a header over two lines', get('Host: x', 'X-A: b\r\n c')],
  ['a carriage return in a header', get('Host: x', 'X-A: b\rX-B: c')],
  ['a NUL in a header', get('Host: x', 'X-A: b\0c')],
  ['a header without a name', get('Host: x', ': b')],
  ['line feeds alone', get('Host: x').replaceAll('\r', '')],
  ['two hosts', get('Host: x', 'Host: y')],
  ['no host', get()],
  ['a space in the address', get('Host: x').replace('/healthz', '/heal thz')],
  ['credentials in the address', get('Host: x').replace('/healthz', 'http://a:b@x/healthz')],
  ['an address of another protocol', get('Host: x').replace('/healthz', 'ftp://x/healthz')],
  ['a version that is none', get('Host: x').replace('1.1', '9.9')],
  ['the beginning of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['the beginning of TLS', `\x16\x03\x01\x02\x00\x01\x00\x01${'a'.repeat(100)}`],
]

const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))

describe('a request with', () => {
  it.each(smuggled)('%s is refused in a sentence, and nothing after it is read', async (_, bytes) => {
    const { text, headers, body } = await wire(app, `${bytes}${get('Host: x')}`)
    expect(statuses(text)).toEqual([400])
    expect(JSON.parse(body)).toEqual({ detail: expect.stringMatching(/^[A-Z].*\.$/) })
    expect(headers).toMatchObject({ connection: 'close', 'x-content-type-options': 'nosniff' })
  })

  const refused: [string, number, string][] = [
    ['an encoding that we do not take', 501, post(['Transfer-Encoding: gzip, chunked'], CHUNKS)],
    ['a packed body', 415, post([length, 'Content-Encoding: gzip'], BODY)],
    ['an expectation that nobody knows', 417, post([length, 'Expect: the-unexpected'], BODY)],
    ['extensions of chunks without end', 413, post([chunked], CHUNKS.replace('\r\n', `;${'a'.repeat(40_000)}\r\n`))],
    ['trailers without end', 431, post([chunked], CHUNKS.replace(/\r\n$/, `X-A: ${'b'.repeat(100_000)}\r\n\r\n`))],
    ['a header of 20,000 characters', 431, get('Host: x', `X-A: ${'a'.repeat(20_000)}`)],
    ['an address of 15,000 characters', 414, get('Host: x').replace('/healthz', `/${'a'.repeat(15_000)}`)],
    ['101 headers', 431, get('Host: x', ...Array.from({ length: 99 }, (_, i) => `X-${i}: a`))],
    ['the wish to be connected elsewhere', 405, get('Host: x').replace('GET /healthz', 'CONNECT a:443')],
  ]
  it.each(refused)('%s is refused by its own status, %i', async (_, status, bytes) => {
    const { text, headers, body } = await wire(app, bytes)
    expect(statuses(text)).toEqual([status])
    expect(JSON.parse(body)).toEqual({ detail: expect.stringMatching(/^[A-Z].*\.$/) })
    expect(headers['content-security-policy']).toMatch(/default-src 'none'/)
  })
})

describe('what is unusual and right', () => {
  const right: [string, string][] = [
    ['an absolute address, whose host counts', get('Host: [bad').replace('/healthz', 'http://desk.example/healthz')],
    ['HTTP/1.0 without a host, as simple checks of a proxy send it', 'GET /healthz HTTP/1.0\r\n\r\n'],
    ['empty lines before it', `\r\n\r\n${get('Host: x')}`],
    ['an extension of a chunk', post([chunked], CHUNKS.replace('\r\n', ';a=b\r\n'))],
    ['trailers', post([chunked, 'Trailer: X-A'], CHUNKS.replace(/\r\n$/, 'X-A: b\r\n\r\n'))],
    ['100 headers', get('Host: x', ...Array.from({ length: 98 }, (_, i) => `X-${i}: a`))],
    ['the offer of HTTP/2', get('Host: x', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__')],
  ]
  it.each(right)('is answered: %s', async (_, bytes) => {
    expect(statuses((await wire(app, bytes)).text)).toEqual([200])
  })

  it('is answered in the order of the requests, five at once', async () => {
    const kept = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'
    const { text } = await wire(app, `${kept}${kept}${kept.replace('healthz', 'no')}${kept}${get('Host: x')}`)
    expect(statuses(text)).toEqual([200, 200, 404, 200, 200])
  })

  it('is told to go on, unless what it announces is more than any door takes', async () => {
    const small = await wire(app, post([length, 'Expect: 100-continue'], BODY))
    expect(statuses(small.text)).toEqual([100, 200])
    const big = await wire(app, post(['Content-Length: 5000000000', 'Expect: 100-continue'], ''))
    expect(statuses(big.text)).toEqual([413])
  })
})

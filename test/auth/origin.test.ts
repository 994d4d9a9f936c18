import { describe, expect, it } from 'vitest'
import { isSameOrigin, mayUseCookie, type TrustedOrigins } from '../../src/auth/origin.ts'

const HOST = 'desk.example.com'
const trusted: TrustedOrigins = { publicUrl: `https://${HOST}`, allowedOrigins: ['https://portal.example.org'] }

const request = (method: string, headers: Record<string, string>) => ({
  method,
  headers: new Headers({ host: HOST, ...headers }),
})

const PROVED: [string, Record<string, string>][] = [
  ['the browser says so', { 'sec-fetch-site': 'same-origin' }],
  ['the browser says so and hides the origin', { 'sec-fetch-site': 'same-origin', origin: 'null' }],
  ['the origin is the public URL', { origin: `https://${HOST}` }],
  ['the origin is the public URL under another Host', { origin: `https://${HOST}`, host: 'internal:4000' }],
  ['the origin is the host itself', { origin: 'https://other.name', host: 'other.name' }],
  ['the origin is allowed', { origin: 'https://portal.example.org', 'sec-fetch-site': 'cross-site' }],
]

const NOT_PROVED: [string, Record<string, string>][] = [
  ['another site asks', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['another site asks and the browser says nothing', { origin: 'https://evil.example' }],
  ['a sibling of the site asks', { origin: `https://www.${HOST}`, 'sec-fetch-site': 'same-site' }],
  ['the scheme is another', { origin: `http://${HOST}` }],
  ['the port is another', { origin: `https://${HOST}:8443` }],
  ['the origin only begins alike', { origin: `https://${HOST}.evil.example` }],
  ['the origin is hidden', { origin: 'null' }],
  ['the origin is no origin', { origin: 'a[b"<>' }],
  ['a link elsewhere leads here', { 'sec-fetch-site': 'cross-site' }],
]

const SILENT: [string, Record<string, string>][] = [
  ['nothing is said', {}],
  ['the address was typed', { 'sec-fetch-site': 'none' }],
]

describe('a request with a cookie', () => {
  it.each(PROVED)('is of the same origin when %s', (_, headers) => {
    expect(isSameOrigin(request('POST', headers), trusted)).toBe(true)
    expect(mayUseCookie(request('POST', headers), trusted)).toBe(true)
  })

  it.each(NOT_PROVED)('is refused when %s', (_, headers) => {
    for (const method of ['GET', 'POST']) {
      expect(isSameOrigin(request(method, headers), trusted)).toBe(false)
      expect(mayUseCookie(request(method, headers), trusted)).toBe(false)
    }
  })

  it.each(SILENT)('may only read over REST when %s', (_, headers) => {
    expect(isSameOrigin(request('GET', headers), trusted)).toBe(false)
    for (const method of ['GET', 'HEAD']) expect(mayUseCookie(request(method, headers), trusted)).toBe(true)
    for (const method of ['POST', 'PUT', 'DELETE']) {
      expect(mayUseCookie(request(method, headers), trusted)).toBe(false)
    }
  })

  it('goes by plain HTTP and the Host header where no public URL is set', () => {
    const local = { publicUrl: null, allowedOrigins: [] }
    const from = (origin: string) => request('POST', { host: 'localhost:4000', origin })
    expect(isSameOrigin(from('http://localhost:4000'), local)).toBe(true)
    expect(isSameOrigin(from('http://localhost:4001'), local)).toBe(false)
    expect(isSameOrigin(from('https://localhost:4000'), local)).toBe(false)
  })

  it('survives a hostile Host header', () => {
    expect(isSameOrigin(request('POST', { host: 'a[b"<>', origin: 'http://x' }), trusted)).toBe(false)
  })
})

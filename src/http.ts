// What every HTTP request goes through before any library sees it: what cannot be a request is refused, the rest gets
// an id and a line in the log.

import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { rawAnswer, setHeaders } from './security-headers.ts'

export interface Checked {
  /** Without the query; decoded by nobody yet. */
  path: string
  requestId: string
  logger: Logger
}

/** Every address says for itself which methods it has; these none has, and the libraries fail on them. */
const NEVER = ['TRACE', 'CONNECT', 'TRACK']
const ALLOW = 'GET, HEAD, POST, PUT, OPTIONS'
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i

/** Desk cursors and documents in an address may be long; Node's bound is 16 KiB with all headers. */
const MAX_ADDRESS = 14 * 1024
/** Node keeps one more, so that too many can be told from as many as there may be. */
export const MAX_HEADERS = 100

export const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0] || '/'

export interface CheckOptions {
  logger: Logger
  /** What every answer has. */
  headers: Record<string, string>
  /** Of the trace that the request is part of, for its lines in the log. */
  traceId: string | null
}

/** Null when the request was answered already. */
export function checkRequest(req: IncomingMessage, res: ServerResponse, options: CheckOptions): Checked | null {
  const { traceId } = options
  const requestId = randomUUID()
  setHeaders(res, { ...options.headers, 'x-request-id': requestId })
  const logger = options.logger.child(traceId === null ? { requestId } : { requestId, trace_id: traceId })
  settleHost(req)
  const path = pathOf(req)
  logAnswer(req, res, path, logger)
  const refusal = refusalOf(req)
  if (refusal === null) return { path, requestId, logger }
  refuse(res, refusal.status, refusal.detail, refusal.headers)
  return null
}

interface EarlyRefusal {
  status: number
  detail: string
  headers?: Record<string, string>
}

/** What no library behind here would refuse as well. */
function refusalOf(req: IncomingMessage): EarlyRefusal | null {
  const { headers, method = '', rawHeaders, url = '' } = req
  if (NEVER.includes(method)) return { status: 405, detail: `Use one of ${ALLOW}.`, headers: { allow: ALLOW } }
  const isAddress = url.startsWith('/') && URL.canParse(url, 'http://host')
  if (!isHost(headers.host) || countOf(rawHeaders, 'host') > 1 || !isAddress) {
    return { status: 400, detail: 'The address or the header Host is not valid.' }
  }
  if (url.length > MAX_ADDRESS) return { status: 414, detail: `An address may have ${number(MAX_ADDRESS)} characters.` }
  if (rawHeaders.length / 2 > MAX_HEADERS) {
    return { status: 431, detail: `A request may have ${MAX_HEADERS} headers.`, headers: { connection: 'close' } }
  }
  return encodingRefusal(headers)
}

/** A body is taken as it is: whoever packs it would have us read another one. */
function encodingRefusal(headers: IncomingMessage['headers']): EarlyRefusal | null {
  const content = headers['content-encoding']?.trim().toLowerCase() || 'identity'
  if (content !== 'identity') {
    const detail = 'Send the body as it is, without Content-Encoding.'
    return { status: 415, detail, headers: { 'accept-encoding': 'identity' } }
  }
  const transfer = headers['transfer-encoding']?.trim().toLowerCase() ?? 'chunked'
  if (transfer === 'chunked') return null
  return { status: 501, detail: 'Of transfer encodings chunked alone is taken.', headers: { connection: 'close' } }
}

/** In rawHeaders names and values alternate. */
const countOf = (rawHeaders: readonly string[], name: string) =>
  rawHeaders.filter((text, i) => i % 2 === 0 && text.toLowerCase() === name).length

const number = (value: number) => value.toLocaleString('en')

/** "GET http://host/path", as proxies say it: its host is the one that counts (RFC 9112, 3.2.2). */
function settleHost(req: IncomingMessage): void {
  // HTTP/1.0 knows no Host: checks of a proxy's are often so.
  if (req.httpVersion === '1.0') req.headers.host ??= 'localhost'
  const [, host, rest] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(req.url ?? '') ?? []
  if (host === undefined || rest === undefined) return
  req.headers.host = host
  req.url = rest.startsWith('/') ? rest : `/${rest}`
}

function isHost(host: string | undefined): boolean {
  if (host === undefined || !HOST.test(host)) return false
  return URL.canParse(`http://${host}`)
}

/** Websockets are taken on /graphql only. */
export const isUpgradeHere = ({ url = '', headers }: IncomingMessage): boolean =>
  url.split('?')[0] === '/graphql' && headers.upgrade?.toLowerCase() === 'websocket' && isHost(headers.host)

/** The query stays out of the log: an address may hold a secret. */
function logAnswer({ method }: IncomingMessage, res: ServerResponse, path: string, logger: Logger): void {
  const start = performance.now()
  res.on('close', () => {
    const ms = Math.round(performance.now() - start)
    const cut = path.length > 200 ? `${path.slice(0, 200)}…` : path
    const status = res.writableFinished ? res.statusCode : 499
    logger.info({ method, path: cut, status, ms }, `${method} ${cut} ${status}`)
  })
}

export function refuse(res: ServerResponse, status: number, detail: string, headers: Record<string, string> = {}) {
  if (res.headersSent) return res.destroy()
  const body = JSON.stringify({ detail })
  return res.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(body)
}

/** `Application/JSON ; charset=utf-8` and the like, in the one spelling that everybody behind here compares with. */
export function normaliseContentType(req: IncomingMessage): string | null {
  const header = req.headers['content-type']
  if (header === undefined) return null
  const [type = '', ...parameters] = header.split(';').map((part) => part.trim())
  req.headers['content-type'] = [type.toLowerCase(), ...parameters].join('; ')
  return type.toLowerCase()
}

const DRAINED_BYTES = 64 * 1024 * 1024
const DRAIN_MS = 10_000
const DRAIN_CHECK_MS = 20

/**
 * An answer may be out before the whole request is in. What comes then is read and dropped, so that the client reads the
 * answer and may use the connection again; one that sends too much, or for too long, is cut.
 */
export function drainAfterAnswer(req: IncomingMessage, res: ServerResponse): void {
  res.once('finish', () => {
    if (req.complete) return
    const { socket } = req
    const [enough, until] = [socket.bytesRead + DRAINED_BYTES, performance.now() + DRAIN_MS]
    req.unpipe()
    req.resume()
    const watch = setInterval(() => {
      const isOver = req.complete || socket.destroyed
      const isTooMuch = socket.bytesRead > enough || performance.now() > until
      if (isOver || isTooMuch) clearInterval(watch)
      if (isTooMuch && !isOver) socket.destroySoon()
    }, DRAIN_CHECK_MS)
  })
}

const CHECK_MS = 2000
/** Checks without a byte: a body that stops for ten seconds holds a connection and nothing else. */
const STALLED_CHECKS = 5
/** An answer that nobody reads holds its memory; a slow reader takes a little every now and then. */
const UNREAD_CHECKS = 10

interface Exchange {
  req: IncomingMessage
  res: ServerResponse
  bytes: number
  still: number
  taken: number
  unread: number
}

export interface StallWatch {
  add(req: IncomingMessage, res: ServerResponse): void
  close(): void
}

/** Ends requests whose bodies have stopped arriving, or whose answers nobody takes; slow ones may take their time. */
export function makeStallWatch(): StallWatch {
  const exchanges = new Set<Exchange>()
  const timer = setInterval(() => {
    for (const one of exchanges) if ((!one.req.complete && isStalled(one)) || isUnread(one)) exchanges.delete(one)
  }, CHECK_MS).unref()
  return {
    add(req, res) {
      const entry = { req, res, bytes: req.socket.bytesRead, still: 0, taken: 0, unread: 0 }
      exchanges.add(entry)
      res.once('close', () => exchanges.delete(entry))
    },
    close: () => clearInterval(timer),
  }
}

function isUnread(entry: Exchange): boolean {
  const { bytesWritten, writableLength } = entry.req.socket
  const taken = bytesWritten - writableLength
  entry.unread = writableLength > 0 && taken === entry.taken ? entry.unread + 1 : 0
  entry.taken = taken
  if (entry.unread < UNREAD_CHECKS) return false
  entry.req.socket.destroy()
  return true
}

function isStalled(entry: Exchange): boolean {
  const { req, res } = entry
  const { bytesRead } = req.socket
  entry.still = bytesRead === entry.bytes ? entry.still + 1 : 0
  entry.bytes = bytesRead
  if (entry.still < STALLED_CHECKS) return false
  // As Node itself answers slow headers: past the response, which whoever waits for the body may still write to.
  if (!res.headersSent) {
    const headers = Object.fromEntries(Object.entries(res.getHeaders()).map(([name, value]) => [name, String(value)]))
    req.socket.write(rawAnswer('408 Request Timeout', 'The body stopped arriving.', headers))
  }
  req.socket.destroySoon()
  return true
}

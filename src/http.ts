// What every HTTP request goes through before any library sees it: what cannot be a request is refused, the rest gets
// an id and a line in the log.

import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'

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

export const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0] || '/'

/**
 * Null when the request was answered already.
 * @param traceId of the trace that the request is part of, for its lines in the log.
 */
export function checkRequest(
  req: IncomingMessage,
  res: ServerResponse,
  { logger: parent, traceId }: { logger: Logger; traceId: string | null },
): Checked | null {
  const requestId = randomUUID()
  res.setHeader('x-request-id', requestId)
  const logger = parent.child(traceId === null ? { requestId } : { requestId, trace_id: traceId })
  const path = pathOf(req)
  logAnswer(req, res, path, logger)
  if (NEVER.includes(req.method ?? '')) {
    refuse(res, 405, `Use one of ${ALLOW}.`, { allow: ALLOW })
    return null
  }
  if (!isHost(req.headers.host) || !URL.canParse(req.url ?? '', 'http://host')) {
    refuse(res, 400, 'The address or the header Host is not valid.')
    return null
  }
  return { path, requestId, logger }
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

interface Arriving {
  req: IncomingMessage
  res: ServerResponse
  bytes: number
  still: number
}

export interface StallWatch {
  add(req: IncomingMessage, res: ServerResponse): void
  close(): void
}

/** Ends requests whose bodies have stopped arriving; a slow one that goes on arriving may take its time. */
export function makeStallWatch(): StallWatch {
  const arriving = new Set<Arriving>()
  const timer = setInterval(() => {
    for (const entry of arriving) if (entry.req.complete || isStalled(entry)) arriving.delete(entry)
  }, CHECK_MS).unref()
  return {
    add(req, res) {
      const entry = { req, res, bytes: req.socket.bytesRead, still: 0 }
      arriving.add(entry)
      res.once('close', () => arriving.delete(entry))
    },
    close: () => clearInterval(timer),
  }
}

function isStalled(entry: Arriving): boolean {
  const { req, res } = entry
  const { bytesRead } = req.socket
  entry.still = bytesRead === entry.bytes ? entry.still + 1 : 0
  entry.bytes = bytesRead
  if (entry.still < STALLED_CHECKS) return false
  // As Node itself answers slow headers: past the response, which whoever waits for the body may still write to.
  if (!res.headersSent)
    req.socket.write('HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
  req.socket.destroySoon()
  return true
}

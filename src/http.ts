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

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS']
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i

/** Null when the request was answered already. */
export function checkRequest(req: IncomingMessage, res: ServerResponse, parent: Logger): Checked | null {
  const requestId = randomUUID()
  res.setHeader('x-request-id', requestId)
  const logger = parent.child({ requestId })
  const [path = '/'] = (req.url ?? '/').split('?')
  logAnswer(req, res, path, logger)
  if (!METHODS.includes(req.method ?? '')) {
    refuse(res, 405, `Use ${METHODS.join(', ')}.`, { allow: METHODS.join(', ') })
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

// GET /metrics: with METRICS_TOKEN for who has it, without for this machine alone.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { refuse } from '../http.ts'
import type { Metrics } from './metrics.ts'

export const METRICS_PATH = '/metrics'

/** Answers, or returns false where there is nothing at this address for this caller. */
export type MetricsEndpoint = (req: IncomingMessage, res: ServerResponse) => boolean

/** @param token null: none is set. */
export function makeMetricsEndpoint(metrics: Metrics, token: string | null): MetricsEndpoint {
  return (req, res) => {
    if (token === null && !isFromHere(req)) return false
    if (token !== null && !isSame(bearerOf(req), token)) {
      refuse(res, 401, 'Send the METRICS_TOKEN as "Authorization: Bearer …".', { 'www-authenticate': 'Bearer' })
    } else if (req.method !== 'GET' && req.method !== 'HEAD') {
      refuse(res, 405, 'Use GET, HEAD.', { allow: 'GET, HEAD' })
    } else {
      answer(res, metrics).catch(() => refuse(res, 500, 'The metrics could not be read.'))
    }
    return true
  }
}

async function answer(res: ServerResponse, metrics: Metrics): Promise<void> {
  const text = await metrics.text()
  const headers = { 'content-type': metrics.contentType, 'cache-control': 'no-store' }
  res.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text)
}

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/i
const FORWARDED = /^(x-forwarded(-.*)?|forwarded|x-real-ip|via)$/

/** A proxy on this machine asks from here too, for somebody who may be anywhere. */
function isFromHere({ socket, headers }: IncomingMessage): boolean {
  return LOOPBACK.test(socket.remoteAddress ?? '') && !Object.keys(headers).some((name) => FORWARDED.test(name))
}

const bearerOf = ({ headers }: IncomingMessage): string =>
  /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1] ?? ''

/** In a time that tells nothing of where they differ. */
const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))
const digest = (text: string) => createHash('sha256').update(text).digest()

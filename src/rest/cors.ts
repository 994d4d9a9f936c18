// Which other sites' pages may call: those of ALLOWED_ORIGINS, with cookies; by default none.

import type { MiddlewareHandler } from 'hono'
import { cors as honoCors } from 'hono/cors'

const EXPOSED = [
  ...['etag', 'x-request-id', 'x-total-count-exact', 'x-cost'],
  ...['ratelimit', 'ratelimit-policy', 'retry-after'],
]

export function cors(origins: readonly string[]): MiddlewareHandler {
  if (origins.length === 0) return (_, next) => next()
  return honoCors({
    origin: [...origins],
    credentials: true,
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT'],
    allowHeaders: ['content-type', 'authorization', 'idempotency-key', 'x-ankra-organisation-id', 'if-none-match'],
    exposeHeaders: EXPOSED,
  })
}

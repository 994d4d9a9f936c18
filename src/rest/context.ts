// The Context of a REST request: cookies count on the portal's mount only.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context as HonoContext } from 'hono'
import type { Logger } from 'pino'
import type { Context } from '../context.ts'
import { contextOf, type Gate } from '../request.ts'

/** What the HTTP server hands to the routes. */
export interface Arrived {
  Bindings: { requestId: string; logger: Logger; req: IncomingMessage; res: ServerResponse }
}

/** @param headers the request's own, or those with what its address says in their place. */
export function restContext(gate: Gate, c: HonoContext<Arrived>, headers = c.req.raw.headers): Promise<Context> {
  const { requestId, logger } = c.env
  return contextOf(gate, {
    method: c.req.method,
    headers,
    requestId,
    logger,
    signal: c.req.raw.signal,
    cookies: c.req.path.startsWith('/api/') ? 'never' : 'own pages and plain reads',
  })
}

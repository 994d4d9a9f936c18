// The Context of a REST request: cookies count on the portal's mount only.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context as HonoContext } from 'hono'
import type { Logger } from 'pino'
import type { Context } from '../context.ts'
import { rateHeaders } from '../rates/headers.ts'
import { type Arrival, contextOf, type Gate } from '../request.ts'

/** What the HTTP server hands to the routes. */
export interface Arrived {
  Bindings: { requestId: string; logger: Logger; req: IncomingMessage; res: ServerResponse }
}

/** @param headers the request's own, or those with what its address says in their place. */
export function restContext(gate: Gate, c: HonoContext<Arrived>, headers = c.req.raw.headers): Promise<Context> {
  return contextOf(gate, arrivalOf(c, headers))
}

export function arrivalOf(c: HonoContext<Arrived>, headers = c.req.raw.headers): Arrival {
  const { requestId, logger, req, res } = c.env
  return {
    method: c.req.method,
    headers,
    requestId,
    logger,
    signal: c.req.raw.signal,
    req,
    onSpent: (spent) => tell(res, rateHeaders(spent.values())),
    cookies: c.req.path.startsWith('/api/') ? 'never' : 'own pages and plain reads',
  }
}

/** Straight into the answer, whoever writes it in the end: a refusal, a stream, a file. */
export function tell(res: ServerResponse, headers: Record<string, string>): void {
  if (res.headersSent) return
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
}

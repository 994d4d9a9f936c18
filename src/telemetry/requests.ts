// The span of a request, named as OpenTelemetry's conventions for HTTP say. Of its address only the template is kept.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { isEventStream } from './metrics.ts'
import { NO_TRACING, type RequestSpan, type Tracing } from './tracing.ts'

export interface TracedRequest {
  /** Null: nothing is traced. */
  traceId: string | null
  run<T>(work: () => T): T
}

const NOT_TRACED: TracedRequest = { traceId: null, run: (work) => work() }
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'])

/** @param templates of all addresses there are: `/tickets/:id`. */
export function makeRequestTracer(tracing: Tracing, templates: readonly string[]) {
  if (tracing === NO_TRACING) return () => NOT_TRACED
  const routes = templates
    .map((template) => ({ template, parts: template.split('/') }))
    // What is spelled out wins: `/tickets/review` is no ticket.
    .sort((a, b) => parametersIn(a.parts) - parametersIn(b.parts))
  return (req: IncomingMessage, res: ServerResponse): TracedRequest => {
    const method = METHODS.has(req.method ?? '') ? (req.method as string) : '_OTHER'
    const path = (req.url ?? '/').split('?')[0]?.split('/') ?? []
    const route = routes.find(({ parts }) => matches(parts, path))?.template
    const name = `${method === '_OTHER' ? 'HTTP' : method}${route ? ` ${route}` : ''}`
    const { traceparent, tracestate } = req.headers
    const span = tracing.request(name, {
      traceparent: single(traceparent),
      tracestate: single(tracestate),
      attributes: {
        'http.request.method': method,
        'url.scheme': 'http',
        'network.protocol.version': req.httpVersion,
        ...(route && { 'http.route': route }),
      },
    })
    if (!span) return NOT_TRACED
    endWithAnswer(span, res)
    return span
  }
}

const matches = (parts: readonly string[], path: readonly string[]): boolean =>
  parts.length === path.length && parts.every((part, i) => part === path[i] || (part.startsWith(':') && path[i] !== ''))

const parametersIn = (parts: readonly string[]) => parts.filter((part) => part.startsWith(':')).length

const single = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join(',') : value)

/** A stream is answered when its head is out: what it sends in the hours after that is no part of the request. */
function endWithAnswer(span: RequestSpan, res: ServerResponse): void {
  let isOver = false
  const end = (failure: string | null) => {
    if (isOver) return
    isOver = true
    span.set({ 'http.response.status_code': res.statusCode })
    if (failure) span.fail(failure)
    span.end()
  }
  const writeHead = res.writeHead.bind(res) as (...args: unknown[]) => ServerResponse
  res.writeHead = ((...args: unknown[]) => {
    const written = writeHead(...args)
    if (isEventStream(res)) end(null)
    return written
  }) as typeof res.writeHead
  res.once('close', () => {
    if (!res.writableFinished) end('client_left')
    else end(res.statusCode >= 500 ? String(res.statusCode) : null)
  })
}

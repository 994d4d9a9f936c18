// A collector of traces on a free port of this machine: it takes OTLP as JSON over HTTP, and keeps the spans.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

export interface CollectedSpan {
  name: string
  traceId: string
  spanId: string
  parentSpanId: string | undefined
  traceState: string | undefined
  /** 1 internal, 2 server, 3 client. */
  kind: number
  attributes: Record<string, unknown>
  /** 2: it failed. */
  status: number | undefined
}

export interface Collector {
  url: string
  spans: CollectedSpan[]
  /** Of what sends them: `service.name` and the like. */
  resource: Record<string, unknown>
  /** Everything that has come, as it came. */
  raw: string[]
  /** How many requests have come. */
  requests: number
  /** What it answers; anything but 200 takes nothing. */
  status: number
  stop(): Promise<void>
}

export async function startCollector(): Promise<Collector> {
  const server = createServer(async (request, response) => {
    const body = (await json(request)) as Body
    collector.requests += 1
    if (collector.status === 200 && request.url === '/v1/traces') take(collector, body)
    response.writeHead(collector.status, { 'content-type': 'application/json' }).end('{}')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const collector: Collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: [],
    resource: {},
    raw: [],
    requests: 0,
    status: 200,
    async stop() {
      const closed = once(server.close(), 'close')
      server.closeAllConnections()
      await closed
    },
  }
  return collector
}

type Value = { stringValue?: string; intValue?: number | string; boolValue?: boolean; doubleValue?: number }
type Pairs = { key: string; value: Value }[]

interface Body {
  resourceSpans: { resource: { attributes: Pairs }; scopeSpans: { spans: Sent[] }[] }[]
}

interface Sent extends Omit<CollectedSpan, 'attributes' | 'status'> {
  attributes?: Pairs
  status?: { code?: number }
}

function take(collector: Collector, body: Body): void {
  collector.raw.push(JSON.stringify(body))
  for (const { resource, scopeSpans } of body.resourceSpans) {
    collector.resource = valuesOf(resource.attributes)
    for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
      collector.spans.push({ ...span, attributes: valuesOf(span.attributes ?? []), status: span.status?.code })
    }
  }
}

const valuesOf = (pairs: Pairs): Record<string, unknown> =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]]))

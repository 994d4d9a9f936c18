// Traces, as a collector receives them: what a request did, under the trace of its caller, and nothing that anybody
// wrote; and what becomes of the service when the collector is away.

import type { Logger } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { watchTrouble } from '../../src/telemetry/log-once.ts'
import { openTelemetry } from '../../src/telemetry/otel.ts'
import type { Tracing } from '../../src/telemetry/tracing.ts'
import { connect, EVENTS } from '../events/follow.ts'
import { outage } from '../rest/drafts.ts'
import { ask, bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { type Collector, startCollector } from '../support/collector.ts'
import { bareDatabase } from '../support/database.ts'
import { keepingLog } from '../support/log.ts'
import { KEY, type MessagesApi, startMessagesApi } from '../support/messages-api.ts'
import { startProcess } from '../support/process.ts'

function tracingTo(url: string, logger: Logger, env: Record<string, string> = {}): Tracing {
  const { tracing } = loadConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_BSP_SCHEDULE_DELAY: '50', ...env })
  if (!tracing) throw new Error('nothing is traced')
  return openTelemetry(tracing, watchTrouble({ logger, failing: 'No collector', working: 'A collector' }))
}

const log = keepingLog()
let collector: Collector
let api: MessagesApi
let tracing: Tracing
let app: TestApp
beforeAll(async () => {
  collector = await startCollector()
  api = await startMessagesApi()
  tracing = tracingTo(collector.url, log.logger, { OTEL_SERVICE_NAME: 'desk-1' })
  const env = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: api.url, REVIEW_MODEL: 'claude-test-1' }
  app = await testApp({ env, tracing, logger: log.logger })
})
afterAll(async () => {
  await app.close()
  await tracing.stop()
  await api.stop()
  await collector.stop()
})

const acme = () => bearer(app.acme.token)
let count = 0
const newTraceId = () => (++count).toString(16).padStart(32, 'a')
const CALLER = '00f067aa0ba902b7'

/** The spans of what `work` asked for under a trace of the caller's, when the request itself has come. */
async function traced(work: (headers: Record<string, string>) => Promise<unknown>) {
  const traceId = newTraceId()
  await work({ traceparent: `00-${traceId}-${CALLER}-01`, tracestate: 'vendor=1' })
  const spans = () => collector.spans.filter((span) => span.traceId === traceId)
  await expect.poll(() => spans().some(({ kind }) => kind === 2), { timeout: 10_000 }).toBe(true)
  const own = spans()
  const named = (name: string | RegExp) =>
    own.find((span) => (typeof name === 'string' ? span.name === name : name.test(span.name)))
  return { traceId, spans: own, named }
}

describe('a trace', () => {
  it('goes on from the caller, through the operation, to the statements', async () => {
    const { spans, named } = await traced((headers) =>
      ask(app, { ...acme(), ...headers }, '{ tickets { nodes { id } } }'),
    )
    const request = named('POST /graphql')
    expect(request).toMatchObject({ kind: 2, parentSpanId: CALLER, traceState: 'vendor=1' })
    expect(request?.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/graphql',
      'http.response.status_code': 200,
    })
    const operation = named('tickets')
    expect(operation).toMatchObject({ parentSpanId: request?.spanId, attributes: { 'deskwire.outcome': 'ok' } })
    const statement = spans.find(({ name, parentSpanId }) => /^SELECT/.test(name) && parentSpanId === operation?.spanId)
    expect(statement).toMatchObject({ kind: 3, attributes: { 'db.system.name': 'postgresql' } })
    expect(collector.resource).toMatchObject({ 'service.name': 'desk-1' })
  })

  it('names a request by the template of its address', async () => {
    const { body: ticket } = await rest(app, acme(), 'POST', TICKETS, { ...outage, acknowledged: true })
    const get = await traced((headers) => rest(app, { ...acme(), ...headers }, 'GET', `${TICKETS}/${ticket.id}?x=y`))
    expect(get.named(/^GET/)?.name).toBe(`GET ${TICKETS}/:ticket_id`)
    const review = await traced((headers) => rest(app, { ...acme(), ...headers }, 'POST', `${TICKETS}/review`, outage))
    expect(review.named(/^POST/)?.name).toBe(`POST ${TICKETS}/review`)
    const nowhere = await traced((headers) => fetch(`${app.url}/ada@acme.example`, { headers }))
    expect(nowhere.spans.map(({ name }) => name)).toEqual(['GET'])
    expect(nowhere.spans[0]?.attributes).not.toHaveProperty('http.route')
  })

  it('shows the review, the model and the transaction of a ticket that is filed', async () => {
    const { named, spans } = await traced((headers) =>
      rest(app, { ...acme(), ...headers }, 'POST', TICKETS, { ...outage, acknowledged: true }),
    )
    const operation = named('createTicket')
    const review = named('review')
    expect(review).toMatchObject({ parentSpanId: operation?.spanId })
    expect(named('chat claude-test-1')).toMatchObject({ kind: 3, parentSpanId: review?.spanId })
    expect(named('chat claude-test-1')?.attributes).toMatchObject({ 'gen_ai.provider.name': 'anthropic' })
    const transaction = named('transaction')
    expect(transaction).toMatchObject({ parentSpanId: operation?.spanId })
    const within = spans.filter(({ parentSpanId }) => parentSpanId === transaction?.spanId).map(({ name }) => name)
    expect(within).toEqual(
      expect.arrayContaining(['BEGIN', 'INSERT tickets', 'UPDATE organisation_counters', 'COMMIT']),
    )
  })

  it('shows what the store of attachments did', async () => {
    const { body: ticket } = await rest(app, acme(), 'POST', TICKETS, { ...outage, acknowledged: true })
    const form = new FormData()
    form.set('file', new Blob(['08:10 it broke\n'], { type: 'text/plain' }), 'of-ada.log')
    const { named } = await traced((headers) =>
      fetch(`${app.url}${TICKETS}/${ticket.id}/attachments`, {
        method: 'POST',
        body: form,
        headers: { ...acme(), ...headers },
      }),
    )
    expect(named('attachment store put')).toMatchObject({ parentSpanId: named('uploadAttachment')?.spanId })
  })

  it('ends with the head of an event stream, and what is sent later is no part of it', async () => {
    const leave = new AbortController()
    const { spans, traceId } = await traced((headers) =>
      fetch(`${app.url}${TICKETS}/events`, { headers: { ...acme(), ...headers }, signal: leave.signal }),
    )
    await rest(app, acme(), 'POST', TICKETS, { ...outage, acknowledged: true })
    const later = await traced((headers) => ask(app, { ...acme(), ...headers }, '{ viewer { id } }'))
    leave.abort()
    expect(later.spans.length).toBeGreaterThan(0)
    expect(collector.spans.filter((span) => span.traceId === traceId)).toHaveLength(spans.length)
  })

  it('begins with the operation where something is followed over a websocket', async () => {
    const before = collector.spans.length
    const follower = await connect(app, acme())
    const feed = follower.follow(EVENTS)
    const begun = () => collector.spans.slice(before).find(({ name }) => name === 'subscribe')
    await expect.poll(begun, { timeout: 10_000 }).toMatchObject({ attributes: { 'deskwire.outcome': 'ok' } })
    expect(begun()?.parentSpanId).toBeFalsy()
    feed.stop()
    await follower.close()
  })

  it('is found by what the log says of the request', async () => {
    const { traceId } = await traced((headers) => ask(app, { ...acme(), ...headers }, '{ viewer { id } }'))
    const line = log.lines.find((one) => one.trace_id === traceId)
    expect(line).toMatchObject({ msg: 'POST /graphql 200', requestId: expect.any(String) })
  })

  it.each(['nonsense', '00-00000000000000000000000000000000-00f067aa0ba902b7-01', `ff-${'a'.repeat(32)}-${CALLER}`])(
    'of a caller that cannot be read begins anew: %s',
    async (traceparent) => {
      const before = collector.spans.length
      await fetch(`${app.url}/healthz`, { headers: { traceparent } })
      const request = () => collector.spans.slice(before).find(({ name }) => name === 'GET /healthz')
      await expect.poll(request, { timeout: 10_000 }).toBeTruthy()
      expect(request()?.parentSpanId).toBeFalsy()
      expect(request()?.traceId).toMatch(/^(?!0+$)[0-9a-f]{32}$/)
    },
  )

  it('that its caller does not keep is not kept here', async () => {
    const traceId = newTraceId()
    await ask(app, { ...acme(), traceparent: `00-${traceId}-${CALLER}-00` }, '{ viewer { id } }')
    await traced((headers) => ask(app, { ...acme(), ...headers }, '{ viewer { id } }'))
    expect(collector.spans.filter((span) => span.traceId === traceId)).toEqual([])
    expect(log.lines.some((line) => line.trace_id === traceId)).toBe(true)
  })

  it('holds nothing that anybody wrote, no token, no address and no id', async () => {
    await traced((headers) =>
      fetch(`${app.url}/api/auth/sign-in/email`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', origin: app.url },
        body: JSON.stringify({ email: app.acme.admin.email, password: 'not the right one' }),
      }),
    )
    await traced((headers) =>
      ask(app, { ...acme(), ...headers }, '{ tickets(filter: { q: "kubelet" }) { totalCount } }'),
    )
    await traced((headers) => rest(app, { ...acme(), ...headers }, 'GET', `${TICKETS}/ada@acme.example`))
    const all = collector.raw.join('\n')
    const words = ['kubelet', 'NotReady', 'ada@', 'Ada of', 'of-ada', 'it broke', 'not the right one', app.acme.token]
    expect(words.filter((word) => all.includes(word))).toEqual([])
    expect(all).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/)
  })
})

describe('a collector that is away', () => {
  it('slows and breaks nothing, and is told of once', async () => {
    const { logger, lines } = keepingLog()
    const away = await startCollector()
    away.status = 500
    const lost = tracingTo(away.url, logger)
    const span = () => lost.span('a step', { begins: true }, async () => 'done')
    const started = performance.now()
    for (let i = 0; i < 10_000; i++) expect(await span()).toBe('done')
    expect(performance.now() - started).toBeLessThan(3000)
    await expect.poll(() => away.requests, { timeout: 10_000 }).toBeGreaterThan(2)
    await expect.poll(() => lines.length).toBeGreaterThan(0)
    const stopping = performance.now()
    await lost.stop()
    expect(performance.now() - stopping).toBeLessThan(3000)
    expect(lines.map(({ msg }) => msg)).toEqual(['No collector'])
    await away.stop()
  })

  it('is no reason not to stop in time, even when it takes what it is sent and never answers', async () => {
    const { logger } = keepingLog()
    const { createServer } = await import('node:net')
    const deaf = createServer(() => {})
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve))
    const { port } = deaf.address() as { port: number }
    const lost = tracingTo(`http://127.0.0.1:${port}`, logger)
    await lost.span('a step', { begins: true }, async () => {})
    const stopping = performance.now()
    await lost.stop()
    expect(performance.now() - stopping).toBeLessThan(3000)
    deaf.close()
  })
})

describe('what has not been sent yet', () => {
  it('is sent when the service stops', async () => {
    const { logger } = keepingLog()
    const last = tracingTo(collector.url, logger, { OTEL_BSP_SCHEDULE_DELAY: '60000' })
    await last.span('the last step', { begins: true }, async () => {})
    await last.stop()
    expect(collector.spans.map(({ name }) => name)).toContain('the last step')
  })

  it('is sent by the whole process too, which finds the collector by the usual variables', async () => {
    const database = await bareDatabase()
    const env = { DATABASE_URL: database.url, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: 'whole' }
    const running = await startProcess({ env: { ...env, OTEL_BSP_SCHEDULE_DELAY: '60000' } })
    const traceId = newTraceId()
    await fetch(`${running.url}/readyz`, { headers: { traceparent: `00-${traceId}-${CALLER}-01` } })
    expect(await running.stop()).toMatchObject({ code: 0 })
    await database.drop()
    const names = collector.spans.filter((span) => span.traceId === traceId).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['GET /readyz', 'SELECT _prisma_migrations']))
    expect(collector.resource['service.name']).toBe('whole')
  })
})

// Traces by OpenTelemetry, sent as OTLP over HTTP. Loaded only where a collector is named. Nothing of it is global: no
// library of ours that would trace by itself finds a provider, and none puts into spans what we would not.

import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Context,
  createTraceState,
  isSpanContextValid,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { TracingConfig } from './config.ts'
import type { Trouble } from './log-once.ts'
import { errorType, NO_SPAN, type RequestOptions, type RequestSpan, type Span, type Tracing } from './tracing.ts'

/** A collector that is away keeps nobody waiting: spans wait here, and the rest is dropped. */
const MOST_WAITING = 2048
const SEND_TIMEOUT_MS = 5000
/** What a stop waits for at the most. */
const FAREWELL_MS = 2000
const LONGEST_ATTRIBUTE = 200

/** @param trouble is told whether the collector takes what it is sent. */
export function openTelemetry(config: TracingConfig, trouble: Trouble): Tracing {
  const exporter = reporting(new OTLPTraceExporter({ url: config.url, timeoutMillis: SEND_TIMEOUT_MS }), trouble)
  const processor = new BatchSpanProcessor({
    exporter,
    maxQueueSize: MOST_WAITING,
    scheduledDelayMillis: config.sendEveryMs,
    exportTimeoutMillis: 2 * SEND_TIMEOUT_MS,
  })
  const named = resourceFromAttributes({ 'service.name': config.serviceName })
  const provider = new TracerProvider({
    // What OTEL_RESOURCE_ATTRIBUTES says stands, but for the name.
    resource: defaultResource()
      .merge(detectResources({ detectors: [envDetector] }))
      .merge(named),
    sampler: samplerOf(config),
    spanLimits: { attributeValueLengthLimit: LONGEST_ATTRIBUTE },
    spanProcessors: [processor],
  })
  return {
    ...tracingBy(provider.getTracer('deskwire')),
    async stop() {
      const waited = new Promise<void>((resolve) => setTimeout(resolve, FAREWELL_MS).unref())
      await Promise.race([provider.shutdown().catch(() => {}), waited])
    },
  }
}

function samplerOf({ sampler: { ratio, parentBased } }: TracingConfig): Sampler {
  const root = ratio === 1 ? new AlwaysOnSampler() : new TraceIdRatioBasedSampler(ratio)
  return parentBased ? new ParentBasedSampler({ root }) : root
}

/** The SDK would say nothing of a failure, since nobody listens to its own log. */
function reporting(exporter: OTLPTraceExporter, trouble: Trouble): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.error) trouble.failed(result.error)
        else trouble.works()
        done(result)
      }),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  }
}

const KINDS = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT }

/** What is under way is kept here, and not in the API's global. */
function tracingBy(tracer: Tracer): Pick<Tracing, 'span' | 'request'> {
  const underWay = new AsyncLocalStorage<OtelSpan>()
  return {
    async span(name, { kind = 'internal', attributes, begins = false }, work) {
      const parent = underWay.getStore()
      // One that has ended is no parent: streams go on long after the request that has opened them.
      if (!parent?.isRecording() && !begins) return work(NO_SPAN)
      const context = parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT
      const own = tracer.startSpan(name, { kind: KINDS[kind], ...(attributes && { attributes }) }, context)
      const span = spanOf(own)
      try {
        return await underWay.run(own, () => work(span))
      } catch (error) {
        span.fail(errorType(error))
        throw error
      } finally {
        own.end()
      }
    },
    request(name, options) {
      const own = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes: options.attributes }, contextOf(options))
      return requestSpan(own, (work) => underWay.run(own, work))
    },
  }
}

function requestSpan(own: OtelSpan, run: RequestSpan['run']): RequestSpan {
  return { ...spanOf(own), traceId: own.spanContext().traceId, run, end: () => own.end() }
}

function spanOf(own: OtelSpan): Span {
  return {
    set: (attributes) => void own.setAttributes(attributes),
    fail: (type) => void own.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR }),
  }
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** https://www.w3.org/TR/trace-context/#traceparent-header: versions to come may say more behind it. */
function contextOf({ traceparent = '', tracestate }: RequestOptions): Context {
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(traceparent.trim()) ?? []
  const parent: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true }
  const isWrong = version === undefined || version === 'ff' || (version === '00' && more !== undefined)
  if (isWrong || !isSpanContextValid(parent)) return ROOT_CONTEXT
  if (tracestate) parent.traceState = createTraceState(tracestate)
  return trace.setSpanContext(ROOT_CONTEXT, parent)
}

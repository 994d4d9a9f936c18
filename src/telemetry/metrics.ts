// What can be watched of a server: counters, gauges and histograms for Prometheus. Made once a server; the parts count
// by the functions here. No label holds an id, a name or anything else that a client could make up.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { Counter, Gauge, Histogram, Registry } from '@prometheus-io/client'
import type { ConnectionKind } from '../connections.ts'
import type { Backlog } from '../db/backlog.ts'
import type { Connections } from '../db/client.ts'
import type { CircuitState } from '../review/reviewer.ts'
import { collectProcess } from './process.ts'
import { countReviews, type ReviewMetrics } from './reviews.ts'

export type Door = 'graphql' | 'rest' | 'auth' | 'health' | 'other'

/** `problem`: an answer one has to expect; `refused`: who may not ask; `unavailable`: a part that is away. */
export type Outcome = 'ok' | 'problem' | 'refused' | 'unavailable' | 'error'

/** What the parts tell. */
export interface Counts extends ReviewMetrics {
  /** A request has arrived; its answer is counted when it is out. */
  request(req: IncomingMessage, res: ServerResponse, door: Door): void
  operation(name: string, outcome: Outcome, seconds: number): void
  /** Somebody waited for a connection to the database. */
  connectionWait(seconds: number): void
  /** An event went to one subscriber. `since`: when it happened, where it was handed on as it came. */
  delivered(since: Date | null): void
}

export interface Metrics extends Counts {
  /** All there is, as Prometheus reads it. Those who ask at once are given the same. */
  text(): Promise<string>
  readonly contentType: string
  stop(): void
}

/** What is looked at when somebody asks. */
export interface Sources {
  pool(): Connections
  subscriptions(): number
  connections(kind: ConnectionKind): number
  /** Null: there is no model. */
  circuit(): CircuitState | null
  /** Null when the database is away: what it would have told is left out then. */
  backlog(): Promise<Backlog | null>
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const HTTP_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const OPERATION_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 10]
const WAIT_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 10]
const LAG_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60]

export function makeMetrics(sources: Sources): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const stop = collectProcess(registry)
  const backlog = backlogGauges(registers)
  watchParts(registers, sources)
  let reading: Promise<string> | null = null

  async function read(): Promise<string> {
    backlog(await sources.backlog())
    return registry.metrics()
  }

  return {
    ...countRequests(registers),
    ...countOperations(registers),
    ...countDatabaseAndFeeds(registers),
    ...countReviews(registers),
    text() {
      reading ??= read().finally(() => {
        reading = null
      })
      return reading
    },
    contentType: registry.contentType,
    stop,
  }
}

function countRequests(registers: Registry[]): Pick<Metrics, 'request'> {
  const requests = new Counter({
    name: 'deskwire_http_requests_total',
    help: 'Requests that were answered. status: the class of the answer, or "left" where the client went away before.',
    labelNames: ['door', 'method', 'status'],
    registers,
  })
  const seconds = new Histogram({
    name: 'deskwire_http_request_duration_seconds',
    help: 'Time from the request to the end of its answer, in seconds; event streams are not among them.',
    labelNames: ['door'],
    buckets: HTTP_SECONDS,
    registers,
  })
  const inFlight = new Gauge({
    name: 'deskwire_http_requests_in_flight',
    help: 'Requests that are being answered; event streams are among them for as long as they are open.',
    registers,
  })
  return {
    request({ method = '' }, res, door) {
      const start = performance.now()
      inFlight.inc()
      res.once('close', () => {
        inFlight.dec()
        const isStream = isEventStream(res)
        const status = res.writableFinished || isStream ? `${Math.floor(res.statusCode / 100)}xx` : 'left'
        requests.inc({ door, method: METHODS.has(method) ? method : 'other', status })
        if (!isStream) seconds.observe({ door }, (performance.now() - start) / 1000)
      })
    },
  }
}

/** Once its head is out. */
export const isEventStream = (res: ServerResponse): boolean =>
  String(res.getHeader('content-type') ?? '').startsWith('text/event-stream')

function countOperations(registers: Registry[]): Pick<Metrics, 'operation'> {
  const duration = new Histogram({
    name: 'deskwire_operation_duration_seconds',
    help: 'Time that an operation took, in seconds. outcome: ok, problem, refused, unavailable or error.',
    labelNames: ['operation', 'outcome'],
    buckets: OPERATION_SECONDS,
    registers,
  })
  return { operation: (operation, outcome, seconds) => duration.observe({ operation, outcome }, seconds) }
}

function countDatabaseAndFeeds(registers: Registry[]): Pick<Metrics, 'connectionWait' | 'delivered'> {
  const waits = new Histogram({
    name: 'deskwire_database_connection_wait_seconds',
    help: 'Time until a connection to the database was had, in seconds, where none was idle; others are not counted.',
    buckets: WAIT_SECONDS,
    registers,
  })
  const delivered = new Counter({
    name: 'deskwire_events_delivered_total',
    help: 'Events handed to subscribers, replayed ones too: one event to ten subscribers is ten.',
    registers,
  })
  const lag = new Histogram({
    name: 'deskwire_feed_lag_seconds',
    help: 'Time from an event to its being handed to a subscriber, in seconds, where it was handed on as it came.',
    buckets: LAG_SECONDS,
    registers,
  })
  return {
    connectionWait: (seconds) => waits.observe(seconds),
    delivered(since) {
      delivered.inc()
      // Clocks of two machines may differ.
      if (since) lag.observe(Math.max(0, Date.now() - since.getTime()) / 1000)
    },
  }
}

function watchParts(registers: Registry[], sources: Sources): void {
  new Gauge({
    name: 'deskwire_database_connections',
    help: "Connections of the pool: all (total), those in nobody's use (idle), and requests without one (waiting).",
    labelNames: ['state'],
    registers,
    collect() {
      for (const [state, count] of Object.entries(sources.pool())) this.set({ state }, count)
    },
  })
  new Gauge({
    name: 'deskwire_subscriptions',
    help: 'Subscriptions and event streams that are being followed.',
    registers,
    collect() {
      this.set(sources.subscriptions())
    },
  })
  new Gauge({
    name: 'deskwire_connections',
    help: 'Open connections of those who follow events.',
    labelNames: ['kind'],
    registers,
    collect() {
      for (const kind of ['websocket', 'event_stream'] as const) this.set({ kind }, sources.connections(kind))
    },
  })
  new Gauge({
    name: 'deskwire_model_circuit',
    help: 'Whether the model is asked: 1 for the state that it is in. open: it has failed, and is left alone.',
    labelNames: ['state'],
    registers,
    collect() {
      const now = sources.circuit()
      if (now === null) return
      for (const state of ['closed', 'half_open', 'open']) this.set({ state }, state === now ? 1 : 0)
    },
  })
}

/** They are absent when nobody knows. */
function backlogGauges(registers: Registry[]): (backlog: Backlog | null) => void {
  const watermark = new Gauge({
    name: 'deskwire_watermark_lag_seconds',
    help: 'Age of the oldest transaction that holds back the feed of all organisations, in seconds; 0: none does.',
    registers,
  })
  const pending = new Gauge({
    name: 'deskwire_pending_reviews',
    help: 'Tickets that wait for the review of a model.',
    registers,
  })
  const show = (gauge: Gauge, value: number | null) => (value === null ? gauge.remove() : gauge.set(value))
  return (backlog) => {
    show(watermark, backlog?.watermarkLagSeconds ?? null)
    show(pending, backlog?.pendingReviews ?? null)
  }
}

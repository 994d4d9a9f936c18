// One HTTP port: GraphQL, REST, sign-in, health, metrics. It opens what answers (doors.ts), and stops in order.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import { keepDoing } from './background.ts'
import { answerBadRequests } from './bad-requests.ts'
import type { Config } from './config.ts'
import type { Database } from './db/client.ts'
import { type Life, watchLife } from './db/life.ts'
import { type Doors, openDoors } from './doors.ts'
import { redisWakeUps } from './events/redis.ts'
import { postgresWakeUps, type WakeUps } from './events/wakeup.ts'
import { MAX_HEADERS } from './http.ts'
import { announcesTooMuch } from './multipart.ts'
import type { CircuitState } from './review/reviewer.ts'
import { makeReviewService } from './review/service.ts'
import { securityHeaders } from './security-headers.ts'
import { observed } from './storage/observed.ts'
import type { AttachmentStore } from './storage/store.ts'
import { sweepStrays } from './storage/strays.ts'
import { makeMetricsEndpoint } from './telemetry/endpoint.ts'
import { watchParts } from './telemetry/parts.ts'
import { NO_TRACING, type Tracing } from './telemetry/tracing.ts'

export interface ServerOptions {
  config: Config
  database: Database
  logger: Logger
  /** Which life of the database this is, as the start has read it: part of every cursor. */
  life: string
  /** The root of all keys. */
  secret: string
  store: AttachmentStore
  /** Of the database server itself, where `database` goes through a pooler: notifications come from there. */
  listenUrl: string
  /** Null, absent: nothing is traced. Given to `database` too. */
  tracing?: Tracing | null
  /** Tests set the time. */
  now?: () => Date
}

export interface RunningServer {
  url: string
  /** Answers what is under way, then closes; connections that are idle or too slow are cut. */
  stop(): Promise<void>
}

/** Node would wait 300 s for a slow body. */
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 120_000
const CHECK_CONNECTIONS_MS = 2000
const DRAIN_MS = 5000
const SWEEP_MS = 10 * 60 * 1000
const IDLE_CHECK_MS = 50

/** @throws with the code of `listen` (EADDRINUSE, EACCES, …) when the port cannot be had. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config } = options
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_CONNECTIONS_MS,
    // Refused by http.ts, in a sentence.
    requireHostHeader: false,
    // Other upgrades, such as the h2c that many clients offer, are taken as the plain requests that they also are.
    shouldUpgradeCallback: (req) => req.headers.upgrade?.toLowerCase() === 'websocket',
  })
  server.maxHeadersCount = MAX_HEADERS + 1
  answerBadRequests(server, securityHeaders(config.publicUrl))
  const lifeWatch = await watchLife({ url: options.listenUrl, known: options.life, logger: options.logger })
  await listen(server, config.host, config.port).catch((error) =>
    lifeWatch.close().finally(() => Promise.reject(error)),
  )
  const url = addressOf(server, config.host)
  const wakeUps = openWakeUps(options)
  const { database, logger, secret, tracing, now = () => new Date() } = options
  let doors: Doors
  let circuit = (): CircuitState | null => null
  const watch = watchParts(options, {
    subscriptions: () => doors.feeds.count(),
    connections: (kind) => doors.connections.count(kind),
    circuit: () => circuit(),
  })
  const telemetry = { metrics: watch.metrics, tracing: tracing ?? NO_TRACING }
  const store = observed(options.store, telemetry.tracing, watch.storeTrouble)
  const stopSweeping = keepDoing(
    () => sweepStrays({ database, store }),
    { intervalMs: SWEEP_MS },
    (error) => logger.warn({ err: error }, 'What failed uploads have left could not be removed; trying again later'),
  )
  const { anthropic, reviewTimeoutMs: timeoutMs } = config
  const reviewer = await makeReviewService({ database, anthropic, timeoutMs, logger, telemetry })
  circuit = reviewer.circuit
  const publicUrl = config.publicUrl ?? url
  const metricsEndpoint = makeMetricsEndpoint(watch.metrics, config.metricsToken)
  const lasting = { config, database, logger, store, secret, now, wakeUps, reviewer, publicUrl, telemetry }
  const open = (life: Life) => openDoors({ ...lasting, metricsEndpoint }, life)
  doors = open(lifeWatch.life)
  lifeWatch.follow((life) => {
    const before = doors
    doors = open(life)
    void before.close()
  })
  server.on('request', (req, res) => doors.request(req, res))
  server.on('checkContinue', (req, res) => {
    // Who announces more than any door takes is answered before a byte of it is sent.
    if (!announcesTooMuch(req, config.attachments.maxFileBytes)) res.writeContinue()
    doors.request(req, res)
  })
  server.on('upgrade', (req, socket, head) => doors.upgrade(req, socket, head))
  return {
    url,
    async stop() {
      stopSweeping()
      const closed = stop(server)
      const watchClosed = lifeWatch.close()
      await doors.close()
      await closed
      await Promise.all([watchClosed, wakeUps.close(), watch.close()])
    },
  }
}

/** One kind or the other: what is announced over one is not heard over the other. */
function openWakeUps({ config, listenUrl, logger }: ServerOptions): WakeUps {
  return config.redisUrl === null ? postgresWakeUps(listenUrl, logger) : redisWakeUps(config.redisUrl, logger)
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function addressOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // A connection is idle as soon as its answer is out, and would then wait to be kept alive.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS)
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
  await closed
  clearInterval(idle)
  clearTimeout(cut)
}

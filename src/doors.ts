// All that answers on the port of a server: who gets a request by its address, and what every request goes through.

import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import type { Logger } from 'pino'
import { makeAuth } from './auth/auth.ts'
import { makeDownloadLinks } from './auth/download-links.ts'
import { handleAuth } from './auth/handler.ts'
import { setPasswordPage } from './auth/set-password.ts'
import { makeAuthenticator } from './auth/viewer.ts'
import { makeRightsWatch } from './auth/watch.ts'
import { keepDoing } from './background.ts'
import type { Config } from './config.ts'
import { type Connections, makeConnections } from './connections.ts'
import type { Services } from './context.ts'
import type { Database } from './db/client.ts'
import { isUnavailable } from './db/faults.ts'
import type { Life } from './db/life.ts'
import { type Feeds, makeFeeds } from './events/hub.ts'
import { makeEventLog } from './events/log.ts'
import type { WakeUps } from './events/wakeup.ts'
import { sendGraphiql, wantsGraphiql } from './graphql/graphiql.ts'
import { graphqlRefusal, refuseGraphQL } from './graphql/http.ts'
import { makeGraphQL } from './graphql/server.ts'
import { makeWebSockets } from './graphql/websocket.ts'
import { OTHER_PATHS, peopleAndHealth } from './health.ts'
import {
  type Checked,
  checkRequest,
  drainAfterAnswer,
  isUpgradeHere,
  makeStallWatch,
  normaliseContentType,
  pathOf,
  refuse,
} from './http.ts'
import { Refusal } from './operations/errors.ts'
import { completePendingReviews } from './operations/pending.ts'
import { addressOf as addressOfRequest } from './rates/address.ts'
import { type Limiter, makeLimiter, UNLIMITED } from './rates/limiter.ts'
import { redisCounts } from './rates/redis.ts'
import type { Gate } from './request.ts'
import { makeRest } from './rest/server.ts'
import type { ReviewService } from './review/reviewer.ts'
import { rawAnswer, securityHeaders } from './security-headers.ts'
import type { AttachmentStore } from './storage/store.ts'
import { METRICS_PATH, type MetricsEndpoint } from './telemetry/endpoint.ts'
import { watchTrouble } from './telemetry/log-once.ts'
import { doorOf, PATHS } from './telemetry/paths.ts'
import { makeRequestTracer } from './telemetry/requests.ts'
import type { Telemetry } from './telemetry/telemetry.ts'

const PENDING_REVIEWS_MS = 1000
/** For the answer to a refused upgrade to arrive. */
const REFUSED_MS = 500
const STOPPING = 'This server is stopping: please try again.'

/** What the doors need that outlives them, and what differs from one life of the database to the next. */
export interface DoorOptions {
  config: Config
  database: Database
  logger: Logger
  store: AttachmentStore
  /** The root of all keys. */
  secret: string
  now: () => Date
  wakeUps: WakeUps
  reviewer: ReviewService
  publicUrl: string
  telemetry: Telemetry
  metricsEndpoint: MetricsEndpoint
}

export interface Doors {
  request(req: IncomingMessage, res: ServerResponse): void
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void
  readonly feeds: Feeds
  readonly connections: Connections
  /** Ends every stream in a way that tells its client to come back. */
  close(): Promise<void>
}

/** All that answers. Made anew as a whole for a new life, so that nothing mixes the cursors and places of two. */
export function openDoors(options: DoorOptions, life: Life): Doors {
  const { config, database, logger, publicUrl, telemetry } = options
  const stalls = makeStallWatch()
  let draining = false
  // While the database is not what it was, a life that ends with this process: the cursors given out meanwhile are no
  // good afterwards either.
  const log = makeEventLog(life.restored === null ? life.id : randomUUID(), options.wakeUps)
  const unread = watchTrouble({ logger, failing: 'The event log could not be read; trying again' })
  const onError = unlessAway(unread.failed)
  const onDelivered = telemetry.metrics.delivered
  const feeds = guarded(makeFeeds({ database, log, wakeUps: options.wakeUps, onError, onDelivered }), life)
  const rights = makeRightsWatch(database, onError)
  const { signUp, rateLimits, allowedOrigins } = config
  const trustedOrigins = allowedOrigins
  const auth = makeAuth({
    database,
    baseUrl: publicUrl,
    secret: options.secret,
    signUp,
    trustedOrigins,
    logger,
  })
  const authenticator = makeAuthenticator({ database, auth, logger })
  const downloadLinks = makeDownloadLinks({ database, secret: options.secret, publicUrl })
  const services = servicesOf(options, { log, downloadLinks })
  const stopReviewing = keepReviewing(services, logger, config.anthropic !== null)
  const connections = makeConnections(rateLimits)
  const limiter = openLimiter(options)
  const addressOf = (req: IncomingMessage) => addressOfRequest(req, config.trustProxy)
  const headers = securityHeaders(config.publicUrl)
  const gate: Gate = {
    services,
    feeds,
    rights,
    connections,
    limiter,
    addressOf,
    authenticator,
    trusted: { publicUrl: config.publicUrl, allowedOrigins },
  }
  const graphql = makeGraphQL(gate)
  const rest = toNode(makeRest(gate, publicUrl))
  const onPasswordSet = () => authenticator.forget()
  const setPassword = setPasswordPage({ database, onPasswordSet, limiter })
  const others = toNode(peopleAndHealth({ database, life, addressOf, auth: handleAuth(auth, limiter), setPassword }))

  function answer(req: IncomingMessage, res: ServerResponse, checked: Checked): unknown {
    const { path, requestId } = checked
    if (path === METRICS_PATH && options.metricsEndpoint(req, res)) return
    if (path !== '/graphql') return (OTHER_PATHS.test(path) ? others : rest)(req, res, checked)
    if (wantsGraphiql(req)) return sendGraphiql(req, res)
    return graphqlRefusal(req, res, requestId) || graphql(req, res, { req, res, requestId, logger: checked.logger })
  }

  const sockets = makeWebSockets({ gate, graphql, logger, headers })

  const traced = makeRequestTracer(telemetry.tracing, PATHS)

  function request(req: IncomingMessage, res: ServerResponse): void {
    telemetry.metrics.request(req, res, doorOf(pathOf(req)))
    const { traceId, run } = traced(req, res)
    const checked = checkRequest(req, res, { logger, headers, traceId })
    if (!checked) return
    // A connection that was kept alive may still ask while the rest of the service ends.
    if (draining) {
      refuseStopping(res, checked)
      return
    }
    stalls.add(req, res)
    drainAfterAnswer(req, res)
    normaliseContentType(req)
    run(() => Promise.resolve(answer(req, res, checked))).catch((error) => {
      checked.logger.error({ err: error }, 'A fault of ours')
      refuse(res, 500, 'Something went wrong on our side. Tell us the X-Request-Id if it happens again.')
    })
  }

  function upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    if (!draining && isUpgradeHere(req)) {
      sockets.upgrade(req, socket, head)
      return
    }
    const [status, detail] = draining
      ? (['503 Service Unavailable', STOPPING] as const)
      : (['400 Bad Request', 'Websockets are taken at /graphql.'] as const)
    // A client that keeps its side open would hold the server's stop for ever.
    socket.end(rawAnswer(status, detail, headers))
    setTimeout(() => socket.destroy(), REFUSED_MS).unref()
  }

  return {
    request,
    upgrade,
    feeds,
    connections,
    async close() {
      draining = true
      stopReviewing()
      unread.close()
      feeds.close()
      rights.close()
      stalls.close()
      limiter.close()
      await sockets.drain()
    },
  }
}

/** Shared by the replicas where they share a Redis. */
function openLimiter({ config: { rateLimits, redisUrl }, logger }: DoorOptions): Limiter {
  return rateLimits ? makeLimiter(redisUrl === null ? null : redisCounts(redisUrl, logger)) : UNLIMITED
}

/** In the shape that clients of either kind know, and know to come back from. */
function refuseStopping(res: ServerResponse, { path, requestId }: Checked): void {
  const headers = { connection: 'close', 'retry-after': '1' }
  if (path !== '/graphql') return void refuse(res, 503, STOPPING, headers)
  refuseGraphQL(res, { status: 503, message: STOPPING, headers, code: 'UNAVAILABLE', requestId })
}

/** Nobody can follow the log of a restored database, and who comes as the doors close is sent away at once. */
function guarded(feeds: Feeds, { restored }: Life): Feeds {
  let closed = false
  return {
    ...feeds,
    subscribe(request) {
      if (restored !== null) throw new Refusal('UNAVAILABLE', 'Events cannot be followed just now. Please try again.')
      const feed = feeds.subscribe(request)
      if (closed) void feed.return()
      return feed
    },
    close() {
      closed = true
      feeds.close()
    },
  }
}

function servicesOf(options: DoorOptions, made: Pick<Services, 'log' | 'downloadLinks'>): Services {
  const { config, database, store, reviewer, telemetry, now } = options
  const { attachments: limits, reviewTimeoutMs } = config
  return { ...made, database, store, reviewer, telemetry, limits, reviewTimeoutMs, now }
}

/** That the database is away is said once, by who watches it. */
const unlessAway = (report: (error: unknown) => void) => (error: unknown) => {
  if (!isUnavailable(error)) report(error)
}

/** Without a model there is nothing to wait for: what an earlier process has left is looked at once. */
function keepReviewing(services: Services, logger: Logger, hasModel: boolean): () => void {
  const waiting = watchTrouble({ logger, failing: 'A ticket that waits for its review still waits' })
  const onError = unlessAway(waiting.failed)
  const pass = () => completePendingReviews(services, onError)
  const stop = hasModel ? keepDoing(pass, { intervalMs: PENDING_REVIEWS_MS, now: true }, onError) : () => {}
  if (!hasModel) pass().catch(onError)
  return () => {
    stop()
    waiting.close()
  }
}

/** A hono app as a listener that hands it the request's id and logger. */
function toNode(app: { fetch(request: Request, env: object): Response | Promise<Response> }) {
  return (req: IncomingMessage, res: ServerResponse, { requestId, logger }: { requestId: string; logger: Logger }) => {
    const fetch = (request: Request) => app.fetch(request, { requestId, logger, req, res })
    return getRequestListener(fetch, { overrideGlobalObjects: false, autoCleanupIncoming: false })(req, res)
  }
}

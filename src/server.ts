// One HTTP port: GraphQL, REST, sign-in, health. It decides who answers, and stops in order.

import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
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
import { makeConnections } from './connections.ts'
import type { Services } from './context.ts'
import type { Database } from './db/client.ts'
import { type Life, watchLife } from './db/life.ts'
import { type Feeds, makeFeeds } from './events/hub.ts'
import { makeEventLog } from './events/log.ts'
import { redisWakeUps } from './events/redis.ts'
import { postgresWakeUps, type WakeUps } from './events/wakeup.ts'
import { sendGraphiql, wantsGraphiql } from './graphql/graphiql.ts'
import { graphqlRefusal } from './graphql/http.ts'
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
  refuse,
} from './http.ts'
import { Refusal } from './operations/errors.ts'
import { completePendingReviews } from './operations/pending.ts'
import type { Gate } from './request.ts'
import { makeRest } from './rest/server.ts'
import type { ReviewService } from './review/reviewer.ts'
import { makeReviewService } from './review/service.ts'
import type { AttachmentStore } from './storage/store.ts'
import { sweepStrays } from './storage/strays.ts'

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
const PENDING_REVIEWS_MS = 1000
const IDLE_CHECK_MS = 50
/** For the answer to a refused upgrade to arrive. */
const REFUSED_MS = 500

/** @throws with the code of `listen` (EADDRINUSE, EACCES, …) when the port cannot be had. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config } = options
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_CONNECTIONS_MS,
    // Other upgrades, such as the h2c that many clients offer, are taken as the plain requests that they also are.
    shouldUpgradeCallback: (req) => req.headers.upgrade?.toLowerCase() === 'websocket',
  })
  const lifeWatch = await watchLife({ url: options.listenUrl, known: options.life, logger: options.logger })
  await listen(server, config.host, config.port).catch((error) =>
    lifeWatch.close().finally(() => Promise.reject(error)),
  )
  const url = addressOf(server, config.host)
  const wakeUps = openWakeUps(options)
  const stopSweeping = keepDoing(
    () => sweepStrays(options),
    { intervalMs: SWEEP_MS },
    (error) =>
      options.logger.warn({ err: error }, 'What failed uploads have left could not be removed; trying again later'),
  )
  const { database, logger } = options
  const { anthropic, reviewTimeoutMs: timeoutMs } = config
  const reviewer = await makeReviewService({ database, anthropic, timeoutMs, logger })
  const open = (life: Life) => openDoors(options, { life, wakeUps, reviewer, publicUrl: config.publicUrl ?? url })
  let doors = open(lifeWatch.life)
  lifeWatch.follow((life) => {
    const before = doors
    doors = open(life)
    void before.close()
  })
  server.on('request', (req, res) => doors.request(req, res))
  server.on('upgrade', (req, socket, head) => doors.upgrade(req, socket, head))
  return {
    url,
    async stop() {
      stopSweeping()
      const closed = stop(server)
      const watchClosed = lifeWatch.close()
      await doors.close()
      await closed
      await Promise.all([watchClosed, wakeUps.close()])
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

/** What differs from one life of the database to the next. */
interface DoorOptions {
  life: Life
  wakeUps: WakeUps
  reviewer: ReviewService
  publicUrl: string
}

/** All that answers. Made anew as a whole for a new life, so that nothing mixes the cursors and places of two. */
function openDoors(options: ServerOptions, { life, wakeUps, reviewer, publicUrl }: DoorOptions) {
  const stalls = makeStallWatch()
  let draining = false
  const { config, database, logger } = options
  // While the database is not what it was, a life that ends with this process: the cursors given out meanwhile are no
  // good afterwards either.
  const log = makeEventLog(life.restored === null ? life.id : randomUUID(), wakeUps)
  const onError = (error: unknown) => logger.warn({ err: error }, 'The event log could not be read; trying again')
  const feeds = guarded(makeFeeds({ database, log, wakeUps, onError }), life)
  const rights = makeRightsWatch(database, onError)
  const { signUp, rateLimits, allowedOrigins } = config
  const trustedOrigins = allowedOrigins
  const auth = makeAuth({
    database,
    baseUrl: publicUrl,
    secret: options.secret,
    signUp,
    rateLimits,
    trustedOrigins,
    logger,
  })
  const authenticator = makeAuthenticator({ database, auth, logger })
  const downloadLinks = makeDownloadLinks({ database, secret: options.secret, publicUrl })
  const services = servicesOf(options, { log, reviewer, downloadLinks })
  const stopReviewing = keepReviewing(services, logger, config.anthropic !== null)
  const gate: Gate = {
    services,
    feeds,
    rights,
    connections: makeConnections(rateLimits),
    authenticator,
    trusted: { publicUrl: config.publicUrl, allowedOrigins },
  }
  const graphql = makeGraphQL(gate)
  const rest = toNode(makeRest(gate, publicUrl))
  const onPasswordSet = () => authenticator.forget()
  const setPassword = setPasswordPage({ database, onPasswordSet })
  const { trustProxy } = config
  const others = toNode(peopleAndHealth({ database, life, trustProxy, auth: handleAuth(auth), setPassword }))

  function answer(req: IncomingMessage, res: ServerResponse, checked: Checked): unknown {
    const { path, requestId } = checked
    if (path !== '/graphql') return (OTHER_PATHS.test(path) ? others : rest)(req, res, checked)
    if (wantsGraphiql(req)) return sendGraphiql(req, res)
    return graphqlRefusal(req, res, requestId) || graphql(req, res, { req, res, requestId, logger: checked.logger })
  }

  const sockets = makeWebSockets({ gate, graphql, logger })

  function request(req: IncomingMessage, res: ServerResponse): void {
    const checked = checkRequest(req, res, logger)
    if (!checked) return
    stalls.add(req, res)
    drainAfterAnswer(req, res)
    normaliseContentType(req)
    Promise.resolve(answer(req, res, checked)).catch((error) => {
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
    const refusal = draining ? '503 Service Unavailable' : '400 Bad Request'
    // A client that keeps its side open would hold the server's stop for ever.
    socket.end(`HTTP/1.1 ${refusal}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
    setTimeout(() => socket.destroy(), REFUSED_MS).unref()
  }

  return {
    request,
    upgrade,
    /** Ends every stream in a way that tells its client to come back. */
    async close() {
      draining = true
      stopReviewing()
      feeds.close()
      rights.close()
      stalls.close()
      await sockets.drain()
    },
  }
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

function servicesOf(options: ServerOptions, made: Pick<Services, 'log' | 'reviewer' | 'downloadLinks'>): Services {
  const { config, database, store, now = () => new Date() } = options
  return { ...made, database, store, limits: config.attachments, reviewTimeoutMs: config.reviewTimeoutMs, now }
}

/** Without a model there is nothing to wait for: what an earlier process has left is looked at once. */
function keepReviewing(services: Services, logger: Logger, hasModel: boolean): () => void {
  const onError = (error: unknown) => logger.warn({ err: error }, 'A ticket that waits for its review still waits')
  const pass = () => completePendingReviews(services, onError)
  if (hasModel) return keepDoing(pass, { intervalMs: PENDING_REVIEWS_MS, now: true }, onError)
  pass().catch(onError)
  return () => {}
}

/** A hono app as a listener that hands it the request's id and logger. */
function toNode(app: { fetch(request: Request, env: object): Response | Promise<Response> }) {
  return (req: IncomingMessage, res: ServerResponse, { requestId, logger }: { requestId: string; logger: Logger }) => {
    const address = req.socket.remoteAddress
    const fetch = (request: Request) => app.fetch(request, { requestId, logger, address, req, res })
    return getRequestListener(fetch, { overrideGlobalObjects: false, autoCleanupIncoming: false })(req, res)
  }
}

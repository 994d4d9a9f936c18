// One HTTP port: GraphQL, REST, sign-in, health. It decides who answers, and stops in order.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import type { Logger } from 'pino'
import { makeAuth } from './auth/auth.ts'
import { BASE_PATH, handleAuth } from './auth/handler.ts'
import { SET_PASSWORD_PATH, setPasswordPage } from './auth/set-password.ts'
import { makeAuthenticator } from './auth/viewer.ts'
import type { Config } from './config.ts'
import type { Services } from './context.ts'
import { type Database, isUnavailable } from './db/client.ts'
import { isMigrated } from './db/migrate.ts'
import { makeEventLog } from './events/log.ts'
import { sendGraphiql, wantsGraphiql } from './graphql/graphiql.ts'
import { graphqlRefusal } from './graphql/http.ts'
import { makeGraphQL } from './graphql/server.ts'
import { type Checked, checkRequest, makeStallWatch, normaliseContentType, refuse, type StallWatch } from './http.ts'
import type { Gate } from './request.ts'
import { makeRest } from './rest/server.ts'
import { makeLocalReviewer } from './review/local.ts'

export interface ServerOptions {
  config: Config
  database: Database
  logger: Logger
  /** Which life of the database this is: part of every cursor. */
  life: string
  /** The root of all keys. */
  secret: string
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

/** @throws with the code of `listen` (EADDRINUSE, EACCES, …) when the port cannot be had. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config } = options
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_CONNECTIONS_MS,
  })
  await listen(server, config.host, config.port)
  const url = addressOf(server, config.host)
  const stalls = makeStallWatch()
  server.on('request', makeListener(options, config.publicUrl ?? url, stalls))
  return { url, stop: () => stop(server).finally(() => stalls.close()) }
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
  server.closeIdleConnections()
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
  await closed
  clearTimeout(cut)
}

function makeListener(options: ServerOptions, publicUrl: string, stalls: StallWatch) {
  const { config, database, logger } = options
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
  const gate: Gate = {
    services: servicesOf(options),
    authenticator,
    trusted: { publicUrl: config.publicUrl, allowedOrigins },
  }
  const graphql = makeGraphQL(gate)
  const rest = toNode(makeRest(gate, publicUrl))
  const onPasswordSet = () => authenticator.forget()
  const others = toNode(peopleAndHealth(options, handleAuth(auth), setPasswordPage({ database, onPasswordSet })))

  function answer(req: IncomingMessage, res: ServerResponse, checked: Checked): unknown {
    const { path, requestId } = checked
    if (path !== '/graphql') return (OTHER_PATHS.test(path) ? others : rest)(req, res, checked)
    if (wantsGraphiql(req)) return sendGraphiql(req, res)
    return graphqlRefusal(req, res, requestId) || graphql(req, res, { req, res, requestId, logger: checked.logger })
  }

  return (req: IncomingMessage, res: ServerResponse): void => {
    const checked = checkRequest(req, res, logger)
    if (!checked) return
    stalls.add(req, res)
    normaliseContentType(req)
    Promise.resolve(answer(req, res, checked)).catch((error) => {
      checked.logger.error({ err: error }, 'A fault of ours')
      refuse(res, 500, 'Something went wrong on our side. Tell us the X-Request-Id if it happens again.')
    })
  }
}

function servicesOf({ config, database, life, now = () => new Date() }: ServerOptions): Services {
  return {
    database,
    log: makeEventLog(life),
    reviewer: makeLocalReviewer(database),
    limits: config.attachments,
    reviewTimeoutMs: config.reviewTimeoutMs,
    now,
  }
}

/** A hono app as a listener that hands it the request's id and logger. */
function toNode(app: { fetch(request: Request, env: object): Response | Promise<Response> }) {
  return (req: IncomingMessage, res: ServerResponse, { requestId, logger }: { requestId: string; logger: Logger }) => {
    const address = req.socket.remoteAddress
    const fetch = (request: Request) => app.fetch(request, { requestId, logger, address })
    return getRequestListener(fetch, { overrideGlobalObjects: false })(req, res)
  }
}

const OTHER_PATHS = new RegExp(`^(/|/healthz|/readyz|${SET_PASSWORD_PATH}|${BASE_PATH}/.*)$`)

type Handler = (request: Request, address?: string) => Promise<Response>

function peopleAndHealth({ config, database }: ServerOptions, auth: Handler, setPassword: Handler) {
  const app = new Hono<{ Bindings: { address?: string; logger: Logger } }>()
  app.get('/', (c) => c.redirect('/graphql', 302))
  app.get('/healthz', (c) => c.json({ status: 'alive' }))
  app.get('/readyz', async (c) => {
    const reason = await unreadyReason(database)
    return reason === null ? c.json({ status: 'ready' }) : c.json({ status: 'not ready', detail: reason }, 503)
  })
  for (const path of ['/', '/healthz', '/readyz']) {
    app.all(path, (c) => c.json({ detail: 'Use GET, HEAD.' }, 405, { allow: 'GET, HEAD' }))
  }
  app.notFound((c) => c.json({ detail: `There is nothing at ${c.req.path}.` }, 404))
  app.all(SET_PASSWORD_PATH, (c) => setPassword(c.req.raw))
  app.all(`${BASE_PATH}/*`, (c) => {
    const forwarded = config.trustProxy ? c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() : undefined
    return auth(c.req.raw, forwarded || c.env.address)
  })
  app.onError((error, c) => {
    c.env.logger.error({ err: error }, 'A fault of ours')
    const status = isUnavailable(error) ? 503 : 500
    return c.json({ detail: 'Something went wrong on our side. Please try again.' }, status)
  })
  return app
}

/** Null when requests can be served. */
async function unreadyReason(database: Database): Promise<string | null> {
  try {
    return (await isMigrated(database)) ? null : 'The database lacks migrations of this version: restart to apply them.'
  } catch {
    return 'The database cannot be reached.'
  }
}

// REST over HTTP: the two ticket mounts and what the command-line client needs beside them.

import { Hono, type Context as HonoContext } from 'hono'
import { compress } from 'hono/compress'
import { etag } from 'hono/etag'
import { DOWNLOAD_PATH } from '../auth/download-links.ts'
import { isProblem } from '../operations/errors.ts'
import { execute, rateOf } from '../operations/execute.ts'
import type { RateClass } from '../rates/policies.ts'
import type { Gate } from '../request.ts'
import { type Arrived, restContext } from './context.ts'
import { cors } from './cors.ts'
import { DOCS_POLICY, docsPage } from './docs-page.ts'
import { ATTACHMENT_PATH, addDownloads } from './downloads.ts'
import { HttpRefusal, problemAnswer, thrownAnswer } from './errors.ts'
import { inputOf } from './input.ts'
import { openApi } from './openapi.ts'
import { MOST_COMMENTS } from './render.ts'
import { type Route, routes } from './routes.ts'
import { addStreams } from './streams.ts'

const COMPRESSED_FROM = 1024

/** For browser sessions, and for bearer tokens. */
const TICKET_MOUNTS = ['/org/support/tickets', '/api/v1/org/support/tickets']

export function makeRest(gate: Gate, publicUrl: string): Hono<Arrived> {
  const app = new Hono<Arrived>({ strict: true })
  app.onError((error, c) => thrownAnswer(c, error, c.env.logger))
  app.notFound((c) => c.json({ detail: `There is nothing at ${c.req.path}. See /api/v1/docs.` }, 404))
  app.use(cors(gate.trusted.allowedOrigins))
  // Before what would gather a whole answer.
  addStreams(app, gate, TICKET_MOUNTS)
  addDownloads(app, gate, TICKET_MOUNTS)
  app.use(compress({ threshold: COMPRESSED_FROM }))
  app.use(etag())

  for (const route of routes) {
    for (const path of pathsOf(route)) app.on(route.method.toUpperCase(), path, (c) => answer(gate, route, c))
  }
  const document = openApi(routes, publicUrl)
  app.get('/api/v1/openapi.json', (c) => c.json(document, 200, { 'cache-control': 'no-cache' }))
  app.get('/api/v1/docs', (c) => {
    c.header('content-security-policy', DOCS_POLICY)
    c.header('cache-control', 'no-cache')
    return c.html(docsPage(document))
  })
  refuseOtherMethods(app)
  return app
}

/** Every address there is, as a template: `/api/v1/org/support/tickets/:ticket_id`. */
export const REST_PATHS: readonly string[] = [
  ...routes.flatMap(pathsOf),
  ...TICKET_MOUNTS.flatMap((mount) => [ATTACHMENT_PATH, '/events', '/:ticket_id/events'].map((path) => mount + path)),
  DOWNLOAD_PATH,
  '/api/v1/openapi.json',
  '/api/v1/docs',
]

function pathsOf({ mount, path }: Route): string[] {
  const pattern = path.replace(/\{(\w+)\}/g, ':$1')
  return mount === 'api' ? [`/api/v1${pattern}`] : TICKET_MOUNTS.map((prefix) => `${prefix}${pattern}`)
}

/** Known paths under another method: 405 names those that they have. */
function refuseOtherMethods(app: Hono<Arrived>): void {
  const methods = new Map<string, string[]>([
    ['/api/v1/openapi.json', ['GET']],
    ['/api/v1/docs', ['GET']],
    [DOWNLOAD_PATH, ['GET']],
    ...TICKET_MOUNTS.map((mount): [string, string[]] => [mount + ATTACHMENT_PATH, ['GET']]),
  ])
  for (const route of routes) {
    for (const path of pathsOf(route)) methods.set(path, [...(methods.get(path) ?? []), route.method.toUpperCase()])
  }
  for (const [path, known] of methods) {
    const allow = [...known, ...(known.includes('GET') ? ['HEAD'] : [])].join(', ')
    app.all(path, () => {
      throw new HttpRefusal(405, `Use ${allow}.`, { allow })
    })
  }
}

async function answer(gate: Gate, route: Route, c: HonoContext<Arrived>): Promise<Response> {
  const context = await restContext(gate, c)
  // Who may not ask is not read; execute refuses them.
  const input = context.viewer ? await inputOf(route, c, gate.services.limits) : {}
  const output = await execute(context, route.operation, input)
  if (isProblem(output)) {
    const { status, body } = problemAnswer(output, { raw: input, place: route.body || route.file ? 'body' : 'query' })
    return send(status, body)
  }
  const { status, body, headers } = await route.answer(context, output, input)
  const cost = costOf(rateOf(route.operation, input), body)
  return send(status, body, { ...headers, ...commentsHeader(body), 'x-cost': String(cost) })
}

/** Where an answer has as many comments as it may have, there may be older ones. */
function commentsHeader(body: unknown): Record<string, string> {
  const { comments } = body as { comments?: unknown[] }
  return comments?.length === MOST_COMMENTS ? { 'x-comments-limit': String(MOST_COMMENTS) } : {}
}

/** As GraphQL counts: what the operation does, and the rows that it shows. */
function costOf(rate: RateClass, body: unknown): number {
  const lists = Array.isArray(body) ? [body] : Object.values(body as object).filter(Array.isArray)
  return COSTS[rate] + lists.reduce((rows, list) => rows + list.length, 0)
}

const COSTS: Record<RateClass, number> = { read: 1, write: 10, upload: 10, review: 50 }

/** With its length, by which compression leaves small answers alone. */
function send(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const text = JSON.stringify(body)
  const length = String(Buffer.byteLength(text))
  return new Response(text, {
    status,
    headers: { ...headers, 'content-type': 'application/json', 'content-length': length },
  })
}

// REST over HTTP: the two ticket mounts and what the command-line client needs beside them.

import { Hono, type Context as HonoContext } from 'hono'
import { compress } from 'hono/compress'
import { etag } from 'hono/etag'
import { DOWNLOAD_PATH } from '../auth/download-links.ts'
import { isProblem } from '../operations/errors.ts'
import { execute } from '../operations/execute.ts'
import type { Gate } from '../request.ts'
import { type Arrived, restContext } from './context.ts'
import { cors } from './cors.ts'
import { docsPage } from './docs-page.ts'
import { ATTACHMENT_PATH, addDownloads } from './downloads.ts'
import { HttpRefusal, problemAnswer, thrownAnswer } from './errors.ts'
import { inputOf } from './input.ts'
import { openApi } from './openapi.ts'
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
  app.use(async (c, next) => {
    await next()
    c.header('cache-control', 'private, no-cache')
    c.header('x-content-type-options', 'nosniff')
  })

  for (const route of routes) {
    for (const path of pathsOf(route)) app.on(route.method.toUpperCase(), path, (c) => answer(gate, route, c))
  }
  const document = openApi(routes, publicUrl)
  app.get('/api/v1/openapi.json', (c) => c.json(document))
  app.get('/api/v1/docs', (c) => {
    c.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
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
  return send(status, body, headers)
}

/** With its length, by which compression leaves small answers alone. */
function send(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const text = JSON.stringify(body)
  const length = String(Buffer.byteLength(text))
  return new Response(text, {
    status,
    headers: { ...headers, 'content-type': 'application/json', 'content-length': length },
  })
}

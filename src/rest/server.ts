// REST over HTTP: the two ticket mounts and what the command-line client needs beside them.

import { Hono, type Context as HonoContext } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import { etag } from 'hono/etag'
import type { Logger } from 'pino'
import { isProblem } from '../operations/errors.ts'
import { execute } from '../operations/execute.ts'
import { contextOf, type Gate } from '../request.ts'
import { docsPage } from './docs-page.ts'
import { HttpRefusal, problemAnswer, snakeCase, thrownAnswer } from './errors.ts'
import { openApi } from './openapi.ts'
import { type Route, routes } from './routes.ts'

const MAX_BODY_BYTES = 1024 * 1024
const COMPRESSED_FROM = 1024

/** For browser sessions, and for bearer tokens. */
const TICKET_MOUNTS = ['/org/support/tickets', '/api/v1/org/support/tickets']

export interface Arrived {
  Bindings: { requestId: string; logger: Logger }
}
type Arrival = HonoContext<Arrived>

export function makeRest(gate: Gate, publicUrl: string): Hono<Arrived> {
  const app = new Hono<Arrived>({ strict: true })
  app.onError((error, c) => thrownAnswer(c, error, c.env.logger))
  app.notFound((c) => c.json({ detail: `There is nothing at ${c.req.path}. See /api/v1/docs.` }, 404))
  app.use(compress({ threshold: COMPRESSED_FROM }))
  app.use(etag())
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: () => refuseBody(413, 'A body may have 1 MiB.') }))
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
  app.get('/api/v1/docs', (c) => c.html(docsPage(document)))
  refuseOtherMethods(app)
  return app
}

function pathsOf({ mount, path }: Route): string[] {
  const pattern = path.replace(/\{(\w+)\}/g, ':$1')
  return mount === 'api' ? [`/api/v1${pattern}`] : TICKET_MOUNTS.map((prefix) => `${prefix}${pattern}`)
}

/** Known paths under another method: 405 names those that they have. */
function refuseOtherMethods(app: Hono<Arrived>): void {
  const methods = new Map<string, string[]>([
    ['/api/v1/openapi.json', ['GET']],
    ['/api/v1/docs', ['GET']],
  ])
  for (const route of routes) {
    for (const path of pathsOf(route)) methods.set(path, [...(methods.get(path) ?? []), route.method.toUpperCase()])
  }
  for (const [path, known] of methods) {
    const allow = [...known, ...(known.includes('GET') ? ['HEAD'] : [])].join(', ')
    app.all(path, () => refuseBody(405, `Use ${allow}.`, { allow }))
  }
}

function refuseBody(status: number, message: string, headers: Record<string, string> = {}): never {
  throw new HttpRefusal(status, message, headers)
}

async function answer(gate: Gate, route: Route, c: Arrival): Promise<Response> {
  const { requestId, logger } = c.env
  const context = await contextOf(gate, {
    method: c.req.method,
    headers: c.req.raw.headers,
    requestId,
    logger,
    signal: c.req.raw.signal,
    cookies: c.req.path.startsWith('/api/') ? 'never' : 'own pages and plain reads',
  })
  const input = await inputOf(route, c)
  const output = await execute(context, route.operation, input)
  if (isProblem(output)) {
    const { status, body } = problemAnswer(output, { raw: input, place: route.body ? 'body' : 'query' })
    return c.json(body, status as 422)
  }
  const { status, body, headers } = await route.answer(context, output, input)
  return c.json(body as object, status as 200, headers)
}

async function inputOf(route: Route, c: Arrival): Promise<Record<string, unknown>> {
  const query = new URL(c.req.url).searchParams
  const body = route.body ? renamed(await jsonBody(c), route.body) : {}
  const input = route.input({ params: c.req.param() as Record<string, string>, query, body })
  const known = new Set(Object.keys(route.query ?? {}))
  for (const name of query.keys()) if (!known.has(name)) input[name in input ? `${name} ` : name] = query.get(name)
  return input
}

async function jsonBody(c: Arrival): Promise<Record<string, unknown>> {
  const [type = ''] = (c.req.header('content-type') ?? '').split(';')
  if (type.trim().toLowerCase() !== 'application/json') refuseBody(415, 'Send the body as application/json.')
  const text = await c.req.text()
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>
  } catch {
    refuseBody(400, 'The body is not valid JSON.')
  }
  return refuseBody(422, 'The body must be a JSON object.')
}

/** The wire's snake case as the operation's names. A name in another spelling stays unknown, and is refused as such. */
function renamed(body: Record<string, unknown>, fields: readonly string[]): Record<string, unknown> {
  const names = new Map(fields.map((field) => [snakeCase(field), field]))
  const entries = Object.entries(body).map(([key, value]) => {
    const name = names.get(key)
    if (name === 'clarificationAnswers') return [name, answersOf(value)]
    return [name ?? (/[A-Z]/.test(key) ? `${key} (write ${snakeCase(key)})` : key), value]
  })
  return Object.fromEntries(entries)
}

const ANSWER_FIELDS = ['questionId', 'question', 'answer']

function answersOf(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return value.map((item) => (typeof item === 'object' && item !== null ? renamed(item, ANSWER_FIELDS) : item))
}

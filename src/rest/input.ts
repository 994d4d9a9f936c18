// From a request to an operation's raw input: the wire's names become the operation's. Nothing is checked here but that
// the body is JSON; what the route does not know gets a name that no operation has, and is refused as such.

import type { Context as HonoContext } from 'hono'
import { readBody } from '../body.ts'
import type { AttachmentLimits } from '../context.ts'
import { announcesTooMuch, arrivingFile, isMultipart } from '../multipart.ts'
import { tooLarge } from '../operations/attachments.ts'
import type { Arrived } from './context.ts'
import { HttpRefusal, snakeCase, stranger } from './errors.ts'
import type { Route } from './routes.ts'

const MAX_BODY_BYTES = 1024 * 1024

export type RawInput = Record<string, unknown>

/** @throws HttpRefusal when the body is none that can be read: 400, 413, 415. */
export async function inputOf(route: Route, c: HonoContext<Arrived>, limits: AttachmentLimits): Promise<RawInput> {
  const request = c.req.raw
  const params = c.req.param() as Record<string, string>
  const query = new URL(request.url).searchParams
  const body = route.body ? renamed(await jsonBody(request), route.body) : {}
  const file = route.file ? await fileOf(c.env, route.file, limits) : null
  const input = route.input({ params, query, body, file })
  const unknown = [...new Set(query.keys())].filter((name) => !Object.hasOwn(route.query ?? {}, name))
  return { ...input, ...Object.fromEntries(unknown.map((name) => [stranger('query', name), query.get(name)])) }
}

/** Its stream is read by the operation. */
async function fileOf({ req }: Arrived['Bindings'], part: string, limits: AttachmentLimits) {
  if (!isMultipart(req)) throw new HttpRefusal(415, `Send the file as multipart/form-data, in the part ${part}.`)
  if (announcesTooMuch(req, limits.maxFileBytes)) throw new HttpRefusal(413, tooLarge(limits).message)
  return arrivingFile(req, part, limits.maxFileBytes)
}

async function jsonBody(request: Request): Promise<object> {
  const [type = ''] = (request.headers.get('content-type') ?? '').split(';')
  if (type.trim().toLowerCase() !== 'application/json') throw new HttpRefusal(415, 'Send the body as application/json.')
  const text = await readBody(request, MAX_BODY_BYTES)
  if (text === null) throw new HttpRefusal(413, 'A body may have 1 MiB.')
  const body = parse(text)
  // A list or a text has no field that could be named: the operation's own check says that it wants an object.
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { [stranger('body', '')]: body }
  return body
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new HttpRefusal(400, 'The body is not valid JSON.')
  }
}

function renamed(body: object, fields: readonly string[]): RawInput {
  const names = new Map(fields.map((field) => [snakeCase(field), field]))
  const entries = Object.entries(body).map(([key, value]) => {
    const name = names.get(key)
    if (name === 'clarificationAnswers') return [name, answersOf(value)]
    return [name ?? (key === stranger('body', '') ? key : stranger('body', key)), value]
  })
  return Object.fromEntries(entries)
}

const ANSWER_FIELDS = ['questionId', 'question', 'answer']

function answersOf(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return value.map((item) => (typeof item === 'object' && item !== null ? renamed(item, ANSWER_FIELDS) : item))
}

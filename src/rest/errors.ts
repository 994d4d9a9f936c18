// Problems, refusals and faults as REST answers: a sentence in `detail`, or the list that FastAPI writes (422).

import type { Context as HonoContext } from 'hono'
import type { Logger } from 'pino'
import type { z } from 'zod'
import { BrokenBody, LongBody } from '../body.ts'
import { isUnavailable } from '../db/faults.ts'
import { type FieldProblem, type Problem, RateLimited, Refusal } from '../operations/errors.ts'
import { retryAfter } from '../rates/headers.ts'
import { isAway } from '../telemetry/log-once.ts'
import type * as wire from './wire.ts'

/** What a transport rule of ours refuses: a body that is no JSON, a method that a route does not have. */
export class HttpRefusal extends Error {
  readonly status: number
  readonly headers: Record<string, string>

  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

const TYPES = {
  REQUIRED: 'missing',
  TOO_SHORT: 'string_too_short',
  TOO_LONG: 'string_too_long',
  INVALID: 'value_error',
  NOT_FOUND: 'not_found',
  NOT_ALLOWED: 'not_allowed',
} as const

/** Where the fields of an operation's input come from in this request. */
export interface Sources {
  /** The input as it was given, by the operation's own names. */
  raw: Record<string, unknown>
  /** 'query' where the route reads its address; else 'body'. */
  place: 'body' | 'query'
}

export function problemAnswer(problem: Problem, sources: Sources): { status: number; body: object } {
  switch (problem.problem) {
    case 'input':
      if (problem.fields.some(({ path, code }) => path[0] === 'file' && code === 'TOO_LONG')) {
        return { status: 413, body: { detail: problem.message } }
      }
      return { status: 422, body: { detail: details(problem.fields, sources) } }
    case 'not_found':
      return { status: 404, body: { detail: problem.message } }
    case 'review_required':
      return { status: 409, body: { detail: problem.message, review_id: problem.review.id } }
    case 'conflict':
      // 409 means a flagged review and nothing else on these routes; none of them takes an expected version.
      return { status: 412, body: { detail: problem.message } }
  }
}

/** Of a body that is no object only that is said. */
function details(fields: FieldProblem[], sources: Sources): Detail[] {
  const whole = fields.find(({ path }) => path[0] === stranger('body', ''))
  return (whole ? [whole] : fields).map((field) => fieldDetail(field, sources))
}

function fieldDetail({ path, code, message }: FieldProblem, { raw, place }: Sources): Detail {
  const type = TYPES[code]
  const unknown = path.map(asStranger).find((found) => found !== null)
  if (unknown) return strangerDetail(unknown, path, type)
  return { msg: inSnakeCase(message), type, loc: locationOf(path, place), input: shortInput(path, raw) }
}

type Detail = z.input<typeof wire.ValidationFailure>['detail'][number]

/** The name under which what a route does not know is handed to the operation: no operation has such a field. */
export const stranger = (place: 'body' | 'query', name: string): string => `${place}:${name}`

interface Stranger {
  place: string
  name: string
}

function asStranger(part: string): Stranger | null {
  const [, place, name] = /^(body|query):(.*)$/s.exec(part) ?? []
  return place === undefined || name === undefined ? null : { place, name }
}

/** Long enough to recognise what was meant, short enough that the sentence stays in sight. */
const LONGEST_NAME = 60

function strangerDetail({ place, name }: Stranger, path: string[], type: Detail['type']): Detail {
  if (name === '') return { msg: 'The body must be a JSON object.', type, loc: [place] }
  const cut = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name
  const before = path.slice(0, -1).map(snakeOrIndex)
  return { msg: `${cut} is not a field we know.`, type, loc: [place, ...before, cut] }
}

const OUTSIDE = new Map<string, string[]>([
  ['ticketId', ['path', 'ticket_id']],
  ['organisationId', ['header', 'X-Ankra-Organisation-Id']],
  ['idempotencyKey', ['header', 'Idempotency-Key']],
])

function locationOf(path: string[], place: 'body' | 'query'): (string | number)[] {
  const own = path[0] === 'filter' ? path.slice(1) : path
  return OUTSIDE.get(own[0] ?? '') ?? [place, ...own.map(snakeOrIndex)]
}

const snakeOrIndex = (part: string) => (/^\d+$/.test(part) ? Number(part) : snakeCase(part))

/** The client prints such a body and cuts it: nothing long may stand before the sentence. */
const LONGEST_ECHO = 40

function shortInput(path: string[], raw: unknown): unknown {
  let value = raw
  for (const part of path) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined
  }
  if (typeof value === 'string') return value.length <= LONGEST_ECHO ? value : undefined
  return typeof value === 'number' || typeof value === 'boolean' || value === null ? value : undefined
}

export const snakeCase = (name: string): string =>
  name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase()

/** Sentences name fields as operations do; here fields have other names. */
const inSnakeCase = (sentence: string) =>
  sentence.replace(/\b[a-z]+(?:[A-Z][a-z]+)+\b/g, snakeCase).replace(/\bfilter\./g, '')

const RETRY_AFTER_SECONDS = '2'

const STATUS: Record<Refusal['code'], number> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  BAD_USER_INPUT: 422,
  RESYNC_REQUIRED: 410,
  RATE_LIMITED: 429,
  COST_LIMIT: 422,
  UNAVAILABLE: 503,
}

/** Whatever was thrown. Nothing internal is shown; the request's id is in the header X-Request-Id. */
export function thrownAnswer(c: HonoContext, error: unknown, logger: Logger): Response {
  if (error instanceof HttpRefusal) return c.json({ detail: error.message }, error.status as 400, error.headers)
  if (error instanceof BrokenBody) return c.json({ detail: error.message }, error instanceof LongBody ? 413 : 400)
  if (error instanceof Refusal) {
    const status = error.hidden ? 404 : STATUS[error.code]
    const headers: Record<string, string> = status === 401 ? { 'www-authenticate': 'Bearer' } : {}
    if (status === 503) headers['retry-after'] = RETRY_AFTER_SECONDS
    if (error instanceof RateLimited) Object.assign(headers, retryAfter(error.spent))
    if (error.cause) logger[isAway(error.cause) ? 'debug' : 'warn']({ err: error.cause }, error.message)
    return c.json({ detail: error.message }, status as 400, headers)
  }
  if (isUnavailable(error)) {
    logger.debug({ err: error }, 'The database is not available')
    return c.json({ detail: 'The database is not available just now. Please try again.' }, 503, {
      'retry-after': RETRY_AFTER_SECONDS,
    })
  }
  logger.error({ err: error }, 'A fault of ours')
  return c.json({ detail: 'Something went wrong on our side. Tell us the X-Request-Id if it happens again.' }, 500)
}

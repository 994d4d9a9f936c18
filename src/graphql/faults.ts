// Whatever was thrown, as the error that a client may see.

import { GraphQLError } from 'graphql'
import type { Logger } from 'pino'
import { isUnavailable } from '../db/faults.ts'
import { RateLimited, Refusal } from '../operations/errors.ts'
import { retryAfter } from '../rates/headers.ts'
import { isAway } from '../telemetry/log-once.ts'

/** What has been through here: an answer passes several gates. */
const shown = new WeakSet<GraphQLError>()

/** Refusals keep their words, what GraphQL says of a document too; of anything else the caller sees nothing. */
export function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError && shown.has(error)) return error
  const made = masked(error)
  shown.add(made)
  return made
}

function masked(error: unknown): GraphQLError {
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error
  // Of a document GraphQL speaks before it runs, so without a path; with one it found fault with our own answer.
  if (cause instanceof GraphQLError && cause.path === undefined) return ofDocument(error as GraphQLError)
  const where = error instanceof GraphQLError ? { nodes: error.nodes, path: error.path } : {}
  const inField = where.path !== undefined
  if (cause instanceof Refusal) return refused(cause, where, inField)
  if (isUnavailable(cause)) return refused(new Refusal('UNAVAILABLE', AWAY, { cause }), where, inField)
  return new GraphQLError('Something went wrong on our side. Tell us the requestId if it happens again.', {
    ...where,
    originalError: cause instanceof Error ? cause : new Error(String(cause)),
    extensions: { code: 'INTERNAL' },
  })
}

/** Gives an error the request's id; a fault of ours is logged with what really happened. */
export function withRequestId(error: GraphQLError, { requestId, logger }: { requestId: string; logger: Logger }) {
  const { code } = error.extensions
  if (code === 'INTERNAL') logger.error({ err: error.originalError }, 'A fault of ours')
  if (code === 'UNAVAILABLE' && error.originalError) {
    logger[isAway(error.originalError) ? 'debug' : 'warn']({ err: error.originalError }, error.message)
  }
  error.extensions.requestId = requestId
  return error
}

const AWAY = 'The database is not available just now. Please try again.'

/** Without what yoga adds: the whole of a body that is no JSON. Such a request is refused whatever it accepts. */
function ofDocument({ message, nodes, positions, source, extensions: given }: GraphQLError): GraphQLError {
  const { code, http, requested, limit } = given
  const status = code === 'BAD_REQUEST' ? { ...(http as object), spec: false } : http
  const said = code === 'COST_LIMIT' ? { code, requested, limit } : { code: 'BAD_USER_INPUT' }
  const extensions = { ...said, ...(status ? { http: status } : {}) }
  return new GraphQLError(message, { nodes, positions, source, extensions })
}

const STATUS: Partial<Record<Refusal['code'], number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
}

/** Outside any field the whole request is refused, and its HTTP status says so. */
function refused(refusal: Refusal, where: object, inField: boolean): GraphQLError {
  const { code, message, cause } = refusal
  const spent = refusal instanceof RateLimited ? refusal.spent : null
  const limits = spent && { retryAfterSeconds: spent.resetSeconds, limit: spent.policy.max }
  const http = inField ? {} : { http: { status: STATUS[code] ?? 400, headers: spent ? retryAfter(spent) : {} } }
  const originalError = cause instanceof Error ? { originalError: cause } : {}
  return new GraphQLError(message, { ...where, ...originalError, extensions: { code, ...limits, ...http } })
}

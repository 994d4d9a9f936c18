// The gate before better-auth: only its live routes, exactly spelled, with small JSON bodies and an address that the
// server knows. better-auth's `disabledPaths` compares whole texts, so that a route such as /reset-password/:token
// would slip through; nothing gets past a list of what is allowed.

import { BrokenBody, readBody } from '../body.ts'
import { isUnavailable } from '../db/faults.ts'
import { rateHeaders, retryAfter } from '../rates/headers.ts'
import { type Spent, UNLIMITED } from '../rates/limiter.ts'
import { sentenceOf } from '../rates/policies.ts'
import { countAttempt } from './attempts.ts'
import type { Auth } from './auth.ts'

/** Paths under /api/auth with the methods they take. */
export type LiveRoutes = Readonly<Record<string, readonly string[]>>

/** Set here from what the server knows and never taken from outside: better-auth writes it to the session. */
export const CLIENT_ADDRESS_HEADER = 'x-deskwire-client-address'

export const BASE_PATH = '/api/auth'
const MAX_BODY_BYTES = 16 * 1024

/**
 * Answers requests under /api/auth/*. `clientAddress` is the caller's IP address; without it all callers share one
 * count of attempts.
 */
export function handleAuth(
  auth: Auth,
  limiter = UNLIMITED,
): (request: Request, clientAddress?: string) => Promise<Response> {
  return async (request, clientAddress) => {
    const path = new URL(request.url).pathname.slice(BASE_PATH.length)
    const methods = Object.hasOwn(auth.routes, path) ? auth.routes[path] : undefined
    if (!methods) return refusal(404, 'NOT_FOUND', 'There is nothing here.')
    if (!methods.includes(request.method)) {
      return refusal(405, 'METHOD_NOT_ALLOWED', `Use ${methods.join(', ')}.`, { allow: methods.join(', ') })
    }
    const body = await readBody(request, MAX_BODY_BYTES).catch(brokenBody)
    if (body instanceof BrokenBody) return refusal(400, 'BAD_REQUEST', body.message)
    if (body === null) return refusal(413, 'PAYLOAD_TOO_LARGE', `The body may have ${MAX_BODY_BYTES} bytes.`)
    if (body !== '' && !isJson(request)) {
      return refusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json.')
    }
    const spent = await countAttempt(limiter, path, clientAddress ?? '', body)
    const headers = rateHeaders(spent)
    const over = spent.find(({ allowed }) => !allowed)
    if (over) return tooOften(over, headers)
    return withHeaders(await answer(auth, rebuilt(request, body, clientAddress)), headers)
  }
}

async function answer(auth: Auth, request: Request): Promise<Response> {
  try {
    return await auth.handler(request)
  } catch (error) {
    auth.reportFault(error)
    if (isUnavailable(error)) return refusal(503, 'UNAVAILABLE', 'The database is not available just now.')
    return refusal(500, 'INTERNAL_SERVER_ERROR', 'Something went wrong on our side. Please try again.')
  }
}

function brokenBody(error: unknown): BrokenBody {
  if (error instanceof BrokenBody) return error
  throw error
}

/** Only what better-auth's routes need, with the body that was read. */
function rebuilt(request: Request, body: string, clientAddress: string | undefined): Request {
  const headers = new Headers(request.headers)
  headers.delete('content-length')
  headers.delete(CLIENT_ADDRESS_HEADER)
  if (clientAddress) headers.set(CLIENT_ADDRESS_HEADER, clientAddress)
  const method = request.method === 'HEAD' ? 'GET' : request.method
  return new Request(request.url, { method, headers, body: body === '' ? undefined : body })
}

function isJson(request: Request): boolean {
  const [type = ''] = (request.headers.get('content-type') ?? '').split(';')
  return type.trim().toLowerCase() === 'application/json'
}

const tooOften = (spent: Spent, headers: Record<string, string>) =>
  refusal(429, 'RATE_LIMITED', sentenceOf(spent.policy, spent.resetSeconds), { ...headers, ...retryAfter(spent) })

function withHeaders(response: Response, more: Record<string, string>): Response {
  const headers = new Headers(response.headers)
  for (const [name, value] of Object.entries(more)) headers.set(name, value)
  return new Response(response.body, { status: response.status, headers })
}

/** In the shape of better-auth's own errors. */
function refusal(status: number, code: string, message: string, headers: Record<string, string> = {}): Response {
  return Response.json({ code, message }, { status, headers: { ...headers, 'cache-control': 'no-store' } })
}

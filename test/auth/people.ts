// For the tests of authentication: better-auth on a test database, and people who sign in over its routes.

import { pino } from 'pino'
import { type Auth, type AuthOptions, makeAuth } from '../../src/auth/auth.ts'
import { handleAuth } from '../../src/auth/handler.ts'
import type { Database } from '../../src/db/client.ts'
import type { Limiter } from '../../src/rates/limiter.ts'

export const BASE_URL = 'http://127.0.0.1:4000'
export const PASSWORD = 'correct horse battery'

export function testAuth(database: Database, options: Partial<AuthOptions> = {}): Auth {
  return makeAuth({
    database,
    baseUrl: BASE_URL,
    secret: 'a root secret that only tests know, 0123456789',
    signUp: 'open',
    trustedOrigins: [],
    logger: pino({ level: 'silent' }),
    ...options,
  })
}

export interface Post {
  headers?: Record<string, string>
  address?: string
  /** Absent: nothing is limited. */
  limiter?: Limiter
}

/** Sends JSON to a route of authentication. */
export function post(
  auth: Auth,
  path: string,
  body: unknown,
  { headers = {}, address, limiter }: Post = {},
): Promise<Response> {
  const request = new Request(`${BASE_URL}/api/auth${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return handleAuth(auth, limiter)(request, address)
}

/** Registers somebody, and returns their id with the cookie of their session. */
export async function signUp(auth: Auth, email: string, name = 'Ann'): Promise<{ id: string; cookie: string }> {
  const response = await post(auth, '/sign-up/email', { email, name, password: PASSWORD })
  const { user } = (await response.json()) as { user: { id: string } }
  return { id: user.id, cookie: cookieOf(response) }
}

/** The cookie of a new session, or null when it was refused. */
export async function signIn(auth: Auth, email: string, password = PASSWORD): Promise<string | null> {
  const response = await post(auth, '/sign-in/email', { email, password })
  return response.ok ? cookieOf(response) : null
}

export async function getSession(auth: Auth, cookie: string): Promise<{ user: { email: string } } | null> {
  const request = new Request(`${BASE_URL}/api/auth/get-session`, { headers: { cookie } })
  const response = await handleAuth(auth)(request)
  return (await response.json()) as { user: { email: string } } | null
}

/** What a browser would send back. */
export function cookieOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
}

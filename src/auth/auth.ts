// People and their cookie sessions, by better-auth. Of its routes only those in LIVE are open: the others would write
// around our operations. Organisations, roles, the support team and tokens are ours (architecture.md).

import { type BetterAuthPlugin, betterAuth } from 'better-auth'
import { prismaAdapter } from 'better-auth/adapters/prisma'
import { APIError, createAuthEndpoint, createAuthMiddleware, getEndpoints } from 'better-auth/api'
import type { Logger } from 'pino'
import { v7 as uuid } from 'uuid'
import type { Database } from '../db/client.ts'
import { isUnavailable } from '../db/faults.ts'
import { BASE_PATH, CLIENT_ADDRESS_HEADER, type LiveRoutes } from './handler.ts'
import { PASSWORD_MAX, PASSWORD_MIN } from './passwords.ts'
import { deriveKey } from './secrets.ts'

export interface AuthOptions {
  database: Database
  /** Where people reach the service; its scheme decides whether cookies are `Secure`. */
  baseUrl: string
  /** The server's root secret; the key that signs cookies is derived from it. */
  secret: string
  signUp: 'open' | 'closed'
  /** Origins beside our own whose pages may sign people in. */
  trustedOrigins: readonly string[]
  logger: Logger
}

/** The open routes of better-auth under BASE_PATH, with their methods. */
export function liveRoutes(signUp: 'open' | 'closed'): LiveRoutes {
  const always = {
    '/sign-in/email': ['POST'],
    '/sign-out': ['POST'],
    '/get-session': ['GET', 'HEAD'],
    '/change-password': ['POST'],
  }
  return signUp === 'open' ? { '/sign-up/email': ['POST'], ...always } : always
}

export type Auth = ReturnType<typeof makeAuth>

export function makeAuth({ database, baseUrl, secret, signUp, trustedOrigins, logger }: AuthOptions) {
  const routes = liveRoutes(signUp)
  const auth = betterAuth({
    appName: 'Deskwire',
    baseURL: baseUrl,
    basePath: BASE_PATH,
    secret: deriveKey(secret, 'sessions'),
    trustedOrigins: [...ownOrigins(baseUrl), ...trustedOrigins],
    // In a transaction: a sign-up that fails half-way leaves nobody without a password behind.
    database: prismaAdapter(database.prisma, { provider: 'postgresql', transaction: true }),
    emailAndPassword: {
      enabled: true,
      disableSignUp: signUp !== 'open',
      minPasswordLength: PASSWORD_MIN,
      maxPasswordLength: PASSWORD_MAX,
    },
    // No cookie cache: it would outlive a session that has been ended.
    session: { cookieCache: { enabled: false } },
    disabledPaths: pathsOfBetterAuth().filter((path) => !(path in routes)),
    hooks: { before: checkSignUp },
    plugins: [sessionCookies],
    // attempts.ts counts them, for all replicas.
    rateLimit: { enabled: false },
    advanced: {
      cookiePrefix: 'deskwire',
      useSecureCookies: baseUrl.startsWith('https:'),
      database: { generateId: () => uuid() },
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
      // Said aloud, since better-auth switches both checks off by itself where NODE_ENV is `test`.
      disableOriginCheck: false,
      disableCSRFCheck: false,
    },
    telemetry: { enabled: false },
    logger: { disableColors: true, log: logTo(logger) },
    // What is no answer to the caller is thrown, and handler.ts reports it; better-call would print it instead.
    onAPIError: { throw: true },
  })
  return Object.assign(auth, { routes, reportFault: (error: unknown) => reportFault(logger, error) })
}

/** Every path that better-auth and our plugin would answer; listing them runs none. */
function pathsOfBetterAuth(): string[] {
  const { api } = getEndpoints(Promise.resolve(null as never), {})
  return Object.values(api).flatMap((endpoint) => (endpoint.path === undefined ? [] : [endpoint.path]))
}

/** A browser on this machine may say either name. */
function ownOrigins(baseUrl: string): string[] {
  const { origin } = new URL(baseUrl)
  return [origin, origin.replace('127.0.0.1', 'localhost'), origin.replace('localhost', '127.0.0.1')]
}

/** better-auth takes any text as a name: PostgreSQL stores no NUL, and names stand in lists, on one line. */
const checkSignUp = createAuthMiddleware(async (ctx) => {
  if (ctx.path !== '/sign-up/email') return
  const { name, image } = ctx.body ?? {}
  const isName = typeof name === 'string' && name.isWellFormed() && /^(?!\s*$)\P{Cc}{1,100}$/u.test(name)
  if (!isName) throw new APIError('BAD_REQUEST', { message: 'name must be 1 to 100 characters on one line.' })
  if (image !== undefined) throw new APIError('BAD_REQUEST', { message: 'image is not supported.' })
})

/** Lets viewer.ts read the signed session cookie without better-auth's own queries; no route leads here. */
const sessionCookies = {
  id: 'session-cookies',
  endpoints: {
    readSessionCookie: createAuthEndpoint.serverOnly({ method: 'GET', requireHeaders: true }, async (ctx) => {
      const token = await ctx.getSignedCookie(ctx.context.authCookies.sessionToken.name, ctx.context.secret)
      return token || null
    }),
  },
} satisfies BetterAuthPlugin

/** The arguments may hold addresses and rows, so of them only an error's name and code are kept. */
function logTo(logger: Logger) {
  return (level: 'debug' | 'info' | 'warn' | 'error', message: string, ...args: unknown[]) => {
    const error = args.find((arg) => arg instanceof Error)
    // Without an error it speaks of what somebody sent, which is nobody's alarm.
    const mild = level === 'error' && !error ? 'info' : level
    logger[mild]({ part: 'auth', ...(error ? nameOf(error) : {}) }, message)
  }
}

function reportFault(logger: Logger, error: unknown): void {
  const level = isUnavailable(error) ? 'debug' : 'error'
  logger[level]({ part: 'auth', ...nameOf(error) }, 'A request to /api/auth failed')
}

function nameOf(error: unknown): { error: string; code?: unknown } {
  if (!(error instanceof Error)) return { error: typeof error }
  return 'code' in error ? { error: error.name, code: error.code } : { error: error.name }
}

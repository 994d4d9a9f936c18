// Who is asking: a session cookie or a bearer token becomes an Identity, and an Identity acting in an organisation
// becomes the Viewer of a request. Every door (GraphQL, REST, websockets, event streams) asks here.

import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import { validate as isUuid } from 'uuid'
import type { Membership, Viewer } from '../context.ts'
import type { Database } from '../db/client.ts'
import { isUnavailable } from '../db/faults.ts'
import type { TokenScope } from '../generated/prisma/client.ts'
import type { Auth } from './auth.ts'
import { makeShortCache } from './cache.ts'
import {
  noteTokenUse,
  organisationExists,
  type SessionRow,
  sessionByToken,
  type TokenRow,
  tokenByHash,
} from './credentials.sql.ts'
import { hashToken, looksLikeToken } from './tokens.ts'

/** A person or a program whose credentials are good, before an organisation is chosen. */
export interface Identity {
  via: 'session' | 'token'
  /** The person's or the token's id. */
  id: string
  name: string
  /** TICKETS_WRITE brings TICKETS_READ with it. */
  scopes: ReadonlySet<TokenScope>
  /** The person's own, oldest first; empty for tokens. */
  memberships: readonly Membership[]
  isTeam: boolean
  /** A token's own organisation; null for people and for the team's tokens. */
  organisationId: string | null
  sessionId: string | null
  tokenId: string | null
  /** When the credential ends by itself; null: never. */
  expiresAt: Date | null
}

export interface Authenticator {
  /**
   * Null without credentials, and with ones that are not (or no longer) good. A bearer token given decides alone, also
   * beside a good cookie. `cookies: false` where only tokens are taken, or where the origin may not use cookies.
   */
  identify(headers: Headers, options: { cookies: boolean }): Promise<Identity | null>
  /** Forgets what was looked up in the last two seconds: called when rights have changed. */
  forget(): void
}

/** A revocation must be felt within 5 s in open streams, which are checked every 2 s on top of this. */
const CACHE_MS = 2000
const CACHE_ENTRIES = 10_000

/** A person in a browser or with a session: everything about tickets, never the platform's facts about clusters. */
const SESSION_SCOPES: ReadonlySet<TokenScope> = new Set(['tickets_read', 'tickets_write'])

export function makeAuthenticator(parts: { database: Database; auth: Auth; logger?: Logger }): Authenticator {
  const { database, auth, logger } = parts
  const cache = makeShortCache<Identity | null>(CACHE_MS, CACHE_ENTRIES)

  async function bySecret(secret: string): Promise<Identity | null> {
    const row = await tokenByHash(database, hashToken(secret))
    if (!row) return null
    // Nobody waits for the note of the last use, and no request fails because of it.
    if (row.isUseStale) noteTokenUse(database, row.id).catch((error) => warnOfNote(logger, error))
    return tokenIdentity(row)
  }

  async function byCookie(headers: Headers): Promise<Identity | null> {
    // Its signature is checked before anything is looked up, so made-up cookies cost no query.
    const token = await auth.api.readSessionCookie({ headers })
    const row = token === null ? null : await sessionByToken(database, token)
    return row && sessionIdentity(row)
  }

  return {
    async identify(headers, { cookies }) {
      const authorization = headers.get('authorization')
      const secret = authorization === null ? null : bearerSecret(authorization)
      if (secret !== null) {
        if (!looksLikeToken(secret)) return null
        return notExpired(await cache.get(`token ${digest(secret)}`, () => bySecret(secret)))
      }
      const cookie = cookies ? sessionCookie(headers) : null
      if (cookie === null) return null
      return notExpired(await cache.get(`cookie ${digest(cookie)}`, () => byCookie(headers)))
    },
    forget: () => cache.clear(),
  }
}

/**
 * The viewer that `identity` is when it acts in `requested`, the organisation named by a header or argument; null or
 * blank: none was named. Answers null when the one named is no organisation, or not theirs. A customer then acts in
 * the token's own organisation or the oldest membership; who belongs nowhere still is a viewer, without organisation.
 */
export async function chooseOrganisation(
  database: Database,
  identity: Identity,
  requested: string | null,
): Promise<Viewer | null> {
  const named = requested?.trim() ? requested.trim().toLowerCase() : null
  if (named !== null && !isUuid(named)) return null
  return identity.isTeam ? teamViewer(database, identity, named) : customerViewer(identity, named)
}

async function teamViewer(database: Database, identity: Identity, named: string | null): Promise<Viewer | null> {
  if (named !== null && !(await organisationExists(database, named))) return null
  return { ...caller(identity), side: 'team', organisationId: named }
}

function customerViewer(identity: Identity, named: string | null): Viewer | null {
  const own = identity.via === 'token' ? identity.organisationId : (identity.memberships[0]?.organisationId ?? null)
  const organisationId = named ?? own
  const membership = identity.memberships.find((one) => one.organisationId === organisationId)
  const isTheirs = identity.via === 'token' ? organisationId === own : membership !== undefined
  if (named !== null && !isTheirs) return null
  return { ...caller(identity), side: 'customer', organisationId, role: membership?.role ?? null }
}

function caller({ via, id, name, scopes, memberships, sessionId, tokenId }: Identity) {
  return { via, id, name, scopes, memberships, credentialId: (sessionId ?? tokenId) as string }
}

function sessionIdentity(row: SessionRow): Identity {
  return {
    via: 'session',
    id: row.userId,
    name: row.name,
    scopes: SESSION_SCOPES,
    memberships: row.memberships,
    isTeam: row.isTeam,
    organisationId: null,
    sessionId: row.sessionId,
    tokenId: null,
    expiresAt: row.expiresAt,
  }
}

function tokenIdentity(row: TokenRow): Identity {
  const scopes = new Set(row.scopes)
  if (scopes.has('tickets_write')) scopes.add('tickets_read')
  return {
    via: 'token',
    id: row.id,
    name: row.name,
    scopes,
    memberships: [],
    isTeam: row.organisationId === null,
    organisationId: row.organisationId,
    sessionId: null,
    tokenId: row.id,
    expiresAt: row.expiresAt,
  }
}

/** better-auth puts `__Secure-` before its name on https. */
const SESSION_COOKIE = /(?<=^|;\s*)(?:__Secure-)?deskwire\.session_token=[^;]*/g

/** As it was sent, signature included; a browser may send several of one name, and then all of them count. */
function sessionCookie(headers: Headers): string | null {
  return headers.get('cookie')?.match(SESSION_COOKIE)?.join(';') ?? null
}

/** The secret of `Authorization: Bearer …` (RFC 6750; the scheme's case does not matter); null for other schemes. */
function bearerSecret(authorization: string): string | null {
  const [scheme = '', ...rest] = authorization.trim().split(/\s+/)
  return scheme.toLowerCase() === 'bearer' ? rest.join(' ') : null
}

/** A remembered credential may have run out since. */
function notExpired(identity: Identity | null): Identity | null {
  return identity?.expiresAt && identity.expiresAt.getTime() <= Date.now() ? null : identity
}

/** Secrets are not kept as keys of a map, where a heap dump would show them. */
const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')

function warnOfNote(logger: Logger | undefined, error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  logger?.[isUnavailable(error) ? 'debug' : 'warn'](
    { part: 'auth', code },
    'The last use of a token could not be noted',
  )
}

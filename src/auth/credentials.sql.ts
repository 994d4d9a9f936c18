// What a credential says of its bearer, in one prepared statement each.

import type { Membership } from '../context.ts'
import type { Database } from '../db/client.ts'
import { Prisma, type TokenScope } from '../generated/prisma/client.ts'

export interface SessionRow {
  sessionId: string
  expiresAt: Date
  userId: string
  name: string
  isTeam: boolean
  /** Oldest first. */
  memberships: Membership[]
}

export interface TokenRow {
  id: string
  name: string
  scopes: TokenScope[]
  /** Null: the team's. */
  organisationId: string | null
  expiresAt: Date | null
  /** Whether its last use is unknown or more than a minute ago. */
  isUseStale: boolean
}

/** A living session by the token that its cookie carries. */
export async function sessionByToken(database: Database, token: string): Promise<SessionRow | null> {
  const [row] = await database.query<SessionRow>(Prisma.sql`
    SELECT s.id AS "sessionId", s.expires_at AS "expiresAt", u.id AS "userId", u.name,
      EXISTS (SELECT FROM team_members t WHERE t.user_id = u.id AND t.removed_at IS NULL) AS "isTeam",
      COALESCE((
        SELECT json_agg(
          json_build_object('organisationId', m.organisation_id, 'role', m.role)
          ORDER BY m.created_at, m.organisation_id)
        FROM members m WHERE m.user_id = u.id
      ), '[]') AS memberships
    FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.token = ${token} AND s.expires_at > now()`)
  return row ?? null
}

/** A valid token by the SHA-256 of its secret. */
export async function tokenByHash(database: Database, hash: Buffer): Promise<TokenRow | null> {
  const [row] = await database.query<TokenRow>(Prisma.sql`
    SELECT k.id, k.name, k.scopes::text[] AS scopes, k.organisation_id AS "organisationId", k.expires_at AS "expiresAt",
      (k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute') AS "isUseStale"
    FROM api_tokens k
    WHERE k.hash = ${hash} AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())`)
  return row ?? null
}

/** Several processes may see the same stale row: the condition lets one of them write, once a minute. */
export async function noteTokenUse(database: Database, id: string): Promise<void> {
  await database.query(Prisma.sql`
    UPDATE api_tokens SET last_used_at = now()
    WHERE id = ${id}::uuid AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`)
}

export async function organisationExists(database: Database, id: string): Promise<boolean> {
  const rows = await database.query(Prisma.sql`SELECT FROM organisations o WHERE o.id = ${id}::uuid`)
  return rows.length === 1
}

/** What a stream was opened with. */
export interface Credential {
  via: 'session' | 'token'
  side: 'customer' | 'team'
  /** The session's or the token's id. */
  credentialId: string
  /** The person's id; a token's own. */
  personId: string
  /** The one it acts in: its membership is asked for. Null: of a customer who belongs nowhere, or the team's all. */
  organisationId: string | null
}

/** The indexes of those that are still good, in one statement whatever their number. */
export async function stillGood(database: Database, credentials: readonly Credential[]): Promise<Set<number>> {
  const column = <Key extends keyof Credential>(key: Key) => credentials.map((one) => one[key])
  const rows = await database.query<{ i: number }>(Prisma.sql`
    SELECT c.i FROM unnest(
      ${credentials.map((_, i) => i)}::int[], ${column('via')}::text[], ${column('side')}::text[],
      ${column('credentialId')}::uuid[], ${column('personId')}::uuid[], ${column('organisationId')}::uuid[]
    ) AS c (i, via, side, credential_id, person_id, organisation_id)
    WHERE CASE WHEN c.via = 'token'
      THEN EXISTS (SELECT FROM api_tokens k WHERE k.id = c.credential_id AND k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > now()))
      ELSE EXISTS (SELECT FROM sessions s WHERE s.id = c.credential_id AND s.expires_at > now())
        AND CASE WHEN c.side = 'team'
          THEN EXISTS (SELECT FROM team_members t WHERE t.user_id = c.person_id AND t.removed_at IS NULL)
          ELSE c.organisation_id IS NULL OR EXISTS (SELECT FROM members m
            WHERE m.user_id = c.person_id AND m.organisation_id = c.organisation_id) END
      END`)
  return new Set(rows.map(({ i }) => i))
}

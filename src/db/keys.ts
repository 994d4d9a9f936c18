// Idempotency keys in the database: claimed in the writing transaction, read by whoever lost on one.

import { Prisma } from '../generated/prisma/client.ts'
import type { Database, Tx } from './client.ts'
import { type Scope, within } from './reads/scope.ts'

export interface Key {
  scope: Scope
  /** The organisation the key belongs to, or a ticket of it that the scope may see. */
  of: { organisationId: string } | { ticketId: string }
  operation: string
  /** 1 to 200 characters. */
  key: string
}

export interface Claim extends Key {
  resultId: string
  /** SHA-256 of the canonical input. */
  hash: Buffer
}

export interface ClaimedKey {
  resultId: string
  hash: Buffer
}

/** How long a key is remembered. */
const LIFETIME = Prisma.sql`interval '24 hours'`

/** False when somebody used the key within its lifetime; waits for who is just using it. */
export async function claimKey(tx: Tx, claim: Claim): Promise<boolean> {
  const rows = await tx.$executeRaw`
    INSERT INTO idempotency_keys AS k (organisation_id, side, operation, key, hash, result_id)
    SELECT o.id, ${claim.scope.side}::side, ${claim.operation}, ${claim.key}, ${claim.hash}, ${claim.resultId}::uuid
    FROM ${owner(claim)} o
    ON CONFLICT (organisation_id, side, operation, key)
    DO UPDATE SET hash = EXCLUDED.hash, result_id = EXCLUDED.result_id, created_at = EXCLUDED.created_at
    WHERE k.created_at < now() - ${LIFETIME}`
  return rows > 0
}

export async function findKey(database: Database, key: Key): Promise<ClaimedKey | null> {
  const [row] = await database.query<ClaimedKey>(Prisma.sql`
    SELECT k.result_id AS "resultId", k.hash FROM idempotency_keys k JOIN ${owner(key)} o ON o.id = k.organisation_id
    WHERE k.side = ${key.scope.side}::side AND k.operation = ${key.operation} AND k.key = ${key.key}
      AND k.created_at >= now() - ${LIFETIME}`)
  return row ?? null
}

/** The thing existed already: the key stands for that one. */
export async function resettleKey(tx: Tx, key: Key, resultId: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE idempotency_keys k SET result_id = ${resultId}::uuid FROM ${owner(key)} o
    WHERE k.organisation_id = o.id AND k.side = ${key.scope.side}::side AND k.operation = ${key.operation}
      AND k.key = ${key.key}`
}

function owner({ of, scope }: Key): Prisma.Sql {
  if ('organisationId' in of) return Prisma.sql`(SELECT ${of.organisationId}::uuid AS id)`
  return Prisma.sql`(SELECT t.organisation_id AS id FROM tickets t
    WHERE t.id = ${of.ticketId}::uuid AND ${within(scope, 't')})`
}

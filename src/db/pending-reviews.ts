// Tickets whose review is still to come: who looks at which of them, and when again.

import { Prisma } from '../generated/prisma/client.ts'
import type { Database, Tx } from './client.ts'

export interface PendingReview {
  ticketId: string
  reviewId: string
  /** This one included. */
  tries: number
}

/** In the transaction that makes the ticket. */
export async function addPending(tx: Tx, ticketId: string, reviewId: string, delayMs: number): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO pending_reviews (ticket_id, review_id, next_try_at)
    VALUES (${ticketId}::uuid, ${reviewId}::uuid, now() + ${delayMs}::float8 * interval '1 millisecond')`
}

/** Up to `most` that are due. Nobody else is given them for `leaseMs`: longer than a try takes. */
export function claimPending(database: Database, most: number, leaseMs: number): Promise<PendingReview[]> {
  return database.query<PendingReview>(Prisma.sql`
    UPDATE pending_reviews SET tries = tries + 1, next_try_at = now() + ${leaseMs}::float8 * interval '1 millisecond'
    WHERE ticket_id IN (
      SELECT ticket_id FROM pending_reviews WHERE next_try_at <= now()
      ORDER BY next_try_at LIMIT ${most} FOR UPDATE SKIP LOCKED)
    RETURNING ticket_id AS "ticketId", review_id AS "reviewId", tries`)
}

export async function postponePending(database: Database, ticketId: string, delayMs: number): Promise<void> {
  await database.query(Prisma.sql`
    UPDATE pending_reviews SET next_try_at = now() + ${delayMs}::float8 * interval '1 millisecond'
    WHERE ticket_id = ${ticketId}::uuid`)
}

/** The ticket has left pending_review. */
export async function removePending(tx: Tx, ticketId: string): Promise<void> {
  await tx.$executeRaw`DELETE FROM pending_reviews WHERE ticket_id = ${ticketId}::uuid`
}

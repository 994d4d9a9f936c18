// What a writing transaction locks before it takes its places: first the review it uses up, then the ticket.

import type { Review, Ticket } from '../generated/prisma/client.ts'
import type { Tx } from './client.ts'
import { ticketColumns } from './reads/columns.ts'
import { type Scope, within } from './reads/scope.ts'

/** The ticket as it is now, held until the commit; null when the scope may not see it. Readers do not wait. */
export async function lockTicket(tx: Tx, scope: Scope, id: string): Promise<Ticket | null> {
  const [ticket] = await tx.$queryRaw<Ticket[]>`
    SELECT ${ticketColumns} FROM tickets t WHERE t.id = ${id}::uuid AND ${within(scope, 't')} FOR NO KEY UPDATE`
  return ticket ?? null
}

/** What became of a review: how good it was is measured by that. */
export type ReviewOutcome = Pick<Review, 'chosenCategory' | 'chosenSeverity'> & {
  ticketId: string
  /** Where the review joins a ticket: the comment that says so. */
  linkCommentId: string | null
  /** Of its questions, those that nobody has answered. */
  questionsLeft: number
}

/** The review as the caller has read it, and what becomes of it. */
export interface ReviewUse extends Pick<Review, 'organisationId' | 'id' | 'revision'>, ReviewOutcome {
  now: Date
}

/** Uses a review up; false when it is used, expired or answered meanwhile. Waits for who is just using it. */
export async function useReview(tx: Tx, use: ReviewUse): Promise<boolean> {
  const rows = await tx.$executeRaw`
    UPDATE reviews SET used_ticket_id = ${use.ticketId}::uuid, link_comment_id = ${use.linkCommentId}::uuid,
      chosen_category = ${use.chosenCategory}::ticket_category, chosen_severity = ${use.chosenSeverity}::ticket_severity,
      questions_left = ${use.questionsLeft}
    WHERE organisation_id = ${use.organisationId}::uuid AND id = ${use.id}::uuid AND revision = ${use.revision}
      AND used_ticket_id IS NULL AND expires_at > ${use.now}`
  return rows > 0
}

/** What became of a review, as this transaction sees it now; null: nothing. */
export async function ticketOfReview(tx: Tx, organisationId: string, id: string): Promise<Ticket | null> {
  const [ticket] = await tx.$queryRaw<Ticket[]>`
    SELECT ${ticketColumns} FROM reviews r
    JOIN tickets t ON t.organisation_id = r.organisation_id AND t.id = r.used_ticket_id
    WHERE r.organisation_id = ${organisationId}::uuid AND r.id = ${id}::uuid`
  return ticket ?? null
}

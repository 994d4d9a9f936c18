// Which status follows which, and who may move a ticket there (REST contract, "Lifecycle").

import { isOver, SYSTEM, type TicketChange } from '../events/change.ts'
import type { AiReviewStatus, TicketStatus } from '../generated/prisma/client.ts'
import type { ReviewDraft } from '../review/reviewer.ts'
import { quality } from '../review/verdict.ts'
import { notAllowed, type Problem } from './errors.ts'

type Side = 'customer' | 'team'

const BY_TEAM: Record<TicketStatus, readonly TicketStatus[]> = {
  pending_review: ['open', 'closed'],
  open: ['triaging', 'in_progress', 'waiting_customer', 'resolved', 'closed'],
  triaging: ['open', 'in_progress', 'waiting_customer', 'resolved', 'closed'],
  in_progress: ['triaging', 'waiting_customer', 'resolved', 'closed'],
  waiting_customer: ['in_progress', 'resolved', 'closed'],
  resolved: ['in_progress', 'closed'],
  closed: ['open'],
}

/** A customer's reply puts the work back into our hands; everything else leaves the status alone. */
const AFTER_CUSTOMERS_REPLY: Partial<Record<TicketStatus, TicketStatus>> = {
  waiting_customer: 'in_progress',
  resolved: 'in_progress',
}

export function statusAfterReply(status: TicketStatus, side: Side): TicketStatus {
  return side === 'team' ? status : (AFTER_CUSTOMERS_REPLY[status] ?? status)
}

/** Null when the team may move a ticket there; an equal status is no move. */
export function refuseMove(from: TicketStatus, to: TicketStatus): Problem | null {
  if (from === to || BY_TEAM[from].includes(to)) return null
  const allowed = BY_TEAM[from].map(words).join(', ')
  return notAllowed('status', `This ticket is ${words(from)}; it may move to: ${allowed}.`)
}

/** The answer to a comment, an upload or a link on a closed ticket. */
export const closedTicket = (number: number): Problem =>
  notAllowed('ticketId', `#${number} is closed. Please open a new ticket and mention #${number} there.`)

/** When work goes on that was over, a line by the service says so. Call before the status changes. */
export function announceReopening(change: TicketChange, to: TicketStatus, by: string): void {
  if (isOver(change.after.status) && !isOver(to)) change.comment(`Reopened by ${by}`, { author: SYSTEM })
}

/**
 * Moves a ticket for somebody, with the line by the service when it closes or reopens. Who takes a ticket out of
 * pending_review ends its review with the local verdict.
 */
export function move(change: TicketChange, to: TicketStatus, verdict: ReviewDraft | null): void {
  const from = change.after.status
  if (from === to) return
  if (to === 'closed') change.comment(`Closed by ${change.actor.label}`, { author: SYSTEM })
  else announceReopening(change, to, change.actor.label)
  if (from === 'pending_review') change.reviewCompleted(reviewStatus(verdict))
  change.status(to)
}

/** What a ticket's aiReviewStatus says once its review has answered. */
export const reviewStatus = (verdict: ReviewDraft | null): AiReviewStatus =>
  verdict !== null && quality(verdict) === 'flag' ? 'flagged' : 'passed'

/** The team takes a ticket up by moving it on from open; closing it is not taking it up. */
export const isTakenUp = (from: TicketStatus, to: TicketStatus): boolean =>
  from === 'open' && to !== 'open' && to !== 'closed'

const words = (status: TicketStatus) => status.replaceAll('_', ' ')

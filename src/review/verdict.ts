// What follows from a verdict, and how tickets are named in one: the same words for every transport.

import { isOver } from '../events/change.ts'
import type { Ticket } from '../generated/prisma/client.ts'
import { INFORMING } from './quality.ts'
import type { ReviewDraft } from './reviewer.ts'
import { shorten } from './text.ts'

export type Quality = 'pass' | 'flag'
export type RecommendedAction = 'submit' | 'answer_questions' | 'link_duplicate' | 'revise'

const LONGEST_SUMMARY = 120
const MONTHS = 'January February March April May June July August September October November December'.split(' ')

/** `flag` holds a ticket back until it is acknowledged; a masked credential only informs. */
export function quality(verdict: Pick<ReviewDraft, 'flags'>): Quality {
  return verdict.flags.some((flag) => !INFORMING.has(flag.code)) ? 'flag' : 'pass'
}

/** The most helpful next step: join what is known already, else make the text better, else tell more, else file it. */
export function recommendedAction(verdict: Pick<ReviewDraft, 'flags' | 'questions' | 'candidates'>): RecommendedAction {
  if (verdict.candidates.some((candidate) => candidate.confidence === 'high')) return 'link_duplicate'
  if (quality(verdict) === 'flag') return 'revise'
  return verdict.questions.length > 0 ? 'answer_questions' : 'submit'
}

/** A ticket's state in words. Days are UTC; the year is named when it is not the year of `now`. */
export function statusLabel(ticket: Pick<Ticket, 'status' | 'resolvedAt' | 'closedAt'>, now: Date): string {
  switch (ticket.status) {
    case 'pending_review':
      return 'Being reviewed'
    case 'open':
      return 'Waiting for the support team'
    case 'triaging':
      return 'Being looked at'
    case 'in_progress':
      return 'Being worked on'
    case 'waiting_customer':
      return 'Waiting for your reply'
    case 'resolved':
      return ticket.resolvedAt ? `Resolved on ${day(ticket.resolvedAt, now)}` : 'Resolved'
    case 'closed':
      return ticket.closedAt ? `Closed on ${day(ticket.closedAt, now)}` : 'Closed'
  }
}

/** "3 May", or "3 May 2024" when that is not the year of `now`. */
export function day(date: Date, now: Date): string {
  const year = date.getUTCFullYear() === now.getUTCFullYear() ? '' : ` ${date.getUTCFullYear()}`
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}${year}`
}

/** "#12 Nodes NotReady after the upgrade", at most 120 characters. */
export function candidateSummary(ticket: Pick<Ticket, 'number' | 'subject'>): string {
  return shorten(`#${ticket.number} ${ticket.subject.replace(/\s+/g, ' ').trim()}`, LONGEST_SUMMARY)
}

/** Resolved or closed: nothing is being done about it any more. */
export function isDone(ticket: Pick<Ticket, 'status'>): boolean {
  return isOver(ticket.status)
}

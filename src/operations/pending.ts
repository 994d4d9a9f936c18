// Tickets that were filed while the model did not answer: it is asked again, for ten minutes at most, across restarts
// and by whichever replica is there; then the local verdict stands (REST contract, "pending_review").

import type { Services } from '../context.ts'
import type { Tx } from '../db/client.ts'
import { lockTicket } from '../db/locks.ts'
import { claimPending, type PendingReview, postponePending, removePending } from '../db/pending-reviews.ts'
import { reviewsById } from '../db/reads/directory.ts'
import { filingFacts } from '../db/reads/filing.ts'
import { ticketsById } from '../db/reads/tickets.ts'
import { AI, TicketChange } from '../events/change.ts'
import type { Review, Ticket } from '../generated/prisma/client.ts'
import type { ClusterContext, Draft, Reviewed } from '../review/reviewer.ts'
import { FIRST_TRY_MS, openQuestions, remarkAtFiling } from './filing.ts'
import { reviewStatus } from './lifecycle.ts'
import { answersOf, storable, verdictOf } from './reviews.ts'

type Parts = Pick<Services, 'database' | 'log' | 'reviewer' | 'now' | 'reviewTimeoutMs'>

const AT_ONCE = 5
/** On top of what a review may take. */
const LEASE_MS = 15_000
const GIVEN_UP_AFTER_MS = 10 * 60 * 1000
const LONGEST_DELAY_MS = 60_000
const ALL = { side: 'team', organisationId: null } as const

/** How long the model is left alone after a try. */
const delayAfter = (tries: number) => Math.min(FIRST_TRY_MS * 2 ** tries, LONGEST_DELAY_MS)

/** Looks at all that are due. One that fails does not keep the others: it is due again when its lease ends. */
export async function completePendingReviews(parts: Parts, onError: (error: unknown) => void): Promise<void> {
  for (;;) {
    const due = await claimPending(parts.database, AT_ONCE, parts.reviewTimeoutMs + LEASE_MS)
    await Promise.all(due.map((pending) => tryAgain(parts, pending).catch(onError)))
    if (due.length < AT_ONCE) return
  }
}

async function tryAgain(parts: Parts, pending: PendingReview): Promise<void> {
  const { database, now } = parts
  const [[ticket], [review]] = await Promise.all([
    ticketsById(database, ALL, [pending.ticketId]),
    reviewsById(database, ALL, [pending.reviewId]),
  ])
  if (ticket?.status !== 'pending_review' || !review) {
    await database.write((tx) => removePending(tx, pending.ticketId))
    return
  }
  const reviewed = await parts.reviewer.review(draftOf(review, ticket), contextOf(review, now()), NEVER_ABORTED)
  if (reviewed.modelFailure === null) return complete(parts, ticket, { ...review, ...outcomeOf(reviewed, ticket) })
  const isOver = now().getTime() - ticket.createdAt.getTime() >= GIVEN_UP_AFTER_MS
  // What it has refused once, it refuses again.
  if (isOver || reviewed.modelFailure === 'refusal') return complete(parts, ticket, review)
  await postponePending(database, ticket.id, delayAfter(pending.tries))
}

const NEVER_ABORTED = new AbortController().signal

/** With the cluster as it was when the ticket was filed. */
const draftOf = (review: Review, { clusterContext }: Ticket): Draft => ({
  subject: review.subject,
  description: review.description,
  category: review.category,
  cluster: clusterContext as ClusterContext | null,
  answers: answersOf(review),
})

const contextOf = ({ organisationId, clusterId }: Review, now: Date) => ({ organisationId, clusterId, now })

/** By now the ticket itself is among those that look alike. */
function outcomeOf({ verdict, reviewer }: Reviewed, ticket: Ticket): Pick<Review, 'verdict' | 'reviewer'> {
  const candidates = verdict.candidates.filter(({ ticketId }) => ticketId !== ticket.id)
  return { verdict: { ...verdict, candidates } as unknown as Review['verdict'], reviewer }
}

/** Once, whoever else tries: only a ticket that is still in pending_review leaves it. */
async function complete({ database, log, now }: Parts, { id, organisationId }: Ticket, review: Review): Promise<void> {
  const candidates = verdictOf(review).candidates.map(({ ticketId }) => ticketId)
  const { twin } = await filingFacts(database, organisationId, null, candidates)
  const written = await database.write(async (tx) => {
    const ticket = await lockTicket(tx, ALL, id)
    if (ticket?.status === 'pending_review') {
      const questions = openQuestions(verdictOf(review).questions, answersOf(review))
      const change = changeOf(ticket, review, remarkAtFiling(questions, twin, now()), now())
      await keepVerdict(tx, review)
      await log.commit(tx, change)
    }
    await removePending(tx, id)
    return tx
  })
  log.committed(written)
}

/** What a person chose, then or meanwhile, stays. */
function changeOf(ticket: Ticket, review: Review, remark: string | null, now: Date): TicketChange {
  const verdict = verdictOf(review)
  const change = TicketChange.of(ticket, AI, now)
  if (remark !== null) change.comment(remark)
  change.reviewCompleted(reviewStatus(verdict))
  change.status('open')
  change.after.aiSummary = verdict.summary
  if (!ticket.severityChosen) change.severity(verdict.severity, false)
  if (!ticket.categoryChosen) change.category(verdict.category ?? ticket.category, false)
  return change
}

async function keepVerdict(tx: Tx, review: Review): Promise<void> {
  const { verdict, reviewer } = storable(review)
  await tx.review.updateMany({ where: { id: review.id }, data: { verdict, reviewer } })
}

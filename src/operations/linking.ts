// Joining an existing ticket instead of opening one: the reviewed draft becomes a comment there.

import { z } from 'zod'
import type { Tx } from '../db/client.ts'
import { lockTicket, ticketOfReview, useReview } from '../db/locks.ts'
import { TicketChange } from '../events/change.ts'
import type { Review, Ticket } from '../generated/prisma/client.ts'
import { writer } from './access.ts'
import { type Said, said, saidBefore } from './comments.ts'
import { notAllowed, notFound, type Problem } from './errors.ts'
import { type Call, operation } from './execute.ts'
import { openQuestions, unknownReview, withAnswers } from './filing.ts'
import { decided, once } from './idempotency.ts'
import { flag, id, idempotencyKey, optional } from './input.ts'
import { announceReopening, closedTicket } from './lifecycle.ts'
import { answeredMeanwhile, answersOf, expiredReview, verdictOf } from './reviews.ts'

export const linkTicket = operation({
  name: 'linkTicket',
  access: writer,
  rate: 'write',
  input: z.strictObject({
    reviewId: id,
    ticketId: id,
    stillHappening: flag,
    idempotencyKey: optional(idempotencyKey),
  }),

  async run(call, input): Promise<Said | Problem> {
    const { reviewId, ticketId, stillHappening } = input
    const [review, found] = await Promise.all([call.loaders.review.load(reviewId), call.loaders.ticket.load(ticketId)])
    if (!found) return notFound('ticket')
    const options = {
      operation: 'linkTicket',
      key: input.idempotencyKey,
      input,
      of: { ticketId },
      again: async (commentId: string) => (await saidBefore(call.loaders, commentId)) ?? notFound('ticket'),
    }
    if (review?.organisationId !== found.organisationId) return decided<Said>(call, options, unknownReview())
    if (review.usedTicketId !== null) {
      return decided<Said>(call, options, await linkedBefore(call, review, ticketId), review.linkCommentId)
    }
    if (review.expiresAt <= call.now()) return decided<Said>(call, options, expiredReview())

    return once<Said>(call, {
      ...options,
      async first(tx, commentId, settle) {
        const questionsLeft = openQuestions(verdictOf(review).questions, answersOf(review)).length
        const outcome = { ...review, ticketId, linkCommentId: commentId, questionsLeft }
        if (!(await useReview(tx, { ...outcome, now: call.now() }))) {
          return linkedMeanwhile(tx, review, ticketId, settle)
        }
        const ticket = await lockTicket(tx, call.scope, ticketId)
        if (!ticket) return notFound('ticket')
        if (ticket.status === 'closed') return closedTicket(ticket.number)

        const change = TicketChange.of(ticket, call.actor, call.now())
        const report = `${review.subject}\n\n${withAnswers(review.description, answersOf(review))}`
        change.link(change.comment(report, { id: commentId }))
        if (stillHappening && ticket.status === 'resolved') {
          announceReopening(change, 'in_progress', 'a report that it still happens')
          change.status('in_progress')
        }
        return said(await call.log.commit(tx, change), commentId)
      },
    })
  },
})

/** Joining the same ticket again succeeds and makes nothing. */
async function linkedBefore(call: Call, review: Review, ticketId: string): Promise<Said | Problem> {
  const same = review.usedTicketId === ticketId && review.linkCommentId !== null
  const before = same ? await saidBefore(call.loaders, review.linkCommentId as string) : null
  if (before) return before
  const used = await call.loaders.ticket.load(review.usedTicketId as string)
  return used ? becameAnother(used) : unknownReview()
}

/** Somebody used the review between our reading and our transaction: the same ticket is as good as our own link. */
async function linkedMeanwhile(tx: Tx, review: Review, ticketId: string, settle: (id: string) => Promise<void>) {
  const ticket = await ticketOfReview(tx, review.organisationId, review.id)
  if (ticket === null) return answeredMeanwhile()
  const used = await tx.review.findUniqueOrThrow({ where: { id: review.id } })
  const linkedTo = ticket.id === ticketId ? used.linkCommentId : null
  const comment = linkedTo === null ? null : await tx.comment.findUnique({ where: { id: linkedTo } })
  if (comment === null) return becameAnother(ticket)
  await settle(comment.id)
  return { ticket, comment, created: false }
}

const becameAnother = ({ number }: Pick<Ticket, 'number'>) =>
  notAllowed('reviewId', `This review has become #${number}. Please review again to join another ticket.`)

// What people say on a ticket.

import { z } from 'zod'
import { lockTicket } from '../db/locks.ts'
import { TicketChange } from '../events/change.ts'
import type { Committed } from '../events/log.ts'
import type { Comment, Ticket } from '../generated/prisma/client.ts'
import { writer } from './access.ts'
import { notAllowed, notFound, type Problem } from './errors.ts'
import { operation } from './execute.ts'
import { once } from './idempotency.ts'
import { flag, humanText, id, idempotencyKey, optional } from './input.ts'
import { announceReopening, closedTicket, statusAfterReply } from './lifecycle.ts'

/** `created` is false when this key, or this review, had made the comment before. */
export interface Said {
  ticket: Ticket
  comment: Comment
  created: boolean
}

export const addComment = operation({
  name: 'addComment',
  access: writer,
  rate: 'write',
  input: z.strictObject({
    ticketId: id,
    body: humanText(1, 10_000),
    internal: flag,
    idempotencyKey: optional(idempotencyKey),
  }),

  async run(call, input): Promise<Said | Problem> {
    const { ticketId, body, internal } = input
    const { side } = call.viewer
    if (internal && side === 'customer') {
      return notAllowed('internal', 'Only the support team writes internal notes. Nothing was published.')
    }
    return once<Said>(call, {
      operation: 'addComment',
      key: input.idempotencyKey,
      input,
      of: { ticketId },

      async first(tx, commentId) {
        const ticket = await lockTicket(tx, call.scope, ticketId)
        if (!ticket) return notFound('ticket')
        if (ticket.status === 'closed') return closedTicket(ticket.number)

        const change = TicketChange.of(ticket, call.actor, call.now())
        const next = internal ? ticket.status : statusAfterReply(ticket.status, side)
        announceReopening(change, next, 'a reply')
        change.comment(body, { id: commentId, internal })
        change.status(next)
        return said(await call.log.commit(tx, change), commentId)
      },

      again: async (commentId) => (await saidBefore(call.loaders, commentId)) ?? notFound('ticket'),
    })
  },
})

type Loaders = Parameters<typeof addComment.run>[0]['loaders']

/** The comment that was made under this id, and the ticket it changed. */
export function said({ ticket, comments }: Committed, commentId: string): Said {
  return { ticket, comment: comments.find(({ id }) => id === commentId) as Comment, created: true }
}

/** A comment and its ticket as they are now. */
export async function saidBefore(loaders: Loaders, commentId: string): Promise<Said | null> {
  const comment = await loaders.comment.load(commentId)
  const ticket = comment && (await loaders.ticket.load(comment.ticketId))
  return ticket && comment ? { ticket, comment, created: false } : null
}

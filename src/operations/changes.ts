// What is done to a ticket that exists: anybody closes it, the team moves it on, grades it and gives it to somebody.

import { z } from 'zod'
import type { Tx } from '../db/client.ts'
import { lockTicket } from '../db/locks.ts'
import { teamMembers } from '../db/reads/directory.ts'
import { TicketChange } from '../events/change.ts'
import type { Ticket } from '../generated/prisma/client.ts'
import type { ReviewDraft } from '../review/reviewer.ts'
import { teamWriter, writer } from './access.ts'
import { inputProblem, notFound, type Problem } from './errors.ts'
import { type Call, operation } from './execute.ts'
import { once } from './idempotency.ts'
import { category, id, idempotencyKey, optional, severity, status } from './input.ts'
import { isTakenUp, move, refuseMove } from './lifecycle.ts'
import { verdictOf } from './reviews.ts'

export const closeTicket = operation({
  name: 'closeTicket',
  access: writer,
  rate: 'write',
  input: z.strictObject({
    ticketId: id,
    expectedVersion: optional(z.int()),
    idempotencyKey: optional(idempotencyKey),
  }),

  run: (call, input): Promise<{ ticket: Ticket } | Problem> =>
    change(call, 'closeTicket', input, async (ticket, tx) => {
      // Closing what is closed succeeds, whatever was expected: it is as the caller wants it.
      if (ticket.status === 'closed') return null
      const { expectedVersion } = input
      if (expectedVersion !== undefined && expectedVersion !== ticket.version) return conflict(ticket, ticket.version)
      const verdict = await storedVerdict(tx, ticket)
      return (described) => move(described, 'closed', verdict)
    }),
})

export const updateTicket = operation({
  name: 'updateTicket',
  access: teamWriter,
  rate: 'write',
  input: z.strictObject({
    ticketId: id,
    expectedTeamVersion: optional(z.int()),
    status: status.optional(),
    category: category.optional(),
    /** Null clears it. */
    severity: severity.nullish(),
    /** A member of the team; null: nobody. */
    assigneeId: id.nullish(),
    idempotencyKey: optional(idempotencyKey),
  }),

  async run(call, input): Promise<{ ticket: Ticket } | Problem> {
    const { assigneeId, expectedTeamVersion } = input
    if (assigneeId && !(await isOfTheTeam(call, assigneeId))) {
      return inputProblem('assigneeId', 'NOT_FOUND', 'assigneeId names nobody who is of the team now.')
    }
    return change(call, 'updateTicket', input, async (ticket, tx) => {
      if (expectedTeamVersion !== undefined && expectedTeamVersion !== ticket.teamVersion) {
        return conflict(ticket, ticket.teamVersion)
      }
      const to = input.status ?? ticket.status
      const refused = refuseMove(ticket.status, to)
      if (refused) return refused
      const verdict = await storedVerdict(tx, ticket)
      return (described) => {
        move(described, to, verdict)
        if (input.severity !== undefined) described.severity(input.severity, true)
        if (input.category !== undefined) described.category(input.category, true)
        if (isTakenUp(ticket.status, to) || assigneeId) described.trackedByTeam()
        if (assigneeId !== undefined) described.assign(assigneeId)
      }
    })
  },
})

interface TicketInput {
  ticketId: string
  idempotencyKey?: string | undefined
}

/** Locks the ticket, asks `decide` what happens to it (null: nothing), and commits that. */
function change(
  call: Call,
  operationName: string,
  input: TicketInput,
  decide: (ticket: Ticket, tx: Tx) => Promise<Problem | ((change: TicketChange) => void) | null>,
): Promise<{ ticket: Ticket } | Problem> {
  return once<{ ticket: Ticket }>(call, {
    operation: operationName,
    key: input.idempotencyKey,
    input,
    of: { ticketId: input.ticketId },
    id: input.ticketId,
    async first(tx) {
      const ticket = await lockTicket(tx, call.scope, input.ticketId)
      if (!ticket) return notFound('ticket')
      const decided = await decide(ticket, tx)
      if (decided === null) return { ticket }
      if (typeof decided !== 'function') return decided
      const described = TicketChange.of(ticket, call.actor, call.now())
      decided(described)
      const { ticket: after } = await call.log.commit(tx, described)
      return { ticket: after }
    },
    async again(ticketId) {
      const ticket = await call.loaders.ticket.load(ticketId)
      return ticket ? { ticket } : notFound('ticket')
    },
  })
}

function conflict(current: Ticket, version: number): Problem {
  return { problem: 'conflict', message: `#${current.number} has changed: it is at version ${version} now.`, current }
}

/** What the review of a ticket in pending_review says so far: whoever takes it out of there ends it with that. */
async function storedVerdict(tx: Tx, { status, reviewId }: Ticket): Promise<ReviewDraft | null> {
  if (status !== 'pending_review' || reviewId === null) return null
  const review = await tx.review.findUnique({ where: { id: reviewId } })
  return review && verdictOf(review)
}

async function isOfTheTeam(call: Call, userId: string): Promise<boolean> {
  return (await teamMembers(call.database)).some(({ id }) => id === userId)
}

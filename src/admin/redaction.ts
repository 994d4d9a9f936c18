// Taking away for good what should not be there: a ticket's text, a comment, a file, a draft; and every copy of it.
// What it was hung on stays, numbered and counted as before.

import { validate as isUuid } from 'uuid'
import type { Database, Tx } from '../db/client.ts'
import { lockTicket } from '../db/locks.ts'
import { removePending } from '../db/pending-reviews.ts'
import { type DraftText, forgetSamples, lockUnusedCopies } from '../db/redaction.ts'
import { abandonObject } from '../db/strays.ts'
import { OPERATOR, REDACTED, TicketChange } from '../events/change.ts'
import { type EventLog, makeEventLog } from '../events/log.ts'
import { raiseRevisions } from '../events/revisions.ts'
import type { Comment, Prisma, Review, Ticket } from '../generated/prisma/client.ts'
import { move } from '../operations/lifecycle.ts'
import { answersOf, storable, verdictOf } from '../operations/reviews.ts'
import { quotesDraft, redactedAnswers, redactedVerdict } from '../review/redact.ts'
import type { AttachmentStore } from '../storage/store.ts'
import { removeStray } from '../storage/strays.ts'
import { Refusal } from './refusal.ts'

export type Kind = 'ticket' | 'comment' | 'attachment' | 'review'

/** What an id names, and what is to be done with it. */
export interface Found {
  /** In words that repeat nothing of it: "the comment by Ann on #12". */
  what: string
  isRedacted: boolean
  /** All or nothing. Does nothing where somebody else was faster. */
  redact(): Promise<void>
}

export interface Parts {
  database: Database
  /** Opened only where there is a file to remove. */
  openStore(): Promise<AttachmentStore>
}

/** It makes no cursors, so the life is not asked for; servers that run find what it writes within a second. */
const log: Pick<EventLog, 'commit'> = makeEventLog('')
const EVERYWHERE = { side: 'team', organisationId: null } as const

/** Throws a Refusal when there is no such thing, or when something else has to be named. */
export function findToRedact(parts: Parts, kind: Kind, id: string): Promise<Found> {
  if (!isUuid(id)) throw nothingThere(kind, id)
  const find = { ticket: findTicket, comment: findComment, attachment: findAttachment, review: findReview }
  return find[kind](parts, id)
}

const nothingThere = (kind: Kind, id: string) => new Refusal(`There is no ${kind} with the id ${id}.`)

async function findTicket({ database }: Parts, id: string): Promise<Found> {
  const ticket = await database.prisma.ticket.findUnique({ where: { id }, include: { review: true } })
  if (!ticket) throw nothingThere('ticket', id)
  const { review } = ticket
  const drafts = review ? [ticket, review] : [ticket]
  return {
    what: `the subject, description and summary of #${ticket.number}, its review and other drafts of it`,
    isRedacted: isTicketRedacted(ticket),
    redact: () => inOneChange(database, ticket, drafts, redactTicket),
  }
}

const isTicketRedacted = ({ subject, description }: Ticket) => subject === REDACTED && description === REDACTED

/** The job that still asks a model about it would bring the text back: the review ends as it is. */
async function redactTicket(change: TicketChange, tx: Tx): Promise<void> {
  const { id, reviewId } = change.after
  if (isTicketRedacted(change.after)) return
  const review = reviewId === null ? null : await tx.review.findUnique({ where: { id: reviewId } })
  if (change.after.status === 'pending_review') {
    move(change, 'open', review && verdictOf(review))
    await removePending(tx, id)
  }
  if (review) await blank(tx, review)
  change.redact({ of: 'ticket' })
  const remarks = await tx.comment.findMany({ where: { ticketId: id, authorType: 'ai' }, orderBy: { seq: 'asc' } })
  for (const { id, body, internal } of remarks) {
    if (quotesDraft(body)) change.redact({ of: 'comment', id, internal })
  }
}

async function findComment({ database }: Parts, id: string): Promise<Found> {
  const comment = await database.prisma.comment.findUnique({ where: { id }, include: { ticket: true } })
  if (!comment) throw nothingThere('comment', id)
  const { ticket, authorLabel, internal } = comment
  const linked = await database.prisma.review.findMany({ where: { linkCommentId: id } })
  const named = `the ${internal ? 'internal note' : 'comment'} by ${authorLabel} on #${ticket.number}`
  return {
    what: linked.length === 0 ? named : `${named}, the review that it joined with and other drafts of it`,
    isRedacted: comment.body === REDACTED,
    redact: () => inOneChange(database, ticket, linked, (change, tx) => redactComment(change, tx, comment)),
  }
}

async function redactComment(change: TicketChange, tx: Tx, { id, internal }: Comment): Promise<void> {
  const { body } = await tx.comment.findUniqueOrThrow({ where: { id } })
  if (body === REDACTED) return
  for (const review of await tx.review.findMany({ where: { linkCommentId: id } })) await blank(tx, review)
  change.redact({ of: 'comment', id, internal })
}

async function findAttachment({ database, openStore }: Parts, id: string): Promise<Found> {
  const attachment = await database.prisma.attachment.findUnique({ where: { id }, include: { ticket: true } })
  if (!attachment) throw nothingThere('attachment', id)
  const { ticket, uploadedByLabel, storageKey: key } = attachment
  return {
    what: `the attachment by ${uploadedByLabel} on #${ticket.number}`,
    isRedacted: attachment.sizeBytes === 0,
    async redact() {
      await inOneChange(database, ticket, [], async (change, tx) => {
        const { sizeBytes } = await tx.attachment.findUniqueOrThrow({ where: { id } })
        if (sizeBytes === 0) return
        await abandonObject(tx, key)
        change.redact({ of: 'attachment', id })
      })
      // Also when it was redacted before: that time, this may not have come off.
      await openStore()
        .then((store) => removeStray({ database, store }, key))
        .catch((cause) => {
          const later = 'run this again, or leave it to a running service, which does so within ten minutes'
          throw new Refusal(`It is redacted, but its file could not be removed just now: ${later}.`, { cause })
        })
    },
  }
}

async function findReview({ database }: Parts, id: string): Promise<Found> {
  const review = await database.prisma.review.findUnique({ where: { id } })
  if (!review) throw nothingThere('review', id)
  const { linkCommentId, usedTicketId } = review
  const became = linkCommentId ? `comment ${linkCommentId}` : usedTicketId ? `ticket ${usedTicketId}` : null
  if (became) throw new Refusal(`This review has become a ${became.split(' ')[0]}: use "redact ${became}".`)
  return {
    what: `the draft by ${review.createdByLabel} and what the review said of it`,
    isRedacted: review.subject === REDACTED && review.description === REDACTED,
    redact: async () => {
      await database.write((tx) => blankUnused(tx, [review]))
      await forgetSamples(database)
    },
  }
}

/** Locks as every writer does, drafts before the ticket; `describe` has the ticket locked. */
async function inOneChange(
  database: Database,
  { id }: Ticket,
  drafts: readonly DraftText[],
  describe: (change: TicketChange, tx: Tx) => Promise<void>,
): Promise<void> {
  await database.write(async (tx) => {
    await blankUnused(tx, drafts)
    const ticket = (await lockTicket(tx, EVERYWHERE, id)) as Ticket
    const change = TicketChange.of(ticket, OPERATOR, new Date())
    await describe(change, tx)
    await log.commit(tx, change)
  })
  await forgetSamples(database)
}

async function blankUnused(tx: Tx, drafts: readonly DraftText[]): Promise<void> {
  const texts = drafts.filter(({ subject, description }) => subject !== REDACTED || description !== REDACTED)
  if (texts.length === 0) return
  for (const id of await lockUnusedCopies(tx, texts)) {
    const review = await tx.review.findUniqueOrThrow({ where: { id } })
    await blank(tx, review)
    await raiseRevisions(tx, review.organisationId)
  }
}

/** The next revision, so that nobody who has read the draft before can still answer or file it. */
async function blank(tx: Tx, review: Review): Promise<void> {
  const { answers, verdict, environment } = storable({
    ...review,
    environment: null,
    answers: redactedAnswers(answersOf(review)) as unknown as Prisma.JsonValue,
    verdict: redactedVerdict(verdictOf(review)) as unknown as Prisma.JsonValue,
  })
  const now = new Date()
  await tx.review.update({
    where: { id: review.id },
    data: {
      ...{ subject: REDACTED, description: REDACTED, environment, answers, verdict, revision: review.revision + 1 },
      ...(review.usedTicketId === null && review.expiresAt > now ? { expiresAt: now } : {}),
    },
  })
}

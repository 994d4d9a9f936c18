// Filing what somebody reports as a new ticket: from a review, or with one run inline.

import { z } from 'zod'
import type { Tx } from '../db/client.ts'
import { type ReviewOutcome, ticketOfReview, useReview } from '../db/locks.ts'
import { addPending } from '../db/pending-reviews.ts'
import { type FilingFacts, filingFacts, type Twin } from '../db/reads/filing.ts'
import { storeReview } from '../db/reviews.ts'
import { AI, type NewTicket, TicketChange } from '../events/change.ts'
import type { Prisma, Review, Ticket, TicketSource } from '../generated/prisma/client.ts'
import type { Answer, Question } from '../review/reviewer.ts'
import { day, quality } from '../review/verdict.ts'
import { organisationToWrite, writer } from './access.ts'
import { inputProblem, isProblem, notAllowed, notFound, type Problem } from './errors.ts'
import { type Call, operation } from './execute.ts'
import { decided, madeBefore, once } from './idempotency.ts'
import { category, environment, flag, id, idempotencyKey, optional, severity, source } from './input.ts'
import { reviewStatus } from './lifecycle.ts'
import {
  answeredMeanwhile,
  answersOf,
  clarificationAnswers,
  clusterToName,
  description,
  expiredReview,
  mergeAnswers,
  reviewDraft,
  storable,
  subject,
  verdictOf,
} from './reviews.ts'

/** When the model is asked again, of a ticket that was filed without it. */
export const FIRST_TRY_MS = 5000

const createInput = z.strictObject({
  /** With it, the stored subject, description and cluster count; without it, the review runs inline. */
  reviewId: optional(id),
  subject: optional(subject),
  description: optional(description),
  category: optional(category),
  clusterId: optional(id),
  severity: optional(severity),
  source: optional(source),
  acknowledged: flag,
  environment: optional(environment),
  clarificationAnswers: optional(clarificationAnswers),
  organisationId: optional(id),
  idempotencyKey: optional(idempotencyKey),
})
type CreateInput = z.output<typeof createInput>

/** `created` is false when this review or this key had made the ticket before. */
export interface Filed {
  ticket: Ticket
  created: boolean
}

export const createTicket = operation({
  name: 'createTicket',
  access: writer,
  // Without a review of its own, one runs inline.
  rate: (raw) => ((raw as { reviewId?: unknown } | null)?.reviewId == null ? 'review' : 'write'),
  input: createInput,

  async run(call, input): Promise<Filed | Problem> {
    const organisationId = await organisationToWrite(call, input.organisationId)
    if (isProblem(organisationId)) return organisationId
    return input.reviewId === undefined
      ? createInline(call, organisationId, input)
      : createFromReview(call, organisationId, input.reviewId, input)
  },
})

/** A review, what has been answered, and how the writing transaction uses the review up; false: somebody else did. */
interface Filing {
  review: Review
  answers: Answer[]
  /** The model is still to be asked: the ticket waits for it in pending_review. */
  isPending: boolean
  useUp(tx: Tx, outcome: ReviewOutcome): Promise<boolean>
}

async function createFromReview(call: Call, organisationId: string, reviewId: string, input: CreateInput) {
  const review = await call.loaders.review.load(reviewId)
  const options = keyOptions(call, organisationId, input)
  if (review?.organisationId !== organisationId) return decided<Filed>(call, options, unknownReview())
  if (review.usedTicketId !== null) {
    const ticket = await call.loaders.ticket.load(review.usedTicketId)
    return decided<Filed>(call, options, filedBefore(review, ticket), ticket?.id)
  }
  if (review.expiresAt <= call.now()) return decided<Filed>(call, options, expiredReview())
  const { questions } = verdictOf(review)
  const answers = mergeAnswers('clarificationAnswers', input.clarificationAnswers ?? [], answersOf(review), questions)
  if (isProblem(answers)) return decided<Filed>(call, options, answers)
  const useUp = (tx: Tx, outcome: ReviewOutcome) => useReview(tx, { ...review, ...outcome, now: call.now() })
  return file(call, { review, answers, isPending: false, useUp }, input)
}

async function createInline(call: Call, organisationId: string, input: CreateInput): Promise<Filed | Problem> {
  const { subject, description } = input
  if (subject === undefined || description === undefined) {
    const missing = subject === undefined ? 'subject' : 'description'
    return inputProblem(missing, 'REQUIRED', `${missing} is required, unless reviewId names a review.`)
  }
  const made = await madeBefore<Filed>(call, keyOptions(call, organisationId, input))
  if (made) return made
  const cluster = await clusterToName(call, organisationId, input.clusterId)
  if (isProblem(cluster)) return cluster
  const answers = mergeAnswers('clarificationAnswers', input.clarificationAnswers ?? [])
  if (isProblem(answers)) return answers

  const draft = { ...input, subject, description, organisationId, cluster, answers }
  const { review, isLocal } = await reviewDraft(call, draft)
  const useUp = async (tx: Tx, { ticketId, ...outcome }: ReviewOutcome) => {
    await tx.review.createMany({ data: storable({ ...review, ...outcome, usedTicketId: ticketId, isInline: true }) })
    return true
  }
  const filed = await file(call, { review, answers, isPending: isLocal, useUp }, input)
  return isProblem(filed) && filed.problem === 'review_required' ? keepFlagged(call, filed) : filed
}

/** Nothing of a flagged draft is stored but its review, so that it can be looked at and acknowledged. */
async function keepFlagged(call: Call, flagged: Problem & { problem: 'review_required' }): Promise<Problem> {
  await storeReview(call.database, flagged.review)
  return flagged
}

async function file(call: Call, filing: Filing, input: CreateInput): Promise<Filed | Problem> {
  const { review, answers, isPending, useUp } = filing
  const { organisationId, clusterId } = review
  const verdict = verdictOf(review)
  const options = keyOptions(call, organisationId, input)
  if (quality(verdict) === 'flag' && !input.acknowledged) return decided<Filed>(call, options, reviewRequired(review))
  const candidates = verdict.candidates.map(({ ticketId }) => ticketId)
  const facts = await filingFacts(call.database, organisationId, clusterId, candidates)
  const questions = openQuestions(verdict.questions, answers)
  const remark = remarkAtFiling(questions, facts.twin, call.now())
  const outcome = {
    linkCommentId: null,
    chosenCategory: input.category ?? review.category,
    chosenSeverity: input.severity ?? null,
    questionsLeft: questions.length,
  }

  return once<Filed>(call, {
    ...options,
    async first(tx, ticketId, settle) {
      if (!(await useUp(tx, { ...outcome, ticketId }))) return filedMeanwhile(tx, review, settle)
      const ticket = newTicket(call, ticketId, filing, facts, input)
      if (isPending) await addPending(tx, ticketId, review.id, FIRST_TRY_MS)
      const change = TicketChange.create(ticket, call.actor, call.now())
      if (remark !== null && !isPending) change.comment(remark, { author: AI })
      const filed = await call.log.commit(tx, change)
      return { ticket: filed.ticket, created: true }
    },
  })
}

const keyOptions = (call: Call, organisationId: string, input: CreateInput) => ({
  operation: 'createTicket',
  key: input.idempotencyKey,
  input,
  of: { organisationId },
  async again(ticketId: string): Promise<Filed | Problem> {
    const ticket = await call.loaders.ticket.load(ticketId)
    return ticket ? { ticket, created: false } : notFound('ticket')
  },
})

function newTicket(
  { actor, viewer, now }: Call,
  id: string,
  { review, answers, isPending }: Filing,
  facts: FilingFacts,
  chosen: CreateInput,
): NewTicket {
  const verdict = verdictOf(review)
  const category = chosen.category ?? review.category
  return {
    organisationId: review.organisationId,
    id,
    subject: review.subject,
    description: withAnswers(review.description, answers),
    source: chosen.source ?? review.source ?? sourceOf(viewer.via),
    category: category ?? verdict.category ?? 'technical',
    categoryChosen: category !== null,
    severity: chosen.severity ?? verdict.severity,
    severityChosen: chosen.severity !== undefined,
    status: isPending ? 'pending_review' : 'open',
    aiSummary: verdict.summary,
    aiReviewStatus: isPending ? 'pending' : reviewStatus(verdict),
    reviewId: review.id,
    clusterId: review.clusterId,
    clusterContext: facts.cluster as Prisma.JsonValue,
    environment: chosen.environment ?? review.environment,
    isTrackedByTeam: false,
    assigneeId: null,
    linkedReports: 0,
    createdByType: actor.type,
    createdById: actor.id,
    createdByLabel: actor.label,
    createdAt: now(),
    updatedAt: now(),
    firstResponseAt: null,
    resolvedAt: null,
    closedAt: null,
  }
}

const sourceOf = (via: 'session' | 'token'): TicketSource => (via === 'session' ? 'portal' : 'api')

/** The answers are what the team reads first, so they stand below the description. */
export function withAnswers(description: string, answers: readonly Answer[]): string {
  if (answers.length === 0) return description
  const lines = answers.map(({ question, answer }) => `${question}\n${answer}`)
  return `${description}\n\nAnswers\n\n${lines.join('\n\n')}`
}

export function openQuestions(questions: readonly Question[], answers: readonly Answer[]): Question[] {
  const answered = new Set(answers.map(({ questionId }) => questionId))
  return questions.filter(({ id }) => !answered.has(id))
}

/** What the AI review says below a new ticket: what is still to be answered, and a resolved ticket that looks alike. */
export function remarkAtFiling(questions: readonly Question[], twin: Twin | null, now: Date): string | null {
  const asked = questions.length === 0 ? null : ['It would help to know:', ...questions.map(({ text }) => `- ${text}`)]
  const alike = twin && `#${twin.number}, resolved on ${day(twin.resolvedAt, now)}, looks alike: it may help.`
  const parts = [asked?.join('\n'), alike].filter((part) => part)
  return parts.length === 0 ? null : parts.join('\n\n')
}

function reviewRequired(review: Review): Problem {
  const reasons = verdictOf(review).flags.map(({ message }) => message)
  return {
    problem: 'review_required',
    message: `The review suggests changes first: ${reasons.join(' ')} Send it again with acknowledged to file it as it is.`,
    review,
  }
}

export const unknownReview = () =>
  inputProblem('reviewId', 'NOT_FOUND', 'reviewId names no review of this organisation.')

/** The same review again gives the same ticket, also after its hour; one that joined a ticket makes none. */
function filedBefore(review: Review, ticket: Ticket | null): Filed | Problem {
  if (ticket === null) return unknownReview()
  if (ticket.reviewId === review.id) return { ticket, created: false }
  return notAllowed('reviewId', `This review was joined to #${ticket.number}: follow that ticket, or review again.`)
}

/** Somebody used the review between our reading and our transaction. */
async function filedMeanwhile(tx: Tx, review: Review, settle: (id: string) => Promise<void>) {
  const ticket = await ticketOfReview(tx, review.organisationId, review.id)
  if (ticket === null) return answeredMeanwhile()
  await settle(ticket.id)
  return filedBefore(review, ticket)
}

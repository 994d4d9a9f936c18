// Before a ticket is filed: a draft is reviewed, its questions are answered, and the review is kept for an hour.

import { v7 as uuid } from 'uuid'
import { z } from 'zod'
import { clusterContext } from '../db/reads/filing.ts'
import { storeReview } from '../db/reviews.ts'
import { raiseRevisions } from '../events/revisions.ts'
import { type Cluster, Prisma, type Review } from '../generated/prisma/client.ts'
import type { Answer, ClusterContext, Draft, ReviewDraft } from '../review/reviewer.ts'
import { organisationToWrite, reader, writer } from './access.ts'
import { inputProblem, isProblem, notAllowed, notFound, type Problem } from './errors.ts'
import { type Call, operation } from './execute.ts'
import { category, environment, humanText, id, optional, source } from './input.ts'

export const subject = humanText(3, 200)
export const description = humanText(10, 10_000)

/** A question that was asked, by its id, or one's own words: one of the two. */
export const clarificationAnswers = z
  .array(
    z.strictObject({
      questionId: optional(z.string().min(1).max(100)),
      question: optional(humanText(1, 1000)),
      answer: humanText(1, 5000),
    }),
  )
  .max(20)
type GivenAnswer = z.output<typeof clarificationAnswers>[number]

const REVIEW_LIFETIME_MS = 60 * 60 * 1000

export const reviewTicket = operation({
  name: 'reviewTicket',
  access: writer,
  rate: 'review',
  input: z.strictObject({
    subject,
    description,
    category: optional(category),
    clusterId: optional(id),
    source: optional(source),
    environment: optional(environment),
    clarificationAnswers: optional(clarificationAnswers),
    organisationId: optional(id),
  }),

  async run(call, input): Promise<{ review: Review } | Problem> {
    const organisationId = await organisationToWrite(call, input.organisationId)
    if (isProblem(organisationId)) return organisationId
    const cluster = await clusterToName(call, organisationId, input.clusterId)
    if (isProblem(cluster)) return cluster
    const answers = mergeAnswers('clarificationAnswers', input.clarificationAnswers ?? [])
    if (isProblem(answers)) return answers

    const { review } = await reviewDraft(call, { ...input, organisationId, cluster, answers })
    await storeReview(call.database, review)
    return { review }
  },
})

export const getReview = operation({
  name: 'review',
  access: reader,
  rate: 'read',
  input: z.strictObject({ id }),
  run: async (call, input): Promise<Review | Problem> =>
    (await call.loaders.review.load(input.id)) ?? notFound('review'),
})

/** Of those who answer one review at once, one gets through each time: so many are waited for. */
const ATTEMPTS = 20

export const answerReview = operation({
  name: 'answerReview',
  access: writer,
  rate: 'review',
  input: z.strictObject({ reviewId: id, answers: clarificationAnswers.min(1) }),

  async run(call, { reviewId, answers }): Promise<{ review: Review } | Problem> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const review = await call.loaders.review.clear(reviewId).load(reviewId)
      if (!review) return notFound('review')
      const answered = await answer(call, review, answers)
      if (answered) return answered
    }
    return answeredMeanwhile()
  },
})

/** Null when another answer came in between: read again. */
async function answer(call: Call, review: Review, given: GivenAnswer[]): Promise<{ review: Review } | Problem | null> {
  const over = refuseUsed(review, call.now())
  if (over) return over
  const answers = mergeAnswers('answers', given, answersOf(review), verdictOf(review).questions)
  if (isProblem(answers)) return answers
  const cluster = review.clusterId === null ? null : await call.loaders.cluster.load(review.clusterId)
  const { review: next } = await reviewDraft(call, { ...review, cluster, answers })
  const { organisationId, id: reviewId, revision } = review

  return call.write(async (tx) => {
    const { answers, verdict, reviewer } = storable(next)
    const where = { organisationId, id: reviewId, revision, usedTicketId: null }
    const { count } = await tx.review.updateMany({
      where,
      data: { answers, verdict, reviewer, revision: revision + 1 },
    })
    if (count === 0) return null
    await raiseRevisions(tx, organisationId)
    return { review: { ...next, ...keptOf(review), revision: revision + 1 } }
  })
}

/** What answering a review leaves as it was. */
function keptOf({ id, createdAt, expiresAt, createdByType, createdById, createdByLabel }: Review) {
  return { id, createdAt, expiresAt, createdByType, createdById, createdByLabel }
}

/** Why a review can no longer be answered, filed or joined; null when it can. */
function refuseUsed(review: Review, now: Date): Problem | null {
  if (review.usedTicketId !== null) return notAllowed('reviewId', 'This review has been used. Please review again.')
  return review.expiresAt <= now ? expiredReview() : null
}

export const expiredReview = () =>
  notAllowed('reviewId', 'This review has expired: it was good for an hour. Please review again.')

export const answeredMeanwhile = () =>
  inputProblem('reviewId', 'INVALID', 'This review was answered meanwhile, or has just expired. Please read it again.')

interface DraftToReview {
  organisationId: string
  subject: string
  description: string
  category?: Review['category'] | undefined
  cluster: Cluster | null
  source?: Review['source'] | undefined
  environment?: Prisma.JsonValue | undefined
  answers: Answer[]
}

/** `isLocal`: a model should have answered, and the local reviewer did in its place. */
export interface ReviewedDraft {
  review: Review
  isLocal: boolean
}

/** Asks the reviewer; nothing is stored. Before any transaction, since a reviewer may take its time. */
export async function reviewDraft(call: Call, input: DraftToReview): Promise<ReviewedDraft> {
  const { organisationId, subject, description, category = null, cluster, answers } = input
  const now = call.now()
  const facts: ClusterContext | null = cluster && clusterContext(cluster)
  const draft: Draft = { subject, description, category, cluster: facts, answers }
  const context = { organisationId, clusterId: cluster?.id ?? null, now, since: call.startedAt }
  const { verdict, reviewer, modelFailure } = await call.reviewer.review(draft, context, call.signal)
  const review = {
    organisationId,
    id: uuid(),
    revision: 1,
    subject,
    description,
    category,
    clusterId: context.clusterId,
    source: input.source ?? null,
    environment: input.environment ?? null,
    answers: answers as unknown as Prisma.JsonValue,
    verdict: verdict as unknown as Prisma.JsonValue,
    reviewer,
    createdByType: call.actor.type,
    createdById: call.actor.id,
    createdByLabel: call.actor.label,
    createdAt: now,
    expiresAt: new Date(now.getTime() + REVIEW_LIFETIME_MS),
    usedTicketId: null,
    linkCommentId: null,
    isInline: false,
    chosenCategory: null,
    chosenSeverity: null,
    questionsLeft: null,
  }
  return { review, isLocal: modelFailure !== null }
}

/** The stored verdict; only reviewDraft writes it. */
export const verdictOf = (review: Review) => review.verdict as unknown as ReviewDraft
export const answersOf = (review: Review) => review.answers as unknown as Answer[]

/** A review as Prisma takes it. */
export function storable(review: Review) {
  return {
    ...review,
    environment: review.environment ?? Prisma.DbNull,
    answers: review.answers as Prisma.InputJsonValue,
    verdict: review.verdict as Prisma.InputJsonValue,
  }
}

/** Null: none was named. A cluster of another organisation is as unknown as one that never was. */
export async function clusterToName(call: Call, organisationId: string, clusterId: string | undefined) {
  if (clusterId === undefined) return null
  const cluster = await call.loaders.cluster.load(clusterId)
  if (cluster?.organisationId === organisationId) return cluster
  return inputProblem('clusterId', 'NOT_FOUND', 'clusterId names no cluster of this organisation.')
}

/** Old answers and new ones; a later answer to the same question replaces the earlier. */
export function mergeAnswers(
  root: string,
  given: readonly GivenAnswer[],
  earlier: readonly Answer[] = [],
  asked: ReviewDraft['questions'] = [],
): Answer[] | Problem {
  const merged = new Map(earlier.map((answer) => [keyOf(answer), answer]))
  for (const [index, { questionId, question, answer }] of given.entries()) {
    const path = `${root}.${index}`
    if ((questionId === undefined) === (question === undefined)) {
      return inputProblem(path, 'INVALID', 'An answer names its question by questionId or by question: one of the two.')
    }
    const known = [...asked.map(({ id, text }) => ({ id, text })), ...earlier.map(asQuestion)]
    const match = known.find(({ id, text }) => (questionId ? id === questionId : sameText(text, question as string)))
    if (questionId !== undefined && !match) {
      return inputProblem(`${path}.questionId`, 'NOT_FOUND', `This review asked no question ${questionId}.`)
    }
    const next = { questionId: match?.id ?? null, question: match?.text ?? (question as string), answer }
    merged.set(keyOf(next), next)
  }
  return [...merged.values()]
}

const asQuestion = ({ questionId, question }: Answer) => ({ id: questionId, text: question })
const keyOf = ({ questionId, question }: Answer) => questionId ?? question.toLowerCase()
const sameText = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

/** The open questions of a review, then the answered ones with their answers. */
export function renderQuestions(review: Review): { id: string; text: string; answer: string | null }[] {
  const answered = answersOf(review).map(({ questionId, question, answer }, index) => ({
    id: questionId ?? `own-${index + 1}`,
    text: question,
    answer,
  }))
  return [...verdictOf(review).questions.map((question) => ({ ...question, answer: null })), ...answered]
}

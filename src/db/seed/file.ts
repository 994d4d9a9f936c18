// Files the tickets of the demonstration.

import { v7 as uuid } from 'uuid'
import { type NewTicket, TicketChange } from '../../events/change.ts'
import type { Review } from '../../generated/prisma/client.ts'
import { createTicket } from '../../operations/filing.ts'
import { reviewTicket, verdictOf } from '../../operations/reviews.ts'
import { useReview } from '../locks.ts'
import { filingFacts } from '../reads/filing.ts'
import { observe } from './clusters.ts'
import type { Customer } from './people.ts'
import { act, contextOf, type Stage } from './stage.ts'
import type { Story } from './story.ts'

const OBSERVED_BEFORE_MS = 4 * 60 * 1000

/** Returns the ticket's id. */
export async function file(stage: Stage, of: Customer, story: Story, at: Date): Promise<string> {
  const draft = await draftOf(stage, of, story, at)
  if (story.reviewPending) return filePending(stage, story, draft, at)
  const { severity, acknowledged, by } = story
  return (await act(contextOf(stage, by, at), createTicket, { ...draft, severity, acknowledged })).ticket.id
}

type Draft = Awaited<ReturnType<typeof draftOf>>

/** The platform has told of the cluster a few minutes before. */
async function draftOf(stage: Stage, of: Customer, story: Story, at: Date) {
  const { subject, description, category, source, environment, cluster, clusterThen, answers } = story
  const organisationId = stage.cast.organisations[of].id
  const observedAt = new Date(at.getTime() - OBSERVED_BEFORE_MS)
  const observation = cluster && { of, name: cluster, observedAt, differing: clusterThen }
  const clusterId = observation && (await observe(stage.tx, organisationId, observation))
  const clarificationAnswers = answers
  return { organisationId, subject, description, category, source, environment, clusterId, clarificationAnswers }
}

/** As it is when the model fails: without a model no request comes to that, so no operation makes it here. */
async function filePending(stage: Stage, story: Story, draft: Draft, at: Date): Promise<string> {
  const context = contextOf(stage, story.by, at)
  const { review } = await act(context, reviewTicket, draft)
  const ticket = await pendingTicket(stage, review, story)
  const chosen = { chosenCategory: review.category, chosenSeverity: story.severity ?? null }
  const outcome = { ...chosen, ticketId: ticket.id, linkCommentId: null, questionsLeft: 0 }
  await useReview(stage.tx, { ...review, ...outcome, now: at })
  const { side, id, name } = context.viewer
  await stage.services.log.commit(stage.tx, TicketChange.create(ticket, { type: side, id, label: name }, at))
  return ticket.id
}

async function pendingTicket({ services }: Stage, review: Review, story: Story): Promise<NewTicket> {
  const { category, severity, summary } = verdictOf(review)
  const { cluster } = await filingFacts(services.database, review.organisationId, review.clusterId, [])
  return {
    organisationId: review.organisationId,
    id: uuid(),
    reviewId: review.id,
    subject: review.subject,
    description: review.description,
    source: review.source ?? 'portal',
    category: review.category ?? category ?? 'technical',
    categoryChosen: review.category !== null,
    severity: story.severity ?? severity,
    severityChosen: story.severity !== undefined,
    status: 'pending_review',
    aiSummary: summary,
    aiReviewStatus: 'pending',
    clusterId: review.clusterId,
    clusterContext: cluster && { ...cluster },
    environment: review.environment,
    isTrackedByTeam: false,
    assigneeId: null,
    linkedReports: 0,
    createdByType: review.createdByType,
    createdById: review.createdById,
    createdByLabel: review.createdByLabel,
    createdAt: review.createdAt,
    updatedAt: review.createdAt,
    firstResponseAt: null,
    resolvedAt: null,
    closedAt: null,
  }
}

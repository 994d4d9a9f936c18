// Rows as the JSON of wire.ts.

import type { z } from 'zod'
import type { Context } from '../context.ts'
import { publicComments } from '../db/reads/threads.ts'
import type { EventPayload } from '../events/change.ts'
import type {
  Attachment,
  Cluster,
  Comment,
  Organisation,
  Review,
  Ticket,
  TicketEvent,
} from '../generated/prisma/client.ts'
import { verdictOf } from '../operations/reviews.ts'
import type { Confidence } from '../review/reviewer.ts'
import { candidateSummary, isDone, quality, recommendedAction, statusLabel } from '../review/verdict.ts'
import type * as wire from './wire.ts'

/** What one answer may hold; older ones are there in GraphQL, by pages. */
export const MOST_COMMENTS = 1000

export async function ticketBody(context: Context, ticket: Ticket): Promise<z.input<typeof wire.Ticket>> {
  const [summary, comments, attachments] = await Promise.all([
    ticketSummary(context, ticket),
    publicComments(context.database, ticket, MOST_COMMENTS),
    context.loaders.attachments.load(ticket),
  ])
  return {
    ...summary,
    description: ticket.description,
    ai_summary: ticket.aiSummary,
    cluster_context: ticket.clusterContext as Record<string, unknown> | null,
    comments: comments.map(commentBody),
    attachments: attachments.map(attachmentBody),
  }
}

const attachmentBody = ({ id, filename, contentType, sizeBytes, createdAt }: Attachment) => ({
  id,
  filename,
  content_type: contentType,
  size_bytes: sizeBytes,
  created_at: createdAt.toISOString(),
})

const commentBody = ({ id, authorType, authorLabel, body, createdAt }: Comment) => ({
  id,
  author_type: authorType,
  author_label: authorLabel,
  body,
  created_at: createdAt.toISOString(),
})

export async function ticketSummary({ loaders }: Context, ticket: Ticket): Promise<z.input<typeof wire.TicketSummary>> {
  const cluster = ticket.clusterId === null ? null : await loaders.cluster.load(ticket.clusterId)
  return {
    id: ticket.id,
    number: ticket.number,
    organisation_id: ticket.organisationId,
    cluster_id: ticket.clusterId,
    cluster_name: cluster?.name ?? null,
    source: ticket.source,
    category: ticket.category,
    subject: ticket.subject,
    status: ticket.status,
    severity: ticket.severity,
    ai_review_status: ticket.aiReviewStatus,
    linked_reports: ticket.linkedReports,
    is_tracked_by_team: ticket.isTrackedByTeam,
    version: ticket.version,
    created_at: ticket.createdAt.toISOString(),
    updated_at: ticket.updatedAt.toISOString(),
  }
}

export async function reviewBody(context: Context, review: Review): Promise<z.input<typeof wire.Review>> {
  const verdict = verdictOf(review)
  const { summary, severity, category } = verdict
  return {
    review_id: review.id,
    revision: review.revision,
    enrichment: { summary, severity, category },
    quality: quality(verdict),
    quality_flags: verdict.flags.map(({ message }) => message),
    clarifying_questions: verdict.questions.map(({ text }) => text),
    // The client stops at any entry of the first list, so only what is very likely the same stands there.
    duplicate_candidates: await candidates(context, review, 'high'),
    related_tickets: await candidates(context, review, 'medium'),
    recommended_action: recommendedAction(verdict),
    reviewer: review.reviewer,
    expires_at: review.expiresAt.toISOString(),
  }
}

async function candidates({ loaders, now }: Context, review: Review, band: Confidence) {
  const wanted = verdictOf(review).candidates.filter(({ confidence }) => confidence === band)
  const tickets = await Promise.all(wanted.map(({ ticketId }) => loaders.ticket.load(ticketId)))
  return tickets
    .filter((ticket) => ticket !== null)
    .map((ticket) => ({
      candidate_id: ticket.id,
      summary: candidateSummary(ticket),
      status_label: statusLabel(ticket, now()),
      confidence: band,
      already_resolved: isDone(ticket),
    }))
}

export const clusterBody = (cluster: Cluster): z.input<typeof wire.Cluster> => ({
  id: cluster.id,
  name: cluster.name,
  kind: cluster.kind,
  state: cluster.state,
  description: cluster.description,
  environment: cluster.environment,
  organisation_id: cluster.organisationId,
  kube_version: cluster.kubeVersion,
  control_planes: cluster.controlPlanes,
  nodes: cluster.nodes,
  created_at: cluster.createdAt.toISOString(),
  observed_at: cluster.observedAt.toISOString(),
})

export function organisationBody({ viewer }: Context, { id, name, slug }: Organisation) {
  const own = viewer?.memberships.find(({ organisationId }) => organisationId === id)
  const role = viewer?.side === 'team' ? ('team' as const) : (own?.role ?? ('token' as const))
  const current = viewer?.organisationId === id
  return { organisation_id: id, name, slug, user_current: current, status: 'active' as const, role }
}

/** Numbered pages; `counted` is the last row that a page may show. */
export function pagination(page: number, pageSize: number, total: number, counted = total) {
  return { page, page_size: pageSize, total_pages: Math.ceil(Math.min(total, counted) / pageSize), total_count: total }
}

/** An event of a stream: as in GraphQL, in lower case, and without the ticket. */
export async function eventBody(context: Context, event: TicketEvent, cursor: string) {
  const { loaders, viewer } = context
  const payload = event.payload as EventPayload
  const { changes, linkedReports, aiReviewStatus } = payload
  const comment = payload.commentId ? await loaders.comment.load(payload.commentId) : null
  const attachment = payload.attachmentId ? await loaders.attachment.load(payload.attachmentId) : null
  return {
    cursor,
    type: event.type,
    at: event.createdAt.toISOString(),
    ticket_id: event.ticketId,
    ticket_version: event.ticketVersion,
    ...(viewer?.side === 'team' ? { ticket_team_version: event.teamVersion } : {}),
    actor: { id: event.actorId, type: event.actorType, label: event.actorLabel },
    internal: event.publicSeq === null,
    ...(await movement(context, event)),
    ...(changes ? { changes } : {}),
    ...(comment ? { comment: { ...commentBody(comment), internal: comment.internal } } : {}),
    ...(attachment ? { attachment: attachmentBody(attachment) } : {}),
    ...(linkedReports === undefined ? {} : { linked_reports: linkedReports }),
    ...(aiReviewStatus === undefined ? {} : { ai_review_status: aiReviewStatus }),
  }
}

/** Statuses by name, people of the team as they are in GraphQL. */
async function movement({ loaders }: Context, { type, payload }: TicketEvent) {
  const { from, to } = payload as EventPayload
  if (from === undefined || to === undefined) return {}
  if (type !== 'ticket_assigned') return { from, to }
  const person = (id: string | null) => (id === null ? null : loaders.teamMember.load(id))
  const [before, after] = await Promise.all([person(from), person(to)])
  return { from: before, to: after }
}

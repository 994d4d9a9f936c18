// The JSON shapes of REST, field by field as the existing command-line client reads them (REST contract, "Bodies").
// OpenAPI is made from these; render.ts fills them.

import { z } from 'zod'
import { aiReviewStatus, category, severity, source, status, ticketEventType } from '../operations/input.ts'

const uuid = z.uuid()
/** RFC 3339, UTC, milliseconds. */
const time = z.iso.datetime()
const count = z.int()
const wholeNumber = z.int()
const json = z.record(z.string(), z.unknown())

export const Pagination = z
  .object({ page: wholeNumber, page_size: wholeNumber, total_pages: wholeNumber, total_count: count })
  .meta({ id: 'Pagination', description: 'total_pages of tickets counts to row 10,000, where numbered pages end.' })

const Candidate = z.object({
  candidate_id: uuid.meta({ description: "A ticket's id." }),
  summary: z.string().meta({ description: 'Begins with its number: "#12 …".' }),
  status_label: z.string(),
  confidence: z.enum(['low', 'medium', 'high']),
  already_resolved: z.boolean(),
})

export const Review = z
  .object({
    review_id: uuid,
    revision: wholeNumber,
    enrichment: z.object({
      summary: z.string().nullable(),
      severity: severity.nullable(),
      category: category.nullable(),
    }),
    quality: z.enum(['pass', 'flag']),
    quality_flags: z.array(z.string()),
    clarifying_questions: z.array(z.string()),
    duplicate_candidates: z.array(Candidate).meta({ description: 'Very likely the same.' }),
    related_tickets: z.array(Candidate).meta({ description: 'May be related.' }),
    recommended_action: z.enum(['submit', 'answer_questions', 'link_duplicate', 'revise']),
    reviewer: z.string(),
    expires_at: time,
  })
  .meta({ id: 'Review' })

export const Comment = z
  .object({
    id: uuid,
    author_type: z.enum(['customer', 'team', 'ai', 'system']),
    author_label: z.string(),
    body: z.string(),
    created_at: time,
  })
  .meta({ id: 'Comment' })

export const Attachment = z
  .object({ id: uuid, filename: z.string(), content_type: z.string(), size_bytes: wholeNumber, created_at: time })
  .meta({ id: 'Attachment' })

const summary = {
  id: uuid,
  number: wholeNumber,
  organisation_id: uuid,
  cluster_id: uuid.nullable(),
  cluster_name: z.string().nullable(),
  source,
  category,
  subject: z.string(),
  status,
  severity: severity.nullable(),
  ai_review_status: aiReviewStatus,
  linked_reports: count,
  is_tracked_by_team: z.boolean(),
  version: wholeNumber,
  created_at: time,
  updated_at: time,
}

export const TicketSummary = z.object(summary).meta({ id: 'TicketSummary' })

export const Ticket = z
  .object({
    ...summary,
    description: z.string(),
    ai_summary: z.string().nullable(),
    cluster_context: json.nullable().meta({ description: 'The cluster as it was when the ticket was filed.' }),
    comments: z.array(Comment).meta({ description: 'Oldest first, without internal notes.' }),
    attachments: z.array(Attachment),
  })
  .meta({ id: 'Ticket' })

export const TicketPage = z
  .object({ result: z.array(TicketSummary), pagination: Pagination })
  .meta({ id: 'TicketPage' })

export const Cluster = z
  .object({
    id: uuid,
    name: z.string(),
    kind: z.string().nullable(),
    state: z.string(),
    description: z.string().nullable(),
    environment: z.string().nullable(),
    organisation_id: uuid,
    kube_version: z.string().nullable(),
    control_planes: wholeNumber,
    nodes: wholeNumber,
    created_at: time,
    observed_at: time,
  })
  .meta({ id: 'Cluster' })

export const ClusterPage = z.object({ result: z.array(Cluster), pagination: Pagination }).meta({ id: 'ClusterPage' })

export const Organisations = z
  .array(
    z.object({
      organisation_id: uuid,
      name: z.string(),
      slug: z.string(),
      user_current: z.boolean().meta({ description: 'The one this request acts in.' }),
      status: z.literal('active'),
      role: z.enum(['admin', 'member', 'team', 'token']),
    }),
  )
  .meta({ id: 'Organisations' })

export const Limits = z
  .object({
    max_file_bytes: wholeNumber,
    max_files: wholeNumber,
    max_ticket_bytes: wholeNumber,
    content_types: z.array(z.string()),
  })
  .meta({ id: 'Limits' })

/** The `data:` of an event in a stream: as in GraphQL, in lower case, and without the ticket. */
export const StreamedEvent = z
  .object({
    cursor: z.string().meta({ description: "Also the event's id: resume with it." }),
    type: ticketEventType,
    at: time,
    ticket_id: uuid,
    ticket_version: wholeNumber,
    ticket_team_version: wholeNumber.optional().meta({ description: 'For the team only.' }),
    actor: z.object({ id: uuid.nullable(), type: z.enum(['customer', 'team', 'ai', 'system']), label: z.string() }),
    internal: z.boolean(),
    from: z.unknown().optional().meta({ description: 'A status; of an assignment (team only) a person or null.' }),
    to: z.unknown().optional(),
    changes: z
      .array(z.object({ field: z.string(), from: z.string().nullable(), to: z.string().nullable() }))
      .optional(),
    comment: Comment.extend({ internal: z.boolean() }).optional(),
    attachment: Attachment.optional(),
    linked_reports: count.optional(),
    ai_review_status: aiReviewStatus.optional(),
  })
  .meta({ id: 'StreamedEvent' })

export const Failure = z.object({ detail: z.string() }).meta({ id: 'Failure', description: 'A sentence for people.' })

export const ReviewRequired = z
  .object({ detail: z.string(), review_id: uuid })
  .meta({ id: 'ReviewRequired', description: 'The review flagged it: send it again with acknowledged: true.' })

export const ValidationFailure = z
  .object({
    detail: z.array(
      z.object({
        type: z.enum(['missing', 'string_too_short', 'string_too_long', 'value_error', 'not_found', 'not_allowed']),
        loc: z
          .array(z.union([z.string(), z.int()]))
          .meta({ description: '"body", "query", "path" or "header", then where.' }),
        msg: z.string(),
        input: z.unknown().optional().meta({ description: 'What was given, where that is short.' }),
      }),
    ),
  })
  .meta({ id: 'ValidationFailure' })

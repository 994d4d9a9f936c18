// The enums of the contract: upper case here, lower case in the database, in the operations and in REST.

import { builder, upperCaseEnum } from './builder.ts'

export const TicketStatus = upperCaseEnum(
  'TicketStatus',
  ['pending_review', 'open', 'triaging', 'in_progress', 'waiting_customer', 'resolved', 'closed'],
  'Where a ticket is in its life.',
  {
    pending_review: 'Filed while the AI review was out of reach; it becomes open by itself.',
    open: 'Filed, and nobody has taken it up yet.',
    triaging: 'The team is finding out what it is about.',
    in_progress: 'The team is working on it.',
    waiting_customer: 'The team needs an answer; a comment by the customer moves it on.',
    resolved: 'Solved; a comment by the customer reopens it.',
    closed: 'Over. It takes no more comments; the team may open it again.',
  },
)

export const TicketCategory = upperCaseEnum(
  'TicketCategory',
  ['technical', 'bug', 'feature_request', 'account', 'billing', 'other'],
  'What a ticket is about.',
)

export const TicketSeverity = upperCaseEnum(
  'TicketSeverity',
  ['low', 'medium', 'high', 'critical'],
  'How bad it is, from the least to the worst.',
)

export const TicketSource = upperCaseEnum('TicketSource', ['portal', 'api', 'cli', 'agent'], 'How a ticket came in.')

export const AiReviewStatus = upperCaseEnum(
  'AiReviewStatus',
  ['pending', 'passed', 'flagged'],
  'What came of the AI review of a ticket.',
  { flagged: 'The review suggested changes, and the ticket was filed all the same.' },
)

export const AuthorType = upperCaseEnum('AuthorType', ['customer', 'team', 'ai', 'system'], 'What kind of author.', {
  ai: 'The AI review.',
  system: 'Deskwire itself, and its operators.',
})

export const ReviewQuality = upperCaseEnum(
  'ReviewQuality',
  ['pass', 'flag'],
  'Whether the team could act on a draft.',
  {
    flag: 'Filing it as it is needs `acknowledged`.',
  },
)

export const Confidence = upperCaseEnum('Confidence', ['low', 'medium', 'high'], 'How sure a duplicate is.', {
  medium: 'May be related.',
  high: 'Very likely the same.',
})

export const RecommendedAction = upperCaseEnum(
  'RecommendedAction',
  ['submit', 'answer_questions', 'link_duplicate', 'revise'],
  'What is best done next with a reviewed draft.',
)

export const Role = upperCaseEnum('Role', ['member', 'admin'], 'What a person may do in an organisation.', {
  member: 'Sees, files, comments and closes.',
  admin: 'A member who also makes and revokes API tokens.',
})

export const TokenScope = upperCaseEnum(
  'TokenScope',
  ['tickets_read', 'tickets_write', 'clusters_write'],
  'What an API token may do.',
  {
    tickets_write: 'Brings TICKETS_READ with it.',
    clusters_write: 'Tell what is known of clusters. Only our operators make tokens with it.',
  },
)

export const TicketEventType = upperCaseEnum(
  'TicketEventType',
  [
    'ticket_created',
    'ticket_status_changed',
    'ticket_updated',
    'ticket_linked',
    'ticket_assigned',
    'comment_added',
    'attachment_added',
    'review_completed',
    'content_redacted',
  ],
  'What kind of event: each has a type of its own.',
)

export const ChangedField = upperCaseEnum(
  'ChangedField',
  ['severity', 'category', 'is_tracked_by_team'],
  'A field of a ticket whose changes are events.',
)

export const TicketOrderField = upperCaseEnum(
  'TicketOrderField',
  ['created_at', 'updated_at', 'severity'],
  'What a list of tickets goes by. Ties go by id; tickets without a severity come last in either direction.',
)

export const OrderDirection = upperCaseEnum('OrderDirection', ['asc', 'desc'], 'From the least, or from the greatest.')

export const ErrorCode = builder.enumType('ErrorCode', {
  description: 'The kind of an error that is data.',
  values: ['INPUT', 'NOT_FOUND', 'CONFLICT', 'REVIEW_REQUIRED'] as const,
})

export const FieldErrorCode = builder.enumType('FieldErrorCode', {
  description: 'What is wrong with a field.',
  values: {
    REQUIRED: { description: 'It is missing.' },
    TOO_SHORT: {},
    TOO_LONG: {},
    INVALID: { description: 'It is not of the form that is asked for.' },
    NOT_FOUND: { description: 'It names something that does not exist for you.' },
    NOT_ALLOWED: { description: 'It is well-formed, and the rules forbid it here.' },
  } as const,
})

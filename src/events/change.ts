// What happens to one ticket in one transaction, as data. An operation describes it; log.ts commits it.

import { v7 as uuid } from 'uuid'
import type { Actor } from '../context.ts'
import type {
  AiReviewStatus,
  Attachment,
  Comment,
  Ticket,
  TicketCategory,
  TicketEventType,
  TicketSeverity,
  TicketStatus,
} from '../generated/prisma/client.ts'

/** A ticket that is not stored yet: the log gives it number, versions and places. */
export type NewTicket = Omit<Ticket, 'number' | 'version' | 'teamVersion' | 'lastSeq' | 'lastPublicSeq'>

export interface FieldChange {
  field: 'severity' | 'category' | 'is_tracked_by_team'
  from: string | null
  to: string | null
}

/** An event before it has its places. Hidden ones are the team's alone. */
export interface PendingEvent {
  type: TicketEventType
  hidden: boolean
  /** Ids, enum values and numbers only. */
  payload: Record<string, unknown>
}

/** What the payload of an event holds, by its type: ids, enum values and numbers, as log.ts stores them. */
export interface EventPayload {
  from?: string | null
  to?: string | null
  changes?: FieldChange[]
  commentId?: string
  attachmentId?: string
  linkedReports?: number
  aiReviewStatus?: AiReviewStatus
}

export type PendingComment = Omit<Comment, 'seq'>
export type PendingAttachment = Omit<Attachment, 'seq'>

/** What an attachment is, whoever brings it. */
export type AttachedFile = Pick<Attachment, 'id' | 'filename' | 'contentType' | 'sizeBytes' | 'sha256' | 'storageKey'>

export const AI: Actor = { type: 'ai', id: null, label: 'AI review' }
export const SYSTEM: Actor = { type: 'system', id: null, label: 'Deskwire' }

/** Who takes away what should not be there, with `npm run admin -- redact`. */
export const OPERATOR: Actor = { type: 'system', id: null, label: 'Operator' }

/** What stands in the place of a text, or of a file's name, that was taken away. */
export const REDACTED = '[redacted]'

/** What is taken away: the ticket's own text, a comment's, or a file. */
export type Redaction =
  | { of: 'ticket' }
  | { of: 'comment'; id: string; internal: boolean }
  | { of: 'attachment'; id: string }

/** Statuses in which the work is over; leaving them for another is reopening. */
export const isOver = (status: TicketStatus): boolean => status === 'resolved' || status === 'closed'

/** Collects what happens, keeps the ticket as it will be (`after`), and lists the events in the order of the rules. */
export class TicketChange {
  readonly before: Ticket | null
  readonly after: Ticket
  readonly actor: Actor
  readonly now: Date
  readonly comments: PendingComment[] = []
  readonly redactions: Redaction[] = []
  attachment: PendingAttachment | null = null
  private linked: PendingEvent | null = null
  private reviewed: PendingEvent | null = null
  private moved: PendingEvent | null = null
  private assigned: PendingEvent | null = null
  private readonly fieldChanges: FieldChange[] = []

  private constructor(before: Ticket | null, after: Ticket, actor: Actor, now: Date) {
    this.before = before
    this.after = after
    this.actor = actor
    this.now = now
  }

  static create(ticket: NewTicket, actor: Actor, now: Date): TicketChange {
    const unplaced = { number: 0, version: 0, teamVersion: 0, lastSeq: 0n, lastPublicSeq: 0n }
    return new TicketChange(null, { ...ticket, ...unplaced }, actor, now)
  }

  /** The ticket must be locked by the same transaction. */
  static of(ticket: Ticket, actor: Actor, now: Date): TicketChange {
    return new TicketChange(ticket, { ...ticket }, actor, now)
  }

  comment(body: string, options: { author?: Actor; internal?: boolean; id?: string } = {}): PendingComment {
    const { author = this.actor, internal = false, id = uuid() } = options
    const comment = {
      organisationId: this.after.organisationId,
      id,
      ticketId: this.after.id,
      authorType: author.type,
      authorId: author.id,
      authorLabel: author.label,
      body,
      internal,
      createdAt: this.now,
    }
    this.comments.push(comment)
    if (author.type === 'team' && !internal) this.after.firstResponseAt ??= this.now
    return comment
  }

  /** Somebody joined this ticket instead of opening one; `comment` holds what they wrote. */
  link(comment: PendingComment): void {
    this.after.linkedReports += 1
    this.linked = visible('ticket_linked', { commentId: comment.id, linkedReports: this.after.linkedReports })
  }

  /** One a transaction. */
  attach(file: AttachedFile): void {
    const { type, id, label } = this.actor
    this.attachment = {
      ...file,
      organisationId: this.after.organisationId,
      ticketId: this.after.id,
      uploadedByType: type,
      uploadedById: id,
      uploadedByLabel: label,
      createdAt: this.now,
    }
  }

  reviewCompleted(aiReviewStatus: AiReviewStatus): void {
    this.after.aiReviewStatus = aiReviewStatus
    this.reviewed = visible('review_completed', { aiReviewStatus })
  }

  /** An equal status is no change. Keeps resolvedAt and closedAt: set on the way in, cleared when work goes on. */
  status(to: TicketStatus): void {
    const from = this.after.status
    if (from === to) return
    this.after.status = to
    if (to === 'resolved') this.after.resolvedAt = this.now
    if (to === 'closed') {
      this.after.closedAt = this.now
      this.after.resolvedAt ??= this.now
    }
    if (!isOver(to)) {
      this.after.resolvedAt = null
      this.after.closedAt = null
    }
    this.moved = visible('ticket_status_changed', { from, to })
  }

  severity(to: TicketSeverity | null, chosen: boolean): void {
    if (this.after.severity !== to) this.fieldChanges.push({ field: 'severity', from: this.after.severity, to })
    this.after.severity = to
    this.after.severityChosen ||= chosen
  }

  category(to: TicketCategory, chosen: boolean): void {
    if (this.after.category !== to) this.fieldChanges.push({ field: 'category', from: this.after.category, to })
    this.after.category = to
    this.after.categoryChosen ||= chosen
  }

  /** Becomes true for good. */
  trackedByTeam(): void {
    if (this.after.isTrackedByTeam) return
    this.after.isTrackedByTeam = true
    this.fieldChanges.push({ field: 'is_tracked_by_team', from: 'false', to: 'true' })
  }

  assign(to: string | null): void {
    const from = this.after.assigneeId
    if (from === to) return
    this.after.assigneeId = to
    this.assigned = { type: 'ticket_assigned', hidden: true, payload: { from, to } }
  }

  /** Replaces a text or a file for good; whatever else holds a copy of it is the caller's to look for. */
  redact(redaction: Redaction): void {
    this.redactions.push(redaction)
    if (redaction.of !== 'ticket') return
    const { after } = this
    Object.assign(after, { subject: REDACTED, description: REDACTED, environment: null })
    after.aiSummary = after.aiSummary === null ? null : REDACTED
  }

  /** In the order that every transaction keeps (the table "Events of each operation"). */
  events(): PendingEvent[] {
    const { before, after, comments, attachment, fieldChanges, redactions } = this
    return [
      before === null ? visible('ticket_created', { status: after.status }) : null,
      this.linked,
      ...comments.map(({ id, internal }) => ({
        type: 'comment_added' as const,
        hidden: internal,
        payload: { commentId: id },
      })),
      attachment === null ? null : visible('attachment_added', { attachmentId: attachment.id }),
      this.reviewed,
      this.moved,
      fieldChanges.length > 0 ? visible('ticket_updated', { changes: fieldChanges }) : null,
      this.assigned,
      ...redactions.map(redacted),
    ].filter((event) => event !== null)
  }
}

function visible(type: TicketEventType, payload: Record<string, unknown>): PendingEvent {
  return { type, hidden: false, payload }
}

function redacted(redaction: Redaction): PendingEvent {
  const { of } = redaction
  const payload =
    of === 'comment' ? { commentId: redaction.id } : of === 'attachment' ? { attachmentId: redaction.id } : {}
  return { type: 'content_redacted', hidden: of === 'comment' && redaction.internal, payload }
}

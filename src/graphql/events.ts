// The history of a ticket: one type for each kind of event. What happened is the event's own; `ticket` is as it is now.

import type { Context } from '../context.ts'
import { organisationHead } from '../db/reads/heads.ts'
import type { FieldChange as Change, EventPayload } from '../events/change.ts'
import type {
  Comment as CommentRow,
  TicketEvent as EventRow,
  AiReviewStatus as ReviewState,
  TicketStatus as Status,
  Ticket as TicketRow,
} from '../generated/prisma/client.ts'
import { Refusal } from '../operations/errors.ts'
import { Actor } from './actor.ts'
import { builder } from './builder.ts'
import { connectionType, type Listed } from './connection.ts'
import { AiReviewStatus, ChangedField, TicketEventType, TicketStatus } from './enums.ts'
import { type PageArgs, pageOf } from './paging.ts'
import { Attachment, Comment, TeamMember, Ticket } from './refs.ts'

const payloadOf = (event: EventRow) => event.payload as EventPayload
const sideOf = ({ viewer }: Context) => viewer?.side ?? 'customer'

export const TicketEvent = builder.interfaceRef<EventRow & { cursor?: string }>('TicketEvent').implement({
  description: 'Something that happened to a ticket.',
  resolveType: ({ type }) => TYPES[type],
  fields: (t) => ({
    cursor: t.string({
      description: 'Its place in the log: what comes after it is new.',
      resolve: (event, _, context) => event.cursor ?? context.log.cursorOf(sideOf(context), event),
    }),
    type: t.field({ type: TicketEventType, resolve: ({ type }) => type }),
    at: t.field({ type: 'DateTime', resolve: ({ createdAt }) => createdAt }),
    ticketId: t.exposeID('ticketId'),
    ticketVersion: t.exposeInt('ticketVersion', { description: 'The version that this change made.' }),
    ticketTeamVersion: t.int({
      nullable: true,
      description: 'The teamVersion that this change made; null for customers.',
      resolve: ({ teamVersion }, _, context) => (sideOf(context) === 'team' ? teamVersion : null),
    }),
    ticket: t.field({
      type: Ticket,
      description: 'The ticket as it is now, which may be later than this event.',
      resolve: ({ ticketId }, _, { loaders }) => loaders.ticket.load(ticketId) as Promise<TicketRow>,
    }),
    actor: t.field({
      type: Actor,
      resolve: ({ actorType, actorId, actorLabel }) => ({ type: actorType, id: actorId, label: actorLabel }),
    }),
    internal: t.boolean({
      description: 'Only the support team sees it.',
      resolve: ({ publicSeq }) => publicSeq === null,
    }),
  }),
})

const TYPES = {
  ticket_created: 'TicketCreated',
  ticket_status_changed: 'TicketStatusChanged',
  ticket_updated: 'TicketUpdated',
  ticket_linked: 'TicketLinked',
  ticket_assigned: 'TicketAssigned',
  comment_added: 'CommentAdded',
  attachment_added: 'AttachmentAdded',
  review_completed: 'ReviewCompleted',
  content_redacted: 'ContentRedacted',
} as const

const eventType = (name: (typeof TYPES)[keyof typeof TYPES]) => builder.objectRef<EventRow>(name)

function commentOf(event: EventRow, { loaders }: Context): Promise<CommentRow | null> | null {
  const { commentId } = payloadOf(event)
  return commentId ? loaders.comment.load(commentId) : null
}

eventType('TicketCreated').implement({ interfaces: [TicketEvent] })

export const TicketStatusChanged = eventType('TicketStatusChanged').implement({
  interfaces: [TicketEvent],
  fields: (t) => ({
    from: t.field({ type: TicketStatus, resolve: (event) => payloadOf(event).from as Status }),
    to: t.field({ type: TicketStatus, resolve: (event) => payloadOf(event).to as Status }),
  }),
})

const FieldChange = builder.objectRef<Change>('FieldChange').implement({
  description: 'Values are the names of this API: HIGH, BILLING, true; null for none.',
  fields: (t) => ({
    field: t.field({ type: ChangedField, resolve: ({ field }) => field }),
    from: t.string({ nullable: true, resolve: (change) => nameOf(change, change.from) }),
    to: t.string({ nullable: true, resolve: (change) => nameOf(change, change.to) }),
  }),
})

const nameOf = ({ field }: Change, value: string | null) =>
  field === 'is_tracked_by_team' ? value : (value?.toUpperCase() ?? null)

eventType('TicketUpdated').implement({
  interfaces: [TicketEvent],
  fields: (t) => ({ changes: t.field({ type: [FieldChange], resolve: (event) => payloadOf(event).changes ?? [] }) }),
})

eventType('TicketLinked').implement({
  description: 'Somebody joined this ticket instead of opening one.',
  interfaces: [TicketEvent],
  fields: (t) => ({
    comment: t.field({ type: Comment, resolve: (event, _, context) => commentOf(event, context) as never }),
    linkedReports: t.int({ resolve: (event) => payloadOf(event).linkedReports ?? 0 }),
  }),
})

eventType('TicketAssigned').implement({
  description: 'Only the team sees it.',
  interfaces: [TicketEvent],
  fields: (t) => ({
    from: t.field({
      type: TeamMember,
      nullable: true,
      resolve: (event, _, { loaders }) => personOf(payloadOf(event).from, loaders),
    }),
    to: t.field({
      type: TeamMember,
      nullable: true,
      resolve: (event, _, { loaders }) => personOf(payloadOf(event).to, loaders),
    }),
  }),
})

const personOf = (id: string | null | undefined, { teamMember }: Context['loaders']) =>
  id ? teamMember.load(id) : null

export const CommentAdded = eventType('CommentAdded').implement({
  interfaces: [TicketEvent],
  fields: (t) => ({
    comment: t.field({ type: Comment, resolve: (event, _, context) => commentOf(event, context) as never }),
  }),
})

function attachmentOf(event: EventRow, { loaders }: Context) {
  const { attachmentId } = payloadOf(event)
  return attachmentId ? loaders.attachment.load(attachmentId) : null
}

eventType('AttachmentAdded').implement({
  interfaces: [TicketEvent],
  fields: (t) => ({
    attachment: t.field({ type: Attachment, resolve: (event, _, context) => attachmentOf(event, context) as never }),
  }),
})

eventType('ReviewCompleted').implement({
  description: 'The review of a ticket that was filed while it was out of reach has ended.',
  interfaces: [TicketEvent],
  fields: (t) => ({
    aiReviewStatus: t.field({
      type: AiReviewStatus,
      resolve: (event) => payloadOf(event).aiReviewStatus as ReviewState,
    }),
  }),
})

eventType('ContentRedacted').implement({
  description: "An operator replaced a text or a file's content.",
  interfaces: [TicketEvent],
  fields: (t) => ({
    comment: t.field({ type: Comment, nullable: true, resolve: (event, _, context) => commentOf(event, context) }),
    attachment: t.field({
      type: Attachment,
      nullable: true,
      resolve: (event, _, context) => attachmentOf(event, context),
    }),
  }),
})

export const TicketEventConnection = connectionType<EventRow>('TicketEvent', TicketEvent)

export async function eventPage(ticket: TicketRow, args: PageArgs, context: Context): Promise<Listed<EventRow>> {
  const { after, before, ...rest } = pageOf(args)
  const page = await context.loaders.events(ticket, {
    ...rest,
    after: await placeOf(after, ticket, context),
    before: await placeOf(before, ticket, context),
  })
  if (page === null) throw resync()
  return { ...page, cursorOf: (event) => context.log.cursorOf(sideOf(context), event) }
}

const resync = () =>
  new Refusal(
    'RESYNC_REQUIRED',
    'This cursor is not of this log, or not of yours. Read the ticket again, and its asOf.',
  )

/** A cursor must be of this side, organisation and life of the database, and not beyond the head of the log. */
async function placeOf(text: string | undefined, ticket: TicketRow, context: Context): Promise<bigint | undefined> {
  if (text === undefined) return undefined
  const side = sideOf(context)
  const place = context.log.placeOf(side, ticket.organisationId, text)
  if (place === null) throw resync()
  const known = side === 'team' ? ticket.lastSeq : ticket.lastPublicSeq
  if (place <= known) return place
  const head = await organisationHead(context.database, ticket.organisationId, side)
  if (head === null || place > head.place) throw resync()
  return place
}

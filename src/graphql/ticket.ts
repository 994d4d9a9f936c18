// The ticket itself, and the ways to one.

import type { Context } from '../context.ts'
import type { Ticket as TicketRow } from '../generated/prisma/client.ts'
import { getTicket, getTicketByNumber } from '../operations/tickets.ts'
import { Actor } from './actor.ts'
import { builder } from './builder.ts'
import { CommentConnection, commentPage } from './comment.ts'
import { pageArgs } from './connection.ts'
import { AiReviewStatus, TicketCategory, TicketSeverity, TicketSource, TicketStatus } from './enums.ts'
import { eventPage, TicketEventConnection } from './events.ts'
import { longText } from './long-text.ts'
import { Attachment, Cluster, Organisation, ReviewResult, TeamMember, Ticket } from './refs.ts'
import { query } from './run.ts'

const isTeam = ({ viewer }: Context) => viewer?.side === 'team'

builder.prismaObjectFields(Ticket, (t) => ({
  number: t.exposeInt('number', { description: 'Counts per organisation: what people call it by, #12.' }),
  version: t.exposeInt('version', { description: 'Rises by one with each change that a customer can see.' }),
  teamVersion: t.int({
    nullable: true,
    description: 'Rises by one with every change; null for customers.',
    resolve: ({ teamVersion }, _, context) => (isTeam(context) ? teamVersion : null),
  }),
  organisation: t.field({
    type: Organisation,
    resolve: ({ organisationId }, _, { loaders }) => loaders.organisation.load(organisationId) as never,
  }),
  cluster: t.field({
    type: Cluster,
    nullable: true,
    resolve: ({ clusterId }, _, { loaders }) => (clusterId === null ? null : loaders.cluster.load(clusterId)),
  }),
  clusterContext: t.field({
    type: 'JSON',
    nullable: true,
    description: 'The cluster as it was when the ticket was filed: attached by us, never changed. Keys as in REST.',
    resolve: ({ clusterContext }) => clusterContext,
  }),
  environment: t.field({
    type: 'JSON',
    nullable: true,
    description: 'What the client said about itself.',
    resolve: ({ environment }) => environment,
  }),
  subject: t.exposeString('subject'),
  description: t.string({ resolve: ({ description }, _, context) => longText(description, context) }),
  source: t.field({ type: TicketSource, resolve: ({ source }) => source }),
  category: t.field({ type: TicketCategory, resolve: ({ category }) => category }),
  severity: t.field({ type: TicketSeverity, nullable: true, resolve: ({ severity }) => severity }),
  status: t.field({ type: TicketStatus, resolve: ({ status }) => status }),
  aiSummary: t.exposeString('aiSummary', { nullable: true }),
  aiReviewStatus: t.field({ type: AiReviewStatus, resolve: ({ aiReviewStatus }) => aiReviewStatus }),
  review: t.field({
    type: ReviewResult,
    nullable: true,
    description: 'The review that it was filed from.',
    resolve: ({ reviewId }, _, { loaders }) => (reviewId === null ? null : loaders.review.load(reviewId)),
  }),
  isTrackedByTeam: t.exposeBoolean('isTrackedByTeam', { description: 'The team has taken it up; true for good.' }),
  createdBy: t.field({
    type: Actor,
    resolve: (row) => ({ type: row.createdByType, id: row.createdById, label: row.createdByLabel }),
  }),
  assignee: t.field({
    type: TeamMember,
    nullable: true,
    description: 'Who of the team has it; null for customers.',
    resolve: ({ assigneeId }, _, context) =>
      isTeam(context) && assigneeId !== null ? context.loaders.teamMember.load(assigneeId) : null,
  }),
  linkedReports: t.exposeInt('linkedReports', {
    description: 'How often somebody joined this ticket instead of opening one.',
  }),
  comments: t.field({
    type: CommentConnection,
    description: 'Oldest first. Internal notes are there for the team only.',
    args: pageArgs(),
    resolve: (ticket, args, context) => commentPage(ticket, args, context),
  }),
  attachments: t.field({
    type: [Attachment],
    description: 'Oldest first.',
    resolve: (ticket, _, { loaders }) => loaders.attachments.load(ticket),
  }),
  events: t.field({
    type: TicketEventConnection,
    description: 'Its history, oldest first. A cursor of any feed of its organisation is good here.',
    args: pageArgs(),
    resolve: (ticket, args, context) => eventPage(ticket, args, context),
  }),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
  updatedAt: t.expose('updatedAt', {
    type: 'DateTime',
    description: 'The last change that a customer can see.',
  }),
  resolvedAt: t.expose('resolvedAt', { type: 'DateTime', nullable: true }),
  closedAt: t.expose('closedAt', { type: 'DateTime', nullable: true }),
  asOf: t.string({
    description: 'The cursor of the state in this answer: subscribe after it.',
    resolve: (ticket, _, { log, viewer }) => log.asOf(viewer?.side ?? 'customer', ticket),
  }),
}))

builder.queryField('ticket', (t) =>
  t.field({
    type: Ticket,
    nullable: true,
    description: 'Null when there is none, or when it is of another organisation.',
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, args, context): Promise<TicketRow | null> => query(context, getTicket, args),
  }),
)

builder.queryField('ticketByNumber', (t) =>
  t.field({
    type: Ticket,
    nullable: true,
    description: 'Numbers count per organisation, so the team must name one.',
    args: { number: t.arg.int({ required: true }), organisationId: t.arg.id() },
    resolve: (_, args, context): Promise<TicketRow | null> => query(context, getTicketByNumber, args),
  }),
)

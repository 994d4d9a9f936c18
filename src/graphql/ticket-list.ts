// Lists of tickets: the connection, its filter and order, and numbers about a filtered set.

import type { GraphQLResolveInfo } from 'graphql'
import type { Context } from '../context.ts'
import type { TicketStats as Stats } from '../db/reads/stats.ts'
import { encodeTicketPlace, type TicketListParent, type TicketPage as TicketRows } from '../db/reads/tickets.ts'
import type { Ticket as TicketRow } from '../generated/prisma/client.ts'
import { category, severity, status } from '../operations/input.ts'
import { listTickets, ticketStats } from '../operations/tickets.ts'
import { builder } from './builder.ts'
import { connectionType, type Listed, pageArgs, selects } from './connection.ts'
import {
  AiReviewStatus,
  OrderDirection,
  TicketCategory,
  TicketOrderField,
  TicketSeverity,
  TicketSource,
  TicketStatus,
} from './enums.ts'
import { Ticket } from './refs.ts'
import { list } from './run.ts'

type TicketPage = TicketRows & Listed<TicketRow>

export const TicketConnection = connectionType<TicketRow, TicketPage>('Ticket', Ticket)

builder.objectFields(TicketConnection, (t) => ({
  totalCount: t.int({
    description: 'How many the filter finds; 10,000 where it is more and totalCountIsExact is false.',
    resolve: ({ total }) => total ?? 0,
  }),
  totalCountIsExact: t.boolean({
    description: "True up to 10,000, and at any size for one organisation's lists by status, cluster or category.",
    resolve: ({ totalIsExact }) => totalIsExact,
  }),
  asOf: t.string({
    description: 'The cursor of exactly the state in this answer: subscribe after it.',
    resolve: ({ place }, _, { log, viewer }) => log.asOfList(viewer?.side ?? 'customer', place),
  }),
}))

const TicketFilter = builder.inputType('TicketFilter', {
  description: 'Fields are combined with and, the values of a list with or. An empty list is as absent.',
  fields: (t) => ({
    status: t.field({ type: [TicketStatus] }),
    category: t.field({ type: [TicketCategory] }),
    severity: t.field({
      type: t.listRef(TicketSeverity, { required: false }),
      description: 'null in it finds tickets without a severity.',
    }),
    source: t.field({ type: [TicketSource] }),
    clusterId: t.idList(),
    q: t.string({
      description:
        'A part of the subject (three letters or more), words of the description and of the comments, or #12. ' +
        'In any script, without minding case or accents.',
    }),
    createdByMe: t.boolean({ description: 'True: only what this person or token filed.' }),
    aiReviewStatus: t.field({ type: [AiReviewStatus] }),
    createdAfter: t.field({ type: 'DateTime' }),
    createdBefore: t.field({ type: 'DateTime' }),
    updatedAfter: t.field({ type: 'DateTime' }),
    updatedBefore: t.field({ type: 'DateTime' }),
    resolvedAfter: t.field({ type: 'DateTime' }),
    resolvedBefore: t.field({ type: 'DateTime' }),
    organisationId: t.id({ description: 'For the team: one organisation. A customer may only repeat their own.' }),
    assigneeId: t.idList({ description: 'Only for the team.' }),
    unassigned: t.boolean({ description: 'True: nobody is assigned; false: somebody is. Only for the team.' }),
    createdById: t.id({ description: 'A person or a token. Only for the team.' }),
  }),
})

const TicketOrder = builder.inputType('TicketOrder', {
  fields: (t) => ({
    field: t.field({ type: TicketOrderField, required: true }),
    direction: t.field({ type: OrderDirection, required: true }),
  }),
})

export const ticketListArgs = () =>
  builder.args((t) => ({
    filter: t.field({ type: TicketFilter }),
    orderBy: t.field({ type: TicketOrder, description: 'The newest first, unless you say otherwise.' }),
    ...pageArgs(),
  }))

const COUNTS = ['totalCount', 'totalCountIsExact']

/** @param of the organisation or the cluster that the list hangs on; absent for the list of all. */
export async function ticketPage(
  context: Context,
  info: GraphQLResolveInfo,
  args: object,
  of?: TicketListParent,
): Promise<TicketPage> {
  const page = await list(context, listTickets, { ...args, of, counted: selects(info, COUNTS) })
  return { ...page, cursorOf: (ticket) => encodeTicketPlace(page.orderBy, ticket) }
}

builder.queryField('tickets', (t) =>
  t.field({
    type: TicketConnection,
    description: "The tickets of the viewer's organisation; for the team, of all unless the filter names one.",
    args: ticketListArgs(),
    resolve: (_, args, context, info) => ticketPage(context, info, args),
  }),
)

/** Every value of an enum with its count, zero too. */
function countType<Value extends string | null>(name: string, field: string, type: unknown, nullable: boolean) {
  return builder.objectRef<{ value: Value; count: number }>(name).implement({
    fields: (t) => ({
      [field]: t.field({ type: type as typeof TicketStatus, nullable, resolve: ({ value }) => value as never }),
      count: t.exposeInt('count'),
    }),
  })
}

const StatusCount = countType<string>('StatusCount', 'status', TicketStatus, false)
const CategoryCount = countType<string>('CategoryCount', 'category', TicketCategory, false)
const SeverityCount = countType<string | null>('SeverityCount', 'severity', TicketSeverity, true)

const counted = <Value extends string>(values: readonly Value[], counts: Partial<Record<string, number>>) =>
  values.map((value) => ({ value, count: counts[value] ?? 0 }))

const TicketStats = builder.objectRef<Stats>('TicketStats').implement({
  description: 'Numbers about a filtered set of tickets. Every value is listed, also those that no ticket has.',
  fields: (t) => ({
    total: t.exposeInt('total'),
    byStatus: t.field({ type: [StatusCount], resolve: ({ byStatus }) => counted(status.options, byStatus) }),
    byCategory: t.field({ type: [CategoryCount], resolve: ({ byCategory }) => counted(category.options, byCategory) }),
    bySeverity: t.field({
      type: [SeverityCount],
      description: 'From the least to the worst; last, with null, tickets that have none.',
      resolve: ({ bySeverity }) => [
        ...counted(severity.options, bySeverity),
        { value: null, count: bySeverity.none ?? 0 },
      ],
    }),
    unassigned: t.int({
      nullable: true,
      description: 'Null for customers.',
      resolve: ({ unassigned }, _, { viewer }) => (viewer?.side === 'team' ? unassigned : null),
    }),
    medianFirstResponseSeconds: t.exposeInt('medianFirstResponseSeconds', {
      nullable: true,
      description: "From filing to the team's first comment that the customer sees; null when no ticket has one.",
    }),
    medianResolutionSeconds: t.exposeInt('medianResolutionSeconds', {
      nullable: true,
      description: 'From filing to resolvedAt, over tickets that have it.',
    }),
  }),
})

builder.queryField('ticketStats', (t) =>
  t.field({
    type: TicketStats,
    args: { filter: t.arg({ type: TicketFilter }) },
    resolve: (_, args, context) => list(context, ticketStats, args),
  }),
)

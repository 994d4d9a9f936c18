// Reading tickets: one, a list, and numbers about them.

import { z } from 'zod'
import type { TicketFilter } from '../db/reads/filter.ts'
import { ticketStats as readStats } from '../db/reads/stats.ts'
import { decodeTicketPlace, type TicketListParent, type TicketOrder, ticketByNumber } from '../db/reads/tickets.ts'
import type { Ticket } from '../generated/prisma/client.ts'
import { organisationToRead, reader, scopeIn } from './access.ts'
import { inputProblem, isProblem, notFound, type Problem, Refusal } from './errors.ts'
import { type Call, operation } from './execute.ts'
import {
  aiReviewStatus,
  category,
  dateTime,
  id,
  LARGEST_PAGE,
  notBothWays,
  oneDirection,
  optional,
  PAGE_SIZE,
  page,
  plainText,
  severity,
  source,
  status,
} from './input.ts'

export const getTicket = operation({
  name: 'ticket',
  access: reader,
  rate: 'read',
  input: z.strictObject({ id }),
  run: async (call, input): Promise<Ticket | Problem> =>
    (await call.loaders.ticket.load(input.id)) ?? notFound('ticket'),
})

export const getTicketByNumber = operation({
  name: 'ticketByNumber',
  access: reader,
  rate: 'read',
  input: z.strictObject({ number: z.int(), organisationId: optional(id) }),

  async run(call, { number, organisationId }): Promise<Ticket | Problem> {
    const organisation = organisationToRead(call.viewer, organisationId)
    if (organisation === null) {
      return inputProblem('organisationId', 'REQUIRED', 'organisationId is required: numbers count per organisation.')
    }
    return (await ticketByNumber(call.database, organisation, number)) ?? notFound('ticket')
  },
})

const many = <T extends z.ZodType>(value: T) => optional(z.array(value).max(100))

/** TicketFilter of the contract. The last three are the team's. */
const filterInput = z.strictObject({
  status: many(status),
  category: many(category),
  severity: many(severity.nullable()),
  source: many(source),
  aiReviewStatus: many(aiReviewStatus),
  clusterId: many(id),
  q: optional(plainText.max(500)),
  createdByMe: optional(z.boolean()),
  createdAfter: optional(dateTime),
  createdBefore: optional(dateTime),
  updatedAfter: optional(dateTime),
  updatedBefore: optional(dateTime),
  resolvedAfter: optional(dateTime),
  resolvedBefore: optional(dateTime),
  organisationId: optional(id),
  // A customer may not even say null.
  assigneeId: z.array(id).max(100).nullish(),
  unassigned: z.boolean().nullish(),
  createdById: id.nullish(),
})

type AskedFilter = Partial<z.output<typeof filterInput>>

const TEAM_FILTERS = ['assigneeId', 'unassigned', 'createdById'] as const

const orderInput = z.strictObject({
  field: z.enum(['created_at', 'updated_at', 'severity']),
  direction: z.enum(['asc', 'desc']),
})

const NEWEST_FIRST: TicketOrder = { field: 'created_at', direction: 'desc' }

/** REST's numbered pages end here: beyond, every page costs as much as all before it. */
export const LAST_OFFSET_ROW = 10_000

/**
 * A page of tickets by cursors, or (REST) by number. `of` names the organisation or the cluster that a nested list
 * belongs to, `counted` says whether anybody wants the count.
 */
export const listTickets = operation({
  name: 'tickets',
  access: reader,
  rate: 'read',
  input: z
    .strictObject({
      ...page,
      filter: optional(filterInput),
      orderBy: optional(orderInput),
      page: optional(
        z
          .int()
          .min(1)
          .max(2 ** 31),
      ),
      pageSize: optional(z.int().min(1).max(LARGEST_PAGE)),
      counted: z.boolean().default(true),
      of: optional(z.object({ organisationId: id, clusterId: optional(id) })),
    })
    .superRefine(notBothWays),

  async run(call, input) {
    const { orderBy = NEWEST_FIRST, counted, of } = input
    const asked: AskedFilter = input.filter ?? {}
    const filter = filterFor(call, asked)
    if (isProblem(filter)) return filter
    const isBad = (cursor: string | undefined) => cursor !== undefined && !decodeTicketPlace(orderBy, cursor)
    if (isBad(input.after)) return inputProblem('after', 'INVALID', NOT_A_CURSOR)
    if (isBad(input.before)) return inputProblem('before', 'INVALID', NOT_A_CURSOR)
    const paging = input.page === undefined ? oneDirection(input) : offsetPage(input.page, input.pageSize)
    if (isProblem(paging)) return paging
    const parent = parentOf(call, of, asked.organisationId)
    return call.loaders.tickets(parent, { ...paging, filter, orderBy, counted })
  },
})

export const NOT_A_CURSOR = 'This is not a cursor of this list in this order. Take one from its edges or its pageInfo.'

function offsetPage(number: number, size = PAGE_SIZE) {
  const offset = (number - 1) * size
  if (offset + size <= LAST_OFFSET_ROW) return { first: size, offset }
  return inputProblem(
    'page',
    'INVALID',
    'Numbered pages end at row 10,000. Narrow the list with filters, or page with cursors over GraphQL.',
  )
}

function parentOf(call: Call, of: TicketListParent | undefined, named: string | undefined): TicketListParent {
  const asked = organisationToRead(call.viewer, named)
  if (of === undefined) return { organisationId: asked }
  const { organisationId } = of
  if (call.viewer.side === 'customer') organisationToRead(call.viewer, organisationId ?? undefined)
  if (named !== undefined && named !== organisationId) {
    throw new Refusal('BAD_USER_INPUT', 'organisationId in the filter contradicts the organisation of this list.')
  }
  return of
}

function filterFor(call: Call, asked: AskedFilter): TicketFilter | Problem {
  const { createdByMe, organisationId, q, assigneeId, unassigned, createdById, ...filter } = asked
  const forbidden = TEAM_FILTERS.find((name) => asked[name] !== undefined)
  if (forbidden && call.viewer.side === 'customer') {
    return inputProblem(`filter.${forbidden}`, 'NOT_ALLOWED', `Only the support team filters by ${forbidden}.`)
  }
  if (createdByMe && createdById && createdById !== call.viewer.id) {
    return inputProblem('filter.createdById', 'INVALID', 'createdByMe and createdById name different people.')
  }
  const text = q?.trim()
  return {
    ...filter,
    q: text || undefined,
    assigneeId: assigneeId ?? undefined,
    unassigned: unassigned ?? undefined,
    createdById: (createdByMe ? call.viewer.id : createdById) ?? undefined,
  }
}

export const ticketStats = operation({
  name: 'ticketStats',
  access: reader,
  rate: 'read',
  input: z.strictObject({ filter: optional(filterInput) }),

  async run(call, input) {
    const asked: AskedFilter = input.filter ?? {}
    const filter = filterFor(call, asked)
    if (isProblem(filter)) return filter
    const organisationId = organisationToRead(call.viewer, asked.organisationId)
    const scope = organisationId === null ? call.scope : scopeIn(call.scope, organisationId)
    return readStats(call.database, scope, filter)
  },
})

// The routes of the REST contract, one entry each: which operation, where its input comes from, how it is answered.

import type { z } from 'zod'
import type { Context } from '../context.ts'
import { encodeNamePlace } from '../db/reads/directory.ts'
import type { Organisation } from '../generated/prisma/client.ts'
import { type ArrivingFile, getAttachmentLimits, uploadAttachment } from '../operations/attachments.ts'
import { closeTicket } from '../operations/changes.ts'
import { listClustersByNumber, upsertCluster } from '../operations/clusters.ts'
import { addComment } from '../operations/comments.ts'
import { isProblem } from '../operations/errors.ts'
import { execute, type Operation } from '../operations/execute.ts'
import { createTicket } from '../operations/filing.ts'
import { LARGEST_PAGE, PAGE_SIZE } from '../operations/input.ts'
import { linkTicket } from '../operations/linking.ts'
import { listOrganisations } from '../operations/organisations.ts'
import { reviewTicket } from '../operations/reviews.ts'
import { getTicket, LAST_OFFSET_ROW, listTickets } from '../operations/tickets.ts'
import { clusterBody, organisationBody, pagination, reviewBody, ticketBody, ticketSummary } from './render.ts'
import * as wire from './wire.ts'

/** A request, taken apart but not checked. */
export interface Request {
  params: Record<string, string>
  query: URLSearchParams
  /** The JSON body in the operation's names; empty where the route takes none. */
  body: Record<string, unknown>
  /** Of a route that takes one; null when none came. */
  file: ArrivingFile | null
}

export interface Answer {
  status: number
  body: unknown
  headers?: Record<string, string> | undefined
}

export interface Route {
  method: 'get' | 'post' | 'put'
  /** Below the prefix of its mounts; `{name}` is a parameter. */
  path: string
  /** `tickets`: under both ticket mounts, for cookies and for tokens; `api`: under /api/v1, for tokens. */
  mount: 'tickets' | 'api'
  summary: string
  /** The fields that the JSON body may have, in the operation's names; absent: no body is read. */
  body?: readonly string[]
  /** The part of a multipart body that is the file which the route takes; absent: it takes none. */
  file?: string
  /** What the address may say, for OpenAPI: the field of the operation's input that each parameter becomes. */
  query?: Record<string, string>
  operation: Operation
  input(request: Request): Record<string, unknown>
  /** Answers by status, for OpenAPI. */
  answers: Record<number, z.ZodType>
  answer(context: Context, output: unknown, input: Record<string, unknown>): Promise<Answer>
}

/** Ties the type of what an operation gives to the function that answers with it. */
function route<Input extends z.ZodType, Output>(
  definition: Omit<Route, 'operation' | 'answer'> & {
    operation: Operation<Input, Output>
    answer(context: Context, output: Output, input: Record<string, unknown>): Promise<Answer>
  },
): Route {
  return definition as unknown as Route
}

const draftFields = ['subject', 'description', 'category', 'clusterId', 'source', 'environment', 'clarificationAnswers']

/** The client cannot say "nobody chose": it sends `technical`, or the empty text that a person typed. */
function withoutDefaultCategory({ category, ...body }: Record<string, unknown>): Record<string, unknown> {
  return category === 'technical' || category === '' ? body : { category, ...body }
}

/** A number as the address writes it; anything else is left for the operation to refuse. */
const numberOf = (text: string | null) => (text === null ? undefined : /^-?\d{1,15}$/.test(text) ? Number(text) : text)

const several = (query: URLSearchParams, name: string) => (query.has(name) ? query.getAll(name) : undefined)

export const routes: readonly Route[] = [
  route({
    method: 'post',
    path: '/review',
    mount: 'tickets',
    summary: 'Review a draft: what it is about, whether the team could act on it, and likely duplicates',
    body: draftFields,
    operation: reviewTicket,
    input: ({ body }) => withoutDefaultCategory(body),
    answers: { 200: wire.Review },
    answer: async (context, { review }) => ({ status: 200, body: await reviewBody(context, review) }),
  }),
  route({
    method: 'post',
    path: '',
    mount: 'tickets',
    summary: 'File a ticket, from a review or with one run inline. 200: this review or key had made it before',
    body: ['reviewId', ...draftFields, 'severity', 'acknowledged'],
    operation: createTicket,
    input: ({ body }) => withoutDefaultCategory(body),
    answers: { 201: wire.Ticket, 200: wire.Ticket, 409: wire.ReviewRequired },
    answer: async (context, { ticket, created }) => ({
      status: created ? 201 : 200,
      body: await ticketBody(context, ticket),
    }),
  }),
  route({
    method: 'get',
    path: '',
    mount: 'tickets',
    summary: 'List tickets, newest first',
    query: {
      status: 'status',
      category: 'category',
      severity: 'severity',
      source: 'source',
      cluster_id: 'clusterId',
      assignee_id: 'assigneeId',
      q: 'q',
      page: 'page',
      page_size: 'pageSize',
    },
    operation: listTickets,
    input: ({ query }) => ({
      filter: {
        status: several(query, 'status'),
        category: several(query, 'category'),
        severity: several(query, 'severity'),
        source: several(query, 'source'),
        clusterId: several(query, 'cluster_id'),
        assigneeId: several(query, 'assignee_id'),
        q: query.get('q'),
      },
      page: numberOf(query.get('page')) ?? 1,
      pageSize: numberOf(query.get('page_size')) ?? PAGE_SIZE,
    }),
    answers: { 200: wire.TicketPage },
    answer: async (context, { rows, total, totalIsExact }, { page, pageSize }) => ({
      status: 200,
      headers: totalIsExact ? undefined : { 'x-total-count-exact': 'false' },
      body: {
        result: await Promise.all(rows.map((ticket) => ticketSummary(context, ticket))),
        pagination: pagination(page as number, pageSize as number, total ?? 0, LAST_OFFSET_ROW),
      },
    }),
  }),
  route({
    method: 'get',
    path: '/limits',
    mount: 'tickets',
    summary: 'How large and how many attachments may be, and of which types',
    operation: getAttachmentLimits,
    input: () => ({}),
    answers: { 200: wire.Limits },
    answer: async (_, { maxFileBytes, maxFiles, maxTicketBytes, contentTypes }) => ({
      status: 200,
      body: {
        max_file_bytes: maxFileBytes,
        max_files: maxFiles,
        max_ticket_bytes: maxTicketBytes,
        content_types: contentTypes,
      },
    }),
  }),
  route({
    method: 'get',
    path: '/{ticket_id}',
    mount: 'tickets',
    summary: 'Read a ticket with its comments',
    operation: getTicket,
    input: ({ params }) => ({ id: params.ticket_id }),
    answers: { 200: wire.Ticket },
    answer: async (context, ticket) => ({ status: 200, body: await ticketBody(context, ticket) }),
  }),
  route({
    method: 'post',
    path: '/{ticket_id}/comments',
    mount: 'tickets',
    summary: 'Comment on a ticket. 200: this key had made the comment before',
    body: ['body'],
    operation: addComment,
    input: ({ params, body }) => ({ ...body, ticketId: params.ticket_id }),
    answers: { 201: wire.Ticket, 200: wire.Ticket },
    answer: async (context, { ticket, created }) => ({
      status: created ? 201 : 200,
      body: await ticketBody(context, ticket),
    }),
  }),
  route({
    method: 'post',
    path: '/{ticket_id}/attachments',
    mount: 'tickets',
    summary: 'Attach a file to a ticket. 200: this key had attached it before',
    file: 'file',
    operation: uploadAttachment,
    input: ({ params, file }) => ({ ticketId: params.ticket_id, file }),
    answers: { 201: wire.Ticket, 200: wire.Ticket },
    answer: async (context, { ticket, created }) => ({
      status: created ? 201 : 200,
      body: await ticketBody(context, ticket),
    }),
  }),
  route({
    method: 'post',
    path: '/{ticket_id}/close',
    mount: 'tickets',
    summary: 'Close a ticket; closing a closed one succeeds too',
    operation: closeTicket,
    input: ({ params }) => ({ ticketId: params.ticket_id }),
    answers: { 200: wire.Ticket },
    answer: async (context, { ticket }) => ({ status: 200, body: await ticketBody(context, ticket) }),
  }),
  route({
    method: 'post',
    path: '/{ticket_id}/link',
    mount: 'tickets',
    summary: 'Join an existing ticket instead of opening one: the reviewed draft becomes a comment there',
    body: ['reviewId', 'stillHappening'],
    operation: linkTicket,
    input: ({ params, body }) => ({ ...body, ticketId: params.ticket_id }),
    answers: { 200: wire.Ticket },
    answer: async (context, { ticket }) => ({ status: 200, body: await ticketBody(context, ticket) }),
  }),
  route({
    method: 'get',
    path: '/clusters',
    mount: 'api',
    summary: 'List clusters by name',
    query: { page: 'page', page_size: 'pageSize', cluster_id: 'clusterId', cluster_name: 'clusterName' },
    operation: listClustersByNumber,
    input: ({ query }) => ({
      page: numberOf(query.get('page')),
      pageSize: numberOf(query.get('page_size')),
      clusterId: query.get('cluster_id'),
      clusterName: query.get('cluster_name'),
    }),
    answers: { 200: wire.ClusterPage },
    answer: async (_, { rows, total, page, pageSize }) => ({
      status: 200,
      body: { result: rows.map(clusterBody), pagination: pagination(page, pageSize, total) },
    }),
  }),
  route({
    method: 'put',
    path: '/clusters',
    mount: 'api',
    summary: 'Tell all that is known of a cluster (scope clusters:write); what is absent becomes null',
    body: ['name', 'kind', 'state', 'description', 'environment', 'kubeVersion', 'controlPlanes', 'nodes'],
    operation: upsertCluster,
    input: ({ body }) => body,
    answers: { 200: wire.Cluster },
    answer: async (_, { cluster }) => ({ status: 200, body: clusterBody(cluster) }),
  }),
  route({
    method: 'get',
    path: '/org/organisation',
    mount: 'api',
    summary: 'List your organisations',
    operation: listOrganisations,
    input: () => ({ first: LARGEST_PAGE }),
    answers: { 200: wire.Organisations },
    answer: async (context, page) => ({
      status: 200,
      body: (await everyPage(context, page)).map((organisation) => organisationBody(context, organisation)),
    }),
  }),
]

type OrganisationPage = Extract<Awaited<ReturnType<typeof listOrganisations.run>>, { rows: unknown }>

/** The contract knows no pages of organisations; only the team has more than one page of them. */
async function everyPage(context: Context, page: OrganisationPage): Promise<Organisation[]> {
  const last = page.rows.at(-1)
  if (!page.hasNextPage || !last) return page.rows
  const next = await execute(context, listOrganisations, { first: LARGEST_PAGE, after: encodeNamePlace(last) })
  return isProblem(next) ? page.rows : [...page.rows, ...(await everyPage(context, next))]
}

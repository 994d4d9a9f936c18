// Reading the same things over both transports: what each says, in the same words.

import { z } from 'zod'
import { operations } from '../../src/operations/registry.ts'
import { routes } from '../../src/rest/routes.ts'
import { inSnakeCase, TICKET_SUMMARY, ticketOf, WHOLE_TICKET, wire } from '../rest/transports.ts'
import { rest, send, TICKETS } from '../support/app.ts'
import type { World } from './worlds.ts'

type Json = Record<string, unknown>
type Headers = Record<string, string>

/** The operations that both transports read with. */
export const READS = ['attachmentLimits', 'organisations', 'ticket', 'tickets'] as const

/** What came: the thing as REST shows it, or a refusal with its status in REST and its sentence. */
export interface Answer {
  status: number
  body: unknown
}

const STATUS: Record<string, number> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  RESYNC_REQUIRED: 410,
  BAD_USER_INPUT: 422,
}

interface Failure {
  message: string
  extensions: Json
}

/** A refusal of GraphQL as REST would say it: it names the fields of an input its own way, and none of a filter. */
export function refusalOf({ message, extensions }: Failure): Answer {
  const status = STATUS[String(extensions.code)] ?? 500
  return { status, body: status === 422 ? inSnakeCase(message).replace(/\bfilter\./g, '') : message }
}

/** `byTypes`: GraphQL's own check of the types, which speaks its own words. */
export async function readByGraphQL(
  { app }: World,
  headers: Headers,
  document: string,
  variables: Json,
  shown: (data: Json) => unknown,
): Promise<Answer & { byTypes: boolean }> {
  const { data, errors } = await send<Json, Json>(app, headers, document, variables)
  const [error] = errors
  const byTypes = /^Variable "\$/.test(error?.message ?? '')
  return error ? { ...refusalOf(error), byTypes } : { status: 200, body: shown(data ?? {}), byTypes }
}

export async function readByRest({ app }: World, headers: Headers, path: string): Promise<Answer> {
  const { status, body } = await rest(app, headers, 'GET', path)
  if (status === 200) return { status, body }
  const { detail } = body
  return { status, body: Array.isArray(detail) ? detail.map(({ msg }: { msg: string }) => msg).join(' ') : detail }
}

/** One thing to read, over each transport. */
export interface Read {
  name: string
  document: string
  variables: Json
  shown(data: Json): unknown
  path: string
}

const nothing = { status: 404 }

export function ticketById(id: string): Read {
  const ticket = WHOLE_TICKET.replace('ticket', 'ticket(id: $id)').replace('body', 'body internal')
  const document = `query ($id: ID!) { ${ticket} }`
  const shown = ({ ticket }: Json) => (ticket === null ? nothing : ticketOf(withoutNotes(ticket as Json)))
  return { name: `ticket ${id}`, document, variables: { id }, shown, path: `${TICKETS}/${encodeURIComponent(id)}` }
}

/** Notes of the team are in no answer of REST. */
function withoutNotes({ comments, ...ticket }: Json): Json {
  const { nodes } = comments as { nodes: Json[] }
  return { ...ticket, comments: { nodes: nodes.filter(({ internal }) => !internal) } }
}

export const limits: Read = {
  name: 'limits',
  document: '{ attachmentLimits { maxFileBytes maxFiles maxTicketBytes contentTypes } }',
  variables: {},
  shown: ({ attachmentLimits }) => wire(attachmentLimits),
  path: `${TICKETS}/limits`,
}

interface Nodes {
  nodes: Json[]
  totalCount: number
}

const DOCUMENT = `query ($filter: TicketFilter) { tickets(filter: $filter, first: 100) {
  totalCount nodes { ${TICKET_SUMMARY} } } }`

/** A list under one value of one filter. */
export function ticketsBy(parameter: string, value: string): Read {
  const field = FILTERS[parameter] as string
  const isEnum = ['status', 'category', 'severity', 'source'].includes(field)
  const filter = field === 'q' ? value : [isEnum ? value.toUpperCase() : value]
  const asked = new URLSearchParams({ page_size: '100', [parameter]: value })
  return {
    name: `tickets by ${parameter}: ${value.slice(0, 40)}`,
    document: DOCUMENT,
    variables: { filter: { [field]: filter } },
    shown: ({ tickets }) => {
      const { nodes, totalCount } = tickets as Nodes
      return { result: nodes.map(ticketOf), pagination: paginationOf(totalCount) }
    },
    path: `${TICKETS}?${asked}`,
  }
}

const paginationOf = (total: number) => ({
  ...{ page: 1, page_size: 100, total_pages: Math.ceil(total / 100), total_count: total },
})

/** REST pages by number, GraphQL by cursor: those two are not compared. */
const PAGING = new Set(['page', 'page_size'])

/** The parameters of the list in REST, each with the field of the filter that it is. */
export const FILTERS: Record<string, string> = Object.fromEntries(
  Object.entries(routes.find(({ operation }) => operation === (operations.listTickets as unknown))?.query ?? {}).filter(
    ([parameter]) => !PAGING.has(parameter),
  ),
)

interface Schema {
  anyOf?: Schema[]
  items?: Schema
  enum?: string[]
  format?: string
  properties?: Record<string, Schema>
}

/** Values of a filter, good and bad, from the schema of the operation's input. */
export function valuesOf(field: string, { known }: World): string[] {
  const schema = z.toJSONSchema(operations.listTickets.input, { io: 'input', unrepresentable: 'any' }) as Schema
  const filter = schema.properties?.filter?.anyOf?.[0]?.properties ?? {}
  const asked = filter[field]?.anyOf?.[0] ?? {}
  const value = asked.items?.anyOf?.[0] ?? asked.items ?? asked
  if (value.enum) return [...value.enum, 'nonsense', '', ' ', 'OPEN,closed']
  const ids = ['cluster', 'unknown', 'theirCluster', 'ticket', 'organisation'].map((name) => known[name] as string)
  if (value.format === 'uuid') return [...ids, (known.cluster as string).toUpperCase(), 'nope', '']
  return ['', ' ', 'report', 'REPORT 1', 'rep', 're', '#1', '# 1', '%', '_', "'; --", 'a\u0000b', 'é', 'x'.repeat(501)]
}

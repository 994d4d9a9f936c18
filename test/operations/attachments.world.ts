// What the tests of attachments send, by either door, and what they look for in the store and the database.

import { join, relative } from 'node:path'
import { Prisma } from '../../src/generated/prisma/client.ts'
import { fillTickets } from '../graphql/fixtures.ts'
import { filesIn } from '../storage/files.ts'
import { ask, type RestAnswer, type TestApp } from '../support/app.ts'
import { type File, uploadByGraphQL, uploadByRest } from '../support/uploads.ts'

export type Headers = Record<string, string>

/** How an upload ended, in the same words for both doors. */
export interface Outcome {
  /** `attached`, `input <field> <code>`, `not found`, or the code of a refusal. */
  is: string
  /** Of HTTP. */
  status: number
  /** What the client is told; empty when it was attached. */
  message: string
  /** Of the newest attachment of the ticket as it was answered. */
  id?: string
  /** All attachments of the ticket as it was answered. */
  ids: string[]
}

export type Upload = (app: TestApp, headers: Headers, ticketId: string, file: File) => Promise<Outcome>

const SELECTION = `... on UploadAttachmentPayload { attachment { id } ticket { attachments { id } } }
  ... on Error { code message } ... on InputError { fields { path code } }`

interface Result {
  attachment?: { id: string }
  ticket?: { attachments: { id: string }[] }
  code?: string
  message?: string
  fields?: { path: string[]; code: string }[]
}

export const byGraphQL: Upload = async (app, headers, ticketId, file) => {
  const { status, data, errors } = await uploadByGraphQL(app, headers, ticketId, file, SELECTION)
  const [error] = errors
  if (error) return { is: String(error.extensions.code), status, message: error.message, ids: [] }
  const result = (data?.uploadAttachment ?? {}) as Result
  const { attachment, ticket, code, message = '', fields = [] } = result
  const ids = (ticket?.attachments ?? []).map(({ id }) => id)
  if (attachment) return { is: 'attached', status, message, ids, id: attachment.id }
  const [field] = fields
  return { is: field ? `input ${field.path.join('.')} ${field.code}` : words(code), status, message, ids }
}

export const byRest: Upload = async (app, headers, ticketId, file) => {
  const answer = await uploadByRest(app, headers, ticketId, file)
  const { status, body } = answer
  if (status !== 200 && status !== 201) return { status, ids: [], ...refusalOf(answer) }
  const ids: string[] = body.attachments.map(({ id }: { id: string }) => id)
  return { is: 'attached', status, message: '', ids, ...(ids.length > 0 ? { id: ids.at(-1) as string } : {}) }
}

export const doors: { door: string; upload: Upload }[] = [
  { door: 'GraphQL', upload: byGraphQL },
  { door: 'REST', upload: byRest },
]

const STATUS: Record<number, string> = {
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'not found',
  413: 'input file TOO_LONG',
  503: 'UNAVAILABLE',
}

const TYPES: Record<string, string> = {
  missing: 'REQUIRED',
  string_too_short: 'TOO_SHORT',
  string_too_long: 'TOO_LONG',
  value_error: 'INVALID',
  not_allowed: 'NOT_ALLOWED',
}

const PLACES: Record<string, string> = { ticket_id: 'ticketId', 'Idempotency-Key': 'idempotencyKey' }

function refusalOf({ status, body }: RestAnswer): { is: string; message: string } {
  if (status !== 422) return { is: STATUS[status] ?? String(status), message: body.detail }
  const [{ loc, type, msg }] = body.detail
  const field = String(loc.at(-1))
  return { is: `input ${PLACES[field] ?? field} ${TYPES[type]}`, message: msg }
}

const words = (code = '') => code.toLowerCase().replaceAll('_', ' ')

/** A new ticket of Acme that stands at a status. */
export async function ticketAt(app: TestApp, status = 'OPEN'): Promise<string> {
  const over = ['RESOLVED', 'CLOSED'].includes(status)
  await fillTickets(app.database, app.acme.organisationId, 1, {
    status: `'${status.toLowerCase()}'`,
    ai_review_status: status === 'PENDING_REVIEW' ? "'pending'" : "'passed'",
    resolved_at: over ? 'now()' : 'NULL::timestamptz',
    closed_at: status === 'CLOSED' ? 'now()' : 'NULL::timestamptz',
  })
  return (await app.database.prisma.ticket.findFirstOrThrow({ orderBy: { number: 'desc' } })).id
}

export interface SeenTicket {
  status: string
  version: number
  teamVersion: number | null
  attachments: { id: string; filename: string; url: string }[]
  comments: { nodes: { body: string; author: { type: string } }[] }
  events: {
    nodes: { type: string; ticketVersion: number; from?: string; to?: string; attachment?: { id: string } }[]
  }
}

/** A ticket as `headers` see it. */
export async function ticketOf(app: TestApp, headers: Headers, id: string): Promise<SeenTicket> {
  const document = `query ($id: ID!) { ticket(id: $id) { status version teamVersion
    attachments { id filename contentType sizeBytes sha256 url uploadedBy { type label } }
    comments(first: 50) { nodes { body author { type } } }
    events(first: 100) { nodes { type ticketVersion actor { type label }
      ... on TicketStatusChanged { from to } ... on AttachmentAdded { attachment { id } } } } } }`
  return (await ask<{ ticket: SeenTicket }, object>(app, headers, document, { id })).ticket
}

/** What should not be there: files that no attachment has, attachments without a file, and notes of strays. */
export async function leftovers(app: TestApp): Promise<string[]> {
  const objects = join(app.storeFolder, 'objects')
  const attachments = await app.database.prisma.attachment.findMany({ where: { sizeBytes: { gt: 0 } } })
  const strays = await app.database.query<{ key: string }>(Prisma.sql`SELECT key FROM stray_objects`)
  const keys = new Set(attachments.map(({ storageKey }) => storageKey))
  const stored = new Set((await filesIn(objects)).map((path) => relative(objects, path)))
  const spooled = await filesIn(join(app.storeFolder, 'spool'))
  return [
    ...[...stored].filter((key) => !keys.has(key)).map((key) => `object ${key} of no attachment`),
    ...[...keys].filter((key) => !stored.has(key)).map((key) => `attachment ${key} without an object`),
    ...spooled.map((path) => `in the spool: ${path}`),
    ...strays.map(({ key }) => `stray ${key}`),
  ]
}

export const countAttachments = (app: TestApp, ticketId: string): Promise<number> =>
  app.database.prisma.attachment.count({ where: { ticketId } })

// One operation by either transport: the same input, and an outcome that can be compared.

import { snakeCase } from '../../src/rest/errors.ts'
import { bearer, type GraphQLAnswer, type RestAnswer, rest, send, type TestApp, TICKETS } from '../support/app.ts'
import { uploadByGraphQL, uploadByRest } from '../support/uploads.ts'

type Json = Record<string, unknown>

/** An input in the operation's own names, with enum values as the database writes them. */
export type Input = Json

/** What came of it: REST's body of the thing, or what was wrong with the input, or why the caller may not ask. */
export interface Outcome {
  kind: 'done' | 'input' | 'not_found' | 'review_required' | 'refused'
  body: unknown
}

export type Transport = (app: TestApp, token: string, operation: string, input: Input) => Promise<Outcome>

const COMMENTS = 'comments(first: 100) { nodes { id author { type label } body createdAt } }'
const SUMMARY = `id number organisation { id } cluster { id name } source category subject status severity
  aiReviewStatus linkedReports isTrackedByTeam version createdAt updatedAt`
const TICKET = `ticket { ${SUMMARY} description aiSummary clusterContext ${COMMENTS}
  attachments { id filename contentType sizeBytes createdAt } }`
const REVIEW = `review { id revision reviewer expiresAt quality recommendedAction enrichment { summary severity category }
  qualityFlags { message } clarifyingQuestions { text }
  duplicateCandidates { ticket { id } summary statusLabel confidence alreadyResolved } }`
const CLUSTER = `cluster { id name kind state description environment kubeVersion controlPlanes nodes createdAt observedAt }`

/** What each mutation's payload is asked for. */
const PAYLOADS: Record<string, string> = {
  reviewTicket: `ReviewTicketPayload { ${REVIEW} }`,
  createTicket: `CreateTicketPayload { created ${TICKET} }`,
  linkTicket: `LinkTicketPayload { ${TICKET} }`,
  addComment: `AddCommentPayload { ${TICKET} }`,
  closeTicket: `CloseTicketPayload { ${TICKET} }`,
  upsertCluster: `UpsertClusterPayload { ${CLUSTER} }`,
  uploadAttachment: `UploadAttachmentPayload { ${TICKET} }`,
}

export const mutations = Object.keys(PAYLOADS)

const INPUT_ERROR = '... on InputError { fields { path code message } }'

export const byGraphQL: Transport = async (app, token, operation, input) => {
  if (operation === 'uploadAttachment') return uploadedByGraphQL(app, token, input)
  const { data, errors } = await send<Record<string, Json>, object>(app, bearer(token), documentOf(operation), {
    input: withEnums(input),
  })
  return graphqlOutcome(data?.[operation] as Json, errors)
}

/** Asks for all that REST shows of what came of it. */
export function documentOf(operation: string): string {
  const type = `${operation[0]?.toUpperCase()}${operation.slice(1)}Input!`
  const required = operation === 'createTicket' ? '... on ReviewRequiredError { review { id } }' : ''
  return `mutation ($input: ${type}) { ${operation}(input: $input) { ${selectionOf(operation)} ${required} } }`
}

export const selectionOf = (operation: string) =>
  `... on ${PAYLOADS[operation]} ... on Error { code message } ${INPUT_ERROR}`

/** The input names the file and says what is in it. */
async function uploadedByGraphQL(app: TestApp, token: string, input: Input): Promise<Outcome> {
  const { ticketId, name, bytes, idempotencyKey } = input as Record<string, string>
  const headers = { ...bearer(token), ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}) }
  const file = { name: name as string, bytes: bytes as string }
  const { data, errors } = await uploadByGraphQL(
    app,
    headers,
    ticketId as string,
    file,
    selectionOf('uploadAttachment'),
  )
  return graphqlOutcome(data?.uploadAttachment as Json, errors)
}

export function graphqlOutcome(result: Json, [error]: GraphQLAnswer<unknown>['errors']): Outcome {
  if (error) return { kind: 'refused', body: { code: error.extensions.code, message: inSnakeCase(error.message) } }
  return outcomeOf(result)
}

function outcomeOf(result: Json): Outcome {
  const { code, message, fields, review, ticket, cluster } = result
  if (code === 'INPUT') return { kind: 'input', body: (fields as FieldError[]).map(fieldOf) }
  if (code === 'NOT_FOUND') return { kind: 'not_found', body: message }
  if (code === 'REVIEW_REQUIRED') return { kind: 'review_required', body: { detail: message, review_id: idOf(review) } }
  const body = ticket ? ticketOf(ticket as Json) : cluster ? clusterOf(cluster as Json) : reviewOf(review as Json)
  return { kind: 'done', body: { created: result.created ?? null, body } }
}

interface FieldError {
  path: string[]
  code: string
  message: string
}

const fieldOf = ({ path, code, message }: FieldError) => ({
  path: path.map(snakeCase).join('.'),
  code,
  message: inSnakeCase(message),
})

export const inSnakeCase = (sentence: string) => sentence.replace(/\b[a-z]+(?:[A-Z][a-z]+)+\b/g, snakeCase)

const ENUMS = new Set(['category', 'severity', 'source', 'status'])

const withEnums = (input: Input) =>
  Object.fromEntries(
    Object.entries(input).map(([name, value]) => [name, ENUMS.has(name) ? String(value).toUpperCase() : value]),
  )

/** Keys in snake case and enum values in lower case: what REST shows of the same thing. */
function wire(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => wire(one))
  if (typeof value === 'string' && WIRE_ENUMS.has(key)) return value.toLowerCase()
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [snakeCase(name), wire(inner, name)]))
}

const WIRE_ENUMS = new Set([...ENUMS, 'aiReviewStatus', 'quality', 'recommendedAction', 'confidence'])

const idOf = (thing: unknown) => (thing as Json | null)?.id

/** A ticket of GraphQL as REST's Ticket; without the fields that were not asked for, as its TicketSummary. */
export function ticketOf({ organisation, cluster, clusterContext, comments, ...ticket }: Json): unknown {
  const thread = comments as { nodes: { id: string; author: Json; body: string; createdAt: string }[] } | undefined
  return {
    ...(wire(ticket) as Json),
    organisation_id: idOf(organisation),
    cluster_id: idOf(cluster) ?? null,
    cluster_name: (cluster as Json | null)?.name ?? null,
    ...(clusterContext === undefined ? {} : { cluster_context: clusterContext }),
    ...(thread ? { comments: thread.nodes.map(commentOf) } : {}),
  }
}

const commentOf = ({ id, author, body, createdAt }: { id: string; author: Json; body: string; createdAt: string }) => ({
  id,
  author_type: String(author.type).toLowerCase(),
  author_label: author.label,
  body,
  created_at: createdAt,
})

/** Which organisation a cluster is of, GraphQL does not say. */
const clusterOf = (cluster: Json) => wire(cluster)

function reviewOf({ id, qualityFlags, clarifyingQuestions, duplicateCandidates, ...review }: Json): unknown {
  const candidates = duplicateCandidates as ({ ticket: Json; confidence: string } & Json)[]
  const band = (name: string) =>
    candidates
      .filter(({ confidence }) => confidence === name)
      .map(({ ticket, ...candidate }) => ({ candidate_id: ticket.id, ...(wire(candidate) as Json) }))
  return {
    review_id: id,
    ...(wire(review) as Json),
    quality_flags: (qualityFlags as Json[]).map(({ message }) => message),
    clarifying_questions: (clarifyingQuestions as Json[]).map(({ text }) => text),
    duplicate_candidates: band('HIGH'),
    related_tickets: band('MEDIUM'),
  }
}

/** Where each mutation is in REST. */
export const PLACES: Record<string, [method: string, path: string]> = {
  reviewTicket: ['POST', `${TICKETS}/review`],
  createTicket: ['POST', TICKETS],
  linkTicket: ['POST', `${TICKETS}/{ticketId}/link`],
  addComment: ['POST', `${TICKETS}/{ticketId}/comments`],
  closeTicket: ['POST', `${TICKETS}/{ticketId}/close`],
  upsertCluster: ['PUT', '/api/v1/clusters'],
  uploadAttachment: ['POST', `${TICKETS}/{ticketId}/attachments`],
}

export const byRest: Transport = async (
  app,
  token,
  operation,
  { ticketId, idempotencyKey, organisationId, ...input },
) => {
  const [method, path] = PLACES[operation] as [string, string]
  const headers: Record<string, string> = bearer(token)
  if (typeof idempotencyKey === 'string') headers['idempotency-key'] = idempotencyKey
  if (typeof organisationId === 'string') headers['x-ankra-organisation-id'] = organisationId
  if (operation === 'uploadAttachment') {
    const file = input as { name: string; bytes: string }
    return restOutcome(operation, await uploadByRest(app, headers, String(ticketId), file))
  }
  const body = operation === 'closeTicket' ? undefined : snakeKeys(input)
  const answer = await rest(app, headers, method, path.replace('{ticketId}', String(ticketId)), body)
  return restOutcome(operation, answer)
}

export const snakeKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(snakeKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [snakeCase(name), snakeKeys(inner)]))
}

export function restOutcome(operation: string, { status, body }: RestAnswer): Outcome {
  if (status === 200 || status === 201) {
    const { organisation_id, ...cluster } = body
    const created = operation === 'createTicket' ? status === 201 : null
    return { kind: 'done', body: { created, body: operation === 'upsertCluster' ? cluster : body } }
  }
  if (status === 422) return { kind: 'input', body: body.detail.map(detailOf) }
  if (status === 409) return { kind: 'review_required', body }
  if (status === 404) return { kind: 'not_found', body: body.detail }
  return { kind: 'refused', body: { code: REFUSALS[status], message: body.detail } }
}

const REFUSALS: Record<number, string> = { 401: 'UNAUTHENTICATED', 403: 'FORBIDDEN' }

const CODES: Record<string, string> = {
  missing: 'REQUIRED',
  string_too_short: 'TOO_SHORT',
  string_too_long: 'TOO_LONG',
  value_error: 'INVALID',
  not_found: 'NOT_FOUND',
  not_allowed: 'NOT_ALLOWED',
}

const HEADERS: Record<string, string> = {
  'X-Ankra-Organisation-Id': 'organisation_id',
  'Idempotency-Key': 'idempotency_key',
}

function detailOf({ type, loc, msg }: { type: string; loc: string[]; msg: string }) {
  const path = loc.slice(1).map((part) => HEADERS[part] ?? part)
  return { path: path.join('.'), code: CODES[type], message: msg }
}

/** A list or a thing that GraphQL shows, as REST shows it; `selection` in GraphQL's own words. */
export async function readByGraphQL(app: TestApp, token: string, document: string, variables: object): Promise<Json> {
  const { data, errors } = await send<Json, object>(app, bearer(token), document, variables)
  if (!data) throw new Error(JSON.stringify(errors))
  return data
}

export { SUMMARY as TICKET_SUMMARY, TICKET as WHOLE_TICKET, wire }

// The OpenAPI 3.1 document, made from the routes, the operations' inputs and the shapes of wire.ts.

import { z } from 'zod'
import { snakeCase } from './errors.ts'
import type { Route } from './routes.ts'
import * as wire from './wire.ts'

type Json = Record<string, unknown>

export interface OpenApi {
  openapi: string
  info: { title: string; version: string; description: string }
  servers: { url: string }[]
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, OpenApiOperation>>
  components: Json
  security: Json[]
}

export interface OpenApiOperation {
  operationId: string
  summary: string
  tags: string[]
  parameters: { name: string; in: string; required?: boolean; description?: string; schema: Json }[]
  requestBody?: Json
  responses: Record<string, Json>
}

const DESCRIPTION = `Tickets, reviews and clusters over REST: a thin face of the same operations as GraphQL at /graphql.
Send an API token as "Authorization: Bearer …". The ticket routes are also there under /org/support/tickets for browser
sessions. A write may carry an Idempotency-Key: sent again with the same input within 24 hours, it makes nothing twice.`

export function openApi(routes: readonly Route[], publicUrl: string): OpenApi {
  const paths: OpenApi['paths'] = {}
  for (const route of routes) {
    const path = route.mount === 'api' ? `/api/v1${route.path}` : `${TICKETS}${route.path}`
    paths[path] = { ...paths[path], [route.method]: describe(route) }
  }
  paths[`${TICKETS}/events`] = { get: stream('ticketEvents', 'Follow everything that happens', []) }
  paths[`${TICKETS}/{ticket_id}/events`] = { get: stream('eventsOfTicket', 'Follow a ticket', [TICKET_ID]) }
  paths[`${TICKETS}/{ticket_id}/attachments/{attachment_id}`] = { get: download() }
  return {
    openapi: '3.1.0',
    info: { title: 'Deskwire', version: '1', description: DESCRIPTION.replaceAll('\n', ' ') },
    servers: [{ url: publicUrl }],
    tags: [
      { name: 'tickets', description: 'From the first draft to the last word.' },
      { name: 'platform', description: 'What tickets are about: organisations and clusters.' },
    ],
    paths,
    components: {
      schemas: componentSchemas(),
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
    security: [{ token: [] }],
  }
}

function describe(route: Route): OpenApiOperation {
  return {
    operationId: route.operation.name + (route.method === 'put' ? 'Put' : ''),
    summary: route.summary,
    tags: [route.mount === 'tickets' ? 'tickets' : 'platform'],
    parameters: parametersOf(route),
    ...(route.body ? { requestBody: bodyOf(route, route.body) } : {}),
    ...(route.file ? { requestBody: multipartOf(route.file) } : {}),
    responses: { ...answersOf(route), ...failuresOf(route) },
  }
}

const TICKETS = '/api/v1/org/support/tickets'
const TICKET_ID = { name: 'ticket_id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }

type Parameter = OpenApiOperation['parameters'][number]

/** The event streams are no operations that answer once: they stand outside the table of routes. */
function stream(operationId: string, summary: string, inPath: Parameter[]): OpenApiOperation {
  const text = (name: string, description: string, place = 'query'): Parameter => ({
    name,
    in: place,
    description,
    schema: { type: 'string' },
  })
  const schema = { type: 'string', contentSchema: reference(wire.StreamedEvent) }
  return {
    operationId,
    summary: `${summary}, as server-sent events that resume by themselves: the id of each is its cursor`,
    tags: ['tickets'],
    parameters: [
      ...inPath,
      text('after', 'A cursor: what comes after it is sent first. Absent: from now on'),
      text('Last-Event-ID', 'The same, as an EventSource sends it; it wins over after', 'header'),
      {
        name: 'types',
        in: 'query',
        description: 'Only these events; repeat it for several',
        schema: { type: 'string' },
      },
      text('organisation_id', 'The organisation, where headers cannot be set'),
    ],
    responses: {
      200: { description: 'Events until you leave.', content: { 'text/event-stream': { schema } } },
      ...failuresOf({}),
      410: response('The cursor is not of this feed: read again, and follow from the new asOf.', wire.Failure),
    },
  }
}

/** An answer of bytes stands outside the table of routes too. */
function download(): OpenApiOperation {
  const bytes = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }
  const header = (name: string, description: string): Parameter => ({
    name,
    in: 'header',
    description,
    schema: { type: 'string' },
  })
  return {
    operationId: 'downloadAttachment',
    summary: 'Download an attachment: its type is as found in it, and it is to be saved, never shown',
    tags: ['tickets'],
    parameters: [
      TICKET_ID,
      { ...TICKET_ID, name: 'attachment_id' },
      header('Range', 'One range of bytes, such as bytes=0-1023'),
      header('If-Range', 'The ETag for which the range is meant'),
      header('If-None-Match', 'The ETag of what you have'),
    ],
    responses: {
      200: { description: 'All of it.', content: bytes },
      206: { description: 'The range asked for.', content: bytes },
      304: { description: 'You have it.' },
      ...failuresOf({}),
      416: response('The range is not in it.', wire.Failure),
    },
  }
}

const multipartOf = (part: string): Json => ({
  required: true,
  content: {
    'multipart/form-data': {
      schema: { type: 'object', properties: { [part]: { type: 'string', format: 'binary' } }, required: [part] },
    },
  },
})

const reference = (shape: z.ZodType) => ({ $ref: `#/components/schemas/${shape.meta()?.id}` })

const response = (description: string, shape: z.ZodType) => ({
  description,
  content: { 'application/json': { schema: reference(shape) } },
})

const MEANINGS: Record<string, string> = {
  200: 'As asked.',
  201: 'Made.',
  409: 'The review flagged it, and nobody acknowledged that.',
}

function answersOf({ answers }: Route): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(answers).map(([status, shape]) => {
      const headers = { 'X-Cost': numberHeader('What it cost, as in GraphQL: the operation, and the rows shown.') }
      return [status, { ...response(MEANINGS[status] ?? '', shape), headers }]
    }),
  )
}

const textHeader = (description: string) => ({ description, schema: { type: 'string' } })
const numberHeader = (description: string) => ({ description, schema: { type: 'integer' } })

const FAILURES = {
  400: response('The body is not valid JSON.', wire.Failure),
  401: response('No valid token.', wire.Failure),
  403: response('The token may not do this.', wire.Failure),
  404: response('There is no such thing, or not for you.', wire.Failure),
  413: response('The body has more than 1 MiB.', wire.Failure),
  415: response('The body is not application/json.', wire.Failure),
  422: response('The request cannot be used as it is.', wire.ValidationFailure),
  429: {
    ...response('Too often: the sentence says how often it may be.', wire.Failure),
    headers: {
      'Retry-After': numberHeader('Seconds until it is worth trying again.'),
      'RateLimit-Policy': textHeader('What applies: "review";q=60;w=60 is 60 in 60 seconds. On other answers too.'),
      RateLimit: textHeader('What is left: "review";r=59;t=66, more of it in 66 seconds. On other answers too.'),
    },
  },
  503: response('The database is not available just now.', wire.Failure),
}

const FILE_FAILURES = {
  400: response('The body is not multipart, or not complete.', wire.Failure),
  413: response('The file is larger than an attachment may be.', wire.Failure),
  415: response('The body is not multipart/form-data.', wire.Failure),
}

/** Who sends no body sends no wrong one. */
function failuresOf({ body, file }: Pick<Route, 'body' | 'file'>): Record<string, Json> {
  const { 400: _, 413: __, 415: ___, ...others } = FAILURES
  if (file) return { ...FAILURES, ...FILE_FAILURES }
  return body ? FAILURES : others
}

function parametersOf(route: Route): OpenApiOperation['parameters'] {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name: name as string,
    in: 'path',
    required: true,
    schema: { type: 'string', format: 'uuid' },
  }))
  const fields = propertiesOf(route)
  const inQuery = Object.entries(route.query ?? {}).map(([name, field]) => ({
    name,
    in: 'query',
    schema: fields[field] ?? {},
  }))
  const key = {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'Sent again with the same input within 24 hours, nothing is made twice.',
    schema: { type: 'string', minLength: 1, maxLength: 200 },
  }
  const organisation = {
    name: 'X-Ankra-Organisation-Id',
    in: 'header',
    description: 'The organisation to act in, for a member of several and for the support team.',
    schema: { type: 'string', format: 'uuid' },
  }
  return [...inPath, ...inQuery, organisation, ...(fields.idempotencyKey ? [key] : [])]
}

function bodyOf(route: Route, names: readonly string[]): Json {
  const schema = inputSchema(route)
  const known = propertiesOf(route)
  const required = ((schema.required as string[] | undefined) ?? []).filter((name) => names.includes(name))
  const properties = Object.fromEntries(names.map((name) => [snakeCase(name), snakeDeep(known[name] ?? {})]))
  const body = { type: 'object', properties, required: required.map(snakeCase), additionalProperties: false }
  return { required: true, content: { 'application/json': { schema: body } } }
}

/** The fields of an input, those of its filter among them: the address has no levels. */
function propertiesOf(route: Route): Record<string, Json> {
  const properties = inputSchema(route).properties as Record<string, Json>
  const filter = withoutNull(properties.filter ?? {}).properties as Record<string, Json> | undefined
  const flat = { ...properties, ...filter }
  return Object.fromEntries(Object.entries(flat).map(([name, schema]) => [name, withoutNull(schema)]))
}

const inputSchema = (route: Route) =>
  z.toJSONSchema(route.operation.input, { io: 'input', unrepresentable: 'any' }) as Json

/** null and absent are the same in every body, so the document speaks of the value alone. */
function withoutNull(schema: Json): Json {
  const { anyOf, ...rest } = schema
  if (!Array.isArray(anyOf)) return schema
  const values = anyOf.filter((one) => one.type !== 'null')
  return values.length === 1 ? { ...withoutNull(values[0]), ...rest } : { ...rest, anyOf: values }
}

/** The names of nested fields as the wire has them. */
function snakeDeep(schema: Json): Json {
  const { items, properties, required } = schema
  const renamed = Object.entries((properties ?? {}) as Record<string, Json>).map(([name, inner]) => [
    snakeCase(name),
    snakeDeep(withoutNull(inner)),
  ])
  return {
    ...schema,
    ...(items ? { items: snakeDeep(items as Json) } : {}),
    ...(properties ? { properties: Object.fromEntries(renamed) } : {}),
    ...(Array.isArray(required) ? { required: required.map(snakeCase) } : {}),
  }
}

function componentSchemas(): Json {
  const registry = z.registry<{ id: string }>()
  for (const shape of Object.values(wire)) registry.add(shape, { id: shape.meta()?.id as string })
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}`, io: 'output' })
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $id, $schema, ...schema }]) => [name, schema as Json]),
  )
}

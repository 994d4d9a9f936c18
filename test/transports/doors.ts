// Sends a case over GraphQL or over REST, and says what came of it in the same words.

import { coerceInputValue, type GraphQLInputObjectType } from 'graphql'
import { schema } from '../../src/graphql/schema.ts'
import { snakeCase } from '../../src/rest/errors.ts'
import {
  documentOf,
  graphqlOutcome,
  type Outcome,
  PLACES,
  restOutcome,
  selectionOf,
  snakeKeys,
} from '../rest/transports.ts'
import { rest, send } from '../support/app.ts'
import { type File, uploadByGraphQL, uploadByRest } from '../support/uploads.ts'
import { type Case, fieldsOf } from './cases.ts'
import type { World } from './worlds.ts'

type Json = Record<string, unknown>

const ORGANISATION = 'x-ankra-organisation-id'

/** The organisation is chosen by the header, over both. */
function headersOf({ headers }: World, { as }: Case, { organisationId }: Json): Record<string, string> {
  return typeof organisationId === 'string' ? { ...headers[as], [ORGANISATION]: organisationId } : headers[as]
}

const bodyOf = ({ organisationId, ...input }: Json): Json => input

export async function overGraphQL(world: World, asked: Case, input: Json): Promise<Outcome> {
  const headers = headersOf(world, asked, input)
  if (asked.operation === 'uploadAttachment') {
    const selection = selectionOf('uploadAttachment')
    const { data, errors } = await uploadByGraphQL(
      world.app,
      headers,
      input.ticketId as string,
      fileOf(input),
      selection,
    )
    return graphqlOutcome(data?.uploadAttachment as Json, errors)
  }
  const variables = { input: inUpperCase(bodyOf(input)) }
  const document = documentOf(asked.operation)
  const { data, errors } = await send<Record<string, Json>, object>(world.app, headers, document, variables)
  return graphqlOutcome(data?.[asked.operation] as Json, errors)
}

export async function overRest(world: World, asked: Case, input: Json): Promise<Outcome> {
  const { operation } = asked
  const headers = headersOf(world, asked, input)
  const { ticketId, ...body } = bodyOf(input)
  if (operation === 'uploadAttachment') {
    return statusNamed(
      operation,
      await uploadByRest(world.app, headers, encodeURIComponent(String(ticketId)), fileOf(input)),
    )
  }
  const [method, path] = PLACES[operation] as [string, string]
  const address = path.replace('{ticketId}', encodeURIComponent(String(ticketId)))
  const known = new Set(fieldsOf(operation))
  const fields = Object.entries(body).map(([name, value]) => [
    known.has(name) ? snakeCase(name) : name,
    snakeKeysOf(name, value),
  ])
  const sent = operation === 'closeTicket' ? undefined : Object.fromEntries(fields)
  return statusNamed(operation, await rest(world.app, headers, method, address, sent))
}

/** What a client says of itself is its own affair. */
const snakeKeysOf = (name: string, value: unknown) => (name === 'environment' ? value : snakeKeys(value))

/** A file that is too large has a status of its own, and the sentence alone. */
function statusNamed(operation: string, answer: Parameters<typeof restOutcome>[1]): Outcome {
  if (answer.status !== 413) return restOutcome(operation, answer)
  return { kind: 'input', body: [{ path: 'file', code: 'TOO_LONG', message: answer.body.detail }] }
}

const fileOf = ({ name, bytes }: Json) => ({ name, bytes }) as File

const ENUMS = new Set(['category', 'severity', 'source'])

const inUpperCase = (input: Json): Json =>
  Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name,
      ENUMS.has(name) && typeof value === 'string' ? value.toUpperCase() : value,
    ]),
  )

/** Whether GraphQL's own types refuse the input, so that no operation sees it. */
export function isRefusedByTypes({ operation }: Case, input: Json): boolean {
  if (operation === 'uploadAttachment') return false
  const type = schema.getType(`${operation[0]?.toUpperCase()}${operation.slice(1)}Input`) as GraphQLInputObjectType
  let refused = false
  coerceInputValue(inUpperCase(bodyOf(input)), type, () => {
    refused = true
  })
  return refused
}

// GraphQL over HTTP, by yoga: who may ask is judged in request.ts, what may be asked in limits.ts.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { type DocumentNode, type FragmentDefinitionNode, GraphQLError, getOperationAST } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import type { Logger } from 'pino'
import type { Context } from '../context.ts'
import { isUnavailable } from '../db/client.ts'
import { Refusal } from '../operations/errors.ts'
import { contextOf, type Gate } from '../request.ts'
import { makeDocumentCache } from './document-cache.ts'
import { documentLimits, parseWithin, rootFields } from './limits.ts'
import { schema } from './schema.ts'

const MAX_BODY_BYTES = 1024 * 1024

/** What the HTTP server knows of a request. */
export interface Arrived {
  req: IncomingMessage
  res: ServerResponse
  requestId: string
  logger: Logger
}

export function makeGraphQL(gate: Gate) {
  return createYoga<Arrived, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    cors: gate.trusted.allowedOrigins.length === 0 ? false : corsFor(gate.trusted.allowedOrigins),
    multipart: false,
    maxRequestBodySize: MAX_BODY_BYTES,
    logging: false,
    graphiql: false,
    parserAndValidationCache: { documentCache: makeDocumentCache() as never, errorCache: NO_CACHE },
    maskedErrors: { maskError: (error) => asGraphQLError(error) },
    context: ({ request, requestId, logger }) =>
      contextOf(gate, {
        method: request.method,
        headers: request.headers,
        requestId,
        logger,
        signal: request.signal,
        cookies: 'own pages',
      }),
    plugins: [limits, oneMutationPerKey, namedErrors],
  })
}

const corsFor = (origins: readonly string[]) => ({
  origin: [...origins],
  credentials: true,
  methods: ['GET', 'POST'],
  allowedHeaders: ['content-type', 'authorization', 'idempotency-key', 'x-ankra-organisation-id'],
})

/** What does not parse is cheap to parse again. */
const NO_CACHE = { get: () => undefined, set: () => {} }

const limits: Plugin<Context, Arrived> = {
  onParse: ({ setParseFn }) => setParseFn(parseWithin),
  onValidate: ({ addValidationRule }) => addValidationRule(documentLimits),
}

/** A key stands for one thing that is made. */
const oneMutationPerKey: Plugin<Context, Arrived> = {
  onExecute({ args, setResultAndStopExecution }) {
    if (args.contextValue.idempotencyKey === null) return
    const document = args.document as DocumentNode
    const operation = getOperationAST(document, args.operationName)
    if (operation?.operation !== 'mutation' || rootFields(operation, fragmentsOf(document)) < 2) return
    const message = 'With the header Idempotency-Key a document may have one mutation. Nothing was run.'
    const extensions = { code: 'BAD_USER_INPUT', http: { status: 400 } }
    setResultAndStopExecution({ errors: [new GraphQLError(message, { extensions })] })
  },
}

const fragmentsOf =
  ({ definitions }: DocumentNode) =>
  (name: string) =>
    definitions.find(
      (one): one is FragmentDefinitionNode => one.kind === 'FragmentDefinition' && one.name.value === name,
    )

/** Every error carries the request's id; faults of ours are logged with what really happened. */
const namedErrors: Plugin<Context, Arrived> = {
  onResultProcess({ result, serverContext }) {
    const { requestId, logger } = serverContext
    for (const { errors = [] } of [result].flat() as { errors?: GraphQLError[] }[]) {
      for (const error of errors) {
        const code = error.extensions?.code
        if (code === 'INTERNAL') logger.error({ err: error.originalError }, 'A fault of ours')
        if (code === 'UNAVAILABLE') logger.warn({ err: error.originalError }, 'The database cannot be reached')
        if (error.extensions) error.extensions.requestId = requestId
      }
    }
  },
}

/** Refusals keep their words, what GraphQL says of a document too; of anything else the caller sees nothing. */
function asGraphQLError(error: unknown): GraphQLError {
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error
  // Of a document GraphQL speaks before it runs, so without a path; with one it found fault with our own answer.
  if (cause instanceof GraphQLError && cause.path === undefined) return ofDocument(error as GraphQLError)
  const where = error instanceof GraphQLError ? { nodes: error.nodes, path: error.path } : {}
  const inField = where.path !== undefined
  if (cause instanceof Refusal) return refused(cause, where, inField)
  if (isUnavailable(cause)) return refused(new Refusal('UNAVAILABLE', AWAY, { cause }), where, inField)
  return new GraphQLError('Something went wrong on our side. Tell us the requestId if it happens again.', {
    ...where,
    originalError: cause instanceof Error ? cause : new Error(String(cause)),
    extensions: { code: 'INTERNAL' },
  })
}

const AWAY = 'The database cannot be reached just now. Please try again.'

/** Without what yoga adds: the whole of a body that is no JSON. Such a request is refused whatever it accepts. */
function ofDocument({ message, nodes, positions, source, extensions: { code, http } }: GraphQLError): GraphQLError {
  const status = code === 'BAD_REQUEST' ? { ...(http as object), spec: false } : http
  const extensions = { code: 'BAD_USER_INPUT', ...(status ? { http: status } : {}) }
  return new GraphQLError(message, { nodes, positions, source, extensions })
}

const STATUS: Partial<Record<Refusal['code'], number>> = { UNAUTHENTICATED: 401, FORBIDDEN: 403, UNAVAILABLE: 503 }

/** Outside any field the whole request is refused, and its HTTP status says so. */
function refused({ code, message, cause }: Refusal, where: object, inField: boolean): GraphQLError {
  const http = inField ? {} : { http: { status: STATUS[code] ?? 400 } }
  const originalError = cause instanceof Error ? { originalError: cause } : {}
  return new GraphQLError(message, { ...where, ...originalError, extensions: { code, ...http } })
}

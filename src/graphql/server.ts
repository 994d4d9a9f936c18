// GraphQL over HTTP, by yoga: who may ask is judged in request.ts, what may be asked in limits.ts.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { type DocumentNode, GraphQLError, getOperationAST } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import type { Logger } from 'pino'
import type { Context } from '../context.ts'
import { isUnavailable } from '../db/client.ts'
import { Refusal } from '../operations/errors.ts'
import { contextOf, type Gate } from '../request.ts'
import { graphiqlPage } from './graphiql.ts'
import { documentLimits, MAX_TOKENS, rootFields } from './limits.ts'
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
    // The page must never run with the answer of another host, nor be shown in another site's frame.
    cors: gate.trusted.allowedOrigins.length === 0 ? false : corsFor(gate.trusted.allowedOrigins),
    multipart: false,
    maxRequestBodySize: MAX_BODY_BYTES,
    logging: false,
    graphiql: () => ({}),
    renderGraphiQL: () => graphiqlPage(),
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

const limits: Plugin<Context, Arrived> = {
  onParse: ({ params }) => {
    params.options = { ...params.options, maxTokens: MAX_TOKENS }
  },
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

const fragmentsOf = ({ definitions }: DocumentNode) => ({
  getFragment: (name: string) =>
    definitions.find((one) => one.kind === 'FragmentDefinition' && one.name.value === name) as never,
})

/** Every error carries the request's id; faults of ours are logged with what really happened. */
const namedErrors: Plugin<Context, Arrived> = {
  onResultProcess({ result, serverContext }) {
    const { requestId, logger } = serverContext
    for (const { errors = [] } of [result].flat() as { errors?: GraphQLError[] }[]) {
      for (const error of errors) {
        if (error.extensions?.code === 'INTERNAL') logger.error({ err: error.originalError }, 'A fault of ours')
        if (error.extensions) error.extensions.requestId = requestId
      }
    }
  },
}

/** Refusals keep their words, what GraphQL says of a document too; of anything else the caller sees nothing. */
function asGraphQLError(error: unknown): GraphQLError {
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error
  if (cause instanceof GraphQLError) return cause === error ? cause : (error as GraphQLError)
  const where = error instanceof GraphQLError ? { nodes: error.nodes, path: error.path } : {}
  if (cause instanceof Refusal) return refused(cause, where, error instanceof GraphQLError)
  if (isUnavailable(cause)) {
    const extensions = { code: 'UNAVAILABLE' }
    return new GraphQLError('The database cannot be reached just now. Please try again.', { ...where, extensions })
  }
  return new GraphQLError('Something went wrong on our side. Tell us the requestId if it happens again.', {
    ...where,
    originalError: cause instanceof Error ? cause : new Error(String(cause)),
    extensions: { code: 'INTERNAL' },
  })
}

const STATUS: Partial<Record<Refusal['code'], number>> = { UNAUTHENTICATED: 401, FORBIDDEN: 403 }

/** Outside any field the whole request is refused, and its HTTP status says so. */
function refused({ code, message }: Refusal, where: object, inField: boolean): GraphQLError {
  const http = inField ? {} : { http: { status: STATUS[code] ?? 400 } }
  return new GraphQLError(message, { ...where, extensions: { code, ...http } })
}

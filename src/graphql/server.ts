// GraphQL over HTTP, by yoga: who may ask is judged in request.ts, what may be asked in limits.ts.

import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import type { Logger } from 'pino'
import { TOO_MANY } from '../connections.ts'
import type { Context, Viewer } from '../context.ts'
import type { Feed } from '../events/feed.ts'
import { isMultipart } from '../multipart.ts'
import { Refusal } from '../operations/errors.ts'
import { rateHeaders } from '../rates/headers.ts'
import { contextOf, type Gate } from '../request.ts'
import { bodyLimit } from './body.ts'
import { costs } from './costs.ts'
import { makeDocumentCache } from './document-cache.ts'
import { asGraphQLError, withRequestId } from './faults.ts'
import { documentLimits, parseWithin, rootFieldsOf } from './limits.ts'
import { schema } from './schema.ts'
import { subscribeToFeed } from './subscribe.ts'
import { tooOften } from './too-often.ts'
import { uploads } from './uploads.ts'

/** What the HTTP server knows of a request. */
export interface Arrived {
  req: IncomingMessage
  res: ServerResponse
  requestId: string
  logger: Logger
  /** Over a websocket: the context that its connection gives each operation. */
  socketContext?: () => Promise<Context>
}

export function makeGraphQL(gate: Gate) {
  return createYoga<Arrived, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    cors: gate.trusted.allowedOrigins.length === 0 ? false : corsFor(gate.trusted.allowedOrigins),
    multipart: false,
    maxRequestBodySize: false,
    logging: false,
    graphiql: false,
    parserAndValidationCache: { documentCache: makeDocumentCache() as never, errorCache: NO_CACHE },
    maskedErrors: { maskError: (error) => asGraphQLError(error) },
    context: ({ request, requestId, logger, socketContext, req, res }) =>
      socketContext?.() ??
      contextOf(gate, {
        method: request.method,
        headers: request.headers,
        requestId,
        logger,
        signal: request.signal,
        cookies: 'own pages',
        req,
        onSpent: (spent) => tell(res, rateHeaders(spent.values())),
      }),
    plugins: [bodyLimit, uploads(gate), limits, costs, oneMutation, feeds(gate), tooOften, namedErrors],
  })
}

/** Straight into the answer: yoga adds its own to what is there. */
function tell(res: ServerResponse, headers: Record<string, string>): void {
  if (res.headersSent) return
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
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

const feeds = (gate: Gate): Plugin<Context, Arrived> => ({
  onSubscribe: ({ setSubscribeFn }) =>
    setSubscribeFn((async (args: ExecutionArgs) => {
      const { req, res } = args.contextValue as Arrived
      if (!req.headers.accept?.includes('text/event-stream')) return { errors: [needsEventStream()] }
      const result = await subscribeToFeed(gate, args)
      return 'each' in result ? streamed(gate, res, args.contextValue as Context, result) : result
    }) as never),
})

const needsEventStream = () =>
  new GraphQLError('A subscription needs "Accept: text/event-stream", or a websocket.', {
    extensions: { code: 'BAD_USER_INPUT', http: { status: 406 } },
  })

/**
 * A stream that the client has not left is broken off at its end: `complete` would tell it that all has come. Whoever
 * leaves before it has begun leaves nothing running.
 */
function streamed({ connections }: Gate, res: ServerResponse, { viewer }: Context, feed: Feed<ExecutionResult>) {
  const leave = connections.take(viewer as Viewer, 'event_stream')
  const end = () => {
    leave?.()
    void feed.return()
  }
  if (!leave || res.destroyed) end()
  else res.once('close', end)
  if (!leave) return { errors: [asGraphQLError(new Refusal('RATE_LIMITED', TOO_MANY))] }
  return {
    ...feed,
    async next() {
      const step = await feed.next()
      if (step.done && !res.destroyed) {
        const closed = once(res, 'close')
        // What has been written still goes out.
        res.socket?.destroySoon()
        await closed
      }
      return step
    },
  }
}

/** A key stands for one thing that is made, and a file can be read once. */
const oneMutation: Plugin<Context, Arrived> = {
  onExecute({ args, setResultAndStopExecution }) {
    const { idempotencyKey, req } = args.contextValue as unknown as Context & Arrived
    const isUpload = isMultipart(req)
    if (idempotencyKey === null && !isUpload) return
    const { document, operationName } = args as ExecutionArgs
    const operation = getOperationAST(document, operationName)
    if (operation?.operation !== 'mutation' || rootFieldsOf(document, operation) < 2) return
    const reason = isUpload ? 'a file' : 'the header Idempotency-Key'
    const message = `With ${reason} a document may have one mutation. Nothing was run.`
    const extensions = { code: 'BAD_USER_INPUT', http: { status: 400 } }
    setResultAndStopExecution({ errors: [new GraphQLError(message, { extensions })] })
  },
}

/** Every error carries the request's id; faults of ours are logged with what really happened. */
const namedErrors: Plugin<Context, Arrived> = {
  onResultProcess({ result, serverContext }) {
    for (const { errors = [] } of [result].flat() as { errors?: GraphQLError[] }[]) {
      for (const error of errors) if (error.extensions) withRequestId(error, serverContext)
    }
  },
}

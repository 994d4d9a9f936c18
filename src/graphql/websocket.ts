// graphql-transport-ws on /graphql. The protocol is graphql-ws's; ours are who may connect, how much, and that a slow
// reader is cut instead of filling our memory.

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type DocumentNode, type ExecutionResult, GraphQLError, Kind } from 'graphql'
import { CloseCode, handleProtocols, makeServer, type ServerOptions } from 'graphql-ws'
import type { Logger } from 'pino'
import { v4 as uuid } from 'uuid'
import { type WebSocket, WebSocketServer } from 'ws'
import { TOO_MANY } from '../connections.ts'
import type { Context } from '../context.ts'
import { isUnavailable } from '../db/faults.ts'
import type { Feed } from '../events/feed.ts'
import { soon } from '../events/pump.ts'
import { contextOf, type Gate, ORGANISATION_HEADER } from '../request.ts'
import { rawAnswer } from '../security-headers.ts'
import { asGraphQLError, withRequestId } from './faults.ts'
import { oneUseAtATime } from './ids.ts'
import { cut, cutWhenFull, SLOW, send, sendingItself, TERMINATE_MS } from './outbox.ts'
import type { makeGraphQL } from './server.ts'
import { subscribeToFeed } from './subscribe.ts'

/** Close codes of ours; graphql-ws's client retries 1012 and 1013, and 4403. */
export const CLOSE = {
  /** The server is going away: connect again, here or at another one. */
  restart: 1012,
  /** This socket was not read fast enough: connect again and resume. */
  slow: SLOW,
  /** The token, the session or the membership has ended. */
  ended: 4401,
  tooMany: 4429,
} as const

const MAX_MESSAGE_BYTES = 1024 * 1024
const MAX_SUBSCRIPTIONS = 100
const PING_MS = 15_000

interface Connection {
  socket: WebSocket
  request: IncomingMessage
  logger: Logger
  onClose?: () => void
}

export interface WebSockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Tells every client to connect elsewhere, and cuts who does not answer. */
  drain(): Promise<void>
}

export interface WebSocketOptions {
  /** Of an answer to a handshake that is refused. */
  headers: Record<string, string>
  gate: Gate
  graphql: ReturnType<typeof makeGraphQL>
  logger: Logger
}

type Params = Record<string, unknown> | undefined

interface Payload {
  query: string
  variables?: Record<string, unknown> | null | undefined
  operationName?: string | null | undefined
}

export function makeWebSockets({ gate, graphql, logger, headers }: WebSocketOptions): WebSockets {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, handleProtocols })
  const alive = new WeakSet<WebSocket>()

  const server = makeServer<NonNullable<Params>, Connection>({
    onConnect: async ({ connectionParams, extra }) => {
      const context = await contextFor(extra, connectionParams)
      const viewer = context?.viewer
      // Who has left meanwhile must not be counted: nothing would ever take that back.
      if (!viewer || extra.socket.readyState !== extra.socket.OPEN) return false
      const leave = gate.connections.take(viewer, 'websocket')
      if (!leave) return extra.socket.close(CLOSE.tooMany, TOO_MANY)
      const stopWatching = gate.rights.add(viewer, () => extra.socket.close(CLOSE.ended, 'Your access ended.'))
      extra.onClose = () => {
        stopWatching()
        leave()
      }
    },
    onClose: ({ extra }) => extra.onClose?.(),
    onSubscribe: async (ctx, _id, { query, variables, operationName }) => {
      if (Object.keys(ctx.subscriptions).length > MAX_SUBSCRIPTIONS) {
        return [tooManySubscriptions()]
      }
      return prepare(ctx.extra, ctx.connectionParams, { query, variables, operationName })
    },
    execute: async (args) => {
      const result = (await (args.rootValue as Executor).execute(args)) as ExecutionResult
      return named(result, args.contextValue as Context)
    },
    subscribe: async (args) => orError(await subscribeToFeed(gate, args), args.contextValue as Context) as never,
    onOperation: ({ extra }, id, _payload, _args, result) =>
      'each' in result ? sendingItself(extra.socket, id, result as Feed<ExecutionResult>) : undefined,
  } satisfies ServerOptions<NonNullable<Params>, Connection>)

  interface Executor {
    execute(args: unknown): unknown
  }

  /** Null when the cookie, the origin or the organisation is refused. */
  async function contextFor({ request, socket, logger }: Connection, params: Params): Promise<Context | null> {
    const headers = new Headers()
    for (const [name, value] of Object.entries(request.headers)) if (value) headers.set(name, [value].flat().join(', '))
    // A browser cannot set headers on a socket.
    if (typeof params?.authorization === 'string') setSafely(headers, 'authorization', params.authorization)
    if (typeof params?.organisationId === 'string') setSafely(headers, ORGANISATION_HEADER, params.organisationId)
    headers.delete('idempotency-key')
    const requestId = uuid()
    try {
      return await contextOf(gate, {
        method: 'GET',
        headers,
        requestId,
        logger: logger.child({ requestId }),
        signal: new AbortController().signal,
        cookies: 'own pages',
        req: request,
      })
    } catch (error) {
      // Nobody is refused for good because the database is away: clients come back after this one.
      if (isUnavailable(error)) socket.close(CLOSE.slow, 'The database is not available just now: connect again.')
      else logger.info({ err: error }, 'A websocket was refused')
      return null
    }
  }

  async function prepare(connection: Connection, params: Params, payload: Payload) {
    const context = await contextFor(connection, params)
    if (!context?.viewer) {
      connection.socket.close(CLOSE.ended, 'Your access ended.')
      return [new GraphQLError('Your access ended.', { extensions: { code: 'UNAUTHENTICATED' } })]
    }
    const { requestId, logger } = context
    const arrived = { req: connection.request, requestId, logger, params: payload, socketContext: async () => context }
    const { schema, execute, contextFactory, parse, validate } = graphql.getEnveloped(arrived as never)
    try {
      const document = parse(payload.query)
      const errors = validate(schema, document)
      if (errors.length > 0) return errors.map((error: unknown) => forSocket(error, context))
      return {
        schema,
        document,
        operationName: payload.operationName,
        variableValues: declaredOnly(payload.variables, document),
        contextValue: await contextFactory(),
        rootValue: { execute },
      } as never
    } catch (error) {
      // A document that does not parse is an error of this subscription, not of the socket with all the others.
      return [forSocket(error, context)]
    }
  }

  sockets.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    alive.add(socket)
    socket.on('pong', () => alive.add(socket))
    socket.on('ping', () => cutWhenFull(socket))
    socket.on('error', (error) => logger.debug({ err: error }, 'A websocket failed'))
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send: (data) => send(socket, data),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (given) => {
          const receive = oneUseAtATime(given)
          socket.on('message', (data) => {
            receive(String(data)).catch((error) => {
              if (/^Unexpected message/.test(error?.message)) {
                return socket.close(CloseCode.BadRequest, 'A message that only the server sends.')
              }
              logger.error({ err: error }, 'A fault of ours on a websocket')
              socket.close(CloseCode.InternalServerError, 'Internal server error')
            })
          })
        },
      },
      { socket, request, logger },
    )
    socket.once('close', (code, reason) => void closed(code, String(reason)))
  })

  sockets.on('wsClientError', (error, socket) => {
    socket.end(rawAnswer('400 Bad Request', `This is no valid handshake: ${error.message}.`, headers))
  })

  const pings = setInterval(() => {
    for (const socket of sockets.clients) soon(() => ping(socket))
  }, PING_MS).unref()

  function ping(socket: WebSocket): void {
    if (alive.delete(socket)) socket.ping()
    else if (socket.bufferedAmount > 0) cut(socket)
    else socket.terminate()
  }

  return {
    upgrade: (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit('connection', ws, request)),
    async drain() {
      clearInterval(pings)
      const closed = [...sockets.clients].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
      for (const socket of sockets.clients)
        socket.close(CLOSE.restart, 'The server restarts: connect again, and resume.')
      const cut = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate()
      }, TERMINATE_MS)
      await Promise.all(closed)
      clearTimeout(cut)
    },
  }
}

/** What fails before it has begun is an `error` message of the protocol, which ends that operation and nothing else. */
function orError(result: unknown, context: Context): unknown {
  const { errors } = result as { errors?: readonly GraphQLError[] }
  const [error] = errors ?? []
  if (!error || Symbol.asyncIterator in (result as object)) return result
  return failing(forSocket(error, context))
}

/** Over HTTP a plugin of the server does this, which is not asked here. */
function named(result: ExecutionResult, context: Context): ExecutionResult {
  if (!result.errors) return result
  return { ...result, errors: result.errors.map((error) => forSocket(error, context)) }
}

/** As over HTTP, but without the status that only HTTP has. */
function forSocket(error: unknown, context: Context): GraphQLError {
  const { message, nodes, path, originalError, extensions } = asGraphQLError(error)
  const { http, ...rest } = extensions
  return withRequestId(new GraphQLError(message, { nodes, path, originalError, extensions: rest }), context)
}

/** A subscription holds its variables for as long as it lives, so nothing that the document does not ask for. */
function declaredOnly(variables: Payload['variables'], document: DocumentNode): Record<string, unknown> {
  const declared = document.definitions
    .flatMap((one) => (one.kind === Kind.OPERATION_DEFINITION ? (one.variableDefinitions ?? []) : []))
    .map(({ variable }) => variable.name.value)
  return Object.fromEntries(Object.entries(variables ?? {}).filter(([name]) => declared.includes(name)))
}

function failing(error: GraphQLError): AsyncIterableIterator<never> {
  return {
    next: () => Promise.reject(error),
    return: async () => ({ done: true, value: undefined }),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

const tooManySubscriptions = () =>
  new GraphQLError(`At most ${MAX_SUBSCRIPTIONS} operations at once on one connection.`, {
    extensions: { code: 'RATE_LIMITED' },
  })

/** What no header may hold makes the credentials wrong, not the server fail. */
function setSafely(headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value)
  } catch {
    headers.set(name, 'invalid')
  }
}

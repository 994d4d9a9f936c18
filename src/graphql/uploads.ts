// Uploads by the GraphQL multipart request specification. The parser is graphql-upload-minimal's; ours are who may send
// one, and that whatever is wrong with it is an answer, and never a fault or the end of the process.

import type { IncomingMessage } from 'node:http'
import type { Writable } from 'node:stream'
import { GraphQLError } from 'graphql'
import { type FileUpload, GraphQLUpload, processRequest } from 'graphql-upload-minimal'
import type { GraphQLParams, Plugin } from 'graphql-yoga'
import type { Context } from '../context.ts'
import { announcesTooMuch, countBody, isMultipart } from '../multipart.ts'
import { type ArrivingFile, tooLarge } from '../operations/attachments.ts'
import { Refusal } from '../operations/errors.ts'
import { unauthenticated } from '../operations/execute.ts'
import { contextOf, type Gate } from '../request.ts'
import { builder } from './builder.ts'
import { asGraphQLError } from './faults.ts'
import type { Arrived } from './server.ts'
import { wrongPath } from './upload-map.ts'

builder.addScalarType('Upload', GraphQLUpload)

const MAX_FIELD_BYTES = 1024 * 1024
/** A page of another site cannot set these without asking us first. */
const PREFLIGHTED = ['graphql-require-preflight', 'apollo-require-preflight', 'x-graphql-yoga-csrf', 'x-requested-with']

export const uploads = (gate: Gate): Plugin<Context, Arrived> => ({
  onRequestParse({ request, serverContext, setRequestParser }) {
    if (serverContext.req && isMultipart(serverContext.req)) {
      setRequestParser(() => parseUpload(gate, request, serverContext))
    }
  },
})

async function parseUpload(gate: Gate, request: Request, { req, res, requestId, logger }: Arrived) {
  try {
    const { signal, headers } = request
    const arrival = { method: 'POST', headers, requestId, logger, signal, cookies: 'own pages', req } as const
    const context = await contextOf(gate, arrival)
    requireSender(context, headers)
  } catch (error) {
    throw asGraphQLError(error)
  }
  const { limits } = gate.services
  if (announcesTooMuch(req, limits.maxFileBytes)) throw refused(tooLarge(limits).message, 413)
  const options = { maxFieldSize: MAX_FIELD_BYTES, maxFiles: 1 }
  return processRequest(watched(req, limits.maxFileBytes), res, options).catch(({ message, status }) => {
    const isNamed = SPECIFIED.test(message) || status === 413
    throw refused(
      isNamed ? message : 'The body is not valid multipart/form-data, or it is not complete.',
      status === 413 ? 413 : 400,
    )
  }) as Promise<GraphQLParams>
}

/** What graphql-upload-minimal says of a body that is multipart, but not as the specification wants it. */
const SPECIFIED = /graphql-multipart-request-spec/

/** Before a byte of it is read. */
function requireSender(context: Context, headers: Headers): void {
  const { viewer } = context
  if (!viewer) throw unauthenticated(context)
  if (viewer.via === 'token' || PREFLIGHTED.some((name) => headers.has(name))) return
  throw new Refusal('FORBIDDEN', `Send the header ${PREFLIGHTED[0]}: 1 with an upload from a page.`)
}

const refused = (message: string, status: number) =>
  new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', http: { status, spec: false } } })

type TakeField = (name: string, value: string, info: unknown) => void

/**
 * The parser may fail a second time, when graphql-upload-minimal has stopped listening: that would end the process. And
 * what it drops, it does not count.
 */
function watched(req: IncomingMessage, maxBytes: number): IncomingMessage {
  const { pipe } = req
  req.pipe = (parser, options) => {
    parser.on('error', () => {})
    guardMap(parser as unknown as Writable)
    countBody(req, maxBytes, (error) => (parser as unknown as Writable).destroy(Object.assign(error, { status: 413 })))
    return pipe.call(req, parser, options) as typeof parser
  }
  return req
}

/**
 * graphql-upload-minimal writes the file wherever the map says, also into what all objects inherit. So no map gets there
 * that names another place than one of the variables.
 */
function guardMap(parser: Writable): void {
  const [take] = parser.listeners('field') as TakeField[]
  let operations = ''
  parser.removeAllListeners('field').on('field', (name: string, value: string, info: unknown) => {
    if (name === 'operations') operations = value
    const wrong = name === 'map' && wrongPath(operations, value)
    // Not by `destroy`, which would let the rest of what has come be read first.
    if (wrong) return parser.emit('error', new Error(wrong))
    take?.(name, value, info)
  })
}

/** Hands a file over. @throws GraphQLError when it was announced and never came, or does not come whole. */
export async function withFile<Result>(
  upload: Promise<FileUpload>,
  use: (file: ArrivingFile) => Promise<Result>,
): Promise<Result> {
  const { filename, stream } = await begun(upload)
  let isBroken = false
  stream.once('error', () => {
    isBroken = true
  })
  return use({ filename, stream, complete: Promise.resolve() }).catch((error) => {
    throw isBroken ? refused('The file did not arrive whole. Please send it again.', 400) : error
  })
}

async function begun(upload: Promise<FileUpload>) {
  try {
    const { filename, createReadStream } = await upload
    return { filename: filename ?? '', stream: createReadStream() }
  } catch (error) {
    const { message, status } = error as Error & { status?: number }
    throw refused(message, status === 413 ? 413 : 400)
  }
}

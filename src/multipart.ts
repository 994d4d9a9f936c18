// Multipart bodies as they arrive: REST's one file, and what both doors need so that a body which nobody reads to its
// end neither holds a connection nor ends the process.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import busboy from 'busboy'
import { BrokenBody } from './body.ts'
import type { ArrivingFile } from './operations/attachments.ts'

export const isMultipart = ({ headers }: IncomingMessage): boolean =>
  /^multipart\/form-data(;|$)/.test(headers['content-type'] ?? '')

/** What a body has beside its file: names, boundaries, the operation of a GraphQL request. */
const AROUND_FILE = 1024 * 1024

/** Whether a body says of itself that its file has more than `maxBytes`. One that lies is counted as it comes. */
export function announcesTooMuch({ headers }: IncomingMessage, maxBytes: number): boolean {
  return Number(headers['content-length'] ?? 0) > maxBytes + AROUND_FILE
}

/**
 * The file in the part `name`, as soon as it begins; null where there is none. Only one file may come.
 * @throws BrokenBody, which also ends the stream and `complete`: the body is not multipart, or ends too early
 */
export function arrivingFile(req: IncomingMessage, name: string): Promise<ArrivingFile | null> {
  const parser = parserOf(req)
  const begun = Promise.withResolvers<ArrivingFile | null>()
  const complete = Promise.withResolvers<void>()
  // Where nobody asks for it.
  complete.promise.catch(() => {})
  let stream: Readable | null = null

  function fail(message: string): void {
    const error = new BrokenBody(message)
    begun.reject(error)
    complete.reject(error)
    stream?.destroy(error)
    req.unpipe(parser)
  }

  parser.on('file', (field, file, { filename }) => {
    file.on('error', () => {})
    if (field !== name) return fail(`There is no part ${field}: send the file as the part ${name}.`)
    stream = file
    begun.resolve({ filename: filename ?? '', stream, complete: complete.promise })
  })
  parser.on('filesLimit', () => fail('Send one file at a time.'))
  parser.on('error', () => fail('The body is not valid multipart/form-data, or it is not complete.'))
  parser.on('close', () => {
    complete.resolve()
    begun.resolve(null)
  })
  req.once('close', () => {
    if (!req.readableEnded) fail('The body ended before it was complete.')
  })
  req.pipe(parser)
  return begun.promise
}

function parserOf({ headers }: IncomingMessage): busboy.Busboy {
  try {
    return busboy({ headers, defParamCharset: 'utf8', limits: { files: 1, fields: 20, parts: 21 } })
  } catch {
    throw new BrokenBody('The body has no boundary that could be read: send it as multipart/form-data.')
  }
}

const DRAINED_BYTES = 64 * 1024 * 1024
const DRAIN_MS = 10_000

/**
 * An answer may be out before the whole request is in. What comes then is read and dropped, so that the client reads the
 * answer and may use the connection again; one that sends for too long is cut.
 */
export function drainAfterAnswer(req: IncomingMessage, res: ServerResponse): void {
  res.once('finish', () => {
    if (req.readableEnded) return
    const { socket } = req
    const enough = socket.bytesRead + DRAINED_BYTES
    const cut = setTimeout(() => socket.destroySoon(), DRAIN_MS)
    for (const end of ['end', 'close']) req.once(end, () => clearTimeout(cut))
    req.unpipe()
    req.on('data', () => {
      if (socket.bytesRead > enough) socket.destroySoon()
    })
    req.resume()
  })
}

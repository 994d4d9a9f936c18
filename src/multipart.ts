// Multipart bodies as they arrive: REST's one file, and how much may come with a file by either door.

import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import busboy from 'busboy'
import { BrokenBody, LongBody } from './body.ts'
import type { ArrivingFile } from './operations/attachments.ts'

export const isMultipart = ({ headers }: IncomingMessage): boolean =>
  /^multipart\/form-data(;|$)/.test(headers['content-type'] ?? '')

/** What a body has beside its file: names, boundaries, the operation of a GraphQL request. */
const AROUND_FILE = 1024 * 1024

/** Whether a body says of itself that its file has more than `maxBytes`. One that lies is counted as it comes. */
export function announcesTooMuch({ headers }: IncomingMessage, maxBytes: number): boolean {
  return Number(headers['content-length'] ?? 0) > maxBytes + AROUND_FILE
}

/** Calls once, with what has come by then, when there is more than a file of `maxBytes` needs around it. */
export function countBody(req: IncomingMessage, maxBytes: number, onTooMuch: (error: LongBody) => void): void {
  let left = maxBytes + AROUND_FILE
  req.on('data', function count(chunk: Buffer) {
    left -= chunk.length
    if (left >= 0) return
    req.off('data', count)
    onTooMuch(new LongBody('There is more in this body than a file that could be taken.'))
  })
}

/**
 * The file in the part `name`, as soon as it begins; null where there is none. Only one file may come.
 * @throws BrokenBody, which also ends the stream and `complete`: the body is not multipart, ends too early, or is too long
 */
export function arrivingFile(req: IncomingMessage, name: string, maxBytes: number): Promise<ArrivingFile | null> {
  const parser = parserOf(req)
  const begun = Promise.withResolvers<ArrivingFile | null>()
  const complete = Promise.withResolvers<void>()
  // Where nobody asks for it.
  complete.promise.catch(() => {})
  let stream: Readable | null = null

  function fail(reason: string | BrokenBody): void {
    const error = typeof reason === 'string' ? new BrokenBody(reason) : reason
    begun.reject(error)
    complete.reject(error)
    stream?.destroy(error)
    req.unpipe(parser)
  }

  parser.on('file', (field, file, { filename }) => {
    file.on('error', () => {})
    if (field !== name) return fail(`Send the file as the part ${name}.`)
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
  countBody(req, maxBytes, fail)
  return begun.promise
}

function parserOf({ headers }: IncomingMessage): busboy.Busboy {
  try {
    return busboy({ headers, defParamCharset: 'utf8', limits: { files: 1, fields: 20, parts: 21 } })
  } catch {
    throw new BrokenBody('The body has no boundary that could be read: send it as multipart/form-data.')
  }
}

// The bytes of attachments: by their address, or by a link that needs no credentials. Whatever they are, they are only
// ever saved, never shown or run by our host.

import { Readable, Transform } from 'node:stream'
import type { Hono, Context as HonoContext } from 'hono'
import { DOWNLOAD_PATH } from '../auth/download-links.ts'
import type { Context } from '../context.ts'
import type { Attachment } from '../generated/prisma/client.ts'
import { downloadAttachment } from '../operations/attachments.ts'
import { isProblem, Refusal } from '../operations/errors.ts'
import { execute } from '../operations/execute.ts'
import { contextAs, type Gate, requireFew } from '../request.ts'
import { contentDisposition } from '../storage/filename.ts'
import type { ByteRange } from '../storage/store.ts'
import { type Arrived, arrivalOf, restContext } from './context.ts'
import { problemAnswer } from './errors.ts'

export const ATTACHMENT_PATH = '/:ticket_id/attachments/:attachment_id'

export function addDownloads(app: Hono<Arrived>, gate: Gate, mounts: readonly string[]): void {
  for (const mount of mounts) {
    app.get(mount + ATTACHMENT_PATH, async (c) => {
      const { ticket_id: ticketId, attachment_id: attachmentId } = c.req.param() as Record<string, string>
      return answer(c, await restContext(gate, c), { ticketId, attachmentId })
    })
  }
  app.get(DOWNLOAD_PATH, async (c) => {
    const { context, attachmentId } = await contextOfLink(gate, c)
    return answer(c, context, { attachmentId })
  })
}

/** Whoever sends it: the link says for whom it was made, and other credentials are not looked at. */
async function contextOfLink(gate: Gate, c: HonoContext<Arrived>): Promise<{ context: Context; attachmentId: string }> {
  const { downloadLinks, now } = gate.services
  const arrival = arrivalOf(c, new Headers())
  const opened = await downloadLinks.open(c.req.query('link') ?? '', now())
  if (opened) return { context: contextAs(gate, arrival, opened.viewer), attachmentId: opened.attachmentId }
  await requireFew(gate, arrival)
  throw new Refusal('FORBIDDEN', 'This link is not good any more: ask for a new one.')
}

async function answer(c: HonoContext<Arrived>, context: Context, input: Record<string, unknown>): Promise<Response> {
  const output = await execute(context, downloadAttachment, input)
  if (isProblem(output)) {
    const { status, body } = problemAnswer(output, { raw: input, place: 'query' })
    return c.json(body, status as 404)
  }
  const { attachment, read } = output
  const headers = headersOf(attachment)
  if (isKnown(c, attachment)) return new Response(null, { status: 304, headers })
  const asked = rangeOf(c, attachment)
  if (asked === 'beyond') {
    c.header('content-range', `bytes */${attachment.sizeBytes}`)
    return c.json(
      { detail: `This attachment has ${attachment.sizeBytes} bytes: the range asked for is not in it.` },
      416,
    )
  }
  const { start, end } = asked ?? { start: 0, end: attachment.sizeBytes - 1 }
  headers['content-length'] = String(end - start + 1)
  if (asked) headers['content-range'] = `bytes ${start}-${end}/${attachment.sizeBytes}`
  const status = asked ? 206 : 200
  const stream = await read({ start, end })
  if (c.req.method !== 'HEAD') return new Response(bodyOf(c, stream, end - start + 1), { status, headers })
  stream.destroy()
  return new Response(null, { status, headers })
}

/** Breaks the connection off where the store does: an answer that ends early must not look whole. */
function bodyOf({ env: { res, logger } }: HonoContext<Arrived>, stream: Readable, length: number): ReadableStream {
  let left = length
  const breakOff = (err: Error) => {
    logger.warn({ err }, 'An attachment could not be read to its end')
    res.destroy()
  }
  const body = new Transform({
    transform(chunk, _, done) {
      left -= chunk.length
      done(null, chunk)
    },
    flush(done) {
      if (left > 0) breakOff(new Error(`It is ${left} bytes shorter than it was.`))
      done()
    },
  })
  body.once('close', () => stream.destroy())
  stream.once('error', breakOff).pipe(body)
  return Readable.toWeb(body) as ReadableStream
}

const etagOf = ({ sha256 }: Attachment) => `"${sha256}"`

function headersOf(attachment: Attachment): Record<string, string> {
  const { contentType, filename } = attachment
  return {
    'content-type': contentType.startsWith('text/') ? `${contentType}; charset=utf-8` : contentType,
    'content-disposition': contentDisposition(filename),
    'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
    'cache-control': 'private, no-cache',
    'accept-ranges': 'bytes',
    etag: etagOf(attachment),
  }
}

/** RFC 9110, 13.1.2: any of a list, weak ones too. */
function isKnown(c: HonoContext, attachment: Attachment): boolean {
  const known = (c.req.header('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return known.includes('*') || known.includes(etagOf(attachment))
}

/** Null: the whole, also where several ranges are asked for, or what cannot be read (RFC 9110, 14.2). */
function rangeOf(c: HonoContext, attachment: Attachment): ByteRange | 'beyond' | null {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(c.req.header('range')?.trim() ?? '') ?? []
  const condition = c.req.header('if-range')
  if (from + to === '' || (condition !== undefined && condition !== etagOf(attachment))) return null
  const last = attachment.sizeBytes - 1
  if (from === '') return Number(to) === 0 ? 'beyond' : { start: Math.max(0, last + 1 - Number(to)), end: last }
  const range = { start: Number(from), end: to === '' ? last : Math.min(last, Number(to)) }
  if (to !== '' && Number(to) < range.start) return null
  return range.start > last ? 'beyond' : range
}

// What is in a file, as its bytes say: neither its name nor what the client calls it is believed. Nothing of what is
// taken is ever shown by our host, only downloaded.

import { extname } from 'node:path'
import { fileTypeFromBuffer } from 'file-type'
import { isMarkup } from './markup.ts'
import { type Encoding, type TextCheck, textCheck } from './text-check.ts'

/** What file-type calls a thing, and what it is to us. */
const BINARY_TYPES = new Map([
  ['image/png', 'image/png'],
  ['image/apng', 'image/png'],
  ['image/jpeg', 'image/jpeg'],
  ['image/gif', 'image/gif'],
  ['image/webp', 'image/webp'],
  ['application/pdf', 'application/pdf'],
  ['application/gzip', 'application/gzip'],
  ['application/zip', 'application/zip'],
  ['application/x-tar', 'application/x-tar'],
])

/** Which sort of text it is, is the one thing that only the name can say. Everything else is plain. */
const TEXT_TYPES = new Map([
  ['.json', 'application/json'],
  ['.yaml', 'application/yaml'],
  ['.yml', 'application/yaml'],
  ['.csv', 'text/csv'],
])

/** The types that are taken. */
export const CONTENT_TYPES: readonly string[] = [
  'text/plain',
  ...new Set(TEXT_TYPES.values()),
  ...new Set(BINARY_TYPES.values()),
]

/**
 * Text in UTF-16, and logs with a few broken bytes. No browser shows this type or guesses at it, and no program is told of
 * an encoding that is not there.
 */
export const UNCLEAN_TEXT = 'application/octet-stream'

export const TYPE_REFUSED =
  'This kind of file is not taken. Attach an image (PNG, JPEG, GIF, WebP), a PDF, a gzip, zip or tar archive, ' +
  'or a text file such as a log, JSON, YAML, CSV or a script.'

/** As much as file-type looks at in files of our types, and more than browsers look at for HTML. */
const HEAD_BYTES = 4100

export interface Sniffer {
  add(chunk: Uint8Array): void
  /** After the last chunk of a file that is not empty: its type, or null if it is not taken. */
  verdict(filename: string): Promise<string | null>
}

/** Looks at a file of at most `maxBytes` bytes, in chunks of any size. */
export function sniffer(maxBytes: number): Sniffer {
  let head = Buffer.alloc(0)
  let text: TextCheck | undefined

  return {
    add(chunk) {
      if (chunk.length === 0) return
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)])
      text ??= textCheck(encodingOf(head), maxBytes)
      text.add(chunk)
    },
    verdict: (filename) => judge(head, text?.end() ?? 'binary', filename),
  }
}

async function judge(head: Buffer, text: ReturnType<TextCheck['end']>, filename: string): Promise<string | null> {
  const encoding = encodingOf(head)
  const isText = text !== 'binary' && hasItsMark(head, encoding)
  const isClean = text === 'clean' && encoding === 'utf-8'
  const magic = await magicOf(head)

  if (magic.taken && !(isClean && looksLikeWords(head))) return magic.taken
  if (!isText || isMarkup(new TextDecoder(encoding).decode(head))) return null
  if (isClean) return TEXT_TYPES.get(extname(filename).toLowerCase()) ?? 'text/plain'
  return magic.isKnown ? null : UNCLEAN_TEXT
}

/** By the first byte alone, since there may be no second one yet: neither is possible in UTF-8. */
function encodingOf(head: Buffer): Encoding {
  if (head[0] === 0xff) return 'utf-16le'
  return head[0] === 0xfe ? 'utf-16be' : 'utf-8'
}

function hasItsMark(head: Buffer, encoding: Encoding): boolean {
  return encoding === 'utf-8' || head[1] === (encoding === 'utf-16le' ? 0xfe : 0xff)
}

/** Some magic is only letters, such as the BM of bitmaps: where all else is words too, it was no magic. */
function looksLikeWords(head: Buffer): boolean {
  return !/^(%PDF-|GIF8[79]a)/.test(head.toString('latin1'))
}

/** `taken`: the type, if it is one of ours. `isKnown`: whether it is of any type that is not text. */
async function magicOf(head: Buffer): Promise<{ taken?: string; isKnown: boolean }> {
  const start = head.toString('hex', 0, 8)
  // Documents, programs and packages that are zip archives inside are downloaded as what they are.
  if (/^504b(0304|0506|0708)/.test(start)) return { taken: 'application/zip', isKnown: true }
  // Even if what follows is broken.
  if (start === '89504e470d0a1a0a') return { taken: 'image/png', isKnown: true }
  const found = await fileTypeFromBuffer(head)
  return {
    taken: BINARY_TYPES.get(found?.mime ?? ''),
    isKnown: found !== undefined && found.mime !== 'application/xml',
  }
}

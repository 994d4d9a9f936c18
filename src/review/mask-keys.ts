// Private keys as files hold them, whole or cut off. Used by mask.ts only.

import type { MaskRule } from './mask-rules.ts'
import { pattern } from './pattern.ts'

const BEGIN = /-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}/g
const END = /-{4,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}/y
const END_ALONE = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g
/** What follows a beginning that has no end: headers such as `DEK-Info`, and lines of base64. */
const BODY = pattern('y')`
  (?:(?:[\s>|]|\\[nr])+(?:[A-Z][A-Za-z-]{2,20}: [^\n]{1,200}|[A-Za-z0-9+/=]{16,}(?![^\s"'\x60\\,)<])))+
  (?:\s+[A-Za-z0-9+/=]{1,15}$)?`
const BASE64_LINE = /^[>| \t]*[A-Za-z0-9+/=]{1,100}[ \t\r]*\n?$/

/** The text with every private key replaced by `mark`, from its first line to its last. */
export function maskPrivateKeys(text: string, mark: string): string {
  if (!text.includes('PRIVATE KEY')) return text
  let masked = ''
  let at = 0
  for (const { index, 0: line } of text.matchAll(BEGIN)) {
    const end = index < at ? -1 : endOfKey(text, index + line.length)
    if (end < 0) continue
    masked += text.slice(at, index) + mark
    at = end
  }
  return maskTails(masked + text.slice(at), mark)
}

/** Where the key ends whose first line ends at `start`; -1 if nothing of a key follows. */
function endOfKey(text: string, start: number): number {
  const dashes = text.indexOf('----', start)
  END.lastIndex = dashes
  if (dashes >= 0 && END.test(text)) return END.lastIndex
  BODY.lastIndex = start
  return BODY.test(text) ? BODY.lastIndex : -1
}

/** The end of a key whose beginning was not pasted, with the lines of base64 before it. */
function maskTails(text: string, mark: string): string {
  let masked = ''
  let at = 0
  for (const { index, 0: line } of text.matchAll(END_ALONE)) {
    const start = startOfBase64(text, index, at)
    if (start === index) continue
    masked += text.slice(at, start) + mark
    at = index + line.length
  }
  return masked + text.slice(at)
}

function startOfBase64(text: string, end: number, floor: number): number {
  let start = end
  for (;;) {
    // No line of a key is longer; a search without this bound would be quadratic.
    const from = Math.max(floor, start - 160)
    const line = text.slice(from, start)
    const previous = from + line.lastIndexOf('\n', line.length - 2) + 1
    const isWhole = previous > from || from === floor
    if (previous >= start || !isWhole || !BASE64_LINE.test(text.slice(previous, start))) return start
    start = previous
  }
}

export const KEYS: MaskRule[] = [
  {
    kind: 'private key',
    find: /\bPrivate-Lines: \d{1,3}\r?\n(?<secret>[A-Za-z0-9+/=]{16,100}(?:\r?\n[A-Za-z0-9+/=]{8,100})*)/g,
  },
  // In base64 as a whole, as a Secret or a kubeconfig has it; a certificate begins alike and stays.
  { kind: 'private key', find: /(?<![A-Za-z0-9+/])LS0tLS1CRUdJTi[A-Za-z0-9+/]{10,20000}={0,2}/g, accept: isPrivateKey },
  // A configuration of docker.
  { kind: 'secret', find: /(?<![A-Za-z0-9+/])e(?:yJ|wo|yA|w0)[A-Za-z0-9+/]{20,20000}={0,2}/g, accept: holdsLogins },
]

const decoded = (secret: string) => Buffer.from(secret.slice(0, 80), 'base64').toString('latin1')

function isPrivateKey(secret: string): boolean {
  return decoded(secret).includes('PRIVATE KEY')
}

function holdsLogins(secret: string): boolean {
  return decoded(secret).includes('"auths"')
}

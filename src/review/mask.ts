// Takes credentials out of what people write, before it is stored, indexed, logged or shown to a model.
// Operations call it for every text; only the secret part is replaced, and masking twice is masking once.

import { ASSIGNMENTS, type MaskRule, maskFor, RULES, type SecretKind } from './mask-rules.ts'
import { pattern } from './pattern.ts'

const MASKED = /\[(?:private key|access key|token|password|secret) removed\]/g
const SECRET_KEY = /(?:^|_)(?:password|passwd|passwort|passphrase|pwd|secret|token|(?:api|private|access|secret)_?key)$/

/** The text with every credential that the rules know replaced by `[password removed]` and the like. */
export function maskSecrets(text: string): string {
  let masked = text
  for (const rule of RULES) masked = masked.replace(rule.find, (...found) => maskMatch(rule, found, masked))
  for (const { kind, find } of ASSIGNMENTS) masked = masked.replace(find, (...found) => maskAssignment(kind, found))
  return masked
}

/** The same JSON value with every text in it masked, and every text or number under a key like `password` removed. */
export function maskJson<T>(value: T): T {
  return maskValue(value) as T
}

/** Which kinds of credentials were taken out of a text that is masked already, each once. */
export function maskedKinds(text: string): SecretKind[] {
  return [...new Set(text.match(MASKED))].map((mark) => mark.slice(1, -' removed]'.length) as SecretKind)
}

function maskValue(value: unknown): unknown {
  if (typeof value === 'string') return maskSecrets(value)
  if (Array.isArray(value)) return value.map(maskValue)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [maskSecrets(key), maskEntry(key, inner)]))
}

const maskEntry = (key: string, value: unknown) => (isSecretKey(key) ? removeAll(value) : maskValue(value))

/** Under a telling name every text and number is a secret, however it is wrapped. */
function removeAll(value: unknown): unknown {
  if (typeof value === 'string') return value === '' || isMasked(value) ? value : maskFor('secret')
  if (typeof value === 'number') return maskFor('secret')
  if (Array.isArray(value)) return value.map(removeAll)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [maskSecrets(key), removeAll(inner)]))
}

/** `dbPassword`, `DB_PASSWORD` and `db-password` alike. */
function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(
    key
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .replaceAll('-', '_')
      .toLowerCase(),
  )
}

/** What `replace` hands over: the match, its groups by position, its place, the whole text, its groups by name. */
type Found = unknown[]

function groupsOf(found: Found): Record<string, string | undefined> {
  const last = found.at(-1)
  return typeof last === 'object' && last !== null ? (last as Record<string, string | undefined>) : {}
}

function maskMatch(rule: MaskRule, found: Found, text: string): string {
  const match = String(found[0])
  const secret = groupsOf(found).secret ?? match
  if (isMasked(secret) || isReference(secret) || rule.accept?.(secret, text) === false) return match
  return replaceLast(match, secret, maskFor(rule.kind))
}

function maskAssignment(kind: SecretKind, found: Found): string {
  const match = String(found[0])
  const { before = '', separator, double, single, bare } = groupsOf(found)
  const quoted = double ?? single
  const secret = quoted ?? bare?.replace(/[.)\]}]+$/, '') ?? ''
  if (secret === '' || isMasked(secret) || (match.includes('[') && isMasked(match.slice(before.length)))) return match
  if (isReference(secret) || isStatus(secret)) return match
  const rest = textAfter(found, match)
  if (quoted === undefined && separator === ':' && !looksSecret(kind, secret, rest)) return match
  if (kind === 'secret' && isHarmless(secret)) return match
  return replaceLast(match, secret, maskFor(kind))
}

/** The rest of the line after a match: prose goes on there. */
function textAfter(found: Found, match: string): string {
  const [offset, text] = found.slice(-3, -1) as [number, string]
  return text.slice(offset + match.length, offset + match.length + 40).split('\n', 1)[0] ?? ''
}

function replaceLast(text: string, part: string, by: string): string {
  const at = text.lastIndexOf(part)
  return text.slice(0, at) + by + text.slice(at + part.length)
}

function isMasked(text: string): boolean {
  return /^\[[a-z ]{5,12}(?: removed\]|$)/.test(text)
}

/** Stands for a value that is elsewhere: `$PASSWORD`, `{{ .Values.x }}`, `<your password>`, `****`, a path. */
const REFERENCE =
  /^\$[A-Z_]{2,}\w*$|^\$[{(]|^\{\{|^<[^<>]*>?$|^%\w+%$|^\*+$|^[xX]{3,}$|^\.{3}$|^…$|^(?:~|\.{1,2})?\/[\w./-]+$/

function isReference(secret: string): boolean {
  return REFERENCE.test(secret)
}

/** Words that are said of a password or a token. */
const STATUS = pattern('i')`
  ^(?:expired|invalid|valid|missing|required|wrong|incorrect|correct|changed|unchanged|rejected|
  accepted|unknown|empty|null|nil|none|true|false|yes|no|not|is|was|set|unset|ok|the|and|reset|
  redacted|hidden|removed|undefined|string|optional)$`

function isStatus(secret: string): boolean {
  return STATUS.test(secret)
}

/** After a colon prose may follow ("password: the page says…"), so the value needs a digit, a sign, the line's end. */
function looksSecret(kind: SecretKind, secret: string, rest: string): boolean {
  if (/\d/.test(secret) || /[^\p{L}\p{N}]/u.test(secret.slice(0, -1).replace(/-/g, ''))) return true
  if (/[a-z][A-Z]|[A-Z]{2}[a-z]/.test(secret) && secret.length >= 12) return true
  return kind === 'password' ? /^[\s,;.)}\]]*$/.test(rest) : secret.length >= 12 && /^[\s,;.)}\]]*$/.test(rest)
}

/** What stands beside `secret:` or `token:` without being one: a Kubernetes name, a count, a short word. */
function isHarmless(secret: string): boolean {
  return /^[a-z]{2,}(?:[-.](?:[a-z]{2,}|\d{1,3}))*$/.test(secret) && secret.length < 40
    ? !/^[a-z]{16,}$/.test(secret)
    : /^\d{1,6}$/.test(secret)
}

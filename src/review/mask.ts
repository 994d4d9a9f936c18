// Takes credentials out of what people write, before it is stored, indexed, logged or shown to a model.
// Operations call it for every text; only the secret part is replaced, and masking twice is masking once.

import { maskAssignments } from './mask-assignments.ts'
import { COMMANDS } from './mask-commands.ts'
import { FILES } from './mask-files.ts'
import { KEYS, maskPrivateKeys } from './mask-keys.ts'
import { maskManifests } from './mask-manifests.ts'
import { maskReported, PROVIDERS } from './mask-providers.ts'
import { HEADERS, type MaskRule, maskFor, type SecretKind, URLS } from './mask-rules.ts'
import { isMasked, isReference, isStatus } from './mask-values.ts'
import { WORDS } from './mask-words.ts'

export { maskJson } from './mask-json.ts'

const MASKED = /\[(?:private key|access key|token|password|secret) removed\]/g

/** In this order: the most telling first, so that a token in a header is called a token. */
const RULES: readonly MaskRule[] = [...KEYS, ...PROVIDERS, ...HEADERS, ...URLS, ...COMMANDS, ...FILES, ...WORDS]

/** What one rule has left may show another what the rest is; each pass leaves less, and few texts need a third. */
const PASSES = 6

/** The text with every credential that the rules know replaced by `[password removed]` and the like. */
export function maskSecrets(text: string): string {
  let masked = text
  for (let pass = 0; pass < PASSES; pass += 1) {
    const before = masked
    masked = maskOnce(before)
    if (masked === before) break
  }
  return masked
}

function maskOnce(text: string): string {
  let masked = maskManifests(maskPrivateKeys(text, maskFor('private key')), maskFor('secret'))
  for (const rule of RULES) masked = applied(rule, masked)
  return maskAssignments(maskReported(masked, maskFor('token')))
}

/** Which kinds of credentials were taken out of a text that is masked already, each once. */
export function maskedKinds(text: string): SecretKind[] {
  return [...new Set(text.match(MASKED))].map((mark) => mark.slice(1, -' removed]'.length) as SecretKind)
}

function applied({ kind, find, accept, where }: MaskRule, text: string): string {
  if (where && !where.test(text)) return text
  return text.replace(find, (match: string, ...found: unknown[]) => {
    const secret = secretOf(found) ?? match
    if (isMasked(secret) || isReference(secret) || isStatus(secret) || accept?.(secret) === false) return match
    const at = match.lastIndexOf(secret)
    return match.slice(0, at) + maskFor(kind) + match.slice(at + secret.length)
  })
}

/** `replace` hands over the groups by position, the place, the whole text, and the groups by name if there are any. */
function secretOf(found: unknown[]): string | undefined {
  const groups = found.at(-1)
  return typeof groups === 'object' ? (groups as Record<string, string | undefined>).secret : undefined
}

// Bearer tokens of programs: 256 random bits. Only their SHA-256 is stored, so the secret can be shown once only.

import { createHash, randomBytes } from 'node:crypto'

const MARK = 'dw_'
const SECRET_BYTES = 32
const PREFIX_LENGTH = 10
const SECRET = /^dw_[A-Za-z0-9_-]{43}$/

export interface MintedToken {
  /** Shown once, never stored. */
  secret: string
  /** The beginning of the secret, by which people recognise it in lists. */
  prefix: string
  /** What is stored: the SHA-256 of the secret. */
  hash: Buffer<ArrayBuffer>
}

export function mintToken(): MintedToken {
  const secret = MARK + randomBytes(SECRET_BYTES).toString('base64url')
  return { secret, prefix: secret.slice(0, PREFIX_LENGTH), hash: hashToken(secret) }
}

/** A fast hash is enough: there is nothing to guess in 256 random bits. */
export function hashToken(secret: string): Buffer<ArrayBuffer> {
  return Buffer.from(createHash('sha256').update(secret).digest())
}

/** Whether `text` could be a token at all; what could not is refused without a query. */
export const looksLikeToken = (text: string): boolean => SECRET.test(text)

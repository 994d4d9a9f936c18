// One key a purpose, all derived from the server's root secret, so that no two uses ever share a key.

import { hkdfSync } from 'node:crypto'

const KEY_BYTES = 32

/** The key for `purpose` (HKDF-SHA-256, RFC 5869), as base64url text. The same inputs always give the same key. */
export function deriveKey(rootSecret: string, purpose: string): string {
  return Buffer.from(hkdfSync('sha256', rootSecret, '', `deskwire ${purpose}`, KEY_BYTES)).toString('base64url')
}

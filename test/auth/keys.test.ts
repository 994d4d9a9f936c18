import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { deriveKey } from '../../src/auth/secrets.ts'
import { hashToken, looksLikeToken, mintToken } from '../../src/auth/tokens.ts'

describe('keys', () => {
  it('are the same for the same root and purpose, and differ otherwise', () => {
    const key = deriveKey('root', 'sessions')
    expect(deriveKey('root', 'sessions')).toBe(key)
    expect(deriveKey('root', 'links')).not.toBe(key)
    expect(deriveKey('other root', 'sessions')).not.toBe(key)
    expect(Buffer.from(key, 'base64url')).toHaveLength(32)
  })
})

describe('tokens', () => {
  it('have 256 random bits behind a mark that people recognise', () => {
    const { secret, prefix } = mintToken()
    expect(secret).toMatch(/^dw_[A-Za-z0-9_-]{43}$/)
    expect(secret.startsWith(prefix)).toBe(true)
    expect(prefix).toHaveLength(10)
    expect(mintToken().secret).not.toBe(secret)
  })

  it('are stored as their SHA-256', () => {
    const { secret, hash } = mintToken()
    expect(hash.toString('hex')).toBe(createHash('sha256').update(secret).digest('hex'))
    expect(hashToken(secret)).toEqual(hash)
  })

  it('are told from text that is none', () => {
    expect(looksLikeToken(mintToken().secret)).toBe(true)
    for (const text of ['', 'dw_', `${mintToken().secret}x`, mintToken().secret.slice(3), `dw_${'é'.repeat(43)}`]) {
      expect(looksLikeToken(text)).toBe(false)
    }
  })
})

// Links by which one attachment can be downloaded for ten minutes without credentials. They hold for whom they were
// made, signed, so that nothing is stored; whether those still have their rights is asked when a link is used.

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Viewer } from '../context.ts'
import type { Database } from '../db/client.ts'
import { type Credential, stillGood } from './credentials.sql.ts'
import { deriveKey } from './secrets.ts'

export const DOWNLOAD_PATH = '/api/v1/download'

const LIFETIME_MS = 10 * 60 * 1000

export interface DownloadLinks {
  make(viewer: Viewer, attachmentId: string, now: Date): { url: string; expiresAt: Date }
  /** Whom a link was made for, with the right to read and no other, and of what. Null when it is no good, or no more. */
  open(link: string, now: Date): Promise<{ viewer: Viewer; attachmentId: string } | null>
}

interface Claims extends Credential {
  attachmentId: string
  /** Milliseconds since 1970. */
  expires: number
}

export interface DownloadLinkOptions {
  database: Database
  /** The server's root secret. */
  secret: string
  publicUrl: string
}

export function makeDownloadLinks({ database, secret, publicUrl }: DownloadLinkOptions): DownloadLinks {
  const key = deriveKey(secret, 'download links')
  const signatureOf = (text: string) => createHmac('sha256', key).update(text).digest()

  /** Signed by us, or null. */
  function read(link: string): Claims | null {
    const [text = '', signature = '', ...more] = link.split('.')
    const [given, right] = [Buffer.from(signature, 'base64url'), signatureOf(text)]
    if (more.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) return null
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  }

  return {
    make({ via, side, credentialId, id, organisationId }, attachmentId, now) {
      const expiresAt = new Date(now.getTime() + LIFETIME_MS)
      const claims = { via, side, credentialId, personId: id, organisationId, attachmentId }
      const text = Buffer.from(JSON.stringify({ ...claims, expires: expiresAt.getTime() })).toString('base64url')
      const link = `${text}.${signatureOf(text).toString('base64url')}`
      return { url: `${publicUrl}${DOWNLOAD_PATH}?link=${link}`, expiresAt }
    },

    async open(link, now) {
      const claims = read(link)
      if (claims === null || claims.expires <= now.getTime()) return null
      const good = await stillGood(database, [claims])
      return good.size === 0 ? null : { viewer: viewerOf(claims), attachmentId: claims.attachmentId }
    },
  }
}

function viewerOf({ via, side, credentialId, personId, organisationId }: Claims): Viewer {
  const caller = { via, credentialId, id: personId, name: '', memberships: [], organisationId }
  const scopes = new Set(['tickets_read' as const])
  return side === 'team' ? { ...caller, scopes, side } : { ...caller, scopes, side, role: null }
}

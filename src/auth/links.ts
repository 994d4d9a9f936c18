// One-time links to set a password: what the operator hands to a person. Whoever has the link is taken for the
// person, so only the SHA-256 of its secret is stored.

import { createHash, randomBytes } from 'node:crypto'
import { v7 as uuid } from 'uuid'
import type { Database, Tx } from '../db/client.ts'
import { storePassword } from './passwords.ts'

const LIFETIME_MS = 24 * 60 * 60 * 1000
const SECRET_BYTES = 32
const SECRET = /^[A-Za-z0-9_-]{43}$/
/** Before the digest in `verifications.identifier`, a table that is better-auth's too. */
const MARK = 'set-password:'

export const SET_PASSWORD_PATH = '/set-password'

/** A new link for a person, good for 24 hours and once; earlier ones of theirs stop working. */
export async function makeSetPasswordLink(tx: Tx, userId: string, publicUrl: string): Promise<string> {
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  await forgetLinks(tx, userId)
  await tx.verification.create({
    data: {
      id: uuid(),
      identifier: identifierOf(secret),
      value: userId,
      expiresAt: new Date(Date.now() + LIFETIME_MS),
    },
  })
  return `${publicUrl}${SET_PASSWORD_PATH}?token=${secret}`
}

/** Who may set a password with this secret; null when it is unknown, used or too old. Uses nothing up. */
export async function personOfLink(database: Database, secret: string): Promise<{ id: string; email: string } | null> {
  if (!SECRET.test(secret)) return null
  const link = await database.prisma.verification.findFirst({
    where: { identifier: identifierOf(secret), expiresAt: { gt: new Date() } },
  })
  if (!link) return null
  return database.prisma.user.findUnique({ where: { id: link.value }, select: { id: true, email: true } })
}

/** Sets the password and uses the link up; false when somebody else was faster, or the link has just run out. */
export async function useLink(database: Database, secret: string, userId: string, hash: string): Promise<boolean> {
  return database.write(async (tx) => {
    const used = await tx.verification.deleteMany({
      where: { identifier: identifierOf(secret), value: userId, expiresAt: { gt: new Date() } },
    })
    if (used.count === 0) return false
    await storePassword(tx, userId, hash)
    return true
  })
}

/** The person's own, and everybody's that have run out. */
async function forgetLinks(tx: Tx, userId: string): Promise<void> {
  await tx.verification.deleteMany({
    where: { identifier: { startsWith: MARK }, OR: [{ value: userId }, { expiresAt: { lte: new Date() } }] },
  })
}

function identifierOf(secret: string): string {
  return MARK + createHash('sha256').update(secret).digest('hex')
}

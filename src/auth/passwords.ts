// Passwords: how long one may be, and how one is stored, for better-auth's routes, the page behind a link, the
// operator's commands and the demonstration alike.

import { hashPassword } from 'better-auth/crypto'
import { v7 as uuid } from 'uuid'
import type { Tx } from '../db/client.ts'

/** In UTF-16 code units, as better-auth counts. */
export const PASSWORD_MIN = 10
export const PASSWORD_MAX = 128

/** What is wrong with a password, as a sentence; null: nothing. */
export function passwordProblem(password: string): string | null {
  if (password.length < PASSWORD_MIN) return `The password must have at least ${PASSWORD_MIN} characters.`
  if (password.length > PASSWORD_MAX) return `The password must have at most ${PASSWORD_MAX} characters.`
  return null
}

/**
 * Sets a person's password, in place of any other. Whoever does this has proved that the address is the person's (or
 * is the operator), so it counts as verified; sessions begun before, perhaps by somebody else, are ended.
 */
export async function setPassword(tx: Tx, userId: string, password: string): Promise<void> {
  await storePassword(tx, userId, await hashPassword(password))
}

/** As setPassword, for who has hashed the password before the transaction began: that takes about 80 ms. */
export async function storePassword(tx: Tx, userId: string, hash: string): Promise<void> {
  // First, since this locks the person's row: of two at once, the second finds the account of the first.
  await tx.user.update({ where: { id: userId }, data: { emailVerified: true } })
  const updated = await tx.account.updateMany({
    where: { userId, providerId: CREDENTIAL },
    data: { password: hash },
  })
  if (updated.count === 0) {
    await tx.account.create({
      data: { id: uuid(), userId, accountId: userId, providerId: CREDENTIAL, password: hash },
    })
  }
  await tx.session.deleteMany({ where: { userId } })
}

/** better-auth's name for an account with a password; its accountId is the person's own id. */
const CREDENTIAL = 'credential'

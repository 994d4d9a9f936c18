// How often somebody may try to sign in: the only count of attempts (better-auth's own is off, since it cannot be shared
// by replicas here nor tell accounts apart).

import { createHash } from 'node:crypto'
import type { Limiter, Spent } from '../rates/limiter.ts'
import { ADDRESS_POLICIES } from '../rates/policies.ts'

/**
 * Counts a request to one of better-auth's routes: what came of each policy, up to the first that refuses.
 * @param path below /api/auth.
 */
export async function countAttempt(limiter: Limiter, path: string, address: string, body: string): Promise<Spent[]> {
  const spent: Spent[] = []
  for (const [policy, key] of countsOf(path, address, body)) {
    const one = await limiter.spend(policy, key)
    if (one) spent.push(one)
    if (one?.allowed === false) break
  }
  return spent
}

type Count = [(typeof ADDRESS_POLICIES)[keyof typeof ADDRESS_POLICIES], key: string]

/** The address comes first: nobody fills the counts with ever new accounts. */
function countsOf(path: string, address: string, body: string): Count[] {
  const { anonymous, signIn, signInAs, signUp, password } = ADDRESS_POLICIES
  if (path === '/sign-up/email') return [[signUp, address]]
  if (path === '/change-password') return [[password, address]]
  if (path !== '/sign-in/email') return [[anonymous, address]]
  const email = emailOf(body)
  return email === null
    ? [[signIn, address]]
    : [
        [signIn, address],
        [signInAs, digest(`${address} ${email}`)],
      ]
}

function emailOf(body: string): string | null {
  try {
    const { email } = JSON.parse(body) as { email?: unknown }
    return typeof email === 'string' ? email.trim().toLowerCase() : null
  } catch {
    return null
  }
}

/** Nobody's e-mail address stands in Redis. */
const digest = (text: string) => createHash('sha256').update(text).digest('base64url')

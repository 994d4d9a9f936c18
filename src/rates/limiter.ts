// Counts what is done against a policy: in the process, and where there is a Redis over all replicas. Who asks is never
// kept waiting nor refused because Redis is away.

import { makeLocalCounts, type Spent } from './counts.ts'
import type { Policy } from './policies.ts'
import type { SharedCounts } from './redis.ts'

export type { Spent } from './counts.ts'

export interface Limiter {
  /** Counts one more for `key`, unless it has had all that the policy allows. Null: nothing is limited. */
  spend(policy: Policy, key: string): Promise<Spent | null>
  close(): void
}

/** RATE_LIMITS=off, and whatever the service does by itself. */
export const UNLIMITED: Limiter = { spend: async () => null, close: () => {} }

/** @param shared null: this process counts for itself. */
export function makeLimiter(shared: SharedCounts | null): Limiter {
  const local = makeLocalCounts()
  return {
    async spend(policy, key) {
      const told = shared && (await shared.spend(policy, key))
      if (!told) return local.spend(policy, key)
      // Counted here too, so that it does not begin at nothing when Redis goes away.
      if (told.allowed) local.note(policy, key)
      return told
    },
    close: () => shared?.close(),
  }
}

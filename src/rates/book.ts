// What one request has spent of whose limits: of the viewer's, or without one of the address's.

import type { Viewer } from '../context.ts'
import type { Limiter, Spent } from './limiter.ts'
import { ADDRESS_POLICIES, OPERATION_POLICIES, type Policy, type RateClass } from './policies.ts'

export interface RateBook {
  /** Counts one operation of the viewer's. Null: nothing is limited. */
  spend(rate: RateClass): Promise<Spent | null>
  /** The latest state of each policy that was counted against. */
  readonly spent: ReadonlyMap<Policy, Spent>
}

/** For what the service does by itself, such as the demonstration. */
export const NO_RATES: RateBook = { spend: async () => null, spent: new Map() }

export interface BookOptions {
  limiter: Limiter
  viewer: Viewer
  /** Told after each use: a transport that has headers sets them. */
  onSpent?: ((spent: ReadonlyMap<Policy, Spent>) => void) | undefined
}

export function makeRateBook({ limiter, viewer, onSpent }: BookOptions): RateBook {
  const spent = new Map<Policy, Spent>()
  return {
    spent,
    async spend(rate) {
      const one = await limiter.spend(OPERATION_POLICIES[rate], viewer.id)
      if (one === null) return null
      spent.set(one.policy, one)
      onSpent?.(spent)
      return one
    },
  }
}

/** Counts a request that carries no credentials, or none that are good. */
export const spendAnonymous = (limiter: Limiter, address: string): Promise<Spent | null> =>
  limiter.spend(ADDRESS_POLICIES.anonymous, address)

// Counting in this process. A window is cut into slices, and what was done in any slice that reaches into the last
// window counts: so no span of that length ever has more than the limit, which neither fixed windows nor a refilling
// bucket could promise, and a key costs a handful of numbers instead of a time for each use.

import type { Policy } from './policies.ts'

/** What came of counting one more. */
export interface Spent {
  policy: Policy
  allowed: boolean
  remaining: number
  /** Seconds until the earliest use that still counts does not any more: rounded up, 1 or more. */
  resetSeconds: number
}

/** A place comes free at most a tenth of a window late. */
export const SLICES = 10
/** For each policy: who sends from ever new addresses pushes out the longest unused ones, and fills no memory. */
const MAX_KEYS = 10_000

interface Uses {
  /** The latest slice that something was counted in. */
  slice: number
  /** By slice, modulo their number: this one and those that reach into the window before it. */
  counts: Uint16Array
}

export interface LocalCounts {
  spend(policy: Policy, key: string): Spent
  /** Counts what was decided elsewhere. */
  note(policy: Policy, key: string): void
  /** How many keys are held, of all policies. */
  readonly size: number
}

/** @param now in milliseconds; monotonic, so that a clock that is set back locks nobody out. */
export function makeLocalCounts(now = () => performance.now(), maxKeys = MAX_KEYS): LocalCounts {
  const policies = new Map<Policy, Map<string, Uses>>()

  /** The latest used stand last. */
  function usesOf(policy: Policy, key: string, slice: number): Uses {
    const keys = policies.get(policy) ?? new Map<string, Uses>()
    policies.set(policy, keys)
    const uses = keys.get(key) ?? { slice, counts: new Uint16Array(SLICES + 1) }
    keys.delete(key)
    keys.set(key, uses)
    forget(keys, slice)
    advance(uses, slice)
    return uses
  }

  /** Whoever comes takes two away at most that nobody needs any more, and the oldest where there are too many. */
  function forget(keys: Map<string, Uses>, slice: number): void {
    let looked = 0
    for (const [key, uses] of keys) {
      const isOver = slice - uses.slice > SLICES
      if (keys.size <= maxKeys && (!isOver || looked++ === 2)) return
      keys.delete(key)
    }
  }

  return {
    spend(policy, key) {
      const ms = now()
      const slice = sliceOf(policy, ms)
      const uses = usesOf(policy, key, slice)
      const used = uses.counts.reduce((sum, count) => sum + count, 0)
      const allowed = used < policy.max
      if (allowed) count(uses, slice)
      const first = firstUsed(uses, slice)
      return spentOf(policy, { allowed, used: allowed ? used + 1 : used, waitMs: waitOf(policy, first, ms) })
    },
    note(policy, key) {
      const slice = sliceOf(policy, now())
      count(usesOf(policy, key, slice), slice)
    },
    get size() {
      return [...policies.values()].reduce((sum, keys) => sum + keys.size, 0)
    },
  }
}

export const sliceMs = ({ window }: Policy): number => (window * 1000) / SLICES

const sliceOf = (policy: Policy, ms: number) => Math.floor(ms / sliceMs(policy))

/** Until the slice `first` reaches into no window any more. */
const waitOf = (policy: Policy, first: number, ms: number) => (first + SLICES + 1) * sliceMs(policy) - ms

export function spentOf(policy: Policy, told: { allowed: boolean; used: number; waitMs: number }): Spent {
  const { allowed, used, waitMs } = told
  const remaining = Math.max(0, policy.max - used)
  return { policy, allowed, remaining, resetSeconds: Math.max(1, Math.ceil(waitMs / 1000)) }
}

function count(uses: Uses, slice: number): void {
  const place = slice % (SLICES + 1)
  uses.counts[place] = Math.min(0xffff, (uses.counts[place] ?? 0) + 1)
}

/** Empties the slices that have begun since. */
function advance(uses: Uses, slice: number): void {
  const begun = Math.min(slice - uses.slice, SLICES + 1)
  for (let i = 0; i < begun; i++) uses.counts[(slice - i) % (SLICES + 1)] = 0
  uses.slice = slice
}

function firstUsed({ counts }: Uses, slice: number): number {
  for (let age = SLICES; age > 0; age--) {
    const one = slice - age
    if (one >= 0 && (counts[one % (SLICES + 1)] ?? 0) > 0) return one
  }
  return slice
}

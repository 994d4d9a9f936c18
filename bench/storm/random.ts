// Chance from a seed: everybody in the storm has dice of their own, so that a seed gives the same plans again.

import { createHash } from 'node:crypto'

export interface Random {
  /** From 0 up to 1. */
  next(): number
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number
  pick<T>(list: readonly T[]): T
  chance(probability: number): boolean
  /** Dice for somebody else, that depend on the seed and the name only. */
  of(name: string): Random
}

export function seeded(seed: string): Random {
  let state = createHash('sha256').update(seed).digest().readUInt32LE(0)
  // Mulberry32.
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    pick<T>(list: readonly T[]): T {
      return list[Math.floor(next() * list.length)] as T
    },
    chance: (probability) => next() < probability,
    of: (name) => seeded(`${seed} ${name}`),
  }
}

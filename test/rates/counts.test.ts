// Counting in the process: what a limit promises at any moment, and how much memory it takes.

import { array, assert, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { counted } from '../../src/rates/address.ts'
import { makeLocalCounts } from '../../src/rates/counts.ts'
import type { Policy } from '../../src/rates/policies.ts'

const FEW: Policy = { name: 'few', what: 'things', max: 5, window: 60 }

function world(maxKeys?: number) {
  let ms = 0
  const counts = makeLocalCounts(() => ms, maxKeys)
  return {
    counts,
    pass(seconds: number) {
      ms += seconds * 1000
    },
    try: (key = 'ann') => counts.spend(FEW, key),
  }
}

describe('a limit of five a minute', () => {
  it('allows five at once, says how many are left, and refuses the sixth', () => {
    const { try: attempt } = world()
    const told = Array.from({ length: 6 }, () => attempt())
    expect(told.map(({ allowed }) => allowed)).toEqual([true, true, true, true, true, false])
    expect(told.map(({ remaining }) => remaining)).toEqual([4, 3, 2, 1, 0, 0])
  })

  it('counts each for itself', () => {
    const { try: attempt } = world()
    for (let i = 0; i < 5; i++) attempt('ann')
    expect([attempt('ann').allowed, attempt('ben').allowed]).toEqual([false, true])
  })

  it('is kept in every minute, whenever it begins', async () => {
    await assert(
      property(array(integer({ min: 0, max: 40_000 }), { maxLength: 60 }), (gaps) => {
        const { try: attempt, pass } = world()
        let now = 0
        const allowed: number[] = []
        for (const gap of gaps) {
          pass(gap / 1000)
          now += gap
          if (attempt().allowed) allowed.push(now)
        }
        for (const [i, at] of allowed.entries()) {
          expect(allowed.slice(i).filter((other) => other < at + 60_000).length).toBeLessThanOrEqual(5)
        }
      }),
    )
  })

  it('lets who waits as long as it says try again, and no refused attempt makes that longer', async () => {
    await assert(
      property(array(integer({ min: 0, max: 30 }), { minLength: 5, maxLength: 40 }), (gaps) => {
        const { try: attempt, pass } = world()
        for (const gap of gaps) {
          pass(gap)
          const told = attempt()
          if (told.allowed) continue
          expect(told.resetSeconds).toBeLessThanOrEqual(66)
          pass(told.resetSeconds / 2)
          attempt()
          pass(told.resetSeconds / 2)
          expect(attempt().allowed).toBe(true)
        }
      }),
    )
  })
})

describe('memory', () => {
  it('holds so many keys and no more: the longest unused are forgotten first', () => {
    const { try: attempt, counts } = world(100)
    for (let i = 0; i < 5; i++) attempt('ann')
    for (let i = 0; i < 10_000; i++) {
      attempt(`stranger ${i}`)
      if (i % 50 === 0) expect(attempt('ann').allowed).toBe(false)
    }
    expect(counts.size).toBe(100)
  })

  it('forgets who has not come for a while', () => {
    const { try: attempt, counts, pass } = world()
    for (let i = 0; i < 1000; i++) attempt(`stranger ${i}`)
    pass(120)
    for (let i = 0; i < 500; i++) attempt('ann')
    expect(counts.size).toBe(1)
  })
})

describe('an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ])('counts as the network that one customer has: %s', (address, network) => {
    expect(counted(address)).toBe(network)
  })
})

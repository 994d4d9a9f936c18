import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeShortCache } from '../../src/auth/cache.ts'

describe('a short cache', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
  afterEach(() => void vi.useRealTimers())

  it('asks once for those who ask at the same time', async () => {
    const cache = makeShortCache<number>(2000, 10)
    const load = vi.fn(async () => 1)
    expect(await Promise.all([cache.get('a', load), cache.get('a', load)])).toEqual([1, 1])
    expect(load).toHaveBeenCalledTimes(1)
  })

  it('asks again when the value is older than its age, counted from the question', async () => {
    const cache = makeShortCache<number>(2000, 10)
    const slow = Promise.withResolvers<number>()
    const first = cache.get('a', () => slow.promise)
    vi.advanceTimersByTime(1999)
    slow.resolve(1)
    expect(await first).toBe(1)
    expect(await cache.get('a', async () => 2)).toBe(1)
    vi.advanceTimersByTime(1)
    expect(await cache.get('a', async () => 2)).toBe(2)
  })

  it('remembers no failure', async () => {
    const cache = makeShortCache<number>(2000, 10)
    await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down')
    expect(await cache.get('a', async () => 1)).toBe(1)
  })

  it('forgets the oldest when it is full', async () => {
    const cache = makeShortCache<string>(2000, 2)
    for (const key of ['a', 'b', 'c']) await cache.get(key, async () => 'old')
    expect(await cache.get('b', async () => 'new')).toBe('old')
    expect(await cache.get('a', async () => 'new')).toBe('new')
  })

  it('keeps nothing that was asked before it was cleared', async () => {
    const cache = makeShortCache<number>(2000, 10)
    const slow = Promise.withResolvers<number>()
    const first = cache.get('a', () => slow.promise)
    cache.clear()
    slow.resolve(1)
    await first
    expect(await cache.get('a', async () => 2)).toBe(2)
  })
})

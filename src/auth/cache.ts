// A short memory of lookups: bounded, shared by those who ask at the same time, and never older than its age.

export interface ShortCache<Value> {
  /** The remembered value, else what `load` gives. A failed load is not remembered. */
  get(key: string, load: () => Promise<Value>): Promise<Value>
  clear(): void
}

interface Entry<Value> {
  /** In milliseconds of the monotonic clock. */
  until: number
  value: Promise<Value>
}

/** Ages count from the moment before the load begins, so that no value is ever older than `maxAgeMs`. */
export function makeShortCache<Value>(maxAgeMs: number, maxEntries: number): ShortCache<Value> {
  const entries = new Map<string, Entry<Value>>()

  const remember = (key: string, load: () => Promise<Value>): Promise<Value> => {
    const entry = { until: performance.now() + maxAgeMs, value: load() }
    // Deleted first, so that the map's order is that of age and the first key is the oldest.
    entries.delete(key)
    entries.set(key, entry)
    for (const oldest of entries.keys()) {
      if (entries.size <= maxEntries) break
      entries.delete(oldest)
    }
    entry.value.catch(() => {
      if (entries.get(key) === entry) entries.delete(key)
    })
    return entry.value
  }

  return {
    get(key, load) {
      const known = entries.get(key)
      return known && performance.now() < known.until ? known.value : remember(key, load)
    },
    clear: () => entries.clear(),
  }
}

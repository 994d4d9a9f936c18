// What the storm counts while it rages.

export interface Tally {
  add(name: string, by?: number): void
  of(name: string): number
  /** All whose name begins with `prefix`, the most frequent first, without the prefix. */
  group(prefix: string): [string, number][]
  /** Something that must never happen; told at the end, each sort at most a few times. */
  fault(sort: string, details?: string): void
  faults(): string[]
}

const TOLD = 3

export function makeTally(): Tally {
  const counts = new Map<string, number>()
  const faults = new Map<string, string[]>()
  const add = (name: string, by = 1) => void counts.set(name, (counts.get(name) ?? 0) + by)
  return {
    add,
    of: (name) => counts.get(name) ?? 0,
    group: (prefix) =>
      [...counts]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, count]): [string, number] => [name.slice(prefix.length), count])
        .sort(([, a], [, b]) => b - a),
    fault: (sort, details = '') => void faults.set(sort, [...(faults.get(sort) ?? []), details]),
    faults: () =>
      [...faults].map(([sort, all]) =>
        [`${sort} (${all.length} times)`, ...all.filter((one) => one !== '').slice(0, TOLD)].join('\n    '),
      ),
  }
}

/** The value that `share` of the numbers do not exceed; null for none. */
export function quantile(numbers: readonly number[], share: number): number | null {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null
}

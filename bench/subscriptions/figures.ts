// Numbers of many runs, and the table that they make.

/** One variant in one round. */
export interface Round {
  /** Processor time of the server, µs a message. */
  micros: number
  /** The longest hold of the server's event loop, ms. */
  holdMs: number
  /** From the commit (the limit: the first send) to the subscriber, ms, of all messages. */
  delivery: number[]
  /** Statements an event cost. */
  statements: number
}

/** Sorts nothing of the caller's; `share` from 0 to 1. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

export interface Summary {
  micros: number
  /** Against the limit of the same round, the median of the rounds. */
  ratio: number
  holdMs: number
  worstHoldMs: number
  p50: number
  p99: number
  statements: number
}

export function summary(rounds: readonly Round[], limits: readonly Round[]): Summary {
  const delivery = rounds.flatMap((round) => round.delivery)
  const holds = rounds.map(({ holdMs }) => holdMs)
  return {
    micros: median(rounds.map(({ micros }) => micros)),
    ratio: median(rounds.map(({ micros }, index) => micros / (limits[index]?.micros ?? Number.NaN))),
    holdMs: median(holds),
    worstHoldMs: Math.max(...holds),
    p50: quantile(delivery, 0.5),
    p99: quantile(delivery, 0.99),
    statements: median(rounds.map(({ statements }) => statements)),
  }
}

/** Rows of text, the first column to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
  return rows.map((row) => line(row).join('  ')).join('\n')
}

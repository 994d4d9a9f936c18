// Keyset pages: cursors that hold an order and a place in it, and the facts about what lies before and after a page.

export interface PageRequest {
  /** One of first and last is given; rows wanted, 1 to 100. */
  first?: number
  last?: number
  after?: string
  before?: string
}

export interface Page<Row> {
  rows: Row[]
  hasNextPage: boolean
  hasPreviousPage: boolean
}

/** Opaque text of a list's place: what the list is ordered by, then the values of the row. */
export function encodePlace(order: string, values: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([order, ...values])).toString('base64url')
}

/** Null when the text is not a cursor of this order with this many values. */
export function decodePlace(order: string, count: number, text: string): (string | number)[] | null {
  try {
    const raw = Buffer.from(text, 'base64url').toString('utf8')
    const parts: unknown = JSON.parse(raw)
    if (!Array.isArray(parts) || parts[0] !== order || parts.length !== count + 1) return null
    const values = parts.slice(1)
    const isPlain = values.every((value) => typeof value === 'string' || Number.isSafeInteger(value))
    return isPlain && encodePlace(order, values) === text ? values : null
  } catch {
    return null
  }
}

/**
 * Cuts the extra row that was fetched and puts the rows into list order. Beyond the other end of a page lie the extra
 * row, or whatever the second cursor bounds out; both flags are facts in either direction.
 */
export function toPage<Row>(
  fetched: Row[],
  { first, last }: Pick<PageRequest, 'first' | 'last'>,
  found: { atOrBeforeAfter: boolean; atOrAfterBefore: boolean },
): Page<Row> {
  const limit = first ?? last ?? 0
  const hasMore = fetched.length > limit
  const rows = fetched.slice(0, limit)
  return first === undefined
    ? { rows: rows.reverse(), hasPreviousPage: hasMore || found.atOrBeforeAfter, hasNextPage: found.atOrAfterBefore }
    : { rows, hasNextPage: hasMore || found.atOrAfterBefore, hasPreviousPage: found.atOrBeforeAfter }
}

/** Rows of a batch by the index `i` of what they belong to. */
export function byIndex<Row extends { i: number }>(rows: readonly Row[], count: number): Row[][] {
  const groups = Array.from({ length: count }, (): Row[] => [])
  for (const row of rows) groups[row.i]?.push(row)
  return groups
}

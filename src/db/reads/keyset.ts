// Keyset pages: cursors that hold an order and a place in it, and the facts about what lies before and after a page.

import { validate as isUuid } from 'uuid'

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

/** What one value of a place may be: whatever is edited by hand must not reach SQL. */
export type PlaceCheck = (value: unknown) => boolean

export const isId: PlaceCheck = (value) => typeof value === 'string' && isUuid(value)
export const isText: PlaceCheck = (value) => typeof value === 'string' && !value.includes('\0') && value.isWellFormed()
/** As Date writes it, and within what PostgreSQL's own texts can say. */
export const isTime: PlaceCheck = (value) => {
  if (typeof value !== 'string' || !/^\d{4}-/.test(value)) return false
  const date = new Date(value)
  return !Number.isNaN(date.getTime()) && date.toISOString() === value
}
export const isNumberIn =
  (least: number, most: number): PlaceCheck =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most

/** Null when the text is not a cursor of this order with values that pass these checks. */
export function decodePlace(order: string, checks: readonly PlaceCheck[], text: string): (string | number)[] | null {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    if (!Array.isArray(parts) || parts[0] !== order || parts.length !== checks.length + 1) return null
    const values = parts.slice(1)
    const isPlace = checks.every((check, i) => check(values[i]))
    return isPlace && encodePlace(order, values) === text ? values : null
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

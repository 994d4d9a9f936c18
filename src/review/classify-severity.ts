// How severe the words say it is: a small table of who is hit, what they lose, and where.

import type { TicketCategory, TicketSeverity } from '../generated/prisma/client.ts'
import { type Points, troubleIn } from './classify.ts'
import type { Clause } from './classify-reading.ts'
import { find, vocabulary } from './cues.ts'
import { IMPACT, type Impact } from './cues-impact.ts'

const CUES = vocabulary<Impact>(IMPACT)
/** What a calm clause takes back: "production is not affected", "all our users are fine". */
const TAKEN_BACK: ReadonlySet<Impact> = new Set(['everyone', 'production', 'down', 'slow', 'data_lost', 'pressing'])

/** The impacts that hold. A subject counts as the body does; a log knows of no customers. */
export function impactsOf(clauses: readonly Clause[], environment: string | null): Set<Impact> {
  const holds = new Set<Impact>()
  let isSafe = false
  for (const { zone, words } of clauses) {
    if (zone === 'pasted') continue
    const hits = find(CUES, words).filter(({ negated }) => !negated)
    const isCalm = hits.some(({ concept }) => concept === 'calm')
    for (const { concept } of hits) {
      if (!isCalm || !TAKEN_BACK.has(concept)) holds.add(concept)
      else if (concept === 'production') isSafe = true
    }
  }
  const place = placeOf(environment)
  if (place && !isSafe && !(place === 'production' && holds.has('test'))) holds.add(place)
  if (isSafe || (holds.has('test') && place !== 'production')) holds.delete('production')
  return holds
}

function placeOf(environment: string | null): 'production' | 'test' | null {
  if (environment === null) return null
  if (/^(?:prod|prd|live)/i.test(environment.trim())) return 'production'
  return /dev|test|stag|stg|qa|sandbox|demo|uat/i.test(environment) ? 'test' : null
}

/** From these points on it is that level, else low. Critical is only what cannot be used, or lost for good. */
const CRITICAL = 4
const HIGH = 2.75
const MEDIUM = 1.3

/** Null when nothing points to a level. */
export function suggestSeverity(
  category: TicketCategory | null,
  points: Points,
  impacts: ReadonlySet<Impact>,
): TicketSeverity | null {
  if (category === null || category === 'other' || category === 'feature_request')
    return category === null ? null : 'low'
  const trouble = troubleIn(points)
  const severe = (impacts.has('data_lost') || impacts.has('intrusion')) && !impacts.has('small')
  if (severe && category !== 'billing') return category !== 'bug' || isWide(impacts) ? 'critical' : 'high'
  if (trouble === 0 && (category === 'account' || category === 'billing') && !impacts.has('pressing')) return 'low'
  const sum = SUMS[category](holding(impacts), trouble)
  if (sum >= CRITICAL && isOutage(impacts)) return 'critical'
  return sum >= HIGH ? 'high' : sum >= MEDIUM ? 'medium' : 'low'
}

/** Not slow, not for some: down, in production or for everyone. */
function isOutage(impacts: ReadonlySet<Impact>): boolean {
  const has = (impact: Impact) => impacts.has(impact)
  return has('down') && isWide(impacts) && !has('slow') && !has('few')
}

function isWide(impacts: ReadonlySet<Impact>): boolean {
  return impacts.has('production') || impacts.has('everyone')
}

/** Where everything is down for everyone, nothing else in the text makes it small. */
function holding(impacts: ReadonlySet<Impact>): ReadonlySet<Impact> {
  if (!impacts.has('down') || !impacts.has('everyone')) return impacts
  return new Set([...impacts].filter((impact) => impact !== 'small' && impact !== 'relief' && impact !== 'calm'))
}

type Sum = (impacts: ReadonlySet<Impact>, trouble: number) => number

const SUMS: Record<Exclude<TicketCategory, 'other' | 'feature_request'>, Sum> = {
  technical: (impacts, trouble) =>
    (trouble > 0 ? 2 : 1.5) +
    worth(impacts, { down: 1, production: 1, everyone: 1, pressing: 0.5, blocked: 0.75 }) -
    worth(impacts, { slow: 0.25, few: 0.25, test: 0.4, small: 1.5, relief: 0.25, calm: 0.75 }),
  bug: (impacts, trouble) =>
    (trouble > 0 ? 2 : 1) +
    worth(impacts, { down: 0.25, production: 0.5, everyone: 0.25, pressing: 0.25, blocked: 0.5 }) -
    worth(impacts, { small: 1, printed: 0.75, relief: 0.25, few: 0.25 }),
  account: (impacts, trouble) =>
    (trouble > 0 ? 1.75 : 1) +
    worth(impacts, { down: 0.5, production: 0.5, everyone: 0.75, pressing: 0.5, blocked: 1 }) -
    worth(impacts, { small: 1, relief: 0.25 }),
  billing: (impacts, trouble) =>
    (trouble > 0 ? 1.25 : 1) + worth(impacts, { pressing: 1, production: 1 }) - worth(impacts, { small: 1 }),
}

function worth(impacts: ReadonlySet<Impact>, table: Partial<Record<Impact, number>>): number {
  return (Object.entries(table) as [Impact, number][])
    .filter(([impact]) => impacts.has(impact))
    .reduce((sum, [, weight]) => sum + weight, 0)
}

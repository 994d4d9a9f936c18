// What the words of a draft say about its category and severity: a weight for each word, learned from tickets that were
// labelled by hand (bench/eval/learn.ts), and added up. To see why something was suggested, read word-weights.json.

import { readFileSync } from 'node:fs'
import type { TicketCategory, TicketSeverity } from '../generated/prisma/client.ts'
import type { Clause, Zone } from './classify-reading.ts'
import { ENGLISH } from './common-words.ts'
import { stem } from './terms.ts'

export const CATEGORIES = ['technical', 'bug', 'account', 'billing', 'feature_request', 'other'] as const
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const

/** Of each word one weight a value, in the order above; the empty word is every draft's. */
export interface Weights {
  category: Record<string, number[]>
  severity: Record<string, number[]>
}

/** The words that say most stand in the beginning; behind it there are logs. */
const MOST_WORDS = 150
/** A subject line says it shortest. */
const SUBJECT_COUNTS = 2
/** Of the words that every text has, those that turn it into a wish, a question or a denial. */
const TELLING = new Set(
  'would could can please how what where why like want need wish if not no never cannot'.split(' '),
)
/** How much the rules' own answer counts beside the words. */
const RULES_COUNT = { category: 1, severity: 2 }

const weights = JSON.parse(readFileSync(new URL('./word-weights.json', import.meta.url), 'utf8')) as Weights

/** The words of a draft, and how much each counts; together they are of length one. */
export function wordsOf(clauses: readonly Clause[]): Map<string, number> {
  const counts = new Map<string, number>()
  const inZone = (zone: Zone) => clauses.filter((clause) => clause.zone === zone).flatMap(({ words }) => words)
  const put = (said: readonly string[], count: number) => {
    for (const word of said.filter(isTelling).map(stem)) counts.set(word, Math.max(count, counts.get(word) ?? 0))
  }
  put([...inZone('prose'), ...inZone('pasted')].slice(0, MOST_WORDS), 1)
  put(inZone('subject'), SUBJECT_COUNTS)
  return ofLengthOne(counts)
}

const isTelling = (word: string) => !ENGLISH.has(word) || TELLING.has(word)

function ofLengthOne(counts: ReadonlyMap<string, number>): Map<string, number> {
  const length = Math.hypot(...counts.values())
  return new Map([...counts].map(([word, count]) => [word, count / length]))
}

/** Beside the words: where it happens, and what it is about. */
export function severityWords(
  said: ReadonlyMap<string, number>,
  category: TicketCategory,
  environment: string | null,
): Map<string, number> {
  return new Map([
    ...said,
    [`environment ${(environment ?? 'none').toLowerCase()}`, 0.2],
    [`category ${category}`, 0.3],
  ])
}

/** One sum for each value, in the order of the weights. */
export function sumsOf(table: Record<string, number[]>, said: ReadonlyMap<string, number>, values: number): number[] {
  const sums = [...(table[''] ?? Array(values).fill(0))]
  for (const [word, count] of said) {
    const weight = Object.hasOwn(table, word) ? table[word] : undefined
    weight?.forEach((value, at) => {
      sums[at] = (sums[at] ?? 0) + value * count
    })
  }
  return sums
}

/** What words and rules come to together. Where the rules understand nothing, nothing is said. */
export function weighCategory(
  said: ReadonlyMap<string, number>,
  byRules: TicketCategory | null,
): TicketCategory | null {
  return byRules && best(CATEGORIES, sumsOf(weights.category, said, CATEGORIES.length), byRules, RULES_COUNT.category)
}

export function weighSeverity(
  said: ReadonlyMap<string, number>,
  category: TicketCategory | null,
  environment: string | null,
  byRules: TicketSeverity | null,
): TicketSeverity | null {
  // What is down or lost is told in so many words: no sum of others takes it back.
  if (category === null || byRules === null || byRules === 'critical') return byRules
  const all = severityWords(said, category, environment)
  return best(SEVERITIES, sumsOf(weights.severity, all, SEVERITIES.length), byRules, RULES_COUNT.severity)
}

function best<Value extends string>(
  values: readonly Value[],
  sums: readonly number[],
  byRules: Value,
  rulesCount: number,
): Value {
  const score = (value: Value) => (sums[values.indexOf(value)] ?? 0) + (value === byRules ? rulesCount : 0)
  return values.reduce((a, b) => (score(b) > score(a) ? b : a))
}

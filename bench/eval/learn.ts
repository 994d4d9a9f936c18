// `npm run learn` writes src/review/word-weights.json: what the words of labelled tickets say about category and
// severity, by logistic regression. Of tickets that measure the review (tickets-unseen.jsonl) nothing is read.

import { writeFileSync } from 'node:fs'
import type { TicketCategory } from '../../src/generated/prisma/client.ts'
import { CATEGORIES, SEVERITIES, severityWords, sumsOf, type Weights, wordsOf } from '../../src/review/learned.ts'
import { readDraft } from '../../src/review/local.ts'
import { maskSecrets } from '../../src/review/mask.ts'
import type { ClusterContext } from '../../src/review/reviewer.ts'
import { TICKETS } from '../../test/review/tickets.ts'
import { type Labelled, LEARNED_FROM, readLabelled } from './labels.ts'

const FILE = 'src/review/word-weights.json'
const ROUNDS = 60
const STEP = 0.7
/** What a weight loses each time its word comes: few tickets are to make no strong weights. */
const FADE = 0.003
/** Of what every draft has: how common a value is. */
const COMMON_STEP = 0.05
/** A word of one ticket alone says nothing about others. */
const FEWEST_TICKETS = 2
const DIGITS = 1

interface Example {
  said: ReadonlyMap<string, number>
  /** Where in the list of values any that is right stands. */
  right: readonly number[]
}

/** As far as it is learned from. */
type Taught = Pick<Labelled, 'subject' | 'description' | 'severity' | 'flag'> & {
  category: TicketCategory | null
  cluster?: ClusterContext | null
}

const labelled: Taught[] = [...LEARNED_FROM.flatMap(readLabelled), ...TICKETS]
const tickets = labelled.filter(isTaught)
const known = wordsOfSeveral(tickets)
const weights: Weights = {
  category: learn(tickets.map(categoryExample), CATEGORIES.length),
  severity: learn(
    tickets.map(severityExample).filter(({ right }) => right.length > 0),
    SEVERITIES.length,
  ),
}
writeFileSync(FILE, `${print(weights)}\n`)
process.stdout.write(`${tickets.length} tickets, ${Object.keys(weights.category).length} words: ${FILE}\n`)

function isTaught(ticket: Taught): ticket is Taught & { category: TicketCategory } {
  return ticket.flag === null && ticket.category !== null
}

function said({ subject, description }: Taught): Map<string, number> {
  return wordsOf(readDraft(maskSecrets(subject), maskSecrets(description)))
}

function wordsOfSeveral(all: readonly Taught[]): Set<string> {
  const counts = new Map<string, number>()
  for (const ticket of all) for (const word of said(ticket).keys()) counts.set(word, (counts.get(word) ?? 0) + 1)
  return new Set([...counts].filter(([, count]) => count >= FEWEST_TICKETS).map(([word]) => word))
}

function knownOnly(all: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...all].filter(([word]) => known.has(word)))
}

function categoryExample(ticket: Taught & { category: TicketCategory }): Example {
  return { said: knownOnly(said(ticket)), right: [CATEGORIES.indexOf(ticket.category)] }
}

function severityExample(ticket: Taught & { category: TicketCategory }): Example {
  const environment = ticket.cluster?.environment ?? null
  const right = ticket.severity.flatMap((level) => (level === null ? [] : [SEVERITIES.indexOf(level)]))
  return { said: severityWords(knownOnly(said(ticket)), ticket.category, environment), right }
}

/** Multinomial logistic regression by stochastic gradient descent; the same each time, since the order is. */
function learn(examples: readonly Example[], values: number): Record<string, number[]> {
  const table: Record<string, number[]> = { '': Array(values).fill(0) }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { said, right } of examples) {
      const pull = pullOf(sumsOf(table, said, values), right)
      const add = (word: string, by: number, fade: number) => {
        table[word] = pull.map((value, at) => (table[word]?.[at] ?? 0) * (1 - fade) + by * value)
      }
      add('', COMMON_STEP, 0)
      for (const [word, count] of said) add(word, STEP * count, FADE)
    }
  }
  return table
}

/** Towards what is right, in the shares that are believed of it now, and away from the rest. */
function pullOf(sums: readonly number[], right: readonly number[]): number[] {
  const highest = Math.max(...sums)
  const powers = sums.map((sum) => Math.exp(sum - highest))
  const all = powers.reduce((a, b) => a + b)
  const ofRight = right.reduce((sum, at) => sum + (powers[at] ?? 0), 0)
  return powers.map((power, at) => (right.includes(at) ? power / ofRight : 0) - power / all)
}

/** One word a line, sorted; words that say next to nothing are left out. */
function print({ category, severity }: Weights): string {
  const lines = (table: Record<string, number[]>) =>
    Object.entries(table)
      .map(([word, values]) => [word, values.map((value) => Number(value.toFixed(DIGITS)))] as const)
      .filter(([, values]) => Math.max(...values) - Math.min(...values) >= 0.5)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([word, values]) => `${JSON.stringify(word)}: [${values.map((value) => value + 0).join(', ')}]`)
      .join(',\n')
  return `{\n"category": {\n${lines(category)}\n},\n"severity": {\n${lines(severity)}\n}\n}`
}

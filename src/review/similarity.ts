// How alike two tickets are, from 0 to 1. Pure: who fetches them, and how rare each word is, is decided elsewhere.

import { errorLinesOf } from './error-lines.ts'
import { gramsOf, numbersOf, type Profile, read, type Spellings } from './terms.ts'

/** How much a stem tells: the rarer in the organisation, the more. */
export type Rarity = (stem: string) => number

export interface Likeness {
  score: number
  /** How much of what each subject says the other ticket says, too: the lesser of both, from 0 to 1. */
  covered: number
  /** Stems that both hold, the most telling first. */
  shared: string[]
  /** The draft's own error line that the other holds too, or null. */
  errorLine: string | null
}

/** What each sign is worth; they sum up to one. What a ticket is about tells more than the logs below it. */
const WORTH = { opening: 0.4, text: 0.1, letters: 0.1, names: 0.12, covered: 0.28 }
const SUBJECT_COUNTS = 3
const OPENING = 500

export function profileOf(subject: string, description: string, spellings?: Spellings): Profile {
  const names = new Map<string, number>()
  const about = { terms: new Map<string, number>(), names }
  read(subject, about, spellings)
  const first = { terms: weighted(about.terms), names }
  read(description.slice(0, OPENING), first, spellings)
  const all = { terms: new Map(first.terms), names }
  read(description.slice(OPENING), all, spellings)
  return {
    ...{ subject: about.terms, opening: first.terms, body: all.terms, names },
    grams: gramsOf(first.terms.keys()),
    numbers: numbersOf(subject),
    errorLines: errorLinesOf(`${subject}\n${description}`),
  }
}

function weighted(subject: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...subject].map(([term, count]) => [term, SUBJECT_COUNTS * count]))
}

export function compare(draft: Profile, other: Profile, rarity: Rarity): Likeness {
  // Where a rare word counts for all, one name in common makes two tickets alike.
  const mildly: Rarity = (term) => Math.sqrt(rarity(term))
  const there = coverage(draft.subject, other.body, rarity)
  const back = coverage(other.subject, draft.body, rarity)
  const score =
    WORTH.opening * cosine(draft.opening, other.opening, mildly) +
    WORTH.text * cosine(draft.body, other.body, mildly) +
    WORTH.letters * overlap(draft.grams, other.grams) +
    WORTH.names * cosine(draft.names, other.names, rarity) +
    (WORTH.covered * (there + back)) / 2
  const shared = [...draft.body.keys()].filter((term) => other.body.has(term))
  shared.sort((a, b) => rarity(b) - rarity(a) || (a < b ? -1 : 1))
  return { score, covered: Math.min(there, back), shared, errorLine: sharedErrorLine(draft, other) }
}

function cosine(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>, rarity: Rarity): number {
  let product = 0
  for (const [term, count] of a) {
    const there = b.get(term)
    if (there) product += weight(count, rarity(term)) * weight(there, rarity(term))
  }
  return product === 0 ? 0 : product / (norm(a, rarity) * norm(b, rarity))
}

function norm(terms: ReadonlyMap<string, number>, rarity: Rarity): number {
  let sum = 0
  for (const [term, count] of terms) sum += weight(count, rarity(term)) ** 2
  return Math.sqrt(sum)
}

/** A word said five times is not five times as telling. */
function weight(count: number, rarity: number): number {
  return (1 + Math.log(count)) * rarity
}

/** The share of the words of `part`, by what they tell, that `whole` holds. */
function coverage(part: ReadonlyMap<string, number>, whole: ReadonlyMap<string, number>, rarity: Rarity): number {
  let held = 0
  let all = 0
  for (const term of part.keys()) {
    all += rarity(term)
    if (whole.has(term)) held += rarity(term)
  }
  return all === 0 ? 0 : held / all
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let both = 0
  for (const gram of a) if (b.has(gram)) both++
  return both === 0 ? 0 : both / Math.sqrt(a.size * b.size)
}

function sharedErrorLine(draft: Profile, other: Profile): string | null {
  for (const [normal, line] of draft.errorLines) if (other.errorLines.has(normal)) return line
  return null
}

/**
 * How the numbers and versions of two subjects differ: `all` where they have none in common ("upgrade to 3.3.1" and
 * "upgrade to 3.3.2"), `some` where each names one that the other does not, two of a series it may be; else null.
 */
export function differInNumbers(a: Profile, b: Profile): 'all' | 'some' | null {
  const onlyA = [...a.numbers].filter((number) => !b.numbers.has(number))
  const onlyB = [...b.numbers].filter((number) => !a.numbers.has(number))
  if (onlyA.length === 0 || onlyB.length === 0) return null
  return onlyA.length === a.numbers.size ? 'all' : 'some'
}

// How alike two tickets are, from 0 to 1. Pure: who fetches them, and how rare each word is, is decided elsewhere.

import { errorLinesOf } from './error-lines.ts'
import { gramsOf, numbersOf, type Profile, type Spellings, termsOf } from './terms.ts'

/** How much a stem tells: the rarer in the organisation, the more. */
export type Rarity = (stem: string) => number

export interface Likeness {
  score: number
  /** Stems that both hold, the most telling first. */
  shared: string[]
  /** The draft's own error line that the other holds too, or null. */
  errorLine: string | null
}

const SUBJECT_COUNTS = 3
/** What each sign is worth. They sum up to one; a shared error line is added on top. */
const WORTH = { subject: 0.1, grams: 0.2, rareText: 0.3, text: 0.15, crossed: 0.25 }
const ERROR_LINE = 0.25

export function profileOf(subject: string, description: string, spellings?: Spellings): Profile {
  const subjectTerms = termsOf(subject, spellings)
  const body = termsOf(description, spellings)
  for (const [term, count] of subjectTerms) body.set(term, (body.get(term) ?? 0) + SUBJECT_COUNTS * count)
  const errorLines = errorLinesOf(`${subject}\n${description}`)
  return { subject: subjectTerms, body, grams: gramsOf(subject), numbers: numbersOf(subject), errorLines }
}

export function compare(draft: Profile, other: Profile, rarity: Rarity): Likeness {
  const mildly: Rarity = (term) => Math.sqrt(rarity(term))
  const errorLine = sharedErrorLine(draft, other)
  const crossed = (coverage(draft.subject, other.body, rarity) + coverage(other.subject, draft.body, rarity)) / 2
  const alike =
    WORTH.subject * cosine(draft.subject, other.subject, rarity) +
    WORTH.grams * dice(draft.grams, other.grams) +
    WORTH.rareText * cosine(draft.body, other.body, rarity) +
    WORTH.text * cosine(draft.body, other.body, mildly) +
    WORTH.crossed * crossed
  const shared = [...draft.body.keys()].filter((term) => other.body.has(term))
  shared.sort((a, b) => rarity(b) - rarity(a) || (a < b ? -1 : 1))
  return { score: Math.min(1, alike + (errorLine ? ERROR_LINE : 0)), shared, errorLine }
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
  return (count / (count + 1)) * rarity
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

function dice(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size + b.size === 0) return 0
  let both = 0
  for (const gram of a) if (b.has(gram)) both++
  return (2 * both) / (a.size + b.size)
}

function sharedErrorLine(draft: Profile, other: Profile): string | null {
  for (const [normal, line] of draft.errorLines) if (other.errorLines.has(normal)) return line
  return null
}

/** Subjects that name different versions or numbers are about different things, however alike they read. */
export function differInNumbers(a: Profile, b: Profile): boolean {
  if (a.numbers.size === 0 || b.numbers.size === 0) return false
  return [...a.numbers].every((number) => !b.numbers.has(number))
}

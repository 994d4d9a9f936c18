// How alike two tickets are, from 0 to 1. Pure: who fetches them, and how rare each word is, is decided elsewhere.

import { numbersOf } from './numbers.ts'
import { type Profile, read, type Spellings } from './terms.ts'

/** How much a stem or name tells: the rarer in the organisation, the more. */
export type Rarity = (term: string) => number

export interface Likeness {
  score: number
  /** How much of what each subject says the other ticket says, too: the lesser of both, from 0 to 1. */
  covered: number
  /** How much of what the subjects say both of them say, from 0 to 1. */
  sameSubject: number
  /** How many of the words of the draft the other ticket holds, from 0 to 1. */
  repeated: number
  /** Stems that both hold. */
  shared: string[]
}

/**
 * What each sign is worth; they sum up to one. What a ticket is about tells more than the logs below it, and how much
 * the draft says of what the other one is about (`back`) more than the reverse: a draft may be long.
 */
const WORTH = { opening: 0.55, names: 0.1, there: 0.15, back: 0.2 }
const SUBJECT_COUNTS = 3
const OPENING = 500

export function profileOf(subject: string, description: string, spellings?: Spellings): Profile {
  const names = new Map<string, number>()
  const about = new Map<string, number>()
  read(subject, { terms: about, names }, spellings)
  const opening = new Map([...about].map(([term, count]) => [term, SUBJECT_COUNTS * count]))
  read(description.slice(0, OPENING), { terms: opening, names }, spellings)
  const rest = new Map<string, number>()
  read(description.slice(OPENING), { terms: rest, names }, spellings)
  return {
    subject: new Set(about.keys()),
    opening: weighted(opening),
    body: new Set([...opening.keys(), ...rest.keys()]),
    names: weighted(names),
    numbers: numbersOf(subject),
  }
}

/** A word said five times is not five times as telling. */
function weighted(counts: Map<string, number>): Map<string, number> {
  for (const [term, count] of counts) counts.set(term, 1 + Math.log(count))
  return counts
}

export function compare(draft: Profile, other: Profile, rarity: Rarity): Likeness {
  return comparing(draft, rarity)(other)
}

/** To compare one draft with many. */
export function comparing(draft: Profile, rarity: Rarity): (other: Profile) => Likeness {
  // Where a rare word counts for all, one name in common makes two tickets alike.
  const mildly: Rarity = (term) => Math.sqrt(rarity(term))
  const opening = cosineWith(draft.opening, mildly)
  const names = cosineWith(draft.names, rarity)
  return (other) => {
    const there = coverage(draft.subject, other.body, rarity)
    const back = coverage(other.subject, draft.body, rarity)
    const shared = common(draft.body, other.body)
    return {
      score:
        WORTH.opening * opening(other.opening) +
        WORTH.names * names(other.names) +
        WORTH.there * there +
        WORTH.back * back,
      covered: Math.min(there, back),
      sameSubject: overlap(draft.subject, other.subject, rarity),
      repeated: shared.length / Math.max(1, draft.body.size),
      shared,
    }
  }
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>, rarity: Rarity): number {
  const both = sum(common(a, b), rarity)
  return both === 0 ? 0 : both / (sum(a, rarity) + sum(b, rarity) - both)
}

function sum(terms: Iterable<string>, rarity: Rarity): number {
  let all = 0
  for (const term of terms) all += rarity(term)
  return all
}

function common(a: ReadonlySet<string>, b: ReadonlySet<string>): string[] {
  return [...a].filter((term) => b.has(term))
}

type Weights = ReadonlyMap<string, number>

function cosineWith(draft: Weights, rarity: Rarity): (other: Weights) => number {
  const own = norm(draft, rarity)
  return (other) => {
    let product = 0
    for (const [term, weight] of draft) {
      const there = other.get(term)
      if (there) product += weight * there * rarity(term) ** 2
    }
    return product === 0 ? 0 : product / (own * norm(other, rarity))
  }
}

function norm(weights: Weights, rarity: Rarity): number {
  let squares = 0
  for (const [term, weight] of weights) squares += (weight * rarity(term)) ** 2
  return Math.sqrt(squares)
}

/** The share of the words of `part`, by what they tell, that `whole` holds. */
function coverage(part: ReadonlySet<string>, whole: ReadonlySet<string>, rarity: Rarity): number {
  const held = sum(common(part, whole), rarity)
  return held === 0 ? 0 : held / sum(part, rarity)
}

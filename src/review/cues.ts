// How the tables of cues (cues-*.ts) are written and found: one pass over the words of a clause, whatever their number.

import { fold } from './text.ts'

/**
 * What points to a concept: a weight, and phrases with commas between them. In a phrase `deploy*` is a word's beginning,
 * `a|b` either of two, `?` any word or none, `??` up to three.
 */
export type Entry = readonly [weight: number, phrases: string]
export type Table<Concept extends string> = Readonly<Record<Concept, readonly Entry[]>>

export interface Hit<Concept extends string> {
  concept: Concept
  weight: number
  /** The phrase as it stands in the table: what a suggestion can be explained by. */
  cue: string
  at: number
  length: number
  /** Under a "no", "not", "without" of the same clause. */
  negated: boolean
}

/** A word of a phrase. */
interface Slot {
  words: ReadonlySet<string>
  stems: readonly string[]
}

interface Cue<Concept extends string> {
  concept: Concept
  weight: number
  cue: string
  /** Null stands for a word that may be there. */
  slots: readonly (Slot | null)[]
}

/** The cues that begin alike, by what follows: most words have few cues, but "not" and "is" have hundreds. */
interface Bucket<Concept extends string> {
  alone: Cue<Concept>[]
  /** By the first three letters of the second word. */
  next: Map<string, Cue<Concept>[]>
  /** Those whose second word may be any. */
  open: Cue<Concept>[]
}

export interface Vocabulary<Concept extends string> {
  exact: Map<string, Bucket<Concept>>
  /** By the first three letters of their first word. */
  stems: Map<string, Bucket<Concept>>
}

const KEY = 3

export function vocabulary<Concept extends string>(...tables: Partial<Table<Concept>>[]): Vocabulary<Concept> {
  const found: Vocabulary<Concept> = { exact: new Map(), stems: new Map() }
  for (const table of tables)
    for (const [concept, entries] of Object.entries(table) as [Concept, readonly Entry[]][])
      for (const [weight, phrases] of entries)
        for (const cue of phrases.split(',')) index(found, concept, weight, fold(cue.trim().replace(/\s+/g, ' ')))
  return found
}

function index<Concept extends string>(into: Vocabulary<Concept>, concept: Concept, weight: number, cue: string): void {
  const [first = '', ...rest] = cue.split(' ')
  const slots = rest.flatMap((slot) => (slot === '?' ? [null] : slot === '??' ? [null, null, null] : [slotOf(slot)]))
  for (const word of first.split('|')) {
    const isStem = word.endsWith('*')
    const [map, key] = isStem ? [into.stems, word.slice(0, KEY)] : [into.exact, word]
    const bucket = map.get(key) ?? { alone: [], next: new Map(), open: [] }
    map.set(key, bucket)
    put(bucket, { concept, weight, cue, slots: [slotOf(word), ...slots] })
  }
}

function put<Concept extends string>(bucket: Bucket<Concept>, cue: Cue<Concept>): void {
  const second = cue.slots[1]
  if (second === undefined) bucket.alone.push(cue)
  else if (second === null || second.stems.some((stem) => stem.length < KEY)) bucket.open.push(cue)
  else
    for (const key of new Set([...second.words].map((word) => word.replace('*', '').slice(0, KEY))))
      bucket.next.set(key, [...(bucket.next.get(key) ?? []), cue])
}

function slotOf(slot: string): Slot {
  const words = slot.split('|')
  return { words: new Set(words), stems: words.filter((word) => word.endsWith('*')).map((word) => word.slice(0, -1)) }
}

function fits(slot: Slot, word: string): boolean {
  if (slot.words.has(word)) return true
  for (const stem of slot.stems) if (word.startsWith(stem)) return true
  return false
}

/** The cues in a clause from left to right; where several begin at one word, the longest. */
export function find<Concept extends string>(known: Vocabulary<Concept>, words: readonly string[]): Hit<Concept>[] {
  const hits: Hit<Concept>[] = []
  let no = -1
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string
    const hit = longest(known, words, at, word)
    if (!hit) {
      if (NEGATORS.has(word) && words[at + 1] !== 'only') no = at
      continue
    }
    hits.push({ ...hit, at, negated: no >= 0 && at - no <= NEGATION_REACHES })
    at += hit.length - 1
  }
  return hits
}

const NEGATION_REACHES = 5
const NEGATORS = new Set(
  fold(`no not without never nothing nobody none neither nor zero kein keine keinen nicht nichts ohne pas aucun aucune
    sans sin ningun ninguna nessun nessuna sem nenhum nenhuma geen zonder niet brak bez нет не без ні inga ingen`).split(
    /\s+/,
  ),
)

type Found<Concept extends string> = Pick<Hit<Concept>, 'concept' | 'weight' | 'cue' | 'length'>

function longest<Concept extends string>(
  known: Vocabulary<Concept>,
  words: readonly string[],
  at: number,
  word: string,
): Found<Concept> | null {
  const exact = longestIn(known.exact.get(word), words, at, null)
  return longestIn(known.stems.get(word.slice(0, KEY)), words, at, exact)
}

function longestIn<Concept extends string>(
  bucket: Bucket<Concept> | undefined,
  words: readonly string[],
  at: number,
  before: Found<Concept> | null,
): Found<Concept> | null {
  if (!bucket) return before
  const next = words[at + 1]
  const best = longestOf(bucket.alone, words, at, before)
  if (next === undefined) return best
  return longestOf(bucket.open, words, at, longestOf(bucket.next.get(next.slice(0, KEY)), words, at, best))
}

function longestOf<Concept extends string>(
  cues: readonly Cue<Concept>[] | undefined,
  words: readonly string[],
  at: number,
  before: Found<Concept> | null,
): Found<Concept> | null {
  let best = before
  for (const { concept, weight, cue, slots } of cues ?? []) {
    const length = lengthOf(slots, words, at)
    if (length > (best?.length ?? 0) || (best && length === best.length && weight > best.weight))
      best = { concept, weight, cue, length }
  }
  return best
}

/** How many words the slots take from a place on; 0 when they do not fit. */
function lengthOf(slots: readonly (Slot | null)[], words: readonly string[], from: number): number {
  let at = from
  let skips = 0
  for (const slot of slots) {
    if (slot === null) {
      skips += 1
      continue
    }
    while (skips > 0 && at < words.length && !fits(slot, words[at] as string)) {
      at += 1
      skips -= 1
    }
    const word = words[at]
    if (word === undefined || !fits(slot, word)) return 0
    at += 1
    skips = 0
  }
  return at - from
}

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

type Slot = (word: string) => boolean
interface Cue<Concept extends string> {
  concept: Concept
  weight: number
  cue: string
  /** Null stands for a word that may be there. */
  slots: (Slot | null)[]
}

export interface Vocabulary<Concept extends string> {
  exact: Map<string, Cue<Concept>[]>
  /** By their first three letters. */
  stems: Map<string, Cue<Concept>[]>
}

const STEM = 3

export function vocabulary<Concept extends string>(...tables: Partial<Table<Concept>>[]): Vocabulary<Concept> {
  const found: Vocabulary<Concept> = { exact: new Map(), stems: new Map() }
  for (const table of tables)
    for (const [concept, entries] of Object.entries(table) as [Concept, readonly Entry[]][])
      for (const [weight, phrases] of entries)
        for (const cue of phrases.split(','))
          index(found, concept, weight, fold(cue.trim().replace(/\|\s+/g, '|').replace(/\s+/g, ' ')))
  return found
}

function index<Concept extends string>(into: Vocabulary<Concept>, concept: Concept, weight: number, cue: string): void {
  const [first = '', ...rest] = cue.split(' ')
  const slots = rest.flatMap((slot) => (slot === '?' ? [null] : slot === '??' ? [null, null, null] : [slotOf(slot)]))
  for (const word of first.split('|')) {
    const isStem = word.endsWith('*')
    const [map, key] = isStem ? [into.stems, word.slice(0, STEM)] : [into.exact, word]
    const one = { concept, weight, cue, slots: [slotOf(word), ...slots] }
    map.set(key, [...(map.get(key) ?? []), one])
  }
}

function slotOf(slot: string): Slot {
  const words = slot.split('|')
  const exact = new Set(words)
  const stems = words.filter((word) => word.endsWith('*')).map((word) => word.slice(0, -1))
  if (stems.length === 0) return (word) => exact.has(word)
  return (word) => exact.has(word) || stems.some((stem) => word.startsWith(stem))
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

function longest<Concept extends string>(
  known: Vocabulary<Concept>,
  words: readonly string[],
  at: number,
  word: string,
): { concept: Concept; weight: number; cue: string; length: number } | null {
  let best: Cue<Concept> | null = null
  let most = 0
  for (const cues of [known.exact.get(word), known.stems.get(word.slice(0, STEM))])
    for (const cue of cues ?? []) {
      const length = lengthOf(cue.slots, words, at)
      if (length > most || (length === most && best && cue.weight > best.weight)) [best, most] = [cue, length]
    }
  return best && { concept: best.concept, weight: best.weight, cue: best.cue, length: most }
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
    while (skips > 0 && at < words.length && !slot(words[at] as string)) [at, skips] = [at + 1, skips - 1]
    const word = words[at]
    if (word === undefined || !slot(word)) return 0
    ;[at, skips] = [at + 1, 0]
  }
  return at - from
}

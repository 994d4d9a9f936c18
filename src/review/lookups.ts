// Which words of a draft to look up: the rarest, and no more than a budget, so that the search is fast at any size.

import { FILLER } from './common-words.ts'
import type { Lookups, WordForms, WordLookup, WordRow } from './duplicates.sql.ts'
import { type Profile, stem } from './terms.ts'

/** Lookups, and the rows that they may be expected to read in all. */
const MOST_LOOKUPS = 80
const MOST_ROWS = 1_000
/** Subject words too common to be looked up alone are looked up in pairs. */
const MOST_PAIRED = 3
const MOST_PARTS = 1
const ENDINGS = ['', 's', 'ed', 'ing', 'e']
const SHORTEST_PART = 5
/** A subject's word says more than a description's. */
const SUBJECT_COUNTS = 2
/** The share of tickets that hold a word too rare for the statistics. */
export const RARE_SHARE = 0.001

/** What the index has not: it splits no identifiers and knows no endings. Endings are tried for the subject only. */
export function otherForms(draft: Profile): WordForms {
  const endings = (term: string) => (/^[a-z]{3,}$/.test(term) ? ENDINGS.map((ending) => term + ending) : [term])
  return { subject: [...draft.subject.keys()].flatMap(endings), description: [...draft.body.keys()] }
}

/** `rowsOfOne` is how many rows a single lookup reads at most. */
export function chooseLookups(words: readonly WordRow[], draft: Profile, rowsOfOne: number): Lookups {
  const telling = words.filter(isTelling).sort(byRarity)
  const alone: WordLookup[] = []
  let rows = 0
  for (const { word, share, tickets, inSubject } of telling) {
    rows += Math.min(rowsOfOne, (share ?? RARE_SHARE) * tickets)
    if (rows > MOST_ROWS || alone.length >= MOST_LOOKUPS) break
    alone.push({ words: [word], weight: inSubject ? SUBJECT_COUNTS : 1 })
  }
  const common = telling.slice(alone.length).filter(({ inSubject, isWritten }) => inSubject && isWritten)
  return { words: [...alone, ...pairs(common.slice(0, MOST_PAIRED))], parts: partsOf(draft, words) }
}

function isTelling({ word, isWritten, inSubject }: WordRow): boolean {
  return word.length > 1 && !FILLER.has(word) && (isWritten || inSubject)
}

function byRarity(a: WordRow, b: WordRow): number {
  return (
    (a.share ?? 0) - (b.share ?? 0) ||
    Number(b.inSubject) - Number(a.inSubject) ||
    b.word.length - a.word.length ||
    (a.word < b.word ? -1 : 1)
  )
}

function pairs(words: readonly WordRow[]): WordLookup[] {
  return words.flatMap((one, at) =>
    words.slice(at + 1).map((two) => ({ words: [one.word, two.word], weight: SUBJECT_COUNTS })),
  )
}

/** Rare stems of the subject, to be found inside other words and with other endings. */
function partsOf(draft: Profile, words: readonly WordRow[]): string[] {
  const common = new Set(words.filter(({ share }) => share !== null).map(({ word }) => stem(word)))
  return [...draft.subject.keys()]
    .filter((term) => term.length >= SHORTEST_PART && /^[\p{L}\p{N}]+$/u.test(term) && !common.has(term))
    .sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
    .slice(0, MOST_PARTS)
}

// The words by which tickets are compared: identifiers split, endings cut, numbers and versions kept whole.

import { BOILERPLATE, FILLER } from './common-words.ts'
import { pattern } from './pattern.ts'
import { fold } from './text.ts'

/** A ticket as it is compared. Keys are stems; the values say how often each stands there. */
export interface Profile {
  subject: ReadonlyMap<string, number>
  body: ReadonlyMap<string, number>
  /** Runs of four letters of the folded subject. */
  grams: ReadonlySet<string>
  /** Versions and numbers in the subject: where they differ, the tickets do. */
  numbers: ReadonlySet<string>
  errorLines: ReadonlyMap<string, string>
}

/** A stem with the words of the text that have it, as they were written. */
export type Spellings = Map<string, Set<string>>

const LONGEST_READ = 6_000
const TOKEN = /v?\d+(?:\.\d+)+[\w-]*|[\p{L}\p{N}]+/gu
const VERSION = /^v?(\d+(?:\.\d+)+)/
/** Ids, digests, times: they name one occurrence, not a kind of trouble. */
const ONE_OFF = pattern('gi')`
  \b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b|\b(?=[a-f]*\d)[0-9a-f]{7,}\b|
  \b\d{4}-\d\d-\d\d(?:[t ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?z?)?|\b\d\d?:\d\d(?::\d\d)?(?:[.,]\d+)?\b|
  \b\d{5,}\b|\b[ewif]\d{4}\b|\.go:\d+`
/** The suffixes that Kubernetes gives to pods of a deployment. */
const POD_SUFFIX = /-[a-z0-9]{8,10}-[a-z0-9]{5}\b/g

/** The stems of a text and how often each stands there; `spellings` collects how they were written. */
export function termsOf(text: string, spellings?: Spellings): Map<string, number> {
  const counts = new Map<string, number>()
  for (const token of tokensOf(text)) {
    for (const part of splitIdentifier(token)) {
      const term = termOf(fold(part))
      if (term === null) continue
      counts.set(term, (counts.get(term) ?? 0) + 1)
      if (spellings) spellings.set(term, (spellings.get(term) ?? new Set()).add(token))
    }
  }
  return counts
}

function termOf(word: string): string | null {
  if (FILLER.has(word) || BOILERPLATE.has(word)) return null
  const isLoneLetter = word.length < 2 && /[a-z]/.test(word)
  return isLoneLetter ? null : stem(word)
}

function tokensOf(text: string): string[] {
  return text.slice(0, LONGEST_READ).replace(POD_SUFFIX, ' ').replace(ONE_OFF, ' ').match(TOKEN) ?? []
}

/** `NodeManager` and `HDFSBlock` are two words each; `3.3.1` and `v1` one. */
function splitIdentifier(token: string): string[] {
  const version = VERSION.exec(token)?.[1]
  if (version) return [version]
  if (!/.\p{Lu}/u.test(token)) return [token]
  return token.split(/(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u)
}

/** Cuts English endings, so that "restarts", "restarted" and "restarting" are one; others pass unharmed. */
export function stem(word: string): string {
  if (word.length < 4 || /\d/.test(word)) return word
  const cut = word
    .replace(/(?:ies|ied)$/, 'y')
    .replace(/(?<=[a-z]{3})(?:ings?|ed|(?<=[sxz]|ch|sh)es|(?<![su])s)$/, '')
    .replace(/([b-df-hj-np-tv-z])\1$/, '$1')
  return cut.length > 3 ? cut.replace(/e$/, '') : cut
}

/** Versions and numbers in a subject. */
export function numbersOf(subject: string): Set<string> {
  return new Set((subject.match(/\d+(?:\.\d+)*/g) ?? []).map((number) => number.replace(/(?:\.0)+$/, '')))
}

export function gramsOf(subject: string): Set<string> {
  const text = ` ${fold(subject)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `
  const grams = new Set<string>()
  for (let at = 0; at + 4 <= text.length; at++) grams.add(text.slice(at, at + 4))
  return grams
}

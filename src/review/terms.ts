// The words by which tickets are compared: identifiers split, endings cut, numbers and versions kept whole.

import { BOILERPLATE, FILLER } from './common-words.ts'
import type { Numbers } from './numbers.ts'
import { pattern } from './pattern.ts'
import { fold } from './text.ts'

/** A ticket as it is compared. Words are stems; a weight grows with how often a word stands there. */
export interface Profile {
  subject: ReadonlySet<string>
  /** The subject, which counts more, and where the description begins: people say first what it is about. */
  opening: ReadonlyMap<string, number>
  /** Subject and description. */
  body: ReadonlySet<string>
  /** Names in one piece, folded: `ImagePullBackOff`, `x509`, `HDFS`. */
  names: ReadonlyMap<string, number>
  numbers: Numbers
}

/** A stem with the words of the text that have it, as they were written. */
export type Spellings = Map<string, Set<string>>

const LONGEST_READ = 6_000
const TOKEN = /v?\d+(?:\.\d+)+[\w-]*|[\p{L}\p{N}]+/gu
/** Written as no word of a language is: with capitals inside, or with letters and digits. */
const NAME = /^(?=.*(?:\p{Ll}\p{Lu}|\p{Lu}{2}|\p{L}\d)).{4,}$/u
const VERSION = /^v?(\d+(?:\.\d+)+)/
/** Ids, digests, times: they name one occurrence, not a kind of trouble. */
const ONE_OFF = pattern('gi')`
  \b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b|\b(?=[a-f]*\d)[0-9a-f]{7,}\b|
  \b\d{4}-\d\d-\d\d(?:[t ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?z?)?|\b\d\d?:\d\d(?::\d\d)?(?:[.,]\d+)?\b|
  \b\d{5,}\b|\b[ewif]\d{4}\b|\.go:\d+`
/** The suffixes that Kubernetes gives to pods of a deployment. */
const POD_SUFFIX = /-[a-z0-9]{8,10}-[a-z0-9]{5}\b/g

/** What a text is read into. */
export interface Reading {
  /** Stems and how often each stands there. */
  terms: Map<string, number>
  /** Names in one piece, folded, and how often each stands there. */
  names: Map<string, number>
}

/** Adds a text to `reading`; `spellings` collects how its stems were written. */
export function read(text: string, { terms, names }: Reading, spellings?: Spellings): void {
  for (const token of tokensOf(text)) {
    const { stems, name } = readToken(token)
    if (name !== null) add(names, name, 1)
    for (const term of stems) {
      add(terms, term, 1)
      if (spellings) spellings.set(term, (spellings.get(term) ?? new Set()).add(token))
    }
  }
}

interface Token {
  stems: readonly string[]
  name: string | null
}

/** The same few thousand words come again and again in a hundred tickets: what was made of them is kept. */
const readBefore = new Map<string, Token>()
const MOST_KEPT = 20_000
const LONGEST_KEPT = 40

function readToken(token: string): Token {
  const known = readBefore.get(token)
  if (known) return known
  if (readBefore.size >= MOST_KEPT) readBefore.clear()
  const stems = splitIdentifier(token).map((part) => termOf(fold(part)))
  const made = { stems: stems.filter((term) => term !== null), name: NAME.test(token) ? fold(token) : null }
  if (token.length <= LONGEST_KEPT) readBefore.set(token, made)
  return made
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

/** Adds to what `sums` holds of `key`. */
export function add(sums: Map<string, number>, key: string, value: number) {
  sums.set(key, (sums.get(key) ?? 0) + value)
}

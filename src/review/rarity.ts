// How much a word tells: the rarer it is among the tickets of an organisation, the more. Called by duplicates.ts.

import type { WordRow } from './duplicates.sql.ts'
import { RARE_SHARE } from './lookups.ts'
import type { Rarity } from './similarity.ts'
import { add, type Profile, stem } from './terms.ts'

/** What the search counted: how many tickets hold a word, up to `most`. */
export interface Counted {
  counts: Readonly<Record<string, number>>
  most: number
}

/**
 * By what the search counted, else by the statistics, which leave out only what is rare. Words that the draft does not
 * hold are judged by the tickets fetched, each without itself.
 */
export function rarityAmong(fetched: readonly Profile[], words: readonly WordRow[], counted: Counted): Rarity {
  const tickets = Math.max(words[0]?.tickets ?? 0, fetched.length, 1)
  const known = sharesOf(words, counted, tickets)
  const holding = new Map<string, number>()
  for (const { body, names } of fetched) {
    for (const term of body) add(holding, term, 1)
    for (const name of names.keys()) if (!body.has(name)) add(holding, name, 1)
  }
  const shareOf = (term: string) => known.get(term) ?? ((holding.get(term) ?? 0) - 1) / fetched.length
  const rarest = Math.max(1 / tickets, RARE_SHARE / 10)
  const remembered = new Map<string, number>()
  return (term) => {
    const before = remembered.get(term)
    if (before !== undefined) return before
    const rarity = Math.log(1 + 1 / Math.max(shareOf(term), rarest))
    remembered.set(term, rarity)
    return rarity
  }
}

/** The share of all tickets that hold a word, for the words of the draft. */
function sharesOf(words: readonly WordRow[], { counts, most }: Counted, tickets: number): Map<string, number> {
  const known = new Map<string, number>()
  const isAnalysed = words.some(({ share }) => share !== null)
  for (const { word, share, isWritten } of words) {
    const count = counts[word]
    // A name is looked up in one piece, as it is compared; a word counts for its stem.
    for (const term of new Set([word, stem(word)])) {
      if (count !== undefined && count < most) add(known, term, count / tickets)
      else if (share !== null) add(known, term, share)
      else if (isAnalysed && isWritten) add(known, term, RARE_SHARE)
    }
  }
  return known
}

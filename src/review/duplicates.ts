// Finds tickets of an organisation that may be about the same thing as a draft: fetched by their words, then compared.

import type { Database } from '../db/client.ts'
import { type CandidateRow, candidates, draftWords, type WordRow } from './duplicates.sql.ts'
import { chooseLookups, otherForms, RARE_SHARE } from './lookups.ts'
import type { Candidate, Confidence, ReviewContext } from './reviewer.ts'
import { compare, differInNumbers, type Likeness, profileOf, type Rarity } from './similarity.ts'
import { type Profile, type Spellings, stem } from './terms.ts'
import { shorten } from './text.ts'

const MOST_CANDIDATES = 5
const LIMITS = { lookup: 250, part: 100, candidates: 60, description: 4_000 }

const HIGH = 0.64
const MEDIUM = 0.5
/** The same error line is worth a look even where little else is alike. */
const MEDIUM_WITH_ERROR_LINE = 0.4
/** Words in common, beside those of forms and letters: fewer than these are chance. */
const FEWEST_SHARED = 3
const SAME_CLUSTER = 0.04
const LONGEST_LINE = 120
const MOST_WORDS = 5

/** What is searched for; `description` holds the answers, too. */
export interface Searched {
  subject: string
  description: string
}

/** A ticket that was fetched, and how alike it is, from 0 to 1. */
export interface Ranked {
  ticketId: string
  score: number
  confidence: Confidence
  evidence: string[]
}

/** Candidates of band high and medium, best first, at most five. */
export async function findDuplicates(
  database: Database,
  draft: Searched,
  context: Pick<ReviewContext, 'organisationId' | 'clusterId'>,
): Promise<Candidate[]> {
  const ranked = await rankTickets(database, draft, context)
  return ranked
    .filter(({ confidence }) => confidence !== 'low')
    .sort((a, b) => Number(b.confidence === 'high') - Number(a.confidence === 'high'))
    .slice(0, MOST_CANDIDATES)
    .map(({ ticketId, confidence, evidence }) => ({ ticketId, confidence, evidence }))
}

/** All tickets that are looked at, whatever their band, the most alike first: what the ranking is measured by. */
export async function rankTickets(
  database: Database,
  draft: Searched,
  { organisationId, clusterId }: Pick<ReviewContext, 'organisationId' | 'clusterId'>,
): Promise<Ranked[]> {
  const spellings: Spellings = new Map()
  const profile = profileOf(draft.subject, draft.description, spellings)
  const read = draft.description.slice(0, LIMITS.description)
  const words = await database.query<WordRow>(draftWords(organisationId, draft.subject, read, otherForms(profile)))
  const lookups = chooseLookups(words, profile, LIMITS.lookup)
  const rows = await database.query<CandidateRow>(candidates(organisationId, lookups, LIMITS))
  const others = rows.map((row) => ({ row, profile: profileOf(row.subject, row.description) }))
  const rarity = rarityAmong(
    others.map((other) => other.profile),
    words,
    rows[0]?.counts ?? {},
  )
  return others
    .map((other) => judge(profile, spellings, other.row, other.profile, rarity, clusterId))
    .sort((a, b) => b.score - a.score || (a.ticketId < b.ticketId ? 1 : -1))
}

function judge(
  draft: Profile,
  spellings: Spellings,
  row: CandidateRow,
  other: Profile,
  rarity: Rarity,
  clusterId: string | null,
): Ranked {
  const likeness = compare(draft, other, rarity)
  const sameCluster = clusterId !== null && row.clusterId === clusterId
  const score = likeness.score + (sameCluster ? SAME_CLUSTER : 0)
  const confidence = bandOf(score, likeness, differInNumbers(draft, other))
  return { ticketId: row.id, score, confidence, evidence: evidenceOf(likeness, spellings, sameCluster) }
}

/** Another version or number in the subject ("upgrade to 3.3.1") is another matter, unless the same error shows. */
function bandOf(score: number, { shared, errorLine }: Likeness, otherNumbers: boolean): Confidence {
  if (shared.length < FEWEST_SHARED || (otherNumbers && !errorLine)) return 'low'
  if (score >= HIGH) return otherNumbers ? 'medium' : 'high'
  return score >= (errorLine ? MEDIUM_WITH_ERROR_LINE : MEDIUM) ? 'medium' : 'low'
}

/**
 * How rare a stem is: by what the search counted, else by the statistics, which leave out only what is rare. Words that
 * the draft does not hold are judged by the tickets fetched, each without itself.
 */
function rarityAmong(profiles: readonly Profile[], words: readonly WordRow[], counts: Record<string, number>): Rarity {
  const tickets = Math.max(words[0]?.tickets ?? 0, profiles.length, 1)
  const fetched = new Map<string, number>()
  for (const profile of profiles) for (const term of profile.body.keys()) add(fetched, term, 1 / profiles.length)
  const known = new Map<string, number>()
  const isAnalysed = words.some(({ share }) => share !== null)
  for (const { word, share, isWritten } of words) {
    const count = counts[word]
    if (count !== undefined && count < LIMITS.lookup) add(known, stem(word), count / tickets)
    else if (share !== null) add(known, stem(word), share)
    else if (isAnalysed && isWritten) add(known, stem(word), RARE_SHARE)
  }
  const shareOf = (term: string) => known.get(term) ?? (fetched.get(term) ?? 0) - 1 / profiles.length
  return (term) => Math.log(1 + 1 / Math.max(shareOf(term), 1 / tickets, RARE_SHARE / 10))
}

function add(sums: Map<string, number>, key: string, value: number) {
  sums.set(key, (sums.get(key) ?? 0) + value)
}

/** Why, in words of the draft alone: another ticket's text never gets in here. */
function evidenceOf({ shared, errorLine }: Likeness, spellings: Spellings, sameCluster: boolean): string[] {
  const spelled = shared.flatMap((term) => [...(spellings.get(term) ?? [])].slice(0, 1))
  const written = [...new Set(spelled)].filter((word) => /\p{L}{2}/u.test(word))
  const evidence = [
    errorLine ? `the same error line: ${shorten(errorLine, LONGEST_LINE)}` : null,
    written.length > 0 ? `words in common: ${written.slice(0, MOST_WORDS).join(', ')}` : null,
    sameCluster ? 'the same cluster' : null,
  ]
  return evidence.filter((line) => line !== null)
}

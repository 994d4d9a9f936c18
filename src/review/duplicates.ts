// Finds tickets of an organisation that may be about the same thing as a draft: fetched by their words, then compared.

import type { Database } from '../db/client.ts'
import { type CandidateRow, candidates, draftWords, type WordRow } from './duplicates.sql.ts'
import { chooseLookups, otherForms, RARE_SHARE } from './lookups.ts'
import type { Candidate, Confidence, ReviewContext } from './reviewer.ts'
import { compare, differInNumbers, type Likeness, profileOf, type Rarity } from './similarity.ts'
import { add, type Profile, type Spellings, stem } from './terms.ts'
import { shorten } from './text.ts'

const MOST_CANDIDATES = 5
const LIMITS = { lookup: 250, part: 100, candidates: 100, description: 1_000 }
/** Of the draft: beyond it there are logs, whose words are many and say little. */
const LONGEST_DRAFT = 4_000

/** Alike enough to be shown, and to be shown with a question whether it is the same. */
const MEDIUM = 0.5
const HIGH = 0.6
/** How much of each subject the other ticket has to say, for high. */
const COVERED = 0.95
/** The same error line says a lot by itself: less has to be alike beside it. */
const WITH_ERROR_LINE = { medium: 0.25, high: 0.45, covered: 0.5 }
/** Stems in common: fewer than these are chance, and a subject alone is not enough to be sure. */
const FEWEST_SHARED = 3
const FEWEST_FOR_HIGH = 6
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

/** Where to search; `leftOut` is a ticket that the draft became already. */
export interface Where extends Pick<ReviewContext, 'organisationId' | 'clusterId'> {
  leftOut?: string | null
}

/** Candidates of band high and medium, best first, at most five. */
export async function findDuplicates(
  database: Database,
  draft: Searched,
  context: Pick<ReviewContext, 'organisationId' | 'clusterId'>,
): Promise<Candidate[]> {
  return shownOf(await rankTickets(database, draft, context))
}

/** What of a ranking a person sees. */
export function shownOf(ranked: readonly Ranked[]): Candidate[] {
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
  { organisationId, clusterId, leftOut }: Where,
): Promise<Ranked[]> {
  const spellings: Spellings = new Map()
  const profile = profileOf(draft.subject, draft.description, spellings)
  const read = draft.description.slice(0, LONGEST_DRAFT)
  const words = await database.query<WordRow>(draftWords(organisationId, draft.subject, read, otherForms(profile)))
  const lookups = chooseLookups(words, profile, LIMITS.lookup)
  const rows = await database.query<CandidateRow>(candidates(organisationId, lookups, LIMITS, leftOut))
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
  return {
    ticketId: row.id,
    score,
    confidence,
    evidence: evidenceOf(likeness, spellings, sameCluster),
  }
}

/**
 * High: each ticket says all but everything that the other's subject says, or half of it and the same error line;
 * never where each subject names a number that the other does not. Medium: much is alike.
 */
function bandOf(score: number, { shared, errorLine, covered }: Likeness, numbers: 'all' | 'some' | null): Confidence {
  if (shared.length < FEWEST_SHARED || (numbers === 'all' && !errorLine)) return 'low'
  const least = errorLine ? WITH_ERROR_LINE : { medium: MEDIUM, high: HIGH, covered: COVERED }
  const isSure = score >= least.high && covered >= least.covered
  if (isSure && numbers === null && shared.length >= FEWEST_FOR_HIGH) return 'high'
  return score >= least.medium ? 'medium' : 'low'
}

/**
 * How rare a stem is: by what the search counted, else by the statistics, which leave out only what is rare. Words that
 * the draft does not hold are judged by the tickets fetched, each without itself.
 */
function rarityAmong(profiles: readonly Profile[], words: readonly WordRow[], counts: Record<string, number>): Rarity {
  const tickets = Math.max(words[0]?.tickets ?? 0, profiles.length, 1)
  const fetched = new Map<string, number>()
  for (const profile of profiles) for (const term of termsAndNames(profile)) add(fetched, term, 1 / profiles.length)
  const known = new Map<string, number>()
  const isAnalysed = words.some(({ share }) => share !== null)
  for (const { word, share, isWritten } of words) {
    const count = counts[word]
    // A name is looked up in one piece, as it is compared; a word counts for its stem.
    const terms = new Set([word, stem(word)])
    for (const term of terms) {
      if (count !== undefined && count < LIMITS.lookup) add(known, term, count / tickets)
      else if (share !== null) add(known, term, share)
      else if (isAnalysed && isWritten) add(known, term, RARE_SHARE)
    }
  }
  const shareOf = (term: string) => known.get(term) ?? (fetched.get(term) ?? 0) - 1 / profiles.length
  const remembered = new Map<string, number>()
  return (term) => {
    const rarity = remembered.get(term) ?? Math.log(1 + 1 / Math.max(shareOf(term), 1 / tickets, RARE_SHARE / 10))
    remembered.set(term, rarity)
    return rarity
  }
}

function termsAndNames({ body, names }: Profile): Set<string> {
  return new Set([...body.keys(), ...names.keys()])
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

// Finds tickets of an organisation that may be about the same thing as a draft: fetched by their words, then compared.

import type { Database } from '../db/client.ts'
import { bandsOf, type Signs } from './bands.ts'
import { type CandidateRow, candidates, draftWords, type WordRow } from './duplicates.sql.ts'
import { errorLinesOf, quotesOf } from './error-lines.ts'
import { chooseLookups, otherForms } from './lookups.ts'
import { differInNumbers } from './numbers.ts'
import { rarityAmong } from './rarity.ts'
import type { Candidate, Confidence, ReviewContext } from './reviewer.ts'
import { comparing, profileOf, type Rarity } from './similarity.ts'
import type { Profile, Spellings } from './terms.ts'
import { shorten } from './text.ts'

const MOST_CANDIDATES = 5
const LIMITS = { lookup: 250, part: 100, candidates: 100, description: 1_000 }
/** Of the draft: beyond it there are logs, whose words are many and say little. */
const LONGEST_DRAFT = 4_000

const SAME_CLUSTER = 0.04
/** Of a series, or two troubles with other versions. */
const OTHER_NUMBERS = { all: 0.05, some: 0.03 }
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
  /** Why it is shown; empty where it is not. */
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
  const { rarity, fetched } = await fetchFor(database, draft, profile, { organisationId, leftOut })
  const errorLines = errorLinesOf(textOf(draft))
  const quotes = quotesOf(
    errorLines,
    fetched.map(({ row }) => textOf(row)),
  )
  const judge = judging(profile, rarity, clusterId)
  const ranking = fetched.map((one, at) => judge(one, quotes[at] ?? [])).sort(byScore)
  const bands = bandsOf(ranking)
  return ranking.map((one, at) => {
    const confidence = bands[at] ?? 'low'
    const evidence = confidence === 'low' ? [] : evidenceOf(one, { errorLines, spellings, rarity })
    return { ticketId: one.ticketId, score: one.score, confidence, evidence }
  })
}

interface Fetched {
  row: CandidateRow
  profile: Profile
}

async function fetchFor(
  database: Database,
  { subject, description }: Searched,
  profile: Profile,
  { organisationId, leftOut }: Omit<Where, 'clusterId'>,
): Promise<{ rarity: Rarity; fetched: Fetched[] }> {
  const read = description.slice(0, LONGEST_DRAFT)
  const words = await database.query<WordRow>(draftWords(organisationId, subject, read, otherForms(profile)))
  const lookups = chooseLookups(words, profile, LIMITS.lookup)
  const rows = await database.query<CandidateRow>(candidates(organisationId, lookups, LIMITS, leftOut))
  const fetched = rows.map((row) => ({ row, profile: profileOf(row.subject, row.description) }))
  const profiles = fetched.map((one) => one.profile)
  return { rarity: rarityAmong(profiles, words, { counts: rows[0]?.counts ?? {}, most: LIMITS.lookup }), fetched }
}

interface Judged extends Signs {
  ticketId: string
  isOfCluster: boolean
}

function judging(draft: Profile, rarity: Rarity, clusterId: string | null) {
  const compare = comparing(draft, rarity)
  return ({ row, profile }: Fetched, quoted: string[]): Judged => {
    const likeness = compare(profile)
    const numbers = differInNumbers(draft.numbers, profile.numbers)
    const isOfCluster = clusterId !== null && row.clusterId === clusterId
    const score = likeness.score + (isOfCluster ? SAME_CLUSTER : 0) - (numbers ? OTHER_NUMBERS[numbers] : 0)
    return { ...likeness, ticketId: row.id, numbers, quoted, isOfCluster, score }
  }
}

function byScore(a: Judged, b: Judged): number {
  return b.score - a.score || (a.ticketId < b.ticketId ? 1 : -1)
}

function textOf({ subject, description }: Searched): string {
  return `${subject}\n${description}`
}

/** How the draft says what is shared. */
interface Wording {
  errorLines: ReadonlyMap<string, string>
  spellings: Spellings
  rarity: Rarity
}

/** Why, in words of the draft alone, the most telling first: another ticket's text never gets in here. */
function evidenceOf({ quoted, shared, isOfCluster }: Judged, { errorLines, spellings, rarity }: Wording): string[] {
  const [line] = quoted.map((run) => errorLines.get(run))
  const telling = shared.toSorted((a, b) => rarity(b) - rarity(a) || (a < b ? -1 : 1))
  const spelled = telling.flatMap((term) => [...(spellings.get(term) ?? [])].slice(0, 1))
  const written = [...new Set(spelled)].filter((word) => /\p{L}{2}/u.test(word))
  const evidence = [
    line ? `the same error line: ${shorten(line, LONGEST_LINE)}` : null,
    written.length > 0 ? `words in common: ${written.slice(0, MOST_WORDS).join(', ')}` : null,
    isOfCluster ? 'the same cluster' : null,
  ]
  return evidence.filter((line) => line !== null)
}

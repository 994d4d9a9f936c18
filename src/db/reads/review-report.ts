// How good the review was, by what people did with it: one statement over the reviews of a period.

import { Prisma } from '../../generated/prisma/client.ts'
import { INFORMING } from '../../review/quality.ts'
import type { Confidence } from '../../review/reviewer.ts'
import type { Database } from '../client.ts'

/** The reviews made from `from` on and before `to`, in one organisation or, with null, in all. */
export interface ReviewPeriod {
  from: Date
  to: Date
  organisationId: string | null
  now: Date
}

/** Of a filed ticket whose review suggested something: `suggested` is the sum of the other three. */
export interface SuggestionOutcome {
  suggested: number
  /** The ticket has it. */
  kept: number
  /** Whoever filed the ticket chose something else. */
  overruled: number
  /** It was filed so, and changed afterwards. */
  corrected: number
}

/** Of reviews whose best candidate is of this band, and that somebody could see before filing. */
export interface CandidateOutcome {
  confidence: Confidence
  shown: number
  /** Joined one of the tickets named. */
  linked: number
  /** Filed as a new ticket all the same. */
  filed: number
}

export interface ReviewReport {
  reviews: number
  filed: number
  linked: number
  /** Not used within their hour. */
  abandoned: number
  byReviewer: { reviewer: string; reviews: number }[]
  category: SuggestionOutcome
  severity: SuggestionOutcome
  flagged: number
  flaggedFiled: number
  questionsAsked: number
  questionsAnswered: number
  candidates: CandidateOutcome[]
}

type Row = Omit<ReviewReport, 'category' | 'severity' | 'candidates'> & {
  category: Omit<SuggestionOutcome, 'corrected'>
  severity: Omit<SuggestionOutcome, 'corrected'>
  high: Omit<CandidateOutcome, 'confidence'>
  medium: Omit<CandidateOutcome, 'confidence'>
}

export async function reviewReport(database: Database, period: ReviewPeriod): Promise<ReviewReport> {
  const [row] = await database.query<Row>(Prisma.sql`
    WITH made AS MATERIALIZED (${reviewsOf(period)})
    SELECT count(*)::int AS reviews,
      count(*) FILTER (WHERE filed)::int AS filed,
      count(*) FILTER (WHERE linked)::int AS linked,
      count(*) FILTER (WHERE NOT filed AND NOT linked AND expires_at <= ${period.now})::int AS abandoned,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('reviewer', reviewer, 'reviews', n) ORDER BY n DESC, reviewer), '[]')
        FROM (SELECT reviewer, count(*) AS n FROM made GROUP BY reviewer) one) AS "byReviewer",
      ${suggestionOutcome('category')} AS category,
      ${suggestionOutcome('severity')} AS severity,
      count(*) FILTER (WHERE flagged)::int AS flagged,
      count(*) FILTER (WHERE flagged AND filed)::int AS "flaggedFiled",
      coalesce(sum(open + answered) FILTER (WHERE NOT is_inline), 0)::int AS "questionsAsked",
      coalesce(sum(answered + coalesce(open - questions_left, 0)) FILTER (WHERE NOT is_inline), 0)::int
        AS "questionsAnswered",
      ${candidateOutcome('high')} AS high,
      ${candidateOutcome('medium')} AS medium
    FROM made`)
  const { high, medium, category, severity, ...rest } = row as Row
  return {
    ...rest,
    category: { ...category, corrected: correctedOf(category) },
    severity: { ...severity, corrected: correctedOf(severity) },
    candidates: [
      { confidence: 'high', ...high },
      { confidence: 'medium', ...medium },
    ],
  }
}

const correctedOf = ({ suggested, kept, overruled }: Omit<SuggestionOutcome, 'corrected'>) =>
  suggested - kept - overruled

/** One row a review: what it said and what became of it. */
function reviewsOf({ from, to, organisationId }: ReviewPeriod): Prisma.Sql {
  const within = organisationId === null ? Prisma.empty : Prisma.sql`AND r.organisation_id = ${organisationId}::uuid`
  return Prisma.sql`
    SELECT r.reviewer, r.expires_at, r.is_inline, r.questions_left,
      r.used_ticket_id IS NOT NULL AND r.link_comment_id IS NULL AS filed,
      r.link_comment_id IS NOT NULL AS linked,
      r.verdict->>'category' AS category, r.chosen_category::text, t.category::text AS category_now,
      r.verdict->>'severity' AS severity, r.chosen_severity::text, t.severity::text AS severity_now,
      EXISTS (SELECT FROM jsonb_array_elements(r.verdict->'flags') f
        WHERE f->>'code' <> ALL (${[...INFORMING]}::text[])) AS flagged,
      jsonb_array_length(r.verdict->'questions') AS open,
      (SELECT count(*) FROM jsonb_array_elements(r.answers) a WHERE a->>'questionId' IS NOT NULL) AS answered,
      CASE WHEN r.is_inline THEN NULL
        WHEN r.verdict->'candidates' @> '[{"confidence": "high"}]' THEN 'high'
        WHEN r.verdict->'candidates' @> '[{"confidence": "medium"}]' THEN 'medium' END AS band,
      r.verdict->'candidates' @> jsonb_build_array(jsonb_build_object('ticketId', r.used_ticket_id)) AS took_candidate
    FROM reviews r LEFT JOIN tickets t ON t.organisation_id = r.organisation_id AND t.id = r.used_ticket_id
    WHERE r.created_at >= ${from} AND r.created_at < ${to} ${within}`
}

/** Joining a ticket leaves that ticket's category as it was: only filed ones count. */
function suggestionOutcome(name: 'category' | 'severity'): Prisma.Sql {
  const [suggested, chosen, now] = [name, `chosen_${name}`, `${name}_now`].map((column) => Prisma.raw(column))
  return Prisma.sql`jsonb_build_object(
    'suggested', count(*) FILTER (WHERE filed AND ${suggested} IS NOT NULL),
    'kept', count(*) FILTER (WHERE filed AND ${now} = ${suggested}),
    'overruled', count(*) FILTER (WHERE filed AND ${now} IS DISTINCT FROM ${suggested} AND ${chosen} <> ${suggested}))`
}

function candidateOutcome(confidence: Confidence): Prisma.Sql {
  return Prisma.sql`jsonb_build_object(
    'shown', count(*) FILTER (WHERE band = ${confidence}),
    'linked', count(*) FILTER (WHERE band = ${confidence} AND linked AND took_candidate),
    'filed', count(*) FILTER (WHERE band = ${confidence} AND filed))`
}

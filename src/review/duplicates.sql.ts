// The SQL of the duplicate search: how common words are, and the tickets of one organisation that hold telling ones.
// Called by duplicates.ts only.

import { Prisma } from '../generated/prisma/client.ts'

export interface WordRow {
  /** A lexeme of tickets.search. */
  word: string
  inSubject: boolean
  /** Stands in the draft itself; false for another form of one of its words. */
  isWritten: boolean
  /** The share of all tickets that hold it, as last analysed; null for words too rare to be noted. */
  share: number | null
  /** How many tickets the organisation has; the same in every row. */
  tickets: number
}

/** Words that are not written so in the draft: the parts of its identifiers, and other endings. */
export interface WordForms {
  subject: readonly string[]
  description: readonly string[]
}

/**
 * The words of a draft as the index knows them, and how common the planner's statistics say they are. That costs a
 * millisecond at any size, where counting a common word would read most of the index.
 */
export function draftWords(organisationId: string, subject: string, description: string, forms: WordForms) {
  return Prisma.sql`
    WITH draft AS (
      SELECT word, bool_or(in_subject) AS in_subject, bool_or(is_written) AS is_written FROM (
        SELECT unnest(tsvector_to_array(to_tsvector('simple', fold(${subject})))) AS word,
          true AS in_subject, true AS is_written
        UNION ALL SELECT unnest(tsvector_to_array(to_tsvector('simple', fold(${description})))), false, true
        UNION ALL SELECT unnest(${forms.subject}::text[]), true, false
        UNION ALL SELECT unnest(${forms.description}::text[]), false, false
      ) AS words GROUP BY word
    ), common AS (
      SELECT unnest(most_common_elems::text::text[]) AS word, unnest(most_common_elem_freqs) AS share
      FROM pg_stats WHERE schemaname = 'public' AND tablename = 'tickets' AND attname = 'search'
    )
    SELECT draft.word, draft.in_subject AS "inSubject", draft.is_written AS "isWritten", common.share, coalesce((
      SELECT ticket_number FROM organisation_counters WHERE organisation_id = ${organisationId}::uuid
    ), 0) AS tickets
    FROM draft LEFT JOIN common USING (word)`
}

/** Long tickets hold many words by chance: so many bytes halve what those found are worth. */
const PAGE = 3000

/** Words that a ticket has to hold all of, and what it counts. */
export interface WordLookup {
  words: readonly string[]
  weight: number
}

/** What to look up. */
export interface Lookups {
  words: readonly WordLookup[]
  /** Parts of the subject, folded: letters and digits only, so that nothing in them is a wild card. */
  parts: readonly string[]
}

/** Lexemes as PostgreSQL writes them in a tsquery: nothing inside the quotes is an operator. */
function queryOf(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`).join(' & ')
}

export interface CandidateRow {
  id: string
  subject: string
  description: string
  clusterId: string | null
  /** How many tickets each lookup found (`word`, `word & word`, `*part`), up to the limit. The same in every row. */
  counts: Record<string, number>
}

/**
 * The tickets found by the lookups, the best by the rarity of what found them first. Each lookup reads one of the two
 * GIN indexes, tickets_search_idx or tickets_subject_idx, both led by organisation_id, and few rows of it. The lateral
 * join keeps it so: one query that is an OR of all words would rank everything it finds. Limits and parts are written
 * so that the planner sees their values: of a limit or a pattern that it does not know it thinks a scan is cheaper.
 */
export function candidates(
  organisationId: string,
  { words, parts }: Lookups,
  limits: { lookup: number; part: number; candidates: number; description: number },
  leftOut: string | null = null,
): Prisma.Sql {
  return Prisma.sql`
    WITH hit AS MATERIALIZED (
      SELECT lookup.key, lookup.weight, found.id, found.size
      FROM unnest(
        ${words.map((one) => one.words.join(' & '))}::text[],
        ${words.map((one) => queryOf(one.words))}::text[]::tsquery[],
        ${words.map((one) => one.weight)}::float8[]
      ) AS lookup (key, query, weight)
      CROSS JOIN LATERAL (
        SELECT t.id, octet_length(t.description) AS size FROM tickets t
        WHERE t.organisation_id = ${organisationId}::uuid AND t.search @@ lookup.query LIMIT ${literal(limits.lookup)}
      ) AS found
      ${
        parts.length > 0
          ? Prisma.join(
              parts.map((part) => subjectsWith(organisationId, part, limits.part)),
              '',
            )
          : Prisma.empty
      }
    ), counted AS (
      SELECT key, count(*)::int AS found FROM hit GROUP BY key
    ), best AS (
      SELECT hit.id, sum(hit.weight * ln(1 + ${literal(limits.lookup)} / counted.found::float8))
        / (1 + min(hit.size) / ${literal(PAGE)}::float8) AS weight
      FROM hit JOIN counted USING (key) WHERE hit.id IS DISTINCT FROM ${leftOut}::uuid
      GROUP BY hit.id ORDER BY weight DESC, hit.id DESC LIMIT ${literal(limits.candidates)}
    )
    SELECT t.id, t.subject, left(t.description, ${literal(limits.description)}) AS description,
      t.cluster_id AS "clusterId", (SELECT jsonb_object_agg(key, found) FROM counted) AS counts
    FROM best JOIN tickets t ON t.id = best.id AND t.organisation_id = ${organisationId}::uuid
    ORDER BY best.weight DESC, t.id DESC`
}

function subjectsWith(organisationId: string, part: string, limit: number): Prisma.Sql {
  return Prisma.sql`
      UNION ALL (
        SELECT '*' || ${part}, 1, t.id, octet_length(t.description) FROM tickets t
        WHERE t.organisation_id = ${organisationId}::uuid AND fold(t.subject) LIKE '%' || ${part}::text || '%'
        LIMIT ${literal(limit)}
      )`
}

function literal(number: number): Prisma.Sql {
  return Prisma.raw(String(Math.trunc(number)))
}

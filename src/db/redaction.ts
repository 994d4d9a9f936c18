// Where copies of a text lie: the reviews that hold it as their draft. Called by the operator's redaction.

import { Prisma } from '../generated/prisma/client.ts'
import type { Database, Tx } from './client.ts'

/** A draft, and who wrote it. */
export interface DraftText {
  organisationId: string
  subject: string
  description: string
  createdById: string | null
}

/**
 * The reviews that came to nothing and hold the same description, or the same subject by the same author: who is asked
 * for more changes one of the two and has it reviewed anew. Locked in the order of ids.
 */
export async function lockUnusedCopies(tx: Tx, drafts: readonly DraftText[]): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM reviews r WHERE used_ticket_id IS NULL AND EXISTS (
      SELECT FROM unnest(${drafts.map(({ organisationId }) => organisationId)}::uuid[],
        ${drafts.map(({ subject }) => subject)}::text[], ${drafts.map(({ description }) => description)}::text[],
        ${drafts.map(({ createdById }) => createdById)}::uuid[]) AS draft (organisation_id, subject, description, author)
      WHERE draft.organisation_id = r.organisation_id AND (draft.description = r.description
        OR (draft.subject = r.subject AND draft.author IS NOT DISTINCT FROM r.created_by_id)))
    ORDER BY id FOR UPDATE`
  return rows.map(({ id }) => id)
}

/** The planner keeps samples of texts: it is to take new ones. */
export async function forgetSamples(database: Database): Promise<void> {
  await database.query(Prisma.sql`ANALYZE tickets, comments, attachments, reviews`)
}

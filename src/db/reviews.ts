// Stores a review: one statement, since it is waited for and many may be at once.

import { revisionsRaised } from '../events/revisions.ts'
import { Prisma, type Review } from '../generated/prisma/client.ts'
import type { Database } from './client.ts'
import { snakeCase } from './reads/columns.ts'

/** With the organisation's revisions: whoever may read the review sees something new. */
export async function storeReview(database: Database, review: Review): Promise<void> {
  const row = Object.entries(review).map(([field, value]) => [snakeCase(field), value])
  await database.query(Prisma.sql`
    WITH stored AS (
      INSERT INTO reviews
      SELECT * FROM jsonb_populate_record(NULL::reviews, ${JSON.stringify(Object.fromEntries(row))}::jsonb)
    )
    ${revisionsRaised(review.organisationId)}`)
}

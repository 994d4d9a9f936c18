// The two revisions of an organisation: each rises in every transaction that changes anything its readers can see, so
// that one number says whether an answer is still true. Changes of tickets raise them in log.ts; everything else here.

import type { Tx } from '../db/client.ts'
import { Prisma } from '../generated/prisma/client.ts'

/** As a statement, or as the last part of one. */
export const revisionsRaised = (organisationId: string): Prisma.Sql => Prisma.sql`
  UPDATE organisation_counters
  SET public_revision = public_revision + 1, team_revision = team_revision + 1
  WHERE organisation_id = ${organisationId}::uuid`

/** Call late in the transaction, for several organisations in the order of their ids (one order of locks everywhere). */
export async function raiseRevisions(tx: Tx, organisationId: string): Promise<void> {
  await tx.$executeRaw(revisionsRaised(organisationId))
}

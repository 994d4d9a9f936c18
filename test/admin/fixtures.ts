// For the tests of the operator's functions: revisions before and after.

import type { Database } from '../../src/db/client.ts'

export interface Revisions {
  publicRevision: bigint
  teamRevision: bigint
}

export async function revisionsOf(database: Database, organisationId: string): Promise<Revisions> {
  return database.prisma.organisationCounters.findUniqueOrThrow({
    where: { organisationId },
    select: { publicRevision: true, teamRevision: true },
  })
}

/** By how much each revision of the organisations rose while `change` ran. */
export async function raisedBy(database: Database, ids: readonly string[], change: () => Promise<unknown>) {
  const before = await Promise.all(ids.map((id) => revisionsOf(database, id)))
  await change()
  const after = await Promise.all(ids.map((id) => revisionsOf(database, id)))
  return after.map((now, i) => [
    Number(now.publicRevision - (before[i]?.publicRevision ?? 0n)),
    Number(now.teamRevision - (before[i]?.teamRevision ?? 0n)),
  ])
}

// What the platform knows of an organisation's clusters, as the operator (and the demonstration) puts it down.

import { v7 as uuid } from 'uuid'
import type { Tx } from '../db/client.ts'
import { type ClusterFacts, putCluster as writeCluster } from '../db/clusters.ts'
import { raiseRevisions } from '../events/revisions.ts'
import type { Cluster } from '../generated/prisma/client.ts'

export type ObservedFacts = Omit<ClusterFacts, 'id' | 'observedAt'> & {
  /** Now, unless given. */
  observedAt?: Date
}

/** Makes the cluster, or replaces all facts of the one of that name, which keeps its id. */
export async function putCluster(tx: Tx, facts: ObservedFacts): Promise<Cluster> {
  const cluster = await writeCluster(tx, { observedAt: new Date(), ...facts, id: uuid() })
  await raiseRevisions(tx, facts.organisationId)
  return cluster
}

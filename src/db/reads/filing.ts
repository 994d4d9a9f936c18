// What filing a ticket looks up besides the review: the cluster's facts and a resolved twin, in one statement.

import { type Cluster, Prisma } from '../../generated/prisma/client.ts'
import type { ClusterContext } from '../../review/reviewer.ts'
import type { Database } from '../client.ts'

/** A resolved ticket that looks alike; nothing of its text. */
export interface Twin {
  number: number
  resolvedAt: Date
}

export interface FilingFacts {
  cluster: ClusterContext | null
  /** The best of the candidates that the team resolved; one that was merely closed helps nobody. */
  twin: Twin | null
}

export async function filingFacts(
  database: Database,
  organisationId: string,
  clusterId: string | null,
  candidateIds: readonly string[],
): Promise<FilingFacts> {
  if (clusterId === null && candidateIds.length === 0) return { cluster: null, twin: null }
  const [row] = await database.query<{ cluster: StoredCluster | null; number: number | null; resolvedAt: Date }>(
    Prisma.sql`
    SELECT (SELECT to_jsonb(cl) FROM clusters cl
        WHERE cl.organisation_id = ${organisationId}::uuid AND cl.id = ${clusterId}::uuid) AS cluster,
      twin.number, twin.resolved_at AS "resolvedAt"
    FROM (SELECT) one LEFT JOIN LATERAL (
      SELECT t.number, t.resolved_at FROM unnest(${candidateIds}::uuid[]) WITH ORDINALITY AS c (id, rank)
      JOIN tickets t ON t.organisation_id = ${organisationId}::uuid AND t.id = c.id
      WHERE t.resolved_at IS DISTINCT FROM t.closed_at AND t.resolved_at IS NOT NULL ORDER BY c.rank LIMIT 1
    ) twin ON true`,
  )
  const { cluster = null, number = null, resolvedAt } = row ?? {}
  return {
    cluster: cluster && contextOf({ ...cluster, observed_at: new Date(cluster.observed_at).toISOString() }),
    twin: number === null || !resolvedAt ? null : { number, resolvedAt },
  }
}

/** The columns of a cluster as to_jsonb writes them. */
type StoredCluster = ClusterContext & { id: string }

function contextOf({
  name,
  kind,
  state,
  kube_version,
  control_planes,
  nodes,
  environment,
  observed_at,
}: ClusterContext) {
  return { name, kind, state, kube_version, control_planes, nodes, environment, observed_at }
}

/** The facts of a cluster that a ticket keeps as they were when it was filed. */
export function clusterContext(cluster: Cluster): ClusterContext {
  return contextOf({
    ...cluster,
    kube_version: cluster.kubeVersion,
    control_planes: cluster.controlPlanes,
    observed_at: cluster.observedAt.toISOString(),
  })
}

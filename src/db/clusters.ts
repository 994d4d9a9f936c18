// What the platform tells of a cluster, written whole: by an operation, by the operator's commands, by the seed.

import type { Cluster } from '../generated/prisma/client.ts'
import type { Tx } from './client.ts'
import { clusterColumns } from './reads/columns.ts'

export interface ClusterFacts {
  organisationId: string
  /** Used where the organisation has no cluster of this name yet. */
  id: string
  /** Unique in its organisation, without minding case; the last spelling stays. */
  name: string
  kind?: string | undefined
  state: string
  description?: string | undefined
  environment?: string | undefined
  kubeVersion?: string | undefined
  controlPlanes: number
  nodes: number
  observedAt: Date
}

/** Replaces all facts of the organisation's cluster of that name, or adds it; what is absent becomes null. */
export async function putCluster(tx: Tx, facts: ClusterFacts): Promise<Cluster> {
  const { kind = null, description = null, environment = null, kubeVersion = null, observedAt } = facts
  const [cluster] = await tx.$queryRaw<Cluster[]>`
    INSERT INTO clusters AS cl (organisation_id, id, name, kind, state, description, environment, kube_version,
      control_planes, nodes, created_at, observed_at)
    VALUES (${facts.organisationId}::uuid, ${facts.id}::uuid, ${facts.name}, ${kind}, ${facts.state}, ${description},
      ${environment}, ${kubeVersion}, ${facts.controlPlanes}, ${facts.nodes}, ${observedAt}, ${observedAt})
    ON CONFLICT (organisation_id, lower(name)) DO UPDATE SET
      name = EXCLUDED.name, kind = EXCLUDED.kind, state = EXCLUDED.state, description = EXCLUDED.description,
      environment = EXCLUDED.environment, kube_version = EXCLUDED.kube_version,
      control_planes = EXCLUDED.control_planes, nodes = EXCLUDED.nodes, observed_at = EXCLUDED.observed_at
    RETURNING ${clusterColumns}`
  return cluster as Cluster
}

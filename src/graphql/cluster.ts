// Clusters: what a ticket may be about, and what the platform last told of them.

import { encodeNamePlace } from '../db/reads/directory.ts'
import type { Cluster as ClusterRow } from '../generated/prisma/client.ts'
import { getCluster, listClusters } from '../operations/clusters.ts'
import { builder } from './builder.ts'
import { connectionType, forwardArgs } from './connection.ts'
import { Cluster } from './refs.ts'
import { list, query } from './run.ts'
import { TicketConnection, ticketListArgs, ticketPage } from './ticket-list.ts'

builder.prismaObjectFields(Cluster, (t) => ({
  name: t.exposeString('name', { description: 'Unique in its organisation, without minding case.' }),
  kind: t.exposeString('kind', { nullable: true }),
  state: t.exposeString('state'),
  description: t.exposeString('description', { nullable: true }),
  environment: t.exposeString('environment', { nullable: true }),
  kubeVersion: t.exposeString('kubeVersion', { nullable: true }),
  controlPlanes: t.exposeInt('controlPlanes'),
  nodes: t.exposeInt('nodes'),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
  observedAt: t.expose('observedAt', { type: 'DateTime', description: 'When these facts were last told.' }),
  tickets: t.field({
    type: TicketConnection,
    args: ticketListArgs(),
    resolve: ({ id, organisationId }, args, context, info) =>
      ticketPage(context, info, args, { organisationId, clusterId: id }),
  }),
}))

export const ClusterConnection = connectionType<ClusterRow>('Cluster', Cluster)

interface ClusterArgs {
  organisationId?: string | null | undefined
  first?: number | null | undefined
  after?: string | null | undefined
}

export async function clusterPage(context: Parameters<typeof list>[0], args: ClusterArgs) {
  return { ...(await list(context, listClusters, args)), cursorOf: encodeNamePlace }
}

builder.queryField('cluster', (t) =>
  t.field({
    type: Cluster,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, args, context) => query(context, getCluster, args),
  }),
)

builder.queryField('clusters', (t) =>
  t.field({
    type: ClusterConnection,
    description: 'By name. The team sees those of all organisations, unless it names one.',
    args: { organisationId: t.arg.id(), ...forwardArgs() },
    resolve: (_, args, context) => clusterPage(context, args),
  }),
)

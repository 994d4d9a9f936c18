// The clusters of an organisation and what the platform knows of them.

import { z } from 'zod'
import { putCluster } from '../db/clusters.ts'
import { clusterOffsetPage, decodeNamePlace, type NamePage } from '../db/reads/directory.ts'
import { raiseRevisions } from '../events/revisions.ts'
import type { Cluster } from '../generated/prisma/client.ts'
import { clusterWriter, member, organisationToRead, organisationToWrite, scopeIn } from './access.ts'
import { inputProblem, isProblem, notFound, type Problem } from './errors.ts'
import { operation } from './execute.ts'
import { once } from './idempotency.ts'
import { forwardPage, id, idempotencyKey, LARGEST_PAGE, nameText, optional, PAGE_SIZE, plainText } from './input.ts'

export const getCluster = operation({
  name: 'cluster',
  access: member,
  rate: 'read',
  input: z.strictObject({ id }),
  run: async (call, input): Promise<Cluster | Problem> =>
    (await call.loaders.cluster.load(input.id)) ?? notFound('cluster'),
})

export const listClusters = operation({
  name: 'clusters',
  access: member,
  rate: 'read',
  input: z.strictObject({ organisationId: optional(id), ...forwardPage }),

  async run(call, { organisationId: named, ...paging }) {
    const page = namePage(paging)
    if (isProblem(page)) return page
    return call.loaders.clusters({ organisationId: organisationToRead(call.viewer, named) }, page)
  },
})

/** REST's numbered pages of clusters. */
export const listClustersByNumber = operation({
  name: 'clustersByNumber',
  access: member,
  rate: 'read',
  input: z.strictObject({
    page: z.int().min(1).max(1_000_000).default(1),
    pageSize: z.int().min(1).max(LARGEST_PAGE).default(PAGE_SIZE),
    clusterId: optional(id),
    clusterName: optional(plainText.max(200)),
  }),

  async run(call, { page, pageSize, clusterId, clusterName }) {
    const organisationId = organisationToRead(call.viewer, undefined)
    const scope = organisationId === null ? call.scope : scopeIn(call.scope, organisationId)
    const filter = { id: clusterId, name: clusterName }
    const found = await clusterOffsetPage(call.database, scope, filter, {
      limit: pageSize,
      offset: (page - 1) * pageSize,
    })
    return { ...found, page, pageSize }
  },
})

/** A forward page of a list that goes by name. */
export function namePage({ first = PAGE_SIZE, after }: Partial<NamePage>): NamePage | Problem {
  if (after === undefined || decodeNamePlace(after)) return { first, after }
  return inputProblem('after', 'INVALID', 'This is not a cursor of this list. Take one from its edges or its pageInfo.')
}

const size = z.int().min(0).max(100_000)

export const upsertCluster = operation({
  name: 'upsertCluster',
  access: clusterWriter,
  rate: 'write',
  input: z.strictObject({
    organisationId: optional(id),
    name: nameText(200),
    kind: optional(nameText(100)),
    state: nameText(100),
    description: optional(nameText(1000)),
    environment: optional(nameText(100)),
    kubeVersion: optional(nameText(100)),
    controlPlanes: size,
    nodes: size,
    idempotencyKey: optional(idempotencyKey),
  }),

  async run(call, input): Promise<{ cluster: Cluster } | Problem> {
    const organisationId = await organisationToWrite(call, input.organisationId)
    if (isProblem(organisationId)) return organisationId
    return once<{ cluster: Cluster }>(call, {
      operation: 'upsertCluster',
      key: input.idempotencyKey,
      input,
      of: { organisationId },
      async first(tx, clusterId, settle) {
        const cluster = await putCluster(tx, { ...input, organisationId, id: clusterId, observedAt: call.now() })
        await settle(cluster.id)
        await raiseRevisions(tx, organisationId)
        return { cluster }
      },
      async again(clusterId) {
        const cluster = await call.loaders.cluster.load(clusterId)
        return cluster ? { cluster } : notFound('cluster')
      },
    })
  },
})

// `cluster …`: what is known of an organisation's clusters, where no platform puts it down through the API.

import { z } from 'zod'
import { nameText } from '../../operations/input.ts'
import * as argument from '../arguments.ts'
import { putCluster } from '../clusters.ts'
import { type Command, columns, command } from '../command.ts'
import { findOrganisation } from '../organisations.ts'

const put = command({
  name: 'cluster put',
  usage: '--organisation SLUG --name NAME --state STATE --control-planes N --nodes N [FACTS]',
  summary: 'Makes a cluster, or replaces all that is known of the one of that name; prints its id.',
  flags: {
    organisation: argument.organisationFlag,
    name: { value: 'NAME', help: 'unique in the organisation, whatever its case' },
    state: { value: 'STATE', help: 'how it is, such as running' },
    controlPlanes: { value: 'N', help: 'how many machines control it' },
    nodes: { value: 'N', help: 'how many machines work in it' },
    kind: { value: 'KIND', help: 'such as k3s; no longer known unless given, like all below' },
    description: { value: 'TEXT', help: 'what it is for' },
    environment: { value: 'NAME', help: 'such as production' },
    kubeVersion: { value: 'VERSION', help: 'such as 1.34.2' },
  },
  input: z.object({
    organisation: argument.slug,
    // As long as upsertCluster allows.
    name: nameText(200),
    state: nameText(100),
    controlPlanes: argument.machines,
    nodes: argument.machines,
    kind: nameText(100).optional(),
    description: nameText(1000).optional(),
    environment: nameText(100).optional(),
    kubeVersion: nameText(100).optional(),
  }),
  async run({ database, io }, { organisation, ...facts }) {
    const cluster = await database.write(async (tx) =>
      putCluster(tx, { ...facts, organisationId: (await findOrganisation(tx, organisation)).id }),
    )
    io.note(`Put down the cluster ${cluster.name} of ${organisation}.`)
    io.out(cluster.id)
  },
})

const list = command({
  name: 'cluster list',
  usage: '--organisation SLUG',
  summary: 'Lists the clusters of an organisation.',
  flags: { organisation: argument.organisationFlag },
  input: z.object({ organisation: argument.slug }),
  async run({ database, io }, { organisation }) {
    const { id } = await findOrganisation(database.prisma, organisation)
    const clusters = await database.prisma.cluster.findMany({
      where: { organisationId: id },
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
    })
    const rows = clusters.map((one) => [
      one.name,
      one.state,
      `${one.controlPlanes}+${one.nodes}`,
      one.kubeVersion ?? '-',
      one.observedAt.toISOString(),
      one.id,
    ])
    for (const line of columns([['NAME', 'STATE', 'MACHINES', 'KUBE', 'OBSERVED', 'ID'], ...rows])) io.out(line)
  },
})

export const clusterCommands: readonly Command[] = [put, list]

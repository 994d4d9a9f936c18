// The clusters of the demonstration, and how the platform observes them.

import { putCluster } from '../../admin/clusters.ts'
import type { Tx } from '../client.ts'
import type { ClusterFacts } from '../clusters.ts'
import type { Cast } from './cast.ts'
import { CUSTOMERS, type Customer } from './people.ts'

export type Facts = Omit<ClusterFacts, 'organisationId' | 'id' | 'name' | 'observedAt'>

const ACME = {
  'prod-eu': {
    kind: 'managed',
    state: 'online',
    description: 'Shop and checkout, Frankfurt',
    environment: 'production',
    kubeVersion: 'v1.35.6',
    controlPlanes: 3,
    nodes: 14,
  },
  'prod-us': {
    kind: 'managed',
    state: 'online',
    description: 'Shop and checkout, Ashburn',
    environment: 'production',
    kubeVersion: 'v1.35.6',
    controlPlanes: 3,
    nodes: 9,
  },
  'data-platform': {
    kind: 'managed',
    state: 'online',
    description: 'Kafka, PostgreSQL and the nightly jobs',
    environment: 'production',
    kubeVersion: 'v1.34.9',
    controlPlanes: 3,
    nodes: 8,
  },
  'edge-warsaw': {
    kind: 'imported',
    state: 'online',
    description: 'k3s in the warehouse: scanners and label printers',
    environment: 'edge',
    kubeVersion: 'v1.34.6+k3s1',
    controlPlanes: 1,
    nodes: 2,
  },
  staging: {
    kind: 'managed',
    state: 'online',
    environment: 'staging',
    kubeVersion: 'v1.36.2',
    controlPlanes: 1,
    nodes: 4,
  },
  'dev-sandbox': {
    kind: 'managed',
    state: 'stopped',
    description: 'Switched off outside office hours',
    environment: 'development',
    kubeVersion: 'v1.36.2',
    controlPlanes: 1,
    nodes: 0,
  },
} satisfies Record<string, Facts>

const GLOBEX = {
  'gx-core': {
    kind: 'managed',
    state: 'online',
    description: 'Device gateway and customer API',
    environment: 'production',
    kubeVersion: 'v1.35.6',
    controlPlanes: 3,
    nodes: 12,
  },
  'gx-analytics': {
    kind: 'managed',
    state: 'online',
    description: 'Forecasts; two GPU nodes',
    environment: 'production',
    kubeVersion: 'v1.34.9',
    controlPlanes: 3,
    nodes: 6,
  },
  'gx-test': {
    kind: 'managed',
    state: 'upgrading',
    environment: 'test',
    kubeVersion: 'v1.35.6',
    controlPlanes: 1,
    nodes: 3,
  },
} satisfies Record<string, Facts>

export const CLUSTERS: Record<Customer, Record<string, Facts>> = { acme: ACME, globex: GLOBEX }

export type ClusterName = keyof typeof ACME | keyof typeof GLOBEX

const MINUTE_MS = 60_000

/** The facts of one cluster as they were told at `observedAt`; `differing`: what was different in those days. */
export async function observe(
  tx: Tx,
  organisationId: string,
  observation: { of: Customer; name: string; observedAt: Date; differing?: Partial<Facts> | undefined },
): Promise<string> {
  const { of, name, observedAt, differing } = observation
  const facts = CLUSTERS[of][name]
  if (!facts) throw new Error(`${of} has no cluster ${name}`)
  return (await putCluster(tx, { ...facts, ...differing, name, observedAt, organisationId })).id
}

/** All clusters as they are now: told a minute ago or two. */
export async function observeClusters(
  tx: Tx,
  { organisations }: Pick<Cast, 'organisations'>,
  now: Date,
): Promise<void> {
  for (const customer of CUSTOMERS) {
    for (const [index, name] of Object.keys(CLUSTERS[customer]).entries()) {
      const observedAt = new Date(now.getTime() - (1 + (index % 2)) * MINUTE_MS)
      await observe(tx, organisations[customer].id, { of: customer, name, observedAt })
    }
  }
}

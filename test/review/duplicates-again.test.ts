// Small organisations: what a colleague tells again in other words is surely the same, and nothing else is.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findDuplicates, type Searched } from '../../src/review/duplicates.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { fileTicket, makeOrganisation } from './filed.ts'

/** A trouble, the same one told by a colleague, and another one of its kind. */
interface Trouble {
  first: Searched
  again: Searched
  other: Searched
}

const told = (subject: string, description: string): Searched => ({ subject, description })

const NOTREADY: Trouble = {
  first: told(
    'Nodes NotReady after upgrade to 1.31',
    'We upgraded prod-eu from 1.30 to 1.31 this morning at 08:00. Since then three of our six worker nodes are NotReady and pods are being evicted from them.\nE0503 09:41:12.123456 kubelet.go:2901] container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:cni plugin not initialized\nRestarting the kubelet did not help.',
  ),
  again: told(
    '3 workers went NotReady, cni plugin not initialized',
    "Hi, my colleague may have written already. After yesterday's Kubernetes upgrade some workers in prod-eu stay NotReady and nothing is scheduled there. kubelet logs:\nE0503 11:02:55.000001 kubelet.go:2901] container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:cni plugin not initialized",
  ),
  other: told(
    'Node worker-7 NotReady, disk pressure',
    'Node worker-7 in prod-eu is NotReady since 10:00 today. kubectl describe shows DiskPressure=True and the kubelet evicts pods because the image filesystem is full. Three of our pods are gone.',
  ),
}
const PVC: Trouble = {
  first: told(
    'PVC stuck in Pending in namespace orders',
    'The claim orders-db-data is Pending since yesterday, the database cannot start.\nfailed to provision volume with StorageClass "fast-ssd": rpc error: code = ResourceExhausted desc = not enough free capacity in pool ssd-1\nWe asked for 200 GiB. Other storage classes work.',
  ),
  again: told(
    'Cannot get a volume for orders-db',
    'We need the orders database up again: its pod waits for orders-db-data, and the claim does not bind.\nWarning ProvisioningFailed failed to provision volume with StorageClass "fast-ssd": rpc error: code = ResourceExhausted desc = not enough free capacity in pool ssd-1',
  ),
  other: told(
    'PVC cannot be resized',
    'We raised the request of the claim metrics-data from 50 to 100 GiB and nothing happens, the PVC still shows 50 GiB. The storage class fast-ssd says allowVolumeExpansion: true.',
  ),
}
const INVOICE: Trouble = {
  first: told(
    'Invoice for July is wrong',
    'Invoice DW-2026-0718 lists twelve worker nodes, but we had only nine in July. Please correct the amount and send us a new invoice, our accounting has to pay until the 15th.',
  ),
  again: told(
    'Too many nodes billed on DW-2026-0718',
    'Accounting sent me invoice DW-2026-0718 for July. You charge twelve workers although our cluster had nine of them all month. Can you issue a corrected invoice?',
  ),
  other: told(
    'Invoice for June missing',
    'We did not receive the invoice for June, it is not in the portal either. Please send it to accounting@acme.example.',
  ),
}
const OOM: Trouble = {
  first: told(
    'checkout pods OOMKilled since release 5.2',
    'The pods of checkout are restarted every twenty minutes, last state OOMKilled, exit code 137, although the limit is 2Gi and the heap of the JVM 1Gi. Before release 5.2 memory stayed flat at 900Mi. We see it in prod-eu only.',
  ),
  again: told(
    'Memory of checkout grows until exit code 137',
    'Since the new release our checkout deployment is killed again and again: OOMKilled with exit code 137, every fifteen to twenty minutes. The JVM heap is limited to 1Gi and the container to 2Gi. Staging is not affected.',
  ),
  other: told(
    'Raise the memory quota of namespace checkout',
    'We want to run more replicas of checkout for the sale next week. Please raise the memory quota of the namespace from 16Gi to 32Gi.',
  ),
}
const DNS: Trouble = {
  first: told(
    'DNS lookups time out in pods',
    'About one lookup in ten takes five seconds or fails, in all namespaces of prod-eu, since we scaled to twelve nodes last Thursday. CoreDNS has two replicas and logs\n[ERROR] plugin/errors: 2 orders.svc.cluster.local. A: read udp 10.2.0.5:41219->10.0.0.2:53: i/o timeout',
  ),
  again: told(
    'Intermittent name resolution failures, five second delays',
    'Several of our services report slow requests. We traced it to name resolution: some lookups hang for exactly five seconds. From the CoreDNS log:\n[ERROR] plugin/errors: 2 billing.svc.cluster.local. A: read udp 10.2.1.9:52110->10.0.0.2:53: i/o timeout',
  ),
  other: told(
    'External DNS does not create records',
    'The records of our new services do not appear in the zone acme.example. external-dns logs AccessDenied for route53:ChangeResourceRecordSets since the role was replaced on Thursday.',
  ),
}
const TROUBLES = [NOTREADY, PVC, INVOICE, OOM, DNS]

let test: TestDatabase

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.close())

const high = async (organisationId: string, draft: Searched) => {
  const found = await findDuplicates(test.database, draft, { organisationId, clusterId: null })
  return found.filter(({ confidence }) => confidence === 'high').map(({ ticketId }) => ticketId)
}

describe('five troubles of five kinds, filed one after the other', () => {
  it('are each surely none of those before', async () => {
    const acme = await makeOrganisation(test.database)
    for (const { first } of TROUBLES) {
      expect(await high(acme, first)).toEqual([])
      await fileTicket(test.database, acme, first)
    }
  })

  it.each(TROUBLES)('make a sixth that tells one again high: $again.subject', async ({ first, again }) => {
    const acme = await makeOrganisation(test.database)
    const ids = new Map<Searched, string>()
    for (const trouble of TROUBLES) ids.set(trouble.first, await fileTicket(test.database, acme, trouble.first))
    expect(await high(acme, again)).toEqual([ids.get(first)])
  })

  it.each(TROUBLES)('do not make another one of the same kind high: $other.subject', async ({ other }) => {
    const acme = await makeOrganisation(test.database)
    for (const trouble of TROUBLES) await fileTicket(test.database, acme, trouble.first)
    expect(await high(acme, other)).toEqual([])
  })

  it('do not make one of a pair high, whose subjects differ in what they are about', async () => {
    const acme = await makeOrganisation(test.database)
    const quota = (namespace: string) =>
      told(
        `Raise the memory quota of namespace ${namespace}`,
        `We want to run more replicas of ${namespace} for the sale. Please raise the memory quota from 16Gi to 32Gi.`,
      )
    await fileTicket(test.database, acme, quota('checkout'))
    expect(await high(acme, quota('catalogue'))).toEqual([])
  })
})

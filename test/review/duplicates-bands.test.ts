// What is told apart, and how sure the search says it is: reports of five troubles and a wish, in one organisation.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findDuplicates, rankTickets } from '../../src/review/duplicates.ts'
import { differInNumbers, numbersOf } from '../../src/review/numbers.ts'
import { compare, profileOf } from '../../src/review/similarity.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { fileTicket, makeOrganisation } from './filed.ts'

const NOT_READY = {
  subject: 'Node worker-3 NotReady after kernel update',
  description:
    'Since the kernel update this morning the node worker-3 of our production cluster is NotReady. The kubelet stopped posting its status, pods are evicted and do not come back.',
}
const BAD_GATEWAY = {
  subject: 'Ingress answers 502 for large uploads',
  description:
    'Uploads of more than 50 MB to the shop fail with 502 Bad Gateway since this morning in our production cluster. The log of the nginx ingress says upstream prematurely closed connection.',
}
const PVC = {
  subject: 'PVC stuck in Pending in namespace orders',
  description:
    'A new volume claim for the database in our production cluster stays Pending since this morning. The event says that no volume plugin matched and the storage class fast waits for its first consumer.',
}
const INVOICE = {
  subject: 'Invoice for July is wrong',
  description:
    'The invoice of July lists twelve nodes, but our production cluster had only nine of them. Please correct the amount and send it again.',
}
const LOGIN = {
  subject: 'SSO login fails with invalid assertion',
  description:
    'Nobody of our company can sign in with SSO since this morning. After the redirect from Okta the portal says invalid assertion, audience does not match.',
}
const TROUBLES = [NOT_READY, BAD_GATEWAY, PVC, INVOICE, LOGIN]

let test: TestDatabase
let acme: string
const ids = new Map<string, string>()

beforeAll(async () => {
  test = await testDatabase()
  acme = await makeOrganisation(test.database)
  for (const trouble of TROUBLES) ids.set(trouble.subject, await fileTicket(test.database, acme, trouble))
})
afterAll(() => test.close())

const context = (leftOut: string | null = null) => ({ organisationId: acme, clusterId: null, leftOut })
const leftOut = ({ subject }: typeof NOT_READY) => ids.get(subject) ?? null

describe('well described troubles', () => {
  it.each(TROUBLES)('are not high for each other: $subject', async (trouble) => {
    const found = await findDuplicates(test.database, trouble, context(leftOut(trouble)))
    expect(found.filter(({ confidence }) => confidence === 'high')).toEqual([])
  })

  it('are found in other words, first of all and at least as medium', async () => {
    const [first] = await findDuplicates(
      test.database,
      {
        subject: 'worker-3 is NotReady since the kernel was updated',
        description:
          'The kubelet on node worker-3 posts no status any more after the update of the kernel this morning. Its pods were evicted, our production is short of a node.',
      },
      context(),
    )
    expect(first?.ticketId).toBe(ids.get(NOT_READY.subject))
    expect(['high', 'medium']).toContain(first?.confidence)
  })

  it('are high when they are told word for word, but not when a short subject is all that is told', async () => {
    const [same] = await findDuplicates(test.database, NOT_READY, context())
    expect(same).toMatchObject({ ticketId: ids.get(NOT_READY.subject), confidence: 'high' })
    const { subject } = INVOICE
    const short = await findDuplicates(test.database, { subject, description: subject }, context())
    expect(short.map(({ confidence }) => confidence)).not.toContain('high')
  })

  it('leave out the ticket that the draft became', async () => {
    const ranked = await rankTickets(test.database, NOT_READY, context(leftOut(NOT_READY)))
    expect(ranked.map(({ ticketId }) => ticketId)).not.toContain(leftOut(NOT_READY))
  })
})

describe('numbers and versions', () => {
  const differ = (a: string, b: string) => differInNumbers(numbersOf(a), numbersOf(b))

  it('tell subjects apart where each names one of its own', () => {
    expect(differ('Upgrade to 3.3.1', 'Upgrade to 3.3.2')).toBe('all')
    expect(differ('Move node-17 to 1.31', 'Move node-18 to 1.31')).toBe('some')
  })

  it('do not where they are the same, or only one of the subjects has any', () => {
    expect(differ('Upgrade to 3.3.1', 'Please upgrade to v3.3.1')).toBeNull()
    expect(differ('Upgrade to 3.3.1', 'Upgrade fails')).toBeNull()
    expect(differ('Upgrade from 3.3.0 to 3.4', 'Upgrade to 3.4.0')).toBeNull()
    expect(differ('NotReady after 1.31', 'NotReady since 1.31.2')).toBeNull()
  })
})

describe('numbers of different kinds', () => {
  it('say nothing against each other', () => {
    const differ = (a: string, b: string) => differInNumbers(numbersOf(a), numbersOf(b))
    expect(differ('Upgrade jetty to fix CVE-2022-2047', 'Upgrade jetty to 9.4.48')).toBeNull()
    expect(differ('3 nodes NotReady', 'Nodes NotReady after 1.31')).toBeNull()
    expect(differ('x509 error in S3 client', 'x509 error for 2 hosts')).toBeNull()
    expect(differ('Build fails with JDK11', 'Build fails with JDK17')).toBe('all')
  })
})

describe('likeness', () => {
  const alike = (a: string, b: string) => compare(profileOf(a, ''), profileOf(b, ''), () => 1)

  it('sees the words inside identifiers', () => {
    expect(alike('The node manager hangs', 'NodeManager hangs').shared.sort()).toEqual(['hang', 'manager', 'nod'])
    expect(alike('The node manager hangs', 'NodeManager hangs').covered).toBe(1)
  })

  it('sees words with other endings', () => {
    expect(alike('Pods restarting', 'Pod restarts').score).toBeGreaterThan(0.8)
  })

  it('is greater for a name in one piece than for its parts in other names', () => {
    const score = (other: string) => alike('ImagePullBackOff in staging', other).score
    expect(score('ImagePullBackOff seen')).toBeGreaterThan(score('ImageGone PullFailed BackOffLimit seen'))
  })

  it('is one for the same text and nought for nothing in common', () => {
    expect(alike('DNSLookup fails in pods', 'DNSLookup fails in pods').score).toBeCloseTo(1)
    expect(alike('DNSLookup fails in pods', 'Rechnung für Juli')).toMatchObject({ score: 0, covered: 0, shared: [] })
  })
})

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { candidates } from '../../src/review/duplicates.sql.ts'
import { makeLocalReviewer } from '../../src/review/local.ts'
import type { Candidate, Draft } from '../../src/review/reviewer.ts'
import { quality, recommendedAction } from '../../src/review/verdict.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'

const ACME = randomUUID()
const GLOBEX = randomUUID()
const PROD = randomUUID()
const NOW = new Date('2026-06-01T12:00:00Z')

const NOTREADY = {
  subject: 'Nodes NotReady after upgrade to 1.31',
  description:
    'After the upgrade of prod-eu to 1.31.1 three workers are NotReady.\nE0503 09:41:12.123456 kubelet.go:2901] container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:cni plugin not initialized',
}
const PULLS = {
  subject: 'Image pulls from registry.acme.example fail with x509 error',
  description:
    'All new pods hang in ImagePullBackOff since this morning.\nFailed to pull image "registry.acme.example/shop:17": tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
}
const OTHERS = [
  ['Invoice for July', 'Please send us the invoice for July, it is missing in the portal.'],
  ['Dark mode for the portal', 'It would be great to have a dark theme, many of us work at night.'],
  ['PVC stuck in Pending', 'failed to provision volume with StorageClass "fast": rpc error: code = ResourceExhausted'],
  ['CoreDNS restarts', 'Both CoreDNS pods restart every few minutes, last state OOMKilled, memory limit 170Mi.'],
  ['VPN tunnel drops at night', 'The site-to-site VPN drops every night at 02:00 for five minutes.'],
  ['Upgrade to 3.3.2', 'Please upgrade our cluster stage-1 to version 3.3.2 in the next maintenance window.'],
  ['Grafana shows no data', 'The dashboards of the namespace monitoring are empty since the weekend.'],
  [
    'Nightly backup of orders fails',
    'The cron job orders-backup ends with exit code 1: pg_dump: permission denied for table customers.',
  ],
  ['Cannot delete namespace', 'The namespace blue is stuck in Terminating, finalizer kubernetes remains.'],
  [
    'Ingress returns 502',
    'The shop answers 502 Bad Gateway for large uploads, upstream prematurely closed connection.',
  ],
] as const

let test: TestDatabase
const ids = new Map<string, string>()

beforeAll(async () => {
  test = await testDatabase()
  const { prisma } = test.database
  await prisma.organisation.createMany({
    data: [
      { id: ACME, name: 'Acme', slug: 'acme' },
      { id: GLOBEX, name: 'Globex', slug: 'globex' },
    ],
  })
  await prisma.organisationCounters.createMany({ data: [{ organisationId: ACME }, { organisationId: GLOBEX }] })
  const cluster = { organisationId: ACME, id: PROD, name: 'prod-eu', state: 'online', controlPlanes: 3, nodes: 6 }
  await prisma.cluster.create({ data: { ...cluster, observedAt: NOW } })
  for (const [subject, description] of OTHERS) await file(ACME, subject, description)
  await file(ACME, NOTREADY.subject, NOTREADY.description, PROD)
  await file(ACME, PULLS.subject, PULLS.description)
  for (const { subject, description } of [NOTREADY, PULLS]) await file(GLOBEX, `${subject} (Globex)`, description)
})
afterAll(() => test.close())

async function file(organisationId: string, subject: string, description: string, clusterId: string | null = null) {
  const id = randomUUID()
  ids.set(subject, id)
  const { ticketNumber } = await test.database.prisma.organisationCounters.update({
    where: { organisationId },
    data: { ticketNumber: { increment: 1 } },
  })
  await test.database.prisma.ticket.create({
    data: {
      ...{ organisationId, id, number: ticketNumber, version: 1, teamVersion: 1, lastSeq: 1n, lastPublicSeq: 1n },
      ...{ subject, description, source: 'api', category: 'technical', categoryChosen: false, severityChosen: false },
      ...{ status: 'open', aiReviewStatus: 'passed', createdByType: 'customer', createdByLabel: 'Ada', clusterId },
      ...{ createdAt: NOW, updatedAt: NOW },
    },
  })
}

const never = new AbortController().signal

async function review(subject: string, description: string, clusterId: string | null = null, organisationId = ACME) {
  const draft: Draft = { subject, description, category: null, cluster: null, answers: [] }
  return makeLocalReviewer(test.database).review(draft, { organisationId, clusterId, now: NOW }, never)
}

async function find(subject: string, description: string, clusterId: string | null = null): Promise<Candidate[]> {
  return (await review(subject, description, clusterId)).candidates
}

describe('duplicates', () => {
  it('are found with the same error line, told in other words', async () => {
    const [first, ...rest] = await find(
      'Workers NotReady since the upgrade',
      'Several nodes went NotReady when we upgraded prod-eu.\n2026-05-03T11:02:55Z E0503 11:02:55.000001 kubelet.go:2901] container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:cni plugin not initialized',
      PROD,
    )
    expect(first).toMatchObject({ ticketId: ids.get(NOTREADY.subject), confidence: 'high' })
    expect(first?.evidence[0]).toMatch(/^the same error line: .*cni plugin not initialized|^the same error line: .+…$/)
    expect(first?.evidence).toContain('the same cluster')
    expect(rest).toEqual([])
  })

  it('are found by an alike subject and the same certificate', async () => {
    const [first] = await find(
      'Image pulls fail: x509 error from registry.acme.example',
      'New pods are in ImagePullBackOff. Failed to pull image "registry.acme.example/cart:3": x509: certificate has expired or is not yet valid',
    )
    expect(first).toMatchObject({ ticketId: ids.get(PULLS.subject), confidence: 'high' })
  })

  it('recommend to link, while a new problem, well described, goes through with nothing in its way', async () => {
    const known = await review(NOTREADY.subject, NOTREADY.description, PROD)
    expect(recommendedAction(known)).toBe('link_duplicate')
    const fresh = await review(
      'Kafka consumers lag after broker restart',
      'Since 08:15 today the consumer group billing-events lags by two million messages in all three partitions. We restarted broker 2 after a disk change. The log says: "Offset commit failed on partition events-1: The coordinator is not aware of this member".',
    )
    expect(fresh).toMatchObject({ candidates: [], questions: [] })
    expect(quality(fresh)).toBe('pass')
    expect(recommendedAction(fresh)).toBe('submit')
  })

  it('are never of another organisation', async () => {
    for (const { subject, description } of [NOTREADY, PULLS]) {
      const acme = await find(subject, description)
      expect(acme.map(({ ticketId }) => ticketId)).toContain(ids.get(subject))
      expect(acme.map(({ ticketId }) => ticketId)).not.toContain(ids.get(`${subject} (Globex)`))
      const { candidates: globex } = await review(subject, description, null, GLOBEX)
      expect(globex.map(({ ticketId }) => ticketId)).toEqual([ids.get(`${subject} (Globex)`)])
    }
    expect((await review(NOTREADY.subject, NOTREADY.description, null, randomUUID())).candidates).toEqual([])
  })

  it('are not those that name another version', async () => {
    expect(
      await find(
        'Upgrade to 3.3.1',
        'Please upgrade our cluster stage-1 to version 3.3.1 in the next maintenance window.',
      ),
    ).toEqual([])
    const [same] = await find('Upgrade to 3.3.2', 'Please upgrade the cluster stage-1 to version 3.3.2 next week.')
    expect(same?.ticketId).toBe(ids.get('Upgrade to 3.3.2'))
  })

  it('are not those that share but a form and politeness', async () => {
    const form = (what: string) =>
      `Hello team,\n## Description\n${what}\n## Steps to reproduce\n1. see above\n## Expected behaviour\nIt works.\n## Environment\nproduction\nThank you, best regards`
    await file(ACME, 'Mail relay rejects our messages', form('The relay answers 550 for every message to gmail.'))
    expect(
      await find('Terraform plan shows drift', form('Every plan wants to change the tags of our buckets.')),
    ).toEqual([])
  })

  it('give as evidence words of the draft alone', async () => {
    const draft =
      'Image pulls fail: x509 error from registry.acme.example. New pods: ImagePullBackOff, certificate has expired'
    const [first] = await find(draft, draft)
    const words =
      first?.evidence
        .find((line) => line.startsWith('words in common: '))
        ?.slice(17)
        .split(', ') ?? []
    expect(words.length).toBeGreaterThan(0)
    for (const word of words) expect(draft).toContain(word)
  })

  it('are at most five, and of several alike no more than one is high', async () => {
    const subject = 'Etcd leader election loops on prod-us'
    for (const copy of 'abcdefg') await file(ACME, subject, `etcd: lost leader, elected again. Copy ${copy}.`)
    const found = await find(subject, 'etcd: lost leader, elected again.')
    expect(found.map(({ confidence }) => confidence)).toEqual(['high', 'medium', 'medium', 'medium', 'medium'])
  })

  it('are never high in a long series of reports alike, which people filed beside each other', async () => {
    const subject = 'Rotate the credentials of the build robot'
    for (const copy of 'abcdefghijkl') await file(GLOBEX, subject, `The robot needs fresh credentials. Part ${copy}.`)
    const { candidates } = await review(subject, 'The robot needs fresh credentials.', null, GLOBEX)
    expect(candidates.map(({ confidence }) => confidence)).toEqual(Array(5).fill('medium'))
  })

  it('are the same each time', async () => {
    const once = await review(PULLS.subject, PULLS.description)
    expect(await review(PULLS.subject, PULLS.description)).toEqual(once)
  })

  it('are found in any script, and no text is an operator of the search', async () => {
    await file(
      ACME,
      'Узел node-3 не отвечает после обновления',
      'Поды зависли в состоянии Terminating, kubelet молчит.',
    )
    const [first] = await find('Узел node-3 не отвечает', 'После обновления поды зависли, kubelet молчит.')
    expect(first?.ticketId).toBe(ids.get('Узел node-3 не отвечает после обновления'))
    for (const text of ["'", '\\', ":* & | ! <-> ( ) ''", '%_%', "it's a 'quoted' \\'word\\'"]) {
      await expect(find(`${text} ${text} ${text}`, `${text} some description ${text}`)).resolves.toBeInstanceOf(Array)
    }
  })

  it('are looked up in the indexes, also by a prepared statement that is planned once', async () => {
    const { prisma } = test.database
    await prisma.$executeRaw`
      INSERT INTO tickets (organisation_id, id, number, version, team_version, last_seq, last_public_seq, subject,
        description, source, category, category_chosen, severity_chosen, status, ai_review_status, created_by_type,
        created_by_label, created_at, updated_at)
      SELECT ${GLOBEX}::uuid, gen_random_uuid(), 1000 + n, 1, 1, 0, 0, 'word' || n || ' notready',
        'after word' || n % 900 || (SELECT string_agg(left(md5(n || '.' || i), 8), ' ') FROM generate_series(1, 60) AS i),
        'api', 'technical', false, false, 'open', 'passed', 'customer', 'Ada', now(), now()
      FROM generate_series(1, 10000) AS n`
    await prisma.$executeRaw`ANALYZE tickets`
    const words = [['word17'], ['after', 'word18']].map((words) => ({ words, weight: 1 }))
    const limits = { lookup: 250, part: 100, candidates: 60, description: 100 }
    const { text, values } = candidates(GLOBEX, { words, parts: ['word177'] }, limits)
    const plan = await prisma.$transaction(async (tx) => {
      await tx.$executeRawUnsafe('SET LOCAL plan_cache_mode = force_generic_plan')
      return tx.$queryRawUnsafe<{ 'QUERY PLAN': string }[]>(`EXPLAIN ${text}`, ...values)
    })
    const lines = plan.map((row) => row['QUERY PLAN']).join('\n')
    expect(lines).toMatch(/tickets_search_idx/)
    expect(lines).toMatch(/tickets_subject_idx/)
    expect(lines).not.toMatch(/Seq Scan on tickets/)
  })
})

describe('a review that nobody waits for', () => {
  it('rejects', async () => {
    const draft: Draft = {
      subject: PULLS.subject,
      description: PULLS.description,
      category: null,
      cluster: null,
      answers: [],
    }
    const context = { organisationId: ACME, clusterId: null, now: NOW }
    await expect(makeLocalReviewer(test.database).review(draft, context, AbortSignal.abort())).rejects.toThrow()
  })

  it('does not search for a test message', async () => {
    const reviewed = await review('test', 'test test test')
    expect(reviewed).toMatchObject({ candidates: [], summary: null })
    expect(reviewed.flags.map(({ code }) => code)).toEqual(['TEST_MESSAGE'])
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ObservedFacts, putCluster } from '../../src/admin/clusters.ts'
import { createOrganisation, findOrganisation, SLUG, slugFrom } from '../../src/admin/organisations.ts'
import { Refusal } from '../../src/admin/refusal.ts'
import { createToken, revokeToken } from '../../src/admin/tokens.ts'
import { hashToken } from '../../src/auth/tokens.ts'
import type { Tx } from '../../src/db/client.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { raisedBy } from './fixtures.ts'

let test: TestDatabase
let acme: string
let globex: string

beforeAll(async () => {
  test = await testDatabase()
  acme = (await write((tx) => createOrganisation(tx, { name: 'Acme', slug: 'acme' }))).id
  globex = (await write((tx) => createOrganisation(tx, { name: 'Globex', slug: 'globex' }))).id
})
afterAll(() => test.close())

const write = <T>(body: (tx: Tx) => Promise<T>) => test.database.write(body)
const raised = (change: () => Promise<unknown>) => raisedBy(test.database, [acme, globex], change)
const UNTOUCHED = [0, 0]
const RAISED = [1, 1]

describe('an organisation', () => {
  it('is made with its counters, so that it can have tickets', async () => {
    const counters = await test.database.prisma.organisationCounters.findUniqueOrThrow({
      where: { organisationId: acme },
    })
    expect(counters).toMatchObject({ ticketNumber: 0, seq: 0n })
    expect((await findOrganisation(test.database.prisma, 'acme')).id).toBe(acme)
  })

  it('has a slug of its own', async () => {
    await expect(write((tx) => createOrganisation(tx, { name: 'Acme 2', slug: 'acme' }))).rejects.toThrow(
      'The slug "acme" is taken by Acme',
    )
    expect(await test.database.prisma.organisation.count()).toBe(2)
  })

  it('that is not there is told in a sentence', async () => {
    await expect(findOrganisation(test.database.prisma, 'nowhere')).rejects.toThrow(Refusal)
  })

  it.each([
    ['Acme Inc.', 'acme-inc'],
    ['Zoë & Co', 'zoe-co'],
    ['  Überwald  3000 ', 'uberwald-3000'],
    ['---', ''],
    ['Рога и копыта', ''],
    [`${'a'.repeat(49)} b`, 'a'.repeat(49)],
  ])('named %j gets the slug %j', (name, slug) => {
    expect(slugFrom(name)).toBe(slug)
    if (slug !== '') expect(slug).toMatch(SLUG)
  })
})

describe('a token', () => {
  const input = { name: 'CI', scopes: ['tickets_read', 'tickets_read', 'clusters_write'] as const, expiresAt: null }

  it('stores the hash of its secret and nothing else of it but the prefix', async () => {
    const { token, secret } = await write((tx) => createToken(tx, { ...input, organisationId: acme }))
    expect(token).toMatchObject({ organisationId: acme, scopes: ['tickets_read', 'clusters_write'], revokedAt: null })
    expect(Buffer.from(token.hash)).toEqual(hashToken(secret))
    expect(secret.startsWith(token.prefix)).toBe(true)
    const row = JSON.stringify(await test.database.prisma.apiToken.findUnique({ where: { id: token.id } }))
    expect(row).not.toContain(secret)
  })

  it('raises the revisions of its organisation when it comes and goes, and none when it is the team’s', async () => {
    const make = (organisationId: string | null) => write((tx) => createToken(tx, { ...input, organisationId }))
    expect(await raised(() => make(acme))).toEqual([RAISED, UNTOUCHED])
    const { token } = await make(globex)
    expect(await raised(() => write((tx) => revokeToken(tx, token.id)))).toEqual([UNTOUCHED, RAISED])
    expect(await raised(() => make(null))).toEqual([UNTOUCHED, UNTOUCHED])
  })

  it('is revoked once, and one that is not there is told in a sentence', async () => {
    const { token } = await write((tx) => createToken(tx, { ...input, organisationId: acme }))
    expect((await write((tx) => revokeToken(tx, token.id))).revokedAt).toBeInstanceOf(Date)
    await expect(write((tx) => revokeToken(tx, token.id))).rejects.toThrow('was revoked already')
    for (const id of ['nonsense', acme]) {
      await expect(write((tx) => revokeToken(tx, id))).rejects.toThrow(`There is no token ${id}`)
    }
  })
})

describe('a cluster', () => {
  const facts = (change: Partial<ObservedFacts> = {}): ObservedFacts => ({
    organisationId: acme,
    name: 'Production',
    kind: 'k3s',
    state: 'running',
    description: 'The shop',
    environment: 'production',
    kubeVersion: '1.34.2',
    controlPlanes: 3,
    nodes: 5,
    ...change,
  })

  it('is replaced as a whole by its name in whatever case, and keeps its id', async () => {
    const made = await write((tx) => putCluster(tx, facts()))
    const replaced = await write((tx) =>
      putCluster(tx, facts({ name: 'PRODUCTION', state: 'down', kind: undefined, nodes: 4 })),
    )
    expect(replaced).toMatchObject({ id: made.id, name: 'PRODUCTION', state: 'down', kind: null, nodes: 4 })
    expect(replaced.createdAt).toEqual(made.createdAt)
    expect(replaced.observedAt.getTime()).toBeGreaterThanOrEqual(made.observedAt.getTime())
    expect(await test.database.prisma.cluster.count()).toBe(1)
  })

  it('of another organisation is another one', async () => {
    const here = await write((tx) => putCluster(tx, facts({ name: 'Edge' })))
    const there = await write((tx) => putCluster(tx, facts({ name: 'Edge', organisationId: globex })))
    expect(there.id).not.toBe(here.id)
  })

  it('raises the revisions of its organisation', async () => {
    expect(await raised(() => write((tx) => putCluster(tx, facts())))).toEqual([RAISED, UNTOUCHED])
  })
})

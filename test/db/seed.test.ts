import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeAuthenticator } from '../../src/auth/viewer.ts'
import type { Database } from '../../src/db/client.ts'
import { eventColumns, ticketColumns } from '../../src/db/reads/columns.ts'
import { moment, type When } from '../../src/db/seed/clock.ts'
import { text } from '../../src/db/seed/story.ts'
import { databaseWithin } from '../../src/db/seed/transaction.ts'
import { type Demo, seedDemo } from '../../src/db/seed.ts'
import {
  AiReviewStatus,
  AuthorType,
  Prisma,
  Role,
  TicketCategory,
  type TicketEvent,
  TicketSeverity,
  TicketSource,
  TicketStatus,
  TokenScope,
} from '../../src/generated/prisma/client.ts'
import { makeLocalReviewer } from '../../src/review/local.ts'
import { signIn, testAuth } from '../auth/people.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'

/** A Monday, five minutes after midnight: the day before was no working day, and today has hardly begun. */
const NOW = new Date('2025-03-03T00:05:00Z')

const emptyDatabases: TestDatabase[] = []
let test: TestDatabase
let demo: Demo
let rowsOfOne: Record<string, number>

beforeAll(async () => {
  test = await testDatabase()
  const { seeded, demos } = await seed(test)
  expect(seeded).toBe(true)
  demo = demos[0] as Demo
  rowsOfOne = await rowCounts(test.database)
})

afterAll(async () => {
  for (const one of [test, ...emptyDatabases]) await one.close()
})

async function seed({ database, life }: TestDatabase) {
  const demos: Demo[] = []
  const seeded = await seedDemo({ database, life, now: NOW, onReady: async (ready) => void demos.push(ready) })
  return { seeded, demos }
}

async function emptyDatabase(): Promise<TestDatabase> {
  const empty = await testDatabase()
  emptyDatabases.push(empty)
  return empty
}

const tickets = () => test.database.prisma.ticket.findMany({ orderBy: { number: 'asc' }, include: { review: true } })
const events = () => test.database.prisma.ticketEvent.findMany({ orderBy: { seq: 'asc' } })
const comments = () => test.database.prisma.comment.findMany({ orderBy: { seq: 'asc' } })

function byKey<Row, Key extends string>(rows: readonly Row[], keyOf: (row: Row) => Key): [Key, Row[]][] {
  return [...Map.groupBy(rows, keyOf)]
}

describe('the demonstration', () => {
  it('holds a few dozen tickets of two customers', async () => {
    const slugs = await test.database.prisma.organisation.findMany({ include: { tickets: true, clusters: true } })
    const sizes = Object.fromEntries(slugs.map(({ slug, ...of }) => [slug, [of.tickets.length, of.clusters.length]]))
    expect(sizes).toEqual({ acme: [24, 6], globex: [12, 3] })
  })

  it('shows every value that the database knows', async () => {
    const all = await tickets()
    const seen = (values: unknown[]) => [...new Set(values)].sort()
    expect(seen(all.map(({ status }) => status))).toEqual(Object.values(TicketStatus).sort())
    expect(seen(all.map(({ category }) => category))).toEqual(Object.values(TicketCategory).sort())
    expect(seen(all.map(({ severity }) => severity))).toEqual([...Object.values(TicketSeverity), null].sort())
    expect(seen(all.map(({ source }) => source))).toEqual(Object.values(TicketSource).sort())
    expect(seen(all.map(({ aiReviewStatus }) => aiReviewStatus))).toEqual(Object.values(AiReviewStatus).sort())
    expect(seen((await comments()).map(({ authorType }) => authorType))).toEqual(Object.values(AuthorType).sort())
    const members = await test.database.prisma.member.findMany()
    expect(seen(members.map(({ role }) => role))).toEqual(Object.values(Role).sort())
    const tokens = await test.database.prisma.apiToken.findMany()
    expect(seen(tokens.flatMap(({ scopes }) => scopes))).toEqual(Object.values(TokenScope).sort())
  })

  it('has what is worth seeing: notes, assignees, joined reports, a reopening, a flag, a masked password', async () => {
    const all = await tickets()
    const said = await comments()
    expect(said.filter(({ internal }) => internal).length).toBeGreaterThan(2)
    expect(new Set(all.map(({ assigneeId }) => assigneeId).filter(Boolean)).size).toBe(3)
    expect(all.filter(({ linkedReports }) => linkedReports > 0)).toHaveLength(2)
    expect(said.map(({ body }) => body)).toContain('Reopened by a reply')
    expect(all.filter(({ aiReviewStatus }) => aiReviewStatus === 'flagged')).toHaveLength(1)
    expect(all.filter(({ description }) => description.includes('[password removed]'))).toHaveLength(1)
    expect(all.filter((one) => one.resolvedAt && one.firstResponseAt).length).toBeGreaterThan(10)
    expect(all.some(({ description }) => /\p{Script=Cyrillic}/u.test(description))).toBe(false)
    expect(said.some(({ body }) => /\p{Script=Cyrillic}/u.test(body))).toBe(true)
  })

  it('refers to tickets that there are', async () => {
    const all = await tickets()
    for (const { organisationId, body } of await comments()) {
      for (const [, number] of body.matchAll(/#(\d+)/g)) {
        expect(all.some((one) => one.organisationId === organisationId && one.number === Number(number))).toBe(true)
      }
    }
  })

  it('keeps what the platform told of a cluster when the ticket was filed', async () => {
    const named = (await tickets()).filter(({ clusterId }) => clusterId !== null)
    expect(named.length).toBeGreaterThan(15)
    for (const { clusterContext, createdAt } of named) {
      const observedAt = new Date((clusterContext as { observed_at: string }).observed_at)
      expect(createdAt.getTime() - observedAt.getTime()).toBe(4 * 60_000)
    }
  })
})

describe('its reviews', () => {
  it.each([
    ['acme', 'certificate rejected', 'certificate has expired', 'resolved'],
    ['globex', 'failed calling webhook', 'admission webhook times out', 'in_progress'],
  ])('found the two reports of %s that are one', async (slug, second, first, status) => {
    const organisation = await test.database.prisma.organisation.findUniqueOrThrow({ where: { slug } })
    const own = (await tickets()).filter(({ organisationId }) => organisationId === organisation.id)
    const [before, after] = [first, second].map((words) => own.find(({ subject }) => subject.includes(words)))
    if (!before || !after) throw new Error(`a story of ${slug} is gone`)
    expect(before.status).toBe(status)
    const found = { ticketId: before.id, confidence: expect.stringMatching(/^(high|medium)$/) }
    expect(after.review?.verdict).toMatchObject({
      candidates: expect.arrayContaining([expect.objectContaining(found)]),
    })

    const draft = { subject: after.subject, description: after.description, category: null, cluster: null, answers: [] }
    const context = { organisationId: organisation.id, clusterId: null, now: NOW }
    const again = await makeLocalReviewer(test.database).review(draft, context, new AbortController().signal)
    expect(again.candidates).toContainEqual(expect.objectContaining(found))
  })

  it('pointed the second reporter to the resolved ticket', async () => {
    const hints = (await comments()).filter(
      ({ authorType, body }) => authorType === 'ai' && body.includes('looks alike'),
    )
    expect(hints.map(({ body }) => body)).toEqual([expect.stringMatching(/#2, resolved on .*, looks alike/)])
  })

  it('asked questions; those that were answered before stand in the description', async () => {
    const asked = (await comments()).filter(({ authorType }) => authorType === 'ai').map(({ body }) => body)
    expect(asked.filter((body) => body.startsWith('It would help to know:')).length).toBeGreaterThan(1)
    const answered = (await tickets()).filter(({ description }) => description.includes('\n\nAnswers\n\n'))
    expect(answered).toHaveLength(1)
    expect(answered[0]?.review?.answers).toHaveLength(2)
  })
})

describe('its event log', () => {
  it('counts without holes, for customers and for the team, in the order of time', async () => {
    for (const [organisationId, log] of byKey(await events(), (event) => event.organisationId)) {
      const counters = await test.database.prisma.organisationCounters.findUniqueOrThrow({ where: { organisationId } })
      const publicLog = log.filter(({ publicSeq }) => publicSeq !== null)
      expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => BigInt(index + 1)))
      expect(publicLog.map(({ publicSeq }) => publicSeq)).toEqual(publicLog.map((_, index) => BigInt(index + 1)))
      expect(counters).toMatchObject({ seq: BigInt(log.length), publicSeq: BigInt(publicLog.length) })
      const times = log.map(({ createdAt }) => createdAt.getTime())
      expect(times).toEqual([...times].sort((a, b) => a - b))
    }
  })

  it('leads every ticket to where its row is', async () => {
    const log = byKey(await events(), (event) => event.ticketId)
    const said = byKey(await comments(), (comment) => comment.ticketId)
    const all = await tickets()
    expect(log).toHaveLength(all.length)
    for (const ticket of all) {
      const own = log.find(([id]) => id === ticket.id)?.[1] ?? []
      const { state, commentSeqs } = replay(own)
      expect(ticket).toMatchObject(state)
      expect((said.find(([id]) => id === ticket.id)?.[1] ?? []).map(({ seq }) => seq)).toEqual(commentSeqs)
      const publicOnes = own.filter(({ publicSeq }) => publicSeq !== null)
      expect(ticket).toMatchObject({
        version: own.at(-1)?.ticketVersion,
        teamVersion: own.at(-1)?.teamVersion,
        lastSeq: own.at(-1)?.seq,
        lastPublicSeq: publicOnes.at(-1)?.publicSeq,
        updatedAt: publicOnes.at(-1)?.createdAt,
      })
    }
  })
})

const FIELDS = { severity: 'severity', category: 'category', is_tracked_by_team: 'isTrackedByTeam' } as const

interface Payload {
  status: string
  from: string | null
  to: string | null
  linkedReports: number
  aiReviewStatus: string
  changes: { field: keyof typeof FIELDS; from: string | null; to: string | null }[]
}

/** What the events alone say of a ticket; every change has to begin where the one before it ended. */
function replay(log: readonly TicketEvent[]) {
  const state: Record<string, unknown> = { assigneeId: null, isTrackedByTeam: false, linkedReports: 0 }
  const commentSeqs: bigint[] = []
  const move = (key: string, from: unknown, to: unknown) => {
    if (key in state) expect(state[key]).toEqual(from)
    state[key] = to
  }
  for (const { type, payload, seq } of log) {
    const { status, from, to, linkedReports, aiReviewStatus, changes } = payload as unknown as Payload
    if (type === 'ticket_created') state.status = status
    if (type === 'ticket_status_changed') move('status', from, to)
    if (type === 'ticket_assigned') move('assigneeId', from, to)
    if (type === 'ticket_linked') move('linkedReports', linkedReports - 1, linkedReports)
    if (type === 'review_completed') state.aiReviewStatus = aiReviewStatus
    if (type === 'comment_added') commentSeqs.push(seq)
    for (const { field, ...change } of type === 'ticket_updated' ? changes : []) {
      const value = (text: string | null) => (field === 'is_tracked_by_team' ? text === 'true' : text)
      move(FIELDS[field], value(change.from), value(change.to))
    }
  }
  return { state, commentSeqs }
}

describe('its times', () => {
  it('lie in the past, whatever the table', async () => {
    const columns = await test.database.query<{ table: string; column: string }>(Prisma.sql`
      SELECT table_name AS table, column_name AS column FROM information_schema.columns
      WHERE table_schema = 'public' AND data_type = 'timestamp with time zone'
        AND table_name NOT IN ('_prisma_migrations', 'database_life') AND column_name <> 'expires_at'`)
    expect(columns.length).toBeGreaterThan(20)
    for (const { table, column } of columns) {
      const [row] = await test.database.query<{ late: number }>(
        Prisma.sql`SELECT count(*)::int AS late FROM ${Prisma.raw(`"${table}" WHERE "${column}"`)} > ${NOW}`,
      )
      expect([table, column, row?.late]).toEqual([table, column, 0])
    }
  })

  it('are working hours of the last six weeks, but for what is quite new', async () => {
    const times = (await comments()).map(({ createdAt }) => createdAt)
    expect(times.every((time) => NOW.getTime() - time.getTime() < 43 * 24 * 60 * 60 * 1000)).toBe(true)
    const isWork = (time: Date) => time.getUTCDay() % 6 > 0 && time.getUTCHours() >= 7 && time.getUTCHours() < 18
    expect(times.filter((time) => !isWork(time))).toEqual([])
  })

  it.each<[When, string]>([
    ['-1 17:45', '2025-02-28T17:45:00Z'],
    ['-5 09:30', '2025-02-24T09:30:00Z'],
    ['-6 09:30', '2025-02-21T09:30:00Z'],
    ['14 minutes ago', '2025-03-02T23:51:00Z'],
  ])('%s is %s on the third of March', (when, time) => {
    expect(moment(when, NOW)).toEqual(new Date(time))
  })

  it('are never today: that may not have come yet', () => {
    expect(() => moment('-0 09:30', NOW)).toThrow('is no time')
  })
})

describe('its people and programs', () => {
  it('sign in with the passwords of demo.json, which are new each time', async () => {
    const auth = testAuth(test.database)
    expect(demo.people.map(({ role }) => role)).toEqual(['admin', 'member', 'member', 'team', 'team', 'team'])
    expect(new Set(demo.people.map(({ password }) => password)).size).toBe(demo.people.length)
    for (const { email, password } of demo.people) expect(await signIn(auth, email, password)).not.toBeNull()
    expect(await signIn(auth, 'mara@acme.example', demo.people[1]?.password)).toBeNull()
  })

  it('belong where demo.json says, with addresses that are verified', async () => {
    const users = await test.database.prisma.user.findMany({
      include: { members: { include: { organisation: true } }, teamMember: true },
    })
    expect(users.every(({ emailVerified }) => emailVerified)).toBe(true)
    for (const { email, role } of demo.people) {
      const { members, teamMember } = users.find((user) => user.email === email) ?? {}
      expect(teamMember !== null).toBe(role === 'team')
      const places = members?.map((member) => [member.organisation.slug, member.role])
      expect(places).toEqual(role === 'team' ? [] : [['acme', role]])
    }
  })

  it('have tokens that let them in', async () => {
    const authenticator = makeAuthenticator({ database: test.database, auth: testAuth(test.database) })
    const identify = (token: string) =>
      authenticator.identify(new Headers({ authorization: `Bearer ${token}` }), { cookies: false })
    const organisations = await test.database.prisma.organisation.findMany({ orderBy: { slug: 'asc' } })
    const [acme, globex] = organisations.map(({ id }) => id)
    const customer = { isTeam: false, scopes: new Set(['tickets_read', 'tickets_write']) }
    expect(await identify(demo.tokens.acme)).toMatchObject({ ...customer, organisationId: acme })
    expect(await identify(demo.tokens.globex)).toMatchObject({ ...customer, organisationId: globex })
    const scopes = new Set(['tickets_read', 'tickets_write', 'clusters_write'])
    expect(await identify(demo.tokens.team)).toMatchObject({ isTeam: true, organisationId: null, scopes })
  })
})

describe('seeding', () => {
  it('changes nothing where there is an organisation already', async () => {
    const before = await rowCounts(test.database)
    expect(await seed(test)).toEqual({ seeded: false, demos: [] })
    expect(await rowCounts(test.database)).toEqual(before)
  })

  it('happens once when two processes start at once', async () => {
    const empty = await emptyDatabase()
    const both = await Promise.all([seed(empty), seed(empty)])
    expect(both.map(({ seeded, demos }) => [seeded, demos.length]).sort()).toEqual([
      [false, 0],
      [true, 1],
    ])
    expect(await rowCounts(empty.database)).toEqual(rowsOfOne)
  })

  it('leaves nothing behind when demo.json cannot be written, and can be repeated', async () => {
    const empty = await emptyDatabase()
    const { database, life } = empty
    const before = await rowCounts(database)
    const onReady = () => Promise.reject(new Error('no space left on device'))
    await expect(seedDemo({ database, life, now: NOW, onReady })).rejects.toThrow('no space left on device')
    expect(await rowCounts(database)).toEqual(before)
    expect((await seed(empty)).seeded).toBe(true)
  })
})

async function rowCounts({ prisma, query }: Database): Promise<Record<string, number>> {
  const tables = await query<{ name: string }>(
    Prisma.sql`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`,
  )
  const counts = tables.map(async ({ name }) => {
    const [row] = await prisma.$queryRaw<
      { rows: number }[]
    >`SELECT count(*)::int AS rows FROM ${Prisma.raw(`"${name}"`)}`
    return [name, row?.rows ?? -1] as const
  })
  return Object.fromEntries(await Promise.all(counts))
}

describe('a database within a transaction', () => {
  it('gives rows as the real one gives them', async () => {
    const statement = Prisma.sql`
      SELECT ${ticketColumns}, ${eventColumns}, k.scopes, 1.5::float4 AS small, 2.5::float8 AS large
      FROM tickets t JOIN ticket_events e ON e.ticket_id = t.id
      JOIN api_tokens k ON k.organisation_id = t.organisation_id
      ORDER BY t.organisation_id, e.seq`
    const rows = await test.database.query<TicketEvent>(statement)
    expect(rows.length).toBeGreaterThan(200)
    expect(typeof rows[0]?.seq).toBe('bigint')
    expect(await test.database.write((tx) => databaseWithin(tx).query(statement))).toEqual(rows)
  })

  it('lets nobody out of it', async () => {
    await test.database.write(async (tx) => expect(() => databaseWithin(tx).prisma).toThrow('another connection'))
  })
})

describe('the text of a story', () => {
  it('loses its indentation, keeps its lines, and joins those that end with a backslash', () => {
    const said = text`
      One sentence that \
      goes on.

        indented "\n"`
    expect(said).toBe('One sentence that goes on.\n\n  indented "\\n"')
  })
})

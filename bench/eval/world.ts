// One organisation that holds all reports as tickets, and as many made-up ones beside them as are asked for.

import { randomUUID } from 'node:crypto'
import type { Database } from '../../src/db/client.ts'
import { Prisma } from '../../src/generated/prisma/client.ts'
import { makeUp } from './made-up.ts'
import type { Report } from './reports.ts'

export interface World {
  organisationId: string
  /** The ticket of each report, by the report's id, and the other way round. */
  ticketOf: ReadonlyMap<string, string>
  reportOf: ReadonlyMap<string, string>
}

const BATCH = 1000
const SLUG = 'reports'

/** @param tickets how many there are to be in all. What a kept database holds already stays. */
export async function fill(database: Database, reports: readonly Report[], tickets: number): Promise<World> {
  const known = await database.prisma.organisation.findUnique({ where: { slug: SLUG } })
  const organisationId = known?.id ?? randomUUID()
  if (!known) {
    await database.prisma.organisation.create({ data: { id: organisationId, name: 'Reports', slug: SLUG } })
    await fileAll(database, organisationId, reports)
    await fileAll(database, organisationId, makeUp(reports, tickets - reports.length), reports.length)
    await settle(database, organisationId)
  }
  return worldOf(database, organisationId, reports)
}

async function fileAll(database: Database, organisationId: string, texts: Iterable<Filed>, before = 0) {
  let number = before
  for (const batch of batches(texts)) {
    await database.query(insert(organisationId, batch, number))
    number += batch.length
  }
}

type Filed = Pick<Report, 'subject' | 'description'>

function* batches<T>(all: Iterable<T>): Iterable<T[]> {
  let batch: T[] = []
  for (const one of all) {
    batch.push(one)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

function insert(organisationId: string, texts: readonly Filed[], before: number): Prisma.Sql {
  return Prisma.sql`
    INSERT INTO tickets (organisation_id, id, number, version, team_version, last_seq, last_public_seq, subject,
      description, source, category, category_chosen, severity_chosen, status, ai_review_status, created_by_type,
      created_by_label, created_at, updated_at)
    SELECT ${organisationId}::uuid, gen_random_uuid(), ${before}::int + filed.number, 1, 1, 0, 0, filed.subject,
      filed.description, 'api', 'technical', false, false, 'open', 'passed', 'customer', 'Ada', now(), now()
    FROM unnest(${texts.map(({ subject }) => subject)}::text[], ${texts.map(({ description }) => description)}::text[])
      WITH ORDINALITY AS filed (subject, description, number)`
}

/** The statistics and the visibility map, as autovacuum leaves them. */
async function settle({ prisma }: Database, organisationId: string) {
  const ticketNumber = await prisma.ticket.count({ where: { organisationId } })
  await prisma.organisationCounters.create({ data: { organisationId, ticketNumber } })
  await prisma.$executeRaw`VACUUM ANALYZE tickets`
}

async function worldOf(database: Database, organisationId: string, reports: readonly Report[]): Promise<World> {
  const where = { organisationId, number: { lte: reports.length } }
  const rows = await database.prisma.ticket.findMany({ where, select: { id: true, number: true } })
  const pairs = rows.map(({ id, number }) => [reports[number - 1]?.id ?? '', id] as const)
  return { organisationId, ticketOf: new Map(pairs), reportOf: new Map(pairs.map(([report, id]) => [id, report])) }
}

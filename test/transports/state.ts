// What a case has stored, in words that are the same for two organisations: rows without ids and times.

import { Prisma } from '../../src/generated/prisma/client.ts'
import type { TestApp } from '../support/app.ts'
import type { World } from './worlds.ts'

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi
const TIME = /"\d{4}-\d\d-\d\dT[^"]*"/g

/** An answer or a row without what two organisations differ in. */
export const masked = (text: string): string =>
  text
    .replace(UUID, '<id>')
    .replace(TIME, '"<time>"')
    .replace(/Acme|Globex/g, 'The customer')
    .replace(/acme|globex/g, 'customer')

/** A moment between transactions: what is written later has a later number. */
export async function moment({ database }: TestApp): Promise<bigint> {
  const [row] = await database.query<{ xid: string }>(Prisma.sql`
    SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS xid`)
  return BigInt(row?.xid ?? 0)
}

let tables: Promise<{ name: string }[]> | undefined

/** Without the numbers of transactions, and what is made of other columns. */
const LEFT_OUT = ['pos', 'xid', 'search', 'last_used_at', 'hash']

/**
 * The rows of an organisation that are new or have changed since, in one order: each behind the name of its table.
 * Without tokens: the last use of one is noted beside requests.
 */
export async function storedSince({ app, customer }: World, since: bigint): Promise<string[]> {
  tables ??= app.database.query<{ name: string }>(Prisma.sql`
    SELECT table_name::text AS name FROM information_schema.columns
    WHERE column_name = 'organisation_id' AND table_schema = current_schema()
      AND table_name <> 'api_tokens' ORDER BY 1`)
  const each = (await tables).map(({ name }) => {
    const table = Prisma.raw(name)
    return Prisma.sql`SELECT ${`${name} `} || (to_jsonb(x) - ${LEFT_OUT}::text[])::text AS row FROM ${table} x
      WHERE x.organisation_id = ${customer.organisationId}::uuid AND x.xmin::text::bigint >= ${since}`
  })
  const rows = await app.database.query<{ row: string }>(Prisma.join(each, ' UNION ALL '))
  return rows.map(({ row }) => masked(row)).sort()
}

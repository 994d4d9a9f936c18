// What tickets point to: organisations, clusters, people of the team, reviews and tokens.

import { type ApiToken, type Cluster, type Organisation, Prisma, type Review } from '../../generated/prisma/client.ts'
import type { Database } from '../client.ts'
import { clusterColumns, organisationColumns, reviewColumns, tokenColumns } from './columns.ts'
import { byIndex, decodePlace, encodePlace, isId, isText, type Page, toPage } from './keyset.ts'
import { type Scope, within } from './scope.ts'

export interface TeamMember {
  id: string
  name: string
}

export interface NamePage {
  first: number
  after?: string
}

/** Lists of organisations and clusters go by name, then id. */
const NAME_ORDER = 'name asc'
export const decodeNamePlace = (text: string) => decodePlace(NAME_ORDER, [isText, isId], text)
export const encodeNamePlace = ({ name, id }: { name: string; id: string }) => encodePlace(NAME_ORDER, [name, id])

/** Rows behind the cursor; the first page has none before it. */
function behind(alias: string, after: string | undefined): Prisma.Sql {
  if (after === undefined) return Prisma.sql`true`
  const [name, id] = decodeNamePlace(after) as (string | number)[]
  return Prisma.sql`(${Prisma.raw(`${alias}.name`)}, ${Prisma.raw(`${alias}.id`)}) > (${name}, ${id}::uuid)`
}

const onlyForward = (after: string | undefined) => ({
  atOrBeforeAfter: after !== undefined,
  atOrAfterBefore: false,
})

export async function organisationsById(database: Database, ids: readonly string[]): Promise<Organisation[]> {
  return database.query<Organisation>(Prisma.sql`
    SELECT ${organisationColumns} FROM organisations o WHERE o.id = ANY (${ids}::uuid[])`)
}

/** `ids` null: every organisation. */
export async function organisationPage(
  database: Database,
  ids: readonly string[] | null,
  { first, after }: NamePage,
): Promise<Page<Organisation>> {
  const rows = await database.query<Organisation>(Prisma.sql`
    SELECT ${organisationColumns} FROM organisations o
    WHERE ${ids === null ? Prisma.sql`true` : Prisma.sql`o.id = ANY (${ids}::uuid[])`} AND ${behind('o', after)}
    ORDER BY o.name, o.id LIMIT ${first + 1}`)
  return toPage(rows, { first }, onlyForward(after))
}

export async function clustersById(database: Database, scope: Scope, ids: readonly string[]): Promise<Cluster[]> {
  return database.query<Cluster>(Prisma.sql`
    SELECT ${clusterColumns} FROM clusters cl WHERE cl.id = ANY (${ids}::uuid[]) AND ${within(scope, 'cl')}`)
}

/** A page of clusters for each organisation, in one statement; `null` stands for all organisations. */
export async function clusterPages(
  database: Database,
  organisationIds: readonly (string | null)[],
  { first, after }: NamePage,
): Promise<Page<Cluster>[]> {
  const rows = await database.query<Cluster & { i: number }>(Prisma.sql`
    SELECT p.i, page.* FROM unnest(${organisationIds.map((_, i) => i)}::int[], ${organisationIds}::uuid[])
      AS p (i, organisation_id)
    JOIN LATERAL (
      SELECT ${clusterColumns} FROM clusters cl
      WHERE (p.organisation_id IS NULL OR cl.organisation_id = p.organisation_id) AND ${behind('cl', after)}
      ORDER BY cl.name, cl.id LIMIT ${first + 1}
    ) page ON true
    ORDER BY p.i, page.name, page.id`)
  return byIndex(rows, organisationIds.length).map((own) => toPage<Cluster>(own, { first }, onlyForward(after)))
}

export interface ClusterOffsetPage {
  rows: Cluster[]
  total: number
}

/** REST's numbered pages of clusters, with an exact count. */
export async function clusterOffsetPage(
  database: Database,
  scope: Scope,
  filter: { id?: string; name?: string },
  { limit, offset }: { limit: number; offset: number },
): Promise<ClusterOffsetPage> {
  const matching = Prisma.sql`${within(scope, 'cl')}
    AND ${filter.id === undefined ? Prisma.sql`true` : Prisma.sql`cl.id = ${filter.id}::uuid`}
    AND ${filter.name === undefined ? Prisma.sql`true` : Prisma.sql`lower(cl.name) = lower(${filter.name})`}`
  const rows = await database.query<Cluster & { total: bigint }>(Prisma.sql`
    SELECT counted.total, page.* FROM (SELECT count(*) AS total FROM clusters cl WHERE ${matching}) counted
    LEFT JOIN LATERAL (
      SELECT ${clusterColumns} FROM clusters cl WHERE ${matching}
      ORDER BY cl.name, cl.id LIMIT ${limit} OFFSET ${offset}
    ) page ON true
    ORDER BY page.name, page.id`)
  return { rows: rows.filter(({ id }) => id !== null), total: Number(rows[0]?.total ?? 0) }
}

/** By id; also who has left, since tickets and events name them. */
export async function teamMembersById(database: Database, ids: readonly string[]): Promise<TeamMember[]> {
  return database.query<TeamMember>(Prisma.sql`
    SELECT m.user_id AS id, u.name FROM team_members m JOIN users u ON u.id = m.user_id
    WHERE m.user_id = ANY (${ids}::uuid[])`)
}

/** Who is of the team now, by name. */
export async function teamMembers(database: Database): Promise<TeamMember[]> {
  return database.query<TeamMember>(Prisma.sql`
    SELECT m.user_id AS id, u.name FROM team_members m JOIN users u ON u.id = m.user_id
    WHERE m.removed_at IS NULL ORDER BY u.name, m.user_id`)
}

export async function reviewsById(database: Database, scope: Scope, ids: readonly string[]): Promise<Review[]> {
  return database.query<Review>(Prisma.sql`
    SELECT ${reviewColumns} FROM reviews r WHERE r.id = ANY (${ids}::uuid[]) AND ${within(scope, 'r')}`)
}

/** An organisation's tokens, newest first, revoked ones included. */
export async function tokensOf(database: Database, organisationId: string): Promise<ApiToken[]> {
  return database.query<ApiToken>(Prisma.sql`
    SELECT ${tokenColumns} FROM api_tokens k WHERE k.organisation_id = ${organisationId}::uuid
    ORDER BY k.created_at DESC, k.id DESC`)
}

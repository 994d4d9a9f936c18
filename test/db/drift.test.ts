// The migrations and schema.prisma say the same, but for what Prisma cannot express and the migrations add by hand.

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { schemaDiff } from '../../scripts/schema-diff.ts'
import { type BareDatabase, bareDatabase, type TestDatabase, testDatabase } from '../support/database.ts'
import { onServer } from '../support/server.ts'

/** Added by hand at the end of a migration; whoever adds more adds a line here. */
const BY_HAND = [
  "column comments.search tsvector NOT NULL GENERATED to_tsvector('simple'::regconfig, fold(body))",
  'column tickets.search tsvector NOT NULL ' +
    "GENERATED to_tsvector('simple'::regconfig, fold(((subject || ' '::text) || description)))",
  'constraint clusters.clusters_sizes CHECK (((control_planes >= 0) AND (nodes >= 0)))',
  "constraint comments.comments_internal_by_team CHECK (((NOT internal) OR (author_type = 'team'::author_type)))",
  'constraint database_life.database_life_one_row CHECK (id)',
  'constraint tickets.tickets_versions CHECK (((version >= 1) AND (team_version >= version)))',
  'extension btree_gin',
  'extension pg_trgm',
  'extension unaccent',
  'function fold(text)',
  'index CREATE INDEX comments_search_idx ON public.comments USING gin (organisation_id, search)',
  'index CREATE INDEX tickets_search_idx ON public.tickets USING gin (organisation_id, search) WITH (fastupdate=off)',
  'index CREATE INDEX tickets_subject_idx ON public.tickets USING gin (organisation_id, fold(subject) gin_trgm_ops) WITH (fastupdate=off)',
  'index CREATE UNIQUE INDEX clusters_organisation_id_name_key ON public.clusters ' +
    'USING btree (organisation_id, lower(name))',
  'index CREATE UNIQUE INDEX ticket_events_organisation_id_public_seq_key ON public.ticket_events ' +
    'USING btree (organisation_id, public_seq) WHERE (public_seq IS NOT NULL)',
  'settings organisation_counters {fillfactor=50}',
]

/** Described in schema.prisma, and then changed by hand into this. */
const USED_TICKET =
  'constraint reviews.reviews_organisation_id_used_ticket_id_fkey FOREIGN KEY (organisation_id, used_ticket_id) ' +
  'REFERENCES tickets(organisation_id, id) ON UPDATE CASCADE ON DELETE RESTRICT'
const CHANGED_BY_HAND = new Map([[USED_TICKET, `${USED_TICKET} DEFERRABLE INITIALLY DEFERRED`]])

let migrated: TestDatabase
let described: BareDatabase
let byMigrations: Set<string>
let bySchema: Set<string>

beforeAll(async () => {
  migrated = await testDatabase()
  described = await bareDatabase()
  const schema = readFileSync('prisma/schema.prisma', 'utf8')
  await onServer(described.url, await schemaDiff(described.url, null, schema))
  byMigrations = await catalogue(migrated.url)
  bySchema = await catalogue(described.url)
})

afterAll(async () => {
  await migrated.close()
  await described.drop()
})

test('schema.prisma has not changed since the last migration was made', () => {
  expect(readFileSync('prisma/migrations/schema.prisma', 'utf8')).toBe(readFileSync('prisma/schema.prisma', 'utf8'))
})

test('the migrations make all that schema.prisma describes', () => {
  expect(bySchema.size).toBeGreaterThan(200)
  expect(onlyIn(bySchema, byMigrations)).toEqual([...CHANGED_BY_HAND.keys()])
})

test('what the migrations make beyond that is known to be made by hand', () => {
  expect(onlyIn(byMigrations, bySchema)).toEqual([...BY_HAND, ...CHANGED_BY_HAND.values()].sort())
})

function onlyIn(some: Set<string>, others: Set<string>): string[] {
  return [...some].filter((line) => !others.has(line)).sort()
}

/** One line for every type, column, constraint, index, function, extension and table setting in the schema public. */
async function catalogue(url: string): Promise<Set<string>> {
  const rows = await onServer<{ line: string }>(url, CATALOGUE)
  return new Set(rows.map((row) => row.line))
}

const CATALOGUE = `
  WITH tables AS (
    SELECT oid, relname, reloptions FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname <> '_prisma_migrations'
  )
  SELECT format('column %s.%s %s', relname, attname, format_type(atttypid, atttypmod))
    || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
    || CASE attgenerated WHEN '' THEN coalesce(' DEFAULT ' || pg_get_expr(adbin, adrelid), '')
         ELSE ' GENERATED ' || pg_get_expr(adbin, adrelid) END AS line
  FROM pg_attribute JOIN tables ON attrelid = tables.oid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
  WHERE attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT format('constraint %s.%s %s', relname, conname, pg_get_constraintdef(pg_constraint.oid))
  FROM pg_constraint JOIN tables ON conrelid = tables.oid WHERE contype <> 'n'
  UNION ALL
  SELECT format('index %s', indexdef) FROM pg_indexes JOIN tables ON tablename = relname WHERE schemaname = 'public'
  UNION ALL
  SELECT format('enum %s %s', typname, string_agg(enumlabel, ', ' ORDER BY enumsortorder))
  FROM pg_type JOIN pg_enum ON enumtypid = pg_type.oid GROUP BY typname
  UNION ALL
  SELECT format('settings %s %s', relname, reloptions) FROM tables WHERE reloptions IS NOT NULL
  UNION ALL
  SELECT format('trigger %s.%s', relname, tgname) FROM pg_trigger
    JOIN tables ON tgrelid = tables.oid WHERE NOT tgisinternal
  UNION ALL
  SELECT format('extension %s', extname) FROM pg_extension WHERE extname <> 'plpgsql'
  UNION ALL
  SELECT format('function %s', pg_proc.oid::regprocedure) FROM pg_proc
  WHERE pronamespace = 'public'::regnamespace
    AND NOT EXISTS (
      SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e'
    )`

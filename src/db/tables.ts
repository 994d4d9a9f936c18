// Which tables are Deskwire's, what columns they have, and in which order rows can be put into them: what a backup is
// made of.

import type pg from 'pg'
import type { Migration } from './migrate.ts'

export interface Table {
  name: string
  /** Those that are stored as given; generated ones follow by themselves. */
  columns: { name: string; type: string }[]
}

/** Prisma writes them so; a test compares with the catalogue. */
const MADE = /^CREATE TABLE "(\w+)"/gm

/** By name; what else stands in the schema belongs to somebody else. */
export function tablesMadeBy(migrations: readonly Migration[]): Set<string> {
  return new Set(migrations.flatMap(({ sql }) => [...sql.matchAll(MADE)].map(([, name]) => name as string)))
}

/** Every table of the schema `public` that no extension brought, each behind those that its rows refer to. */
export async function tablesInOrder(client: pg.Client): Promise<Table[]> {
  const { rows: tables } = await client.query<Table & { needs: string[] }>(`
    SELECT c.relname AS name,
      (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod))
          ORDER BY a.attnum)
        FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
      -- What is checked at the commit needs no order.
      coalesce((SELECT json_agg(f.confrelid::regclass::text) FROM pg_constraint f
        WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confrelid <> c.oid AND NOT f.condeferrable), '[]') AS needs
    FROM pg_class c
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> '_prisma_migrations'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY c.relname`)
  return inOrder(tables)
}

function inOrder(tables: (Table & { needs: string[] })[]): Table[] {
  const ordered: Table[] = []
  const done = new Set<string>()
  let left = tables
  while (left.length > 0) {
    const ready = left.filter(({ needs }) => needs.every((name) => done.has(name)))
    if (ready.length === 0) throw new Error(`These tables refer to each other: ${left.map(({ name }) => name)}.`)
    for (const { name, columns } of ready) {
      done.add(name)
      ordered.push({ name, columns })
    }
    left = left.filter(({ name }) => !done.has(name))
  }
  return ordered
}

/** What makes values read as they were written, whatever the server's own settings are. */
export const FAITHFUL_SETTINGS = `
  SET search_path TO public; SET TimeZone TO 'UTC'; SET DateStyle TO 'ISO, MDY'; SET IntervalStyle TO 'postgres';
  SET bytea_output TO 'hex'; SET extra_float_digits TO 1; SET client_min_messages TO warning;
  SET statement_timeout TO 0; SET lock_timeout TO 0; SET idle_in_transaction_session_timeout TO 0`

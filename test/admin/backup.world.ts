// For the tests of backups: one of a desk with all kinds of text in it, copies of it with something wrong, and what a
// database holds.

import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeBackup } from '../../src/admin/backup/make.ts'
import { checkBackup, restore } from '../../src/admin/backup/restore.ts'
import type { AttachmentStore } from '../../src/storage/store.ts'
import { bearer, rest, type TestApp, TICKETS } from '../support/app.ts'
import { onServer } from '../support/server.ts'
import { testStore } from '../support/store.ts'
import { uploadByRest } from '../support/uploads.ts'

export interface World {
  /** Backups are made here. */
  away: string
  /** Stands for a DATA_DIR. */
  dataDir: string
  /** The store of whoever restores. */
  store: AttachmentStore
  storeFolder: string
  remove(): Promise<void>
}

export async function makeWorld(): Promise<World> {
  const [away, dataDir] = await Promise.all(
    ['away', 'data'].map((name) => mkdtemp(join(tmpdir(), `deskwire-${name}-`))),
  )
  const { store, folder, remove } = await testStore()
  return {
    ...({ away, dataDir, store, storeFolder: folder } as World),
    remove: async () => {
      await remove()
      for (const path of [away, dataDir]) await rm(path as string, { recursive: true })
    },
  }
}

/** A ticket that holds what a careless format would lose, a note of the team, and a file. */
export async function fileEverything(app: TestApp): Promise<string> {
  const awkward = 'Line ends \u2028, \r\n, \\. and \\n, quotes " and \', NULL, {"a": [1]}, a tab\t, Ünïcödé 𝄞.'
  const customer = bearer(app.acme.token)
  const { body } = await rest(app, customer, 'POST', TICKETS, {
    ...{ subject: 'Nodes lost', description: awkward, acknowledged: true },
    environment: { 'a "b"': ['\\', null, 1.5, '\u2029', ''] },
  })
  await rest(app, customer, 'POST', `${TICKETS}/${body.id}/comments`, { body: awkward })
  await uploadByRest(app, customer, body.id, { name: 'a.log', bytes: 'one line\n' })
  return body.id
}

export const backUp = (url: string, { dataDir }: World, target: string, store: AttachmentStore | null) =>
  makeBackup({ url, dataDir, target, store })

/** What it told. */
export async function restoreTo(
  url: string,
  { dataDir, store }: World,
  from: string,
  replace = false,
): Promise<string> {
  const notes: string[] = []
  const note = (line: string) => notes.push(line)
  await restore(await checkBackup(from), { from, url, dataDir, store, isBucket: false, replace, note })
  return notes.join('\n')
}

let copies = 0

/** A copy of a backup with something wrong. */
export async function harmed(backup: string, harm: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = `${backup}-harmed-${++copies}`
  await cp(backup, folder, { recursive: true })
  await harm(folder)
  return folder
}

export const withManifest = (change: (given: Record<string, unknown>) => object) => async (folder: string) => {
  const path = join(folder, 'manifest.json')
  await writeFile(path, JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')))))
}

/** Any one attachment of a backup. */
export async function attachmentIn(folder: string): Promise<string> {
  const entries = await readdir(join(folder, 'attachments'), { recursive: true, withFileTypes: true })
  const file = entries.find((entry) => entry.isFile())
  return join(file?.parentPath ?? '', file?.name ?? '')
}

/** Which columns begin anew in a restored database. */
const ANEW: Record<string, string> = {
  ticket_events: 'pos,xid',
  organisation_counters: 'pos',
  database_life: 'life,database_oid,created_at',
  _prisma_migrations: 'id,started_at,finished_at',
}

/** The rows of every table of the catalogue, as text. */
export async function contentOf(url: string): Promise<Record<string, string[]>> {
  const tables = await onServer<{ name: string }>(
    url,
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`,
  )
  const content: Record<string, string[]> = {}
  for (const { name } of tables) {
    const rows = await onServer<{ row: string }>(
      url,
      `SELECT (to_jsonb(t) - '{${ANEW[name] ?? ''}}'::text[])::text AS row FROM "${name}" t ORDER BY 1`,
    )
    content[name] = rows.map(({ row }) => row)
  }
  return content
}

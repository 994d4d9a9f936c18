// Makes a backup: a folder with the database as of one moment, then every attachment that it names. An attachment is in
// the store before the database knows of it, so in this order none can be missing.

import { createReadStream, existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, realpath, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { Readable } from 'node:stream'
import { openSnapshot, type Snapshot } from '../../db/dump.ts'
import { readMigrations } from '../../db/migrate.ts'
import { type Table, tablesMadeBy } from '../../db/tables.ts'
import { demoFile } from '../../demo-file.ts'
import type { AttachmentStore } from '../../storage/store.ts'
import { Refusal } from '../refusal.ts'
import { MANIFEST, type Manifest, newManifest } from './manifest.ts'
import { syncFolder, writeFile, writeLines } from './parts.ts'
import { inWords } from './troubles.ts'

export interface BackupOptions {
  /** The database itself, past a pooler. */
  url: string
  dataDir: string
  /** Absolute; does not exist yet. */
  target: string
  /** Null: attachments are in a bucket, and left there. */
  store: AttachmentStore | null
}

/** Throws a Refusal for a place that cannot hold a backup: before the database is looked for. */
export async function checkTarget(target: string, dataDir: string): Promise<void> {
  if (existsSync(target))
    throw new Refusal(`There is something at ${target} already: name a folder that is still to be made.`)
  const parent = dirname(target)
  const real = await realpath(parent).catch(() => null)
  if (real === null) throw new Refusal(`There is no folder ${parent}: make it first, or name another place.`)
  const data = await realpath(dataDir).catch(() => resolve(dataDir))
  const isInside = !relative(data, join(real, basename(target))).startsWith(`..${sep}`)
  if (isInside) throw new Refusal(`A backup in DATA_DIR (${dataDir}) would be lost with it: name another place.`)
}

/** Under another name until all of it is on the disk: what has the right name is whole. */
export async function makeBackup(options: BackupOptions): Promise<Manifest> {
  const { target } = options
  let unfinished: string | null = null
  try {
    unfinished = await mkdtemp(`${target}.unfinished-`)
    await chmod(unfinished, 0o700)
    const made = await fill(unfinished, options)
    await rename(unfinished, target)
    await syncFolder(dirname(target))
    return made
  } catch (error) {
    if (unfinished) await rm(unfinished, { recursive: true, force: true })
    throw inWords(error, `The backup could not be written to ${target}`, 'Nothing is left of it; try another place.')
  }
}

async function fill(folder: string, options: BackupOptions): Promise<Manifest> {
  const snapshot = await openSnapshot(options.url)
  try {
    const tables = await writeTables(folder, snapshot)
    const attachments = await writeAttachments(folder, snapshot, options.store)
    const demo = await writeDemo(folder, options.dataDir)
    const { migrations, life, serverVersion: postgres } = snapshot
    const manifest = newManifest({ migrations, life, postgres, tables, attachments, demo })
    await writeFile(join(folder, MANIFEST), Readable.from([`${JSON.stringify(manifest, null, 2)}\n`]))
    await syncFolder(folder)
    return manifest
  } finally {
    await snapshot.close()
  }
}

async function writeTables(folder: string, snapshot: Snapshot): Promise<Manifest['tables']> {
  const known = readMigrations()
  const names = new Set(known.map(({ name }) => name))
  const newer = snapshot.migrations.find(({ name }) => !names.has(name))
  if (snapshot.migrations.length === 0)
    throw new Refusal('Deskwire has never used this database: there is nothing to back up.')
  if (newer) {
    throw new Refusal(
      `A newer version of Deskwire has used this database (its migration ${newer.name} is not known here): ` +
        'back it up with that one, or something would be missing.',
    )
  }
  await mkdir(join(folder, 'database'), { mode: 0o700 })
  const ours = tablesMadeBy(known)
  const tables: Manifest['tables'] = []
  for (const table of snapshot.tables.filter(({ name }) => ours.has(name))) {
    const { name, columns } = table
    const file = `database/${name}.jsonl.gz`
    const { lines, ...sum } = await writeLines(join(folder, file), snapshot.rows(table))
    tables.push({ name, columns: columns.map((column) => column.name), rows: lines, file, ...sum })
  }
  await syncFolder(join(folder, 'database'))
  return tables
}

/** An attachment as the database knows it. */
export interface Kept {
  key: string
  bytes: number
  sha256: string
}

const COLUMNS: Table = {
  name: 'attachments',
  columns: ['storage_key', 'size_bytes', 'sha256'].map((name) => ({ name, type: 'text' })),
}

/** What was redacted has no bytes. */
async function* keptBy(snapshot: Snapshot): AsyncGenerator<Kept> {
  for await (const line of snapshot.rows(COLUMNS)) {
    const [key, bytes, sha256] = JSON.parse(line) as [string, string, string]
    if (bytes !== '0') yield { key, bytes: Number(bytes), sha256 }
  }
}

async function writeAttachments(folder: string, snapshot: Snapshot, store: AttachmentStore | null) {
  const made = { kept: store ? ('here' as const) : ('bucket' as const), count: 0, bytes: 0, missing: [] as string[] }
  const root = join(folder, 'attachments')
  if (store) await mkdir(root, { mode: 0o700 })
  const folders = new Set<string>()
  async function* copied() {
    for await (const kept of keptBy(snapshot)) {
      if (store && !(await copy(store, root, folders, kept))) {
        made.missing.push(kept.key)
        continue
      }
      made.count += 1
      made.bytes += kept.bytes
      yield JSON.stringify(kept)
    }
  }
  const file = 'attachments.jsonl.gz'
  const { lines: _, ...sum } = await writeLines(join(folder, file), copied())
  for (const path of store ? [...folders, root] : []) await syncFolder(path)
  return { ...made, list: { file, ...sum } }
}

/** False where the store has lost it, or has other bytes. */
async function copy(
  store: AttachmentStore,
  root: string,
  folders: Set<string>,
  { key, sha256 }: Kept,
): Promise<boolean> {
  const path = join(root, key)
  const stream = await store.read(key)
  if (stream === null) return false
  if (!folders.has(dirname(path))) await mkdir(dirname(path), { mode: 0o700 })
  folders.add(dirname(path))
  const sum = await writeFile(path, stream)
  if (sum.sha256 === sha256) return true
  await rm(path)
  return false
}

/** Its tokens are nowhere else: the database holds only their hashes. */
async function writeDemo(folder: string, dataDir: string): Promise<Manifest['demo']> {
  if (!existsSync(demoFile(dataDir))) return null
  const file = 'demo.json'
  return { file, ...(await writeFile(join(folder, file), createReadStream(demoFile(dataDir)))) }
}

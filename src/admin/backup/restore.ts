// Restores a backup: checks all of it before anything is touched, puts the attachments into the store, where nothing
// names them yet, and then the database in one transaction.

import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, copyFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { v4 as uuid } from 'uuid'
import { openTarget, type Target } from '../../db/load.ts'
import { migrate, readMigrations } from '../../db/migrate.ts'
import { demoFile } from '../../demo-file.ts'
import type { AttachmentStore } from '../../storage/store.ts'
import { Refusal } from '../refusal.ts'
import type { Kept } from './make.ts'
import { type Manifest, migrationsOf, readManifest } from './manifest.ts'
import { readLines, type Sum, sumOf } from './parts.ts'
import { inWords } from './troubles.ts'

export interface RestoreOptions {
  /** The folder of the backup. */
  from: string
  /** The database itself, past a pooler. */
  url: string
  dataDir: string
  store: AttachmentStore
  /** Whether the store is a bucket. */
  isBucket: boolean
  /** What is there may be given up. */
  replace: boolean
  note(line: string): void
}

/** What can be known without a database. Throws a Refusal for what is no backup, is damaged, or is too new. */
export async function checkBackup(folder: string): Promise<Manifest> {
  const manifest = await readManifest(folder).catch(fail(folder))
  migrationsOf(manifest)
  const { tables, attachments, demo } = manifest
  for (const { file, ...sum } of [...tables, attachments.list, ...(demo ? [demo] : [])])
    await checkSum(folder, file, sum)
  if (attachments.kept === 'bucket') return manifest
  for await (const { key, ...sum } of keptIn(folder, manifest)) await checkSum(folder, join('attachments', key), sum)
  return manifest
}

async function* keptIn(folder: string, { attachments }: Manifest): AsyncGenerator<Kept> {
  for await (const line of readLines(join(folder, attachments.list.file))) yield JSON.parse(line) as Kept
}

async function checkSum(folder: string, file: string, { sha256 }: Sum): Promise<void> {
  const path = join(folder, file)
  const found = await sumOf(path).catch(fail(folder))
  if (found.sha256 === sha256) return
  throw new Refusal(`The backup is damaged: ${path} is not what was written (SHA-256). Use another one.`)
}

const fail = (folder: string) => (error: unknown) => {
  throw inWords(error, `The backup ${folder} cannot be read`, 'Nothing was changed.')
}

/** `manifest` is that of a backup which was checked. */
export async function restore(manifest: Manifest, options: RestoreOptions): Promise<void> {
  const target = await openTarget(options.url, options.note)
  try {
    await refuseToReplace(target, options)
    await putAttachments(manifest, options)
    await loadDatabase(target, manifest, options)
  } finally {
    await target.close()
  }
  await putDemo(manifest, options)
  const applied = await migrate(options.url, { onNotice: options.note })
  if (applied.length > 0) options.note(`Applied what this version has added since: ${applied.join(', ')}.`)
}

async function refuseToReplace(target: Target, { replace }: RestoreOptions): Promise<void> {
  if (replace || !(await target.hasContent())) return
  throw new Refusal(
    'There is a database with something in it: back that up, then say --replace to put this backup in its place. ' +
      'Nothing was changed.',
  )
}

async function putAttachments(manifest: Manifest, options: RestoreOptions): Promise<void> {
  const { attachments } = manifest
  if (attachments.kept === 'bucket') {
    if (options.isBucket || attachments.count === 0) return
    return options.note(
      `The ${attachments.count} attachments of this backup are in a bucket: set ATTACHMENTS_URL to it.`,
    )
  }
  for await (const kept of keptIn(options.from, manifest)) {
    await put(options, kept).catch((error) => {
      throw inWords(error, 'The attachments could not be restored', 'The database was not touched: try again.')
    })
  }
}

async function put({ from, store }: RestoreOptions, { key, bytes, sha256 }: Kept): Promise<void> {
  const path = join(store.spoolDir, uuid())
  await pipeline(
    createReadStream(join(from, 'attachments', key)),
    createWriteStream(path, { flags: 'wx', mode: 0o600 }),
  )
  const nothing = async () => {}
  await store.put(key, { path, sizeBytes: bytes, sha256, contentType: 'application/octet-stream', remove: nothing })
}

async function loadDatabase(target: Target, manifest: Manifest, { from, isBucket }: RestoreOptions): Promise<void> {
  const parts = manifest.tables.map(({ name, columns, file }) => ({
    ...{ name, columns },
    rows: () => readLines(join(from, file)),
  }))
  const migrations = migrationsOf(manifest)
  // Nobody knows who else uses a bucket; a folder is this service's own.
  await target.load({ known: readMigrations(), migrations, parts, dropObjects: !isBucket })
}

async function putDemo({ demo }: Manifest, { from, dataDir }: RestoreOptions): Promise<void> {
  if (demo === null) return
  const file = demoFile(dataDir)
  await copyFile(join(from, demo.file), `${file}.new`)
  await chmod(`${file}.new`, 0o600)
  await rename(`${file}.new`, file)
}

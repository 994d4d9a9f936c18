// manifest.json of a backup: what it is made of and what made it. Written last, so that a folder with one is complete.

import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Migration, readMigrations } from '../../db/migrate.ts'
import { Refusal } from '../refusal.ts'

export const MANIFEST = 'manifest.json'
/** Rises when a version could not restore what the one before has written. */
const FORMAT = 1

const sum = { bytes: z.int(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }
/** Below the folder of the backup, and nowhere else. */
const path = z.string().regex(/^[\w-]+(?:[./][\w-]+)*$/)

const manifest = z.object({
  format: z.literal(FORMAT),
  /** Of Deskwire. */
  version: z.string(),
  madeAt: z.iso.datetime(),
  /** The database's life then: cursors of it are refused after a restore. */
  life: z.uuid().nullable(),
  postgres: z.string(),
  /** What had been applied, in that order. */
  migrations: z.array(z.object({ name: z.string(), checksum: z.string() })),
  /** In an order in which they can be filled. */
  tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()), rows: z.int(), file: path, ...sum })),
  attachments: z.object({
    /** `bucket`: they are not here. */
    kept: z.enum(['here', 'bucket']),
    count: z.int(),
    bytes: z.int(),
    /** Lines of JSON, one for each: key, bytes, sha256. */
    list: z.object({ file: path, ...sum }),
    /** Keys of those that the store had lost, or that were redacted meanwhile. */
    missing: z.array(z.string()),
  }),
  /** Tokens and passwords of the demonstration, where there is one. */
  demo: z.object({ file: path, ...sum }).nullable(),
})
export type Manifest = z.output<typeof manifest>

export function versionHere(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

export function newManifest(parts: Omit<Manifest, 'format' | 'version' | 'madeAt'>): Manifest {
  return { format: FORMAT, version: versionHere(), madeAt: new Date().toISOString(), ...parts }
}

/** Throws a Refusal where there is none, or none that this version can restore. */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw noBackup(folder)
    throw error
  })
  const given = parse(text)
  if (Number(given?.format) > FORMAT) throw newer(given?.version)
  const read = manifest.safeParse(given)
  if (!read.success) throw new Refusal(`${join(folder, MANIFEST)} is damaged: use another backup.`)
  return read.data
}

function noBackup(folder: string): Refusal {
  return new Refusal(
    `There is no backup in ${folder}: name the folder that "backup" made, in which there is a ${MANIFEST}. ` +
      'One whose name holds ".unfinished-" was interrupted and is no backup.',
  )
}

function parse(text: string): { format?: unknown; version?: unknown } | null {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The migrations of the backup, as this version has them. Throws a Refusal where it does not. */
export function migrationsOf({ migrations, version }: Manifest): Migration[] {
  const known = new Map(readMigrations().map((migration) => [migration.name, migration]))
  return migrations.map(({ name, checksum }) => {
    const own = known.get(name)
    if (!own) throw newer(version)
    if (own.checksum === checksum) return own
    throw new Refusal(`The migration ${name} is not the one that this backup was made with: undo the edit of it.`)
  })
}

const newer = (version: unknown) =>
  new Refusal(
    `This backup was made by a newer version of Deskwire (${version}) than this one (${versionHere()}): ` +
      'restore it with that version or one after it.',
  )

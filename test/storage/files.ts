// Files to attach, and a folder for a test file to keep things in.

import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll } from 'vitest'
import { type SpooledFile, spool } from '../../src/storage/spool.ts'

export const MIB = 1024 ** 2
export const LIMITS = { maxBytes: 25 * MIB, filename: 'pods.log' }

/** A folder for the tests of one file. The path is there once they run. */
export function temporaryFolder(): { path: string } {
  const folder = { path: '' }
  beforeAll(async () => {
    folder.path = await mkdtemp(join(tmpdir(), 'deskwire-storage-'))
  })
  afterAll(() => rm(folder.path, { recursive: true }))
  return folder
}

export const newKey = () => `${uuid()}/${uuid()}`

/** A file that passes, or the test fails. */
export async function spooled(dir: string, content: string | Buffer): Promise<SpooledFile> {
  const file = await spool(dir, Readable.from([Buffer.from(content)]), LIMITS)
  if ('refused' in file) throw new Error(`The file was refused: ${file.refused}.`)
  return file
}

/** All files below a folder, folders not counted. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

// Attachments in a folder: DATA_DIR/attachments, or one that several replicas share.

import { mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StartError } from '../config.ts'
import { type AttachmentStore, type ByteRange, checkKey, checkRange, unavailable } from './store.ts'

/**
 * `folder` is made if its parent exists: a share that is not mounted is not replaced by a folder on the local disk.
 * Throws a StartError where nothing can be written there.
 */
export async function openDiskStore(folder: string): Promise<AttachmentStore> {
  const spoolDir = await makeSpool(folder)
  const objects = join(folder, 'objects')
  await makeWritable(objects)
  await synchronise(folder)
  await synchronise(dirname(folder))

  return {
    spoolDir,
    put: async (key, { path }) => moveIn(path, pathOf(objects, key)).catch(fail),
    read: async (key, range) => openFile(pathOf(objects, key), range),
    remove: async (key) => rm(pathOf(objects, key), { force: true }).catch(fail),
  }
}

/** Makes the folder with the spool in it, for any store, and returns where the spool is. Throws a StartError. */
export async function makeSpool(folder: string): Promise<string> {
  const spoolDir = join(folder, 'spool')
  await makeWritable(folder)
  await makeWritable(spoolDir)
  return spoolDir
}

async function makeWritable(folder: string): Promise<void> {
  try {
    await makeFolder(folder)
    await rm(await mkdtemp(join(folder, 'probe-')), { recursive: true })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = `nothing can be written there (${code ?? message})`
    throw new StartError(`Attachments cannot be kept in ${folder}: ${reason}.`, { cause: error })
  }
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error) => {
    if (error.code !== 'EEXIST') throw error
  })
}

/** The bytes first, then the name, then the names of the folders: a power failure leaves the whole file or none. */
async function moveIn(from: string, to: string): Promise<void> {
  await synchronise(from, 'r+')
  await makeFolder(dirname(to))
  await rename(from, to)
  await synchronise(dirname(to))
  // Even where the folder was there: another upload may have made it and not come this far.
  await synchronise(dirname(dirname(to)))
}

async function synchronise(path: string, flags = 'r'): Promise<void> {
  // Windows opens no folders, and keeps their entries by itself.
  const handle = await open(path, flags).catch((error) => {
    if (process.platform === 'win32') return null
    throw error
  })
  try {
    await handle?.sync()
  } finally {
    await handle?.close()
  }
}

/** Opened before anybody is told that it is there. */
async function openFile(path: string, range: ByteRange | undefined) {
  checkRange(range)
  const handle = await open(path, 'r').catch((error) => (error.code === 'ENOENT' ? null : fail(error)))
  return handle?.createReadStream(range) ?? null
}

function pathOf(objects: string, key: string): string {
  checkKey(key)
  return join(objects, key)
}

function fail(error: unknown): never {
  throw unavailable(error)
}

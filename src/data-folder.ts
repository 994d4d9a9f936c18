// DATA_DIR itself: where the embedded database, attachments and demo.json live.

import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StartError } from './config.ts'

/** Makes DATA_DIR. Throws a StartError where it is a file or cannot be written. */
export async function makeFolder(dataDir: string): Promise<void> {
  try {
    await makePath(dataDir)
    const probe = await mkdtemp(join(dataDir, 'probe-'))
    await rm(probe, { recursive: true })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const isFile = code === 'EEXIST' || code === 'ENOTDIR'
    const reason = isFile ? 'a file is in its place' : `nothing can be written there (${code ?? message})`
    throw new StartError(`DATA_DIR cannot be ${dataDir}: ${reason}.`, { cause: error })
  }
}

/** Node's own recursive mkdir never returns under /proc, where no folder can be made in one that exists. */
async function makePath(path: string): Promise<void> {
  if (existsSync(path)) return
  if (dirname(path) !== path) await makePath(dirname(path))
  // Root's is passable, since the database's user has to get through; what is in it shuts itself off.
  await mkdir(path, { mode: process.getuid?.() === 0 ? 0o711 : 0o700 }).catch((error) => {
    if (error.code !== 'EEXIST') throw error
  })
}

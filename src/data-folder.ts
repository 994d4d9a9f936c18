// DATA_DIR itself: where the embedded database, attachments and demo.json live.

import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
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

/** Names the backup that is being restored into the folder, for as long as that takes. */
const markOf = (dataDir: string) => join(dataDir, 'restore.unfinished')

/** From now on no start takes for a database of its own what is only half of one. */
export const markRestore = (dataDir: string, backup: string): Promise<void> =>
  writeFile(markOf(dataDir), `${backup}\n`, { mode: 0o600, flush: true })

/** Whether an earlier one has left its mark: what there is then is all its own. */
export const isHalfRestored = (dataDir: string): boolean => existsSync(markOf(dataDir))

export const unmarkRestore = (dataDir: string): Promise<void> => rm(markOf(dataDir), { force: true })

/** Throws a StartError where a restore was begun and never came to its end. */
export function refuseHalfRestored(dataDir: string): void {
  if (!isHalfRestored(dataDir)) return
  const backup = readFileSync(markOf(dataDir), 'utf8').trim()
  throw new StartError(
    `A restore of ${backup} was begun and did not end: run "npm run admin -- restore ${backup}" again. ` +
      `To begin with an empty database instead, remove ${markOf(dataDir)}.`,
  )
}

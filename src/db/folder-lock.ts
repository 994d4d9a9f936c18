// Keeps a data folder to one process, whatever becomes of the earlier holder.

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartError } from '../config.ts'

const SQLITE_BUSY = 5

/**
 * Takes the lock of a folder and returns what gives it back. Throws a StartError that names the holder's pid.
 *
 * Node has no flock, but an exclusive transaction of SQLite is one, on every platform: the system lets go of it when
 * the process ends, however it ends. A pid alone would not do, since another process may have it by now; here it only
 * tells people whom to look for.
 */
export function lockFolder(folder: string): () => void {
  const pidFile = join(folder, 'deskwire.pid')
  const database = takeLock(join(folder, 'deskwire.lock'), folder, pidFile)
  writeFileSync(pidFile, `${process.pid}\n`)
  return () => {
    rmSync(pidFile, { force: true })
    database.close()
  }
}

function takeLock(lockFile: string, folder: string, pidFile: string): DatabaseSync {
  try {
    const database = new DatabaseSync(lockFile)
    // Nothing is ever written, so that no journal needs to stand beside it.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) throw new StartError(inUse(folder, pidFile))
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartError(`The folder ${folder} cannot be locked for this process: ${reason}.`, { cause: error })
  }
}

function inUse(folder: string, pidFile: string): string {
  const holder = readHolder(pidFile)
  const whose = holder ? `another Deskwire process, with the pid ${holder}` : 'another Deskwire process'
  return `The folder ${folder} is in use by ${whose}: stop that one first, or choose another DATA_DIR.`
}

function readHolder(pidFile: string): string | null {
  try {
    return readFileSync(pidFile, 'utf8').trim() || null
  } catch {
    return null
  }
}

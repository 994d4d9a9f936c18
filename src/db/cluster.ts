// Makes the files of the embedded database, with initdb: the whole folder, or none.

import { randomBytes } from 'node:crypto'
import { chown, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StartError } from '../config.ts'
import type { Binaries, User } from './binaries.ts'

/** Where the database is, and what it is run with. */
export interface Place {
  /** Holds `data`, `password` and `server.log`; made as a whole, or not at all. */
  folder: string
  data: string
  binaries: Binaries
  user: User | null
  durable: boolean
  log: (message: string) => void
}

/** The one role, which owns everything. */
export const USER = 'deskwire'

/** Of these the first that the system knows. */
const CTYPES = ['C.UTF-8', 'en_US.UTF-8', 'C']
const UNFINISHED = 'postgres.new-'

/** Removes what a start left behind that was killed before its database was ready for use. */
export async function removeUnfinished(dataDir: string): Promise<void> {
  const names = await readdir(dataDir)
  for (const name of names.filter((name) => name.startsWith(UNFINISHED))) {
    await rm(join(dataDir, name), { recursive: true, force: true, maxRetries: 10 })
  }
}

/** Under another name until it is complete: a start killed halfway leaves nothing that looks like a database. */
export async function createCluster(place: Place): Promise<void> {
  place.log(`Making a database in ${place.folder} (first start only).`)
  const unfinished = await mkdtemp(join(dirname(place.folder), UNFINISHED))
  const passwordFile = join(unfinished, 'password')
  await writeFile(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 })
  if (place.user) {
    await chown(passwordFile, place.user.uid, place.user.gid)
    await chown(unfinished, place.user.uid, place.user.gid)
  }
  await initialise(place, unfinished)
  await rename(unfinished, place.folder)
}

async function initialise(place: Place, unfinished: string): Promise<void> {
  let reason = ''
  for (const ctype of CTYPES) {
    const args = initdbArguments(unfinished, ctype, place.durable)
    const { ok, output } = await place.binaries.run('initdb', args, place.user)
    if (ok) return
    reason = output
    if (!/invalid locale/.test(output)) break
  }
  throw new StartError(`PostgreSQL could not make its database in ${place.folder}: ${firstError(reason)}`)
}

/**
 * Sorts by bytes and knows the letters of all scripts. The provider alone is not enough: pg_trgm asks the system's
 * ctype what a letter is, and with plain C it takes no trigrams from Cyrillic (PostgreSQL 18.4).
 */
function initdbArguments(unfinished: string, ctype: string, durable: boolean): string[] {
  return [
    `--pgdata=${join(unfinished, 'data')}`,
    `--username=${USER}`,
    `--pwfile=${join(unfinished, 'password')}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    `--lc-ctype=${ctype}`,
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(durable ? [] : ['--no-sync']),
  ]
}

/** The reason in what one of PostgreSQL's programs printed. */
export function firstError(output: string): string {
  return output.match(/(?<=error: ).*/)?.[0] ?? output.split('\n').at(-1) ?? ''
}

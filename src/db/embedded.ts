// A PostgreSQL of our own in DATA_DIR, for whoever sets no DATABASE_URL. It is a server beside this process, not a
// child of it: when node is killed it lives on, and the next start adopts it.

import { existsSync } from 'node:fs'
import { readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { StartError } from '../config.ts'
import { makeFolder } from '../data-folder.ts'
import { databaseUser, findBinaries } from './binaries.ts'
import { createCluster, firstError, type Place, removeUnfinished, USER } from './cluster.ts'
import { lockFolder } from './folder-lock.ts'
import { readPostmaster } from './postmaster.ts'

export interface Embedded {
  url: string
  /** It was still running from an earlier start. */
  adopted: boolean
  /** Stops PostgreSQL, an adopted one too, and gives the folder free. A second call waits for the first. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  dataDir: string
  /** Told in whole sentences what takes a while. */
  log: (message: string) => void
  /** False trades safety for speed, for tests: the data may be lost when the machine stops. */
  durable?: boolean
}

const ATTEMPTS = 5
const PATIENCE_MS = 60_000
const WATCH_MS = 1000
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  jit: 'off',
  // Errors of statements are ours to log, and their text may hold what people wrote; starts, stops and crashes remain.
  log_min_messages: 'log',
  log_checkpoints: 'off',
}
const UNSAFE_SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/** Starts the database of `dataDir`, making it where there is none. Throws a StartError that says what is wrong. */
export async function startEmbedded({ dataDir, log, durable = true }: EmbeddedOptions): Promise<Embedded> {
  const binaries = await findBinaries()
  await makeFolder(dataDir)
  const user = await databaseUser([dataDir, binaries.folder])
  const folder = join(await realpath(dataDir), 'postgres')
  // pg_ctl hands the path to a shell, between double quotes.
  if (/["$`\n]/.test(folder)) throw new StartError(`DATA_DIR must not hold any of " $ \` in its path: ${folder}`)
  const place = { folder, data: join(folder, 'data'), binaries, user, durable, log }
  const unlock = lockFolder(dataDir)
  try {
    await removeUnfinished(dataDir)
    if (existsSync(folder)) await checkOwner(place)
    else await createCluster(place)
    const adopted = await adopt(place)
    const url = adopted ?? (await start(place))
    const endWatch = watch(place, Number(new URL(url).port))
    let stopped: Promise<void> | undefined
    return {
      url,
      adopted: adopted !== null,
      stop() {
        stopped ??= endWatch()
          .then(() => stop(place))
          .finally(unlock)
        return stopped
      },
    }
  } catch (error) {
    unlock()
    throw error
  }
}

/** Whether there is a database in `dataDir`, running or not. */
export const hasEmbedded = (dataDir: string): boolean => existsSync(join(dataDir, 'postgres'))

/** The URL of the database of `dataDir` while it runs, else null: the operator's commands work beside a server. */
export async function findEmbedded(dataDir: string): Promise<string | null> {
  const folder = join(dataDir, 'postgres')
  const postmaster = await readPostmaster(join(folder, 'data'))
  if (postmaster?.state !== 'running') return null
  const url = await urlOf(folder, postmaster.port)
  return (await answers(url)) ? url : null
}

/** PostgreSQL serves no folder of another user's. */
async function checkOwner({ folder, user }: Place): Promise<void> {
  const { uid } = await stat(folder)
  if (process.getuid === undefined || uid === (user?.uid ?? process.getuid())) return
  throw new StartError(
    `The database in ${folder} belongs to another user (uid ${uid}): ` +
      'start Deskwire as that one, or choose another DATA_DIR.',
  )
}

/** The URL of a server of this folder that still runs, once it answers; null when none does. */
async function adopt(place: Place): Promise<string | null> {
  const deadline = Date.now() + PATIENCE_MS
  while (Date.now() < deadline) {
    const postmaster = await readPostmaster(place.data)
    // The pid is somebody else's by now; PostgreSQL itself would take any process of the same user for its own.
    if (postmaster?.state === 'recycled') await rm(join(place.data, 'postmaster.pid'), { force: true })
    if (postmaster?.state !== 'running') return null
    const url = await urlOf(place.folder, postmaster.port)
    if (await answers(url)) {
      place.log('The database of an earlier start is still running: using it.')
      return url
    }
    await pause(100)
  }
  throw new StartError(`The PostgreSQL in ${place.folder} runs but does not answer: see server.log there.`)
}

/**
 * Starts the server again, where it was, when it has ended without us: killed, or out of memory or disk. Returns what
 * ends that, and waits for a start under way.
 */
function watch(place: Place, port: number): () => Promise<void> {
  let told = ''
  const tell = (message: string) => {
    if (message !== told) place.log(message)
    told = message
  }
  async function look(): Promise<void> {
    const postmaster = await readPostmaster(place.data)
    if (postmaster?.state === 'running') return
    tell('The database has ended by itself: starting it again.')
    if (postmaster?.state === 'recycled') await rm(join(place.data, 'postmaster.pid'), { force: true })
    await start(place, port)
    tell('The database runs again.')
  }
  const ending = new AbortController()
  const watching = (async () => {
    while (!ending.signal.aborted) {
      await look().catch((error: Error) => tell(`${error.message} Trying again.`))
      await pause(WATCH_MS, null, { signal: ending.signal, ref: false }).catch(() => {})
    }
  })()
  return () => {
    ending.abort()
    return watching
  }
}

/**
 * Tries again where another program takes the free port first, or a killed server's last process is still ending.
 * @param known the port to take, and no other.
 */
async function start(place: Place, known?: number): Promise<string> {
  let reason = ''
  const logFile = join(place.folder, 'server.log')
  // Of one run each: the last one's says how it ended.
  if (existsSync(logFile)) await rename(logFile, join(place.folder, 'server.previous.log'))
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const port = known ?? (await freePort())
    await rm(logFile, { force: true })
    const args = ['start', '-w', '-t', '300', '-D', place.data, '-l', logFile, '-o', serverOptions(port, place.durable)]
    const { ok, output } = await place.binaries.run('pg_ctl', args, place.user)
    if (ok) return urlOf(place.folder, port)
    reason = lastFatal(await readFile(logFile, 'utf8').catch(() => '')) ?? firstError(output)
    if (!/shared memory|could not create any TCP|lock file/.test(reason)) break
    await pause(500)
  }
  throw new StartError(`PostgreSQL did not start in ${place.folder}: ${reason}`)
}

function serverOptions(port: number, durable: boolean): string {
  const settings = { ...SETTINGS, ...(durable ? {} : UNSAFE_SETTINGS), port }
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ')
}

async function stop(place: Place): Promise<void> {
  const args = ['stop', '-w', '-t', '60', '-m', 'fast', '-D', place.data]
  const { ok, output } = await place.binaries.run('pg_ctl', args, place.user)
  if (ok || (await readPostmaster(place.data))?.state !== 'running') return
  throw new Error(`PostgreSQL in ${place.folder} did not stop: ${firstError(output)}`)
}

async function urlOf(folder: string, port: number): Promise<string> {
  const password = await readFile(join(folder, 'password'), 'utf8')
  return `postgresql://${USER}:${password.trim()}@127.0.0.1:${port}/postgres`
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

function lastFatal(log: string): string | null {
  return log.match(/(?<=(FATAL|PANIC): +).*/g)?.at(-1) ?? null
}

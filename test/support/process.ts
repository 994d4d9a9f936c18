// The whole service as a process of its own, for the tests that look at it from outside.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Postmaster, readPostmaster } from '../../src/db/postmaster.ts'

export interface ProcessOptions {
  /** The only variables of Deskwire that it sees; PORT is any free one unless given. */
  env?: Record<string, string>
  /** Also the folder it is started in. Absent: a temporary one, removed with `stop`. */
  dataDir?: string
  /** Arguments of node itself, before the file. */
  args?: string[]
}

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface Running {
  child: ChildProcess
  url: string
  dataDir: string
  /** What it has written so far, to both channels. */
  output(): string
  /** Asks it to stop (SIGTERM) and waits until it has. */
  stop(): Promise<Exit>
  /** Ends node alone, at once; an embedded PostgreSQL lives on. */
  kill9(): Promise<Exit>
  exited: Promise<Exit>
}

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const LISTENING = /listening on (http:\/\/[^\s"]+)/

/** Starts the service and waits until it listens. Rejects with its output when it ends before. */
export async function startProcess(options: ProcessOptions = {}): Promise<Running> {
  const dataDir = options.dataDir ?? (await temporaryFolder())
  const { child, output, exited } = spawnMain({ ...options, dataDir })
  const cleanUp = () => (options.dataDir ? Promise.resolve() : removeFolder(dataDir))
  const kill = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    return exited
  }
  try {
    const url = await listening(child, output, exited)
    return {
      child,
      url,
      dataDir,
      output,
      exited,
      stop: () => kill('SIGTERM').finally(cleanUp),
      kill9: () => kill('SIGKILL'),
    }
  } catch (error) {
    await cleanUp()
    throw error
  }
}

/** Runs the service until it ends by itself, as it does when it cannot start. */
export async function runProcess(options: ProcessOptions & { dataDir: string }): Promise<Exit & { output: string }> {
  const { output, exited } = spawnMain(options)
  const exit = await exited
  return { ...exit, output: output() }
}

/** What still runs, and in which folder: a failed test may not have come to its end. */
const alive = new Map<ChildProcess, string>()
process.on('exit', () => {
  for (const child of alive.keys()) child.kill('SIGKILL')
})

/** Spawns without waiting for anything. */
export function spawnMain({ env = {}, dataDir, args = [] }: ProcessOptions & { dataDir: string }) {
  const child = spawn(process.execPath, [...args, MAIN], {
    // Not the repository: a .env there is the developer's own.
    cwd: dataDir,
    env: { PATH: process.env.PATH, PORT: '0', DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
  }
  alive.set(child, dataDir)
  const exited = once(child, 'close').then(([code, signal]): Exit => {
    alive.delete(child)
    return { code, signal }
  })
  return { child, output: () => text, exited }
}

function listening(child: ChildProcess, output: () => string, exited: Promise<Exit>): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => {
      const url = LISTENING.exec(output())?.[1]
      if (url) resolve(url)
    })
    exited.then(({ code }) => reject(new Error(`The process ended with ${code}:\n${output()}`)), reject)
  })
}

/** A folder that PostgreSQL's own user can reach too, when the tests run as root. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'deskwire-test-'))
  await chmod(folder, 0o711)
  return folder
}

/** Ends what a failed test left running in the folder, and removes the folder. */
export async function removeFolder(folder: string): Promise<void> {
  for (const [child, dataDir] of alive) if (dataDir === folder) child.kill('SIGKILL')
  const postmaster = await postgresOf(folder)
  if (postmaster?.state === 'running') process.kill(postmaster.pid, 'SIGKILL')
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
}

/** The embedded PostgreSQL of a data folder; null when it is stopped. */
export function postgresOf(dataDir: string): Promise<Postmaster | null> {
  return readPostmaster(join(dataDir, 'postgres', 'data'))
}

// The operator's commands as processes of their own.

import { type ChildProcess, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'

const ADMIN = fileURLToPath(new URL('../../src/admin.ts', import.meta.url))

export interface Outcome {
  code: number | null
  out: string
  err: string
}

/** Runs one to its end. */
export function runAdmin(env: Record<string, string>, args: readonly string[]): Promise<Outcome> {
  return spawnAdmin(env, args).outcome
}

/** `shell` is what a shell is told before, such as a limit. */
export function spawnAdmin(env: Record<string, string>, args: readonly string[], shell?: string) {
  const command = [process.execPath, ADMIN, ...args]
  const line = shell === undefined ? command : ['sh', '-c', `${shell}; exec "$@"`, 'sh', ...command]
  // In another folder, where no developer's .env adds to what the test says.
  const child = spawn(line[0] as string, line.slice(1), { cwd: tmpdir(), env: { PATH: process.env.PATH, ...env } })
  return { child, outcome: outcomeOf(child) }
}

function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let out = ''
  let err = ''
  child.stdout?.on('data', (chunk) => (out += chunk))
  child.stderr?.on('data', (chunk) => (err += chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

// The README's tour, typed as it stands there, against the service as `npm start` runs it.

import { spawn, spawnSync } from 'node:child_process'
import { chmod, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeFolder, startProcess, temporaryFolder } from '../support/process.ts'
import { asPattern, stepsOf } from '../support/readme.ts'

const FIRST_START_MS = 60_000
const MARK = '-- that was a step --'

const steps = stepsOf('A tour of five minutes')
const missing = ['bash', 'curl'].find((program) => spawnSync(program, ['--version']).error)
const reason = missing ? ` (skipped: there is no ${missing} here)` : ''

describe.skipIf(missing)(`the tour of the README${reason}`, () => {
  let folder: string
  let shell: Awaited<ReturnType<typeof paste>>

  beforeAll(async () => {
    folder = await temporaryFolder()
    const dataDir = join(folder, '.data')
    await mkdir(dataDir)
    await chmod(dataDir, 0o711)
    const running = await startProcess({ dataDir })
    shell = await paste(folder)
    await running.stop()
  }, FIRST_START_MS)

  afterAll(() => removeFolder(join(folder, '.data')).finally(() => removeFolder(folder)))

  it('shows what each of its steps prints, but for the first', () => {
    expect(steps.length).toBeGreaterThan(5)
    expect(steps.filter(({ prints }) => prints === null)).toEqual([steps[0]])
  })

  it.each(steps.map((step, index) => ({ ...step, index })))('prints what it shows: $title', ({ prints, index }) => {
    expect(shell.printed.length, `The shell gave up before: ${shell.problems}`).toBeGreaterThan(index)
    expect(shell.printed[index]).toMatch(asPattern(prints ?? ''))
  })

  it('complains of nothing', () => {
    expect(shell.problems).toBe('')
  })
})

/** Runs the steps one after the other in one shell, which gives up at the first command that fails. */
async function paste(folder: string): Promise<{ printed: string[]; problems: string }> {
  const script = steps.map(({ code }) => `${code}\nprintf '%s\\n' '${MARK}'\n`).join('')
  const shell = spawn('bash', ['-e', '-o', 'pipefail', '-c', script], {
    cwd: folder,
    env: { PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, problems] = await Promise.all([text(shell.stdout), text(shell.stderr)])
  const parts = out.split(`${MARK}\n`).map((part) => part.trim())
  return { printed: parts.slice(0, -1), problems }
}

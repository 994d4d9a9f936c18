// The README's tour, typed as it stands there, against the service as `npm start` runs it.

import { spawn, spawnSync } from 'node:child_process'
import { chmod, mkdir, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeFolder, startProcess, temporaryFolder } from '../support/process.ts'
import { asPattern, stepsOf } from '../support/readme.ts'

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))
const TIMEOUT_MS = 120_000
const MARK = '-- that was a step --'

const steps = stepsOf('A tour of five minutes')
const missing = ['bash', 'curl', 'npm'].find((program) => spawnSync(program, ['--version']).error)
const reason = missing ? ` (skipped: there is no ${missing} here)` : ''

describe.skipIf(missing)(`the tour of the README${reason}`, () => {
  let folder: string
  let shell: Awaited<ReturnType<typeof paste>>

  beforeAll(async () => {
    folder = await temporaryFolder()
    const dataDir = join(folder, '.data')
    await mkdir(dataDir)
    await chmod(dataDir, 0o711)
    // The tour starts the service once more, as in the repository.
    for (const name of ['package.json', 'src', 'node_modules'])
      await symlink(join(REPOSITORY, name), join(folder, name))
    const { url, exited } = await startProcess({ dataDir })
    shell = await paste(folder, new URL(url).port)
    await exited
  }, TIMEOUT_MS)

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

/** Stops whichever service holds the folder at the end, and waits until it has let go of it. */
const STOP = 'kill "$(cat .data/deskwire.pid)"; while [ -e .data/deskwire.pid ]; do sleep 0.1; done'

/** Runs the steps one after the other in one shell, which gives up at the first command that fails. */
async function paste(folder: string, port: string): Promise<{ printed: string[]; problems: string }> {
  const script = steps.map(({ code }) => `${code}\nprintf '%s\\n' '${MARK}'\n`).join('')
  const shell = spawn('bash', ['-e', '-o', 'pipefail', '-c', `trap '${STOP}' EXIT\n${script}`], {
    cwd: folder,
    env: { PATH: `${dirname(process.execPath)}:${process.env.PATH}`, PORT: port },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, problems] = await Promise.all([text(shell.stdout), text(shell.stderr)])
  const parts = out.split(`${MARK}\n`).map((part) => part.trim())
  return { printed: parts.slice(0, -1), problems }
}

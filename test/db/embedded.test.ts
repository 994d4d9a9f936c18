// The PostgreSQL of DATA_DIR: made, found, taken over and stopped, whatever the last run left behind.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { StartError } from '../../src/config.ts'
import { type Embedded, findEmbedded, startEmbedded } from '../../src/db/embedded.ts'
import { postgresOf, removeFolder, temporaryFolder } from '../support/process.ts'
import { onServer } from '../support/server.ts'

const AS_ROOT = process.getuid?.() === 0

let dataDir: string
let running: Embedded | null = null

beforeAll(async () => {
  dataDir = await temporaryFolder()
})

afterEach(async () => {
  await running?.stop()
  running = null
})

afterAll(() => removeFolder(dataDir))

async function start(folder = dataDir): Promise<Embedded> {
  running = await startEmbedded({ dataDir: folder, log: () => {}, durable: false })
  return running
}

async function refusal(folder: string): Promise<string> {
  const error = await start(folder).catch((error: unknown) => error)
  if (!(error instanceof StartError)) throw error
  return error.message
}

describe('the embedded database', () => {
  test('is made on the first start, in place of what a killed first start left', async () => {
    await mkdir(join(dataDir, 'postgres.new-abcdef', 'data'), { recursive: true })
    await writeFile(join(dataDir, 'postgres.new-abcdef', 'data', 'PG_VERSION'), '18')
    const { url, adopted } = await start()
    expect(adopted).toBe(false)
    expect(await readdir(dataDir)).toEqual(['deskwire.lock', 'deskwire.pid', 'postgres'])
    const [settings] = await onServer(
      url,
      `SELECT current_setting('listen_addresses') AS address, current_setting('unix_socket_directories') AS sockets,
         current_setting('server_encoding') AS encoding, lower('Ü') AS lower`,
    )
    expect(settings).toEqual({ address: '127.0.0.1', sockets: '', encoding: 'UTF8', lower: 'ü' })
  })

  test('asks for a password, which only its owner can read', async () => {
    const { url } = await start()
    const password = (await readFile(join(dataDir, 'postgres', 'password'), 'utf8')).trim()
    expect(password.length).toBeGreaterThanOrEqual(32)
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o077).toBe(0)
    await expect(onServer(url.replace(password, 'guessed'), 'SELECT 1')).rejects.toThrow(
      'password authentication failed',
    )
  })

  test('is found while it runs, and only then', async () => {
    const { url, stop } = await start()
    expect(await findEmbedded(dataDir)).toBe(url)
    await stop()
    expect(await postgresOf(dataDir)).toBeNull()
    await expect(onServer(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED')
    expect(await findEmbedded(dataDir)).toBeNull()
    expect(await findEmbedded(join(dataDir, 'nowhere'))).toBeNull()
  })

  test('is refused to a second start while the first has it, and given after', async () => {
    const first = await start()
    await expect(startEmbedded({ dataDir, log: () => {} })).rejects.toThrow(
      `with the pid ${process.pid}: stop that one`,
    )
    expect(await findEmbedded(dataDir)).toBe(first.url)
    await first.stop()
    expect((await start()).adopted).toBe(false)
  })

  test('starts where a crash left a postmaster.pid whose pid belongs to another program by now', async () => {
    const { stop } = await start()
    const pidFile = join(dataDir, 'postgres', 'data', 'postmaster.pid')
    const text = await readFile(pidFile, 'utf8')
    const { uid, gid } = await stat(join(dataDir, 'postgres'))
    await stop()
    // Of PostgreSQL's own user: it would take such a process for a living server of its folder.
    const other = spawn('sleep', ['60'], { uid, gid, stdio: 'ignore' })
    await once(other, 'spawn')
    await writeFile(pidFile, text.replace(/^\d+/, String(other.pid)))
    expect(await findEmbedded(dataDir)).toBeNull()
    expect((await start()).adopted).toBe(false)
    other.kill()
  })

  test('is started again, with all that was committed, when it ends without us', async () => {
    const told: string[] = []
    const again = Promise.withResolvers<void>()
    const log = (message: string) => {
      told.push(message)
      if (message.includes('runs again')) again.resolve()
    }
    running = await startEmbedded({ dataDir, log })
    const { url } = running
    await onServer(url, 'CREATE TABLE kept AS SELECT 1 AS n')
    const { pid } = (await postgresOf(dataDir)) as { pid: number }
    process.kill(pid, 'SIGKILL')
    await again.promise
    expect(await onServer(url, 'SELECT n FROM kept')).toEqual([{ n: 1 }])
    expect(told).toEqual(['The database has ended by itself: starting it again.', 'The database runs again.'])
  })

  test('says why when its files are damaged', async () => {
    const folder = await temporaryFolder()
    await start(folder).then(({ stop }) => stop())
    await rm(join(folder, 'postgres', 'data', 'global', 'pg_control'))
    expect(await refusal(folder)).toMatch(/PostgreSQL did not start in .*: could not open file .*pg_control/)
    await writeFile(join(folder, 'postgres', 'data', 'PG_VERSION'), '9.6\n')
    expect(await refusal(folder)).toContain('database files are incompatible with server')
    await removeFolder(folder)
  })

  test('does not start in a folder that PostgreSQL cannot reach, and says which is shut', async ({ skip }) => {
    if (!AS_ROOT) skip('Only root runs PostgreSQL as another user; these tests do not run as root.')
    const folder = await temporaryFolder()
    await chmod(folder, 0o700)
    const inner = join(folder, 'data')
    expect(await refusal(inner)).toContain(`because ${folder} is shut to others: run "chmod o+x ${folder}"`)
    expect(await readdir(inner)).toEqual([])
    await removeFolder(folder)
  })
})

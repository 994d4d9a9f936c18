// The long form: `npm run storm`, or `node bench/storm/run.ts [--seconds 150] [--seed word]`. On the server that
// TEST_DATABASE_URL names, or on a PostgreSQL of its own. Ends with 1 when anything is wrong.

import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { startEmbedded } from '../../src/db/embedded.ts'
import { migrate } from '../../src/db/migrate.ts'
import { removeFolder, temporaryFolder } from '../../test/support/process.ts'
import { databaseUrl, onServer } from '../../test/support/server.ts'
import { print } from './figures.ts'
import { Interrupted, storm } from './storm.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '150' }, seed: { type: 'string' } },
})
const seed = values.seed ?? randomBytes(4).toString('hex')
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interrupted.abort())

const code = await main().catch((error) => {
  if (error instanceof Interrupted) return 130
  throw error
})
// Everything has been stopped; what still waits for it, after Ctrl-C, need not be waited for.
process.exit(code)

async function main(): Promise<number> {
  const server = await startServer()
  try {
    return await onDatabase(server.url)
  } finally {
    await server.stop()
  }
}

async function startServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env.TEST_DATABASE_URL
  if (given) return { url: given, stop: async () => {} }
  const folder = await temporaryFolder()
  try {
    const embedded = await startEmbedded({ dataDir: folder, log: () => {}, durable: false })
    return { url: embedded.url, stop: () => embedded.stop().finally(() => removeFolder(folder)) }
  } catch (error) {
    await removeFolder(folder)
    throw error
  }
}

async function onDatabase(serverUrl: string): Promise<number> {
  const name = `deskwire_storm_${randomBytes(6).toString('hex')}`
  await onServer(serverUrl, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'`)
  try {
    const url = databaseUrl(serverUrl, name)
    await migrate(url)
    return await rage(url)
  } finally {
    await onServer(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  }
}

async function rage(url: string): Promise<number> {
  console.log(`A storm of ${values.seconds} s; again with the same plans: --seed ${seed}`)
  const { figures, faults } = await storm({
    url,
    seed,
    seconds: Number(values.seconds),
    longestSeconds: 2 * Number(values.seconds),
    organisations: 4,
    writers: 15,
    lateWriters: 5,
    subscribers: 30,
    writerPauseMs: 500,
    troublePauseMs: 5000,
    longestFollowMs: 2500,
    least: { kills: 4, 'resumes elsewhere': 100, 'late commits': 50 },
    interrupted: interrupted.signal,
  })
  console.log(print(figures))
  for (const fault of faults) console.error(`WRONG: ${fault}`)
  if (faults.length === 0)
    console.log('Everybody received exactly what they may see, once, in order; the log is whole.')
  return faults.length === 0 ? 0 : 1
}

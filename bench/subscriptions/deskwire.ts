// The server under test: Deskwire as npm start runs it, with its statements counted. run.ts starts it.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../src/config.ts'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { ensureLife, ensureSecret } from '../../src/db/prepare.ts'
import { makeLogger } from '../../src/logger.ts'
import { type RunningServer, startServer } from '../../src/server.ts'
import { openStore } from '../../src/storage/open.ts'
import { serve } from './channel.ts'
import { makeGauge } from './gauge.ts'

let database: Database | null = null
let server: RunningServer | null = null
const dataDir = await mkdtemp(join(tmpdir(), 'deskwire-bench-'))
let seen: string[] = []

const api = {
  async open(databaseUrl: string): Promise<string> {
    const config = loadConfig({ PORT: '0', RATE_LIMITS: 'off', LOG_LEVEL: 'warn' })
    const logger = makeLogger({ level: config.logLevel, pretty: false })
    database = openDatabase(databaseUrl, { onStatement: (text) => seen.push(text) })
    const [life, secret] = await Promise.all([ensureLife(database), ensureSecret(database)])
    const store = await openStore({ url: null, dataDir })
    server = await startServer({ config, database, store, logger, life, secret, listenUrl: databaseUrl })
    return `${server.url.replace('http', 'ws')}/graphql`
  },
  /** The statements since the last call. */
  statements(): string[] {
    const taken = seen
    seen = []
    return taken
  },
  ...makeGauge(),
}

export type DeskwireApi = typeof api

serve(api, async () => {
  await server?.stop()
  await database?.close()
  await rm(dataDir, { recursive: true, force: true })
})

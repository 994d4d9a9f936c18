// The database for an operator's command: the external one, the embedded one of the running server, or the embedded
// one started for as long as the command takes.

import type { Config } from '../config.ts'
import { type Database, openDatabase } from '../db/client.ts'
import { findEmbedded, startEmbedded } from '../db/embedded.ts'
import { migrate } from '../db/migrate.ts'

/** Runs `body` on the migrated database and leaves things as they were. Throws a StartError when there is none. */
export async function withDatabase(
  config: Config,
  note: (line: string) => void,
  body: (database: Database) => Promise<void>,
): Promise<void> {
  const place = await findPlace(config, note)
  try {
    await migrate(place.directUrl, { onNotice: note })
    const database = openDatabase(place.url, { preparedStatements: false })
    try {
      await body(database)
    } finally {
      await database.close()
    }
  } finally {
    await place.stop()
  }
}

interface Place {
  url: string
  /** For migrations, where `url` is a pooler's. */
  directUrl: string
  stop(): Promise<void>
}

async function findPlace(
  { databaseUrl, directDatabaseUrl, dataDir }: Config,
  log: (line: string) => void,
): Promise<Place> {
  if (databaseUrl !== null) return { url: databaseUrl, directUrl: directDatabaseUrl ?? databaseUrl, stop: nothing }
  const running = await findEmbedded(dataDir)
  if (running !== null) return { url: running, directUrl: running, stop: nothing }
  const { url, stop } = await startEmbedded({ dataDir, log })
  return { url, directUrl: url, stop }
}

async function nothing(): Promise<void> {}

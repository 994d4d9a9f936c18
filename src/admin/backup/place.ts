// Where a backup is made from and restored to: the database and the store that the service would use.

import type { Config } from '../../config.ts'
import { isHalfRestored, makeFolder, markRestore, unmarkRestore } from '../../data-folder.ts'
import { findEmbedded, hasEmbedded, startEmbedded } from '../../db/embedded.ts'
import { openStore } from '../../storage/open.ts'
import type { AttachmentStore } from '../../storage/store.ts'
import { Refusal } from '../refusal.ts'

type Note = (line: string) => void

export const isBucket = ({ attachmentsUrl }: Config): boolean => attachmentsUrl?.startsWith('s3:') ?? false

/** Beside a running service, or on its database started for as long as this takes. Nothing is migrated. */
export async function besideService(config: Config, log: Note, body: (url: string) => Promise<void>): Promise<void> {
  const { databaseUrl, directDatabaseUrl, dataDir } = config
  if (databaseUrl !== null) return body(directDatabaseUrl ?? databaseUrl)
  const running = await findEmbedded(dataDir)
  if (running !== null) return body(running)
  if (!hasEmbedded(dataDir)) throw new Refusal(`There is no database in ${dataDir}: there is nothing to back up.`)
  const { url, stop } = await startEmbedded({ dataDir, log })
  return body(url).finally(stop)
}

/**
 * Alone on the data folder: whoever else holds it is named in a StartError. What breaks off leaves a mark there, and
 * `goesOn` is whether such a one has.
 */
export async function inPlaceOfService(
  config: Config,
  { backup, log }: { backup: string; log: Note },
  body: (url: string, goesOn: boolean) => Promise<void>,
): Promise<void> {
  const { databaseUrl, directDatabaseUrl, dataDir } = config
  await makeFolder(dataDir)
  // In one transaction, or not at all: no mark is needed.
  if (databaseUrl !== null) return body(directDatabaseUrl ?? databaseUrl, false)
  const goesOn = isHalfRestored(dataDir)
  const isNew = !hasEmbedded(dataDir)
  // An empty database would be filled with the demonstration, and served.
  if (isNew) await markRestore(dataDir, backup)
  const { url, stop } = await startEmbedded({ dataDir, log }).catch(async (error) => {
    if (isNew && !goesOn) await unmarkRestore(dataDir)
    throw error
  })
  try {
    await body(url, goesOn)
    await unmarkRestore(dataDir)
  } finally {
    await stop()
  }
}

export function storeOf({ attachmentsUrl: url, dataDir }: Config): Promise<AttachmentStore> {
  return openStore({ url, dataDir })
}

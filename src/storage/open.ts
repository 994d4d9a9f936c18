// The store that ATTACHMENTS_URL names. Opened once a process.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeSpool, openDiskStore } from './disk.ts'
import { openS3Store } from './s3.ts'
import { sweepSpool } from './spool.ts'
import type { AttachmentStore } from './store.ts'

export interface StoreOptions {
  /** `attachmentsUrl` of the configuration. Null: the folder `attachments` in `dataDir`. */
  url: string | null
  /** Exists. */
  dataDir: string
}

/** Opens the store and clears its spool of what a crash has left. Throws a StartError where it cannot work. */
export async function openStore({ url, dataDir }: StoreOptions): Promise<AttachmentStore> {
  const own = join(dataDir, 'attachments')
  const store = url?.startsWith('s3:')
    ? await openS3Store(url, await makeSpool(own))
    : await openDiskStore(url ? fileURLToPath(url) : own)
  await sweepSpool(store.spoolDir)
  return store
}

// The store that ATTACHMENTS_URL names. Opened once a process.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeSpool, openDiskStore } from './disk.ts'
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
    ? await openBucket(url, await makeSpool(own))
    : await openDiskStore(url ? fileURLToPath(url) : own)
  await sweepSpool(store.spoolDir)
  return store
}

/** Loaded only where there is a bucket: the SDK takes 30 MB of memory, and a third of a second at start. */
async function openBucket(url: string, spoolDir: string): Promise<AttachmentStore> {
  const { openS3Store } = await import('./s3.ts')
  return openS3Store(url, spoolDir)
}

// A store of attachments on this machine's disk, for one app or one test.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../src/storage/open.ts'
import type { AttachmentStore } from '../../src/storage/store.ts'

export interface TestStore {
  store: AttachmentStore
  /** Holds the objects and the spool of the store, in folders of these names. */
  folder: string
  remove(): Promise<void>
}

export async function testStore(): Promise<TestStore> {
  const dataDir = await mkdtemp(join(tmpdir(), 'deskwire-store-'))
  const store = await openStore({ url: null, dataDir })
  return { store, folder: join(dataDir, 'attachments'), remove: () => rm(dataDir, { recursive: true, force: true }) }
}

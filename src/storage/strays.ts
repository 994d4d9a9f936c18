// Removes what uploads that failed or crashed have left in the store and its spool. Every replica does; none touches
// what another may still be working on.

import type { Database } from '../db/client.ts'
import { forgetStray, giveUpStray, giveUpStrays } from '../db/strays.ts'
import { sweepSpool } from './spool.ts'
import type { AttachmentStore } from './store.ts'

interface Parts {
  database: Database
  store: AttachmentStore
}

/** No upload takes longer, and one that did would be refused its object. */
const AGE_MS = 60 * 60 * 1000

/** Right after a failure. Does nothing to an object that was claimed after all. */
export async function removeStray({ database, store }: Parts, key: string): Promise<void> {
  if (await giveUpStray(database, key)) await remove({ database, store }, key)
}

export async function sweepStrays(parts: Parts, ageMs = AGE_MS): Promise<void> {
  await sweepSpool(parts.store.spoolDir, ageMs)
  for (;;) {
    const keys = await giveUpStrays(parts.database, ageMs)
    for (const key of keys) await remove(parts, key)
    if (keys.length === 0) return
  }
}

async function remove({ database, store }: Parts, key: string): Promise<void> {
  await store.remove(key)
  await forgetStray(database, key)
}

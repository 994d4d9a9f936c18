// Open streams live longer than the rights they were opened with. One statement every two seconds asks, for all streams
// of the process, which credentials still hold; those that do not end their streams.

import type { Viewer } from '../context.ts'
import type { Database } from '../db/client.ts'
import { type Credential, stillGood } from './credentials.sql.ts'

export interface RightsWatch {
  /** Calls `end` once, when the viewer's token, session or membership is no longer good. Returns what stops watching. */
  add(viewer: Viewer, end: () => void): () => void
  close(): void
}

/** With the two seconds that an answer may be old, well under the five that a revocation may take. */
const INTERVAL_MS = 2000

export function makeRightsWatch(database: Database, onError: (error: unknown) => void): RightsWatch {
  /** By credential: thousands of streams of one token are one question. */
  const watched = new Map<string, { credential: Credential; ends: Set<() => void> }>()

  async function check(): Promise<void> {
    if (watched.size === 0) return
    const entries = [...watched]
    const good = await stillGood(
      database,
      entries.map(([, { credential }]) => credential),
    )
    for (const [index, [key, { ends }]] of entries.entries()) {
      if (good.has(index)) continue
      watched.delete(key)
      for (const end of ends) end()
    }
  }

  const timer = setInterval(() => check().catch(onError), INTERVAL_MS).unref()
  return {
    add(viewer, end) {
      const { via, side, credentialId, id, organisationId } = viewer
      const credential = { via, side, credentialId, personId: id, organisationId }
      const key = JSON.stringify(credential)
      const entry = watched.get(key) ?? { credential, ends: new Set() }
      watched.set(key, entry)
      entry.ends.add(end)
      return () => {
        entry.ends.delete(end)
        if (entry.ends.size === 0 && watched.get(key) === entry) watched.delete(key)
      }
    },
    close: () => clearInterval(timer),
  }
}

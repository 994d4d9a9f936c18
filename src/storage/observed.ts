// The store of attachments, as those see it who watch the service: each call a step of its trace, and one line in the
// log when it fails and when it is back.

import type { Trouble } from '../telemetry/log-once.ts'
import type { Tracing } from '../telemetry/tracing.ts'
import { type AttachmentStore, StoreUnavailable } from './store.ts'

export function observed(store: AttachmentStore, tracing: Tracing, trouble: Trouble): AttachmentStore {
  const call = <T>(name: string, work: () => Promise<T>): Promise<T> =>
    tracing.span(`attachment store ${name}`, { kind: 'client' }, async () => {
      try {
        const result = await work()
        trouble.works()
        return result
      } catch (error) {
        if (error instanceof StoreUnavailable) trouble.failed(error)
        throw error
      }
    })
  return {
    spoolDir: store.spoolDir,
    put: (key, file) => call('put', () => store.put(key, file)),
    read: (key, range) => call('read', () => store.read(key, range)),
    remove: (key) => call('remove', () => store.remove(key)),
  }
}

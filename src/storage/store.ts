// The port behind which the bytes of attachments lie, on a disk or in a bucket. Operations call it; what is in a file is
// judged before, while it is spooled.

import type { Readable } from 'node:stream'
import type { SpooledFile } from './spool.ts'

/** Both ends included, in bytes from 0; `start` is not behind `end`. */
export interface ByteRange {
  start: number
  end: number
}

/** A key is `<organisation id>/<attachment id>`, both UUIDs in lower case; any other is a fault of ours and throws. */
export interface AttachmentStore {
  /** Where uploads are spooled: on the store's own file system where it has one, so that a rename moves them in. */
  readonly spoolDir: string
  /**
   * Takes the spooled file in under `key`; resolves when it would survive a power failure. Never leaves a part, but where
   * it throws, the whole may be there: `remove` it then.
   * @throws StoreUnavailable
   */
  put(key: string, file: SpooledFile): Promise<void>
  /**
   * Null when there is no such object. Whoever gets the stream reads or destroys it. A range that begins behind the
   * object's end reads nothing, one that ends there reads up to the end.
   * @throws StoreUnavailable
   */
  read(key: string, range?: ByteRange): Promise<Readable | null>
  /**
   * Succeeds when there is none.
   * @throws StoreUnavailable
   */
  remove(key: string): Promise<void>
}

/** The disk is full or broken, the bucket cannot be reached or refuses us. `cause` is what was said; no secrets here. */
export class StoreUnavailable extends Error {}

export function unavailable(cause: unknown): StoreUnavailable {
  const { code, name } = cause as { code?: unknown; name?: unknown }
  const reason = [code, name, 'unknown'].find((word) => typeof word === 'string')
  return new StoreUnavailable(`The store of attachments cannot be used just now (${reason}).`, { cause })
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const KEY = new RegExp(`^${UUID}/${UUID}$`)

/** Keys become paths: nothing that could lead elsewhere gets through. */
export function checkKey(key: string): void {
  if (!KEY.test(key)) throw new TypeError(`${JSON.stringify(key)} is not a key of an attachment.`)
}

/** A bucket answers a range it cannot read with the whole object. */
export function checkRange(range: ByteRange | undefined): void {
  if (!range) return
  const { start, end } = range
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || start > end) {
    throw new RangeError(`There are no bytes from ${start} to ${end}.`)
  }
}

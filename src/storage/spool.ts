// Where an upload rests until it is known what it is: a temporary file, counted, hashed and looked at while it is written,
// so that no more than a few chunks of it are ever in memory.

import { createHash } from 'node:crypto'
import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { v4 as uuid } from 'uuid'
import { sniffer } from './content-type.ts'
import { unavailable } from './store.ts'

export interface SpooledFile {
  path: string
  sizeBytes: number
  /** In hexadecimal. */
  sha256: string
  /** One of CONTENT_TYPES, or UNCLEAN_TEXT. */
  contentType: string
  /** Removes the temporary file if it still is where it was. Never throws; call it in any case. */
  remove(): Promise<void>
}

/** Nothing is kept of it. */
export interface Refused {
  refused: 'too_large' | 'empty' | 'type'
}

export interface SpoolLimits {
  maxBytes: number
  /** Its extension says which sort of text a text is; nothing else is believed of it. */
  filename: string
}

type Findings = Omit<SpooledFile, 'path' | 'remove'>

class TooLarge extends Error {}

/**
 * Writes `source` into a file of its own in `dir`, no faster than the disk takes it, and stops reading with the chunk that
 * passes `maxBytes`. However it ends, `source` is not destroyed and its errors have a listener; unless it was read to its
 * end, it is left paused, for the caller to drain or destroy.
 * @throws StoreUnavailable where the disk takes no more; the source's own error; an AbortError
 */
export async function spool(
  dir: string,
  source: Readable,
  limits: SpoolLimits,
  signal?: AbortSignal,
): Promise<SpooledFile | Refused> {
  const path = join(dir, uuid())
  // What this cannot remove is for the sweep.
  const remove = () => rm(path, { force: true }).catch(() => {})
  let kept = false
  try {
    const findings = await takeIn(await open(path, 'wx', 0o600).catch(fail), source, limits, signal)
    kept = !('refused' in findings)
    return 'refused' in findings ? findings : { path, remove, ...findings }
  } finally {
    if (!kept) await remove()
  }
}

async function takeIn(
  file: FileHandle,
  source: Readable,
  { maxBytes, filename }: SpoolLimits,
  signal: AbortSignal | undefined,
): Promise<Findings | Refused> {
  const hash = createHash('sha256')
  const sniff = sniffer(maxBytes)
  let sizeBytes = 0

  function write(chunk: Buffer): Promise<void> {
    sizeBytes += chunk.length
    if (sizeBytes > maxBytes) throw new TooLarge()
    hash.update(chunk)
    sniff.add(chunk)
    return file.writeFile(chunk).catch(fail)
  }

  try {
    await receive(source, write, signal)
  } catch (error) {
    if (error instanceof TooLarge) return { refused: 'too_large' }
    throw error
  } finally {
    // Some file systems tell only now that there is no room.
    await file.close().catch(fail)
  }
  if (sizeBytes === 0) return { refused: 'empty' }
  const contentType = await sniff.verdict(filename)
  return contentType ? { sizeBytes, sha256: hash.digest('hex'), contentType } : { refused: 'type' }
}

/** Hands over one chunk after the other. Pipes, since pipelines and iterators destroy what they read from. */
async function receive(source: Readable, take: (chunk: Buffer) => Promise<void>, signal: AbortSignal | undefined) {
  const sink = new Writable({
    async write(chunk, _encoding, done) {
      try {
        await take(chunk)
        done()
      } catch (error) {
        done(error as Error)
      }
    },
  })
  source.pipe(sink)
  try {
    await Promise.all([finished(source, { writable: false, signal }), finished(sink)])
  } finally {
    source.unpipe(sink)
    sink.destroy()
  }
}

/** Since any upload that lives writes more often. */
const LEFTOVER_MS = 60 * 60 * 1000

/** Removes what processes that crashed have left in the spool, once it is `olderThanMs` (milliseconds). */
export async function sweepSpool(dir: string, olderThanMs = LEFTOVER_MS): Promise<void> {
  for (const name of await readdir(dir)) {
    const path = join(dir, name)
    // Another process may have removed it meanwhile.
    const found = await stat(path).catch(() => null)
    if (found?.isFile() && Date.now() - found.mtimeMs > olderThanMs) await rm(path, { force: true })
  }
}

function fail(error: unknown): never {
  throw unavailable(error)
}

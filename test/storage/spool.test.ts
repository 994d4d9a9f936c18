// How an upload is taken in: counted, hashed and judged while it comes, and gone without a trace where it cannot stay.

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { beforeEach, expect, it } from 'vitest'
import { type SpooledFile, spool } from '../../src/storage/spool.ts'
import { filesIn, LIMITS, MIB, temporaryFolder } from './files.ts'

const folder = temporaryFolder()
let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(folder.path, 'spool-'))
})

const CHUNK = Buffer.alloc(MIB / 16, 'a line\n')

/** A client that sends as fast as it is read: `sent` says how much (bytes), `atChunk` is called before every chunk. */
function upload(bytes: number, atChunk: () => void = () => {}) {
  const source = new Readable({
    read() {
      atChunk()
      client.sent += CHUNK.length
      this.push(client.sent > bytes ? null : CHUNK)
    },
  })
  const client = { source, sent: 0 }
  return client
}

it('a file is on the disk with its size, hash and type, and goes when it is removed', async () => {
  const content = Buffer.from('{"kind": "Pod"}\n')
  const file = (await spool(dir, Readable.from([content]), { maxBytes: 16, filename: 'pod.json' })) as SpooledFile
  expect(file).toMatchObject({
    sizeBytes: 16,
    sha256: createHash('sha256').update(content).digest('hex'),
    contentType: 'application/json',
  })
  expect(await readFile(file.path)).toEqual(content)
  expect(await filesIn(dir)).toEqual([file.path])
  await file.remove()
  await file.remove()
  expect(await filesIn(dir)).toEqual([])
})

it('a file that comes in single bytes is the same', async () => {
  const content = Buffer.from('naïve 日本語 😀\n')
  const source = Readable.from([...content].map((byte) => Buffer.from([byte])))
  const file = (await spool(dir, source, LIMITS)) as SpooledFile
  expect(await readFile(file.path)).toEqual(content)
  expect(file).toMatchObject({ sizeBytes: content.length, contentType: 'text/plain' })
})

it('a file of exactly the limit is taken, one of a byte more is not', async () => {
  const limits = { maxBytes: CHUNK.length, filename: 'pods.log' }
  expect(await spool(dir, Readable.from([CHUNK]), limits)).toMatchObject({ sizeBytes: CHUNK.length })
  expect(await spool(dir, Readable.from([CHUNK, Buffer.from('\n')]), limits)).toEqual({ refused: 'too_large' })
})

it('a file of 30 MiB is not read beyond 25, and its source waits, whole and harmless', async () => {
  const client = upload(30 * MIB)
  expect(await spool(dir, client.source, LIMITS)).toEqual({ refused: 'too_large' })
  expect(await filesIn(dir)).toEqual([])
  const { sent } = client
  expect(sent).toBeLessThanOrEqual(LIMITS.maxBytes + 4 * CHUNK.length)
  await setImmediate()
  expect(client.sent).toBe(sent)
  expect(client.source).toMatchObject({ destroyed: false, readableFlowing: false })

  const closed = new Promise((resolve) => client.source.once('close', resolve))
  client.source.destroy(new Error('the client has gone'))
  await closed
})

it('what is left of a refused file can be drained', async () => {
  const client = upload(30 * MIB)
  await spool(dir, client.source, LIMITS)
  client.source.resume()
  await once(client.source, 'end')
  expect(client.sent).toBeGreaterThanOrEqual(30 * MIB)
})

it('memory stays flat, however large the file is', async () => {
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  const { source } = upload(128 * MIB, () => {
    most = Math.max(most, process.memoryUsage().arrayBuffers)
  })
  const file = (await spool(dir, source, { ...LIMITS, maxBytes: 128 * MIB })) as SpooledFile
  expect(file.sizeBytes).toBe(128 * MIB)
  expect(most - before).toBeLessThan(8 * MIB)
  await file.remove()
})

it('an empty file is refused', async () => {
  expect(await spool(dir, Readable.from([]), LIMITS)).toEqual({ refused: 'empty' })
  expect(await filesIn(dir)).toEqual([])
})

it('a file of a type that is not taken is refused', async () => {
  const page = Readable.from([Buffer.from('<!DOCTYPE html><script>alert(1)</script>')])
  expect(await spool(dir, page, { ...LIMITS, filename: 'shot.png' })).toEqual({ refused: 'type' })
  expect(await filesIn(dir)).toEqual([])
})

it('an upload that breaks off throws what its source says, and leaves nothing', async () => {
  const source = new PassThrough()
  const spooling = spool(dir, source, LIMITS)
  source.write(CHUNK)
  await once(source, 'drain')
  source.destroy(new Error('the client has gone'))
  await expect(spooling).rejects.toThrow('the client has gone')
  expect(await filesIn(dir)).toEqual([])
})

it('an upload that ends early is no shorter file', async () => {
  const source = new PassThrough()
  const spooling = spool(dir, source, LIMITS)
  source.write(CHUNK)
  await once(source, 'drain')
  source.destroy()
  await expect(spooling).rejects.toThrow('Premature close')
  expect(await filesIn(dir)).toEqual([])
})

it('a source that was destroyed before is told at once', async () => {
  const source = new PassThrough().destroy()
  await once(source, 'close')
  await expect(spool(dir, source, LIMITS)).rejects.toThrow('Premature close')
  expect(await filesIn(dir)).toEqual([])
})

it('a caller that gives up ends it, and the source is left to the caller', async () => {
  const source = new PassThrough()
  const caller = new AbortController()
  const spooling = spool(dir, source, LIMITS, caller.signal)
  source.write(CHUNK)
  await once(source, 'drain')
  caller.abort()
  await expect(spooling).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
  expect(await filesIn(dir)).toEqual([])
  expect(source).toMatchObject({ destroyed: false, readableFlowing: false })
})

it('a signal that was aborted before ends it too', async () => {
  await expect(spool(dir, new PassThrough(), LIMITS, AbortSignal.abort())).rejects.toThrow(
    expect.objectContaining({ name: 'AbortError' }),
  )
  expect(await filesIn(dir)).toEqual([])
})

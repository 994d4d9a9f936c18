// What every store of attachments promises, on a disk and in a bucket alike.

import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openStore } from '../../src/storage/open.ts'
import { type AttachmentStore, StoreUnavailable } from '../../src/storage/store.ts'
import { type S3, S3_ENV, startS3 } from '../support/s3.ts'
import { filesIn, MIB, newKey, spooled, temporaryFolder } from './files.ts'

const folder = temporaryFolder()
let s3: S3

beforeAll(async () => {
  for (const [name, value] of Object.entries(S3_ENV)) vi.stubEnv(name, value)
  s3 = await startS3('/of%20ours')
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await s3.stop()
})

const stores = [
  { kind: 'in DATA_DIR', url: () => null, stored: (dataDir: string) => filesIn(join(dataDir, 'attachments')) },
  { kind: 'in a bucket', url: () => s3.url, stored: async () => [...s3.objects.keys()] },
]

describe.each(stores)('attachments $kind', ({ url, stored }) => {
  let dataDir: string
  let store: AttachmentStore

  beforeAll(async () => {
    dataDir = await mkdtemp(join(folder.path, 'data-'))
    store = await openStore({ url: url(), dataDir })
  })

  async function keep(content: string | Buffer): Promise<string> {
    const key = newKey()
    const file = await spooled(store.spoolDir, content)
    await store.put(key, file)
    await file.remove()
    return key
  }

  const read = async (key: string, range?: { start: number; end: number }) => {
    const stream = await store.read(key, range)
    return stream && text(stream)
  }

  it('come back as they were put in', async () => {
    const bytes = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(5 * MIB, 'binary \xff\x00')])
    const key = await keep(bytes)
    const back = await buffer((await store.read(key)) as Readable)
    expect(back.equals(bytes)).toBe(true)
  })

  it('leave nothing in the spool', async () => {
    await keep('a line\n')
    expect(await filesIn(store.spoolDir)).toEqual([])
  })

  it('are read in ranges, both ends included', async () => {
    const key = await keep('0123456789')
    expect(await read(key, { start: 0, end: 0 })).toBe('0')
    expect(await read(key, { start: 3, end: 6 })).toBe('3456')
    expect(await read(key, { start: 9, end: 9 })).toBe('9')
    expect(await read(key, { start: 0, end: 9 })).toBe('0123456789')
  })

  it('are read to their end where a range goes further, and not at all where it begins there', async () => {
    const key = await keep('0123456789')
    expect(await read(key, { start: 8, end: 99 })).toBe('89')
    expect(await read(key, { start: 10, end: 99 })).toBe('')
  })

  it.each([
    { start: 2, end: 1 },
    { start: -1, end: 1 },
    { start: 0.5, end: 1 },
    { start: 0, end: Number.NaN },
  ])('are not read from $start to $end', async (range) => {
    await expect(store.read(await keep('0123456789'), range)).rejects.toThrow(RangeError)
  })

  it('are replaced whole', async () => {
    const key = await keep('the first, which was longer')
    await store.put(key, await spooled(store.spoolDir, 'the second'))
    expect(await read(key)).toBe('the second')
  })

  it('are gone once removed, and may be removed again', async () => {
    const key = await keep('a line\n')
    await store.remove(key)
    await store.remove(key)
    expect(await store.read(key)).toBeNull()
    expect(await store.read(key, { start: 0, end: 0 })).toBeNull()
  })

  it('that never were are null', async () => {
    expect(await store.read(newKey())).toBeNull()
  })

  it('that are given up half read are let go', async () => {
    const stream = (await store.read(await keep(Buffer.alloc(5 * MIB, 'a line\n')))) as Readable
    await once(stream, 'readable')
    const closed = once(stream, 'close')
    stream.destroy()
    await closed
    expect(await read(await keep('the next\n'))).toBe('the next\n')
  })

  it.each([
    '../../etc/passwd',
    `${newKey().slice(0, 37)}..`,
    `../${newKey()}`,
    `${newKey()}/..`,
    `${newKey()}\n`,
    newKey().toUpperCase(),
    newKey().slice(0, 36),
    `/${newKey()}`,
    '',
  ])('have no key like %j', async (key) => {
    const file = await spooled(store.spoolDir, 'a line\n')
    const before = await stored(dataDir)
    await expect(store.put(key, file)).rejects.toThrow(TypeError)
    await expect(store.read(key)).rejects.toThrow(TypeError)
    await expect(store.remove(key)).rejects.toThrow(TypeError)
    expect(await stored(dataDir)).toEqual(before)
    await file.remove()
  })

  it('take no file that is not there any more', async () => {
    const [key, file] = [newKey(), await spooled(store.spoolDir, 'a line\n')]
    await file.remove()
    await file.remove()
    await expect(store.put(key, file)).rejects.toThrow(StoreUnavailable)
    expect(await store.read(key)).toBeNull()
  })
})

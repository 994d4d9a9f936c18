// Attachments in a bucket that is away, busy, or not ours.

import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { StartError } from '../../src/config.ts'
import { openStore } from '../../src/storage/open.ts'
import { type AttachmentStore, StoreUnavailable } from '../../src/storage/store.ts'
import { type S3, S3_ENV, startS3 } from '../support/s3.ts'
import { filesIn, MIB, newKey, spooled, temporaryFolder } from './files.ts'

const folder = temporaryFolder()
let s3: S3
let store: AttachmentStore
let dataDir: string

beforeAll(async () => {
  for (const [name, value] of Object.entries(S3_ENV)) vi.stubEnv(name, value)
  s3 = await startS3('/of%20ours')
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await s3.stop()
})
beforeEach(async () => {
  dataDir = await mkdtemp(join(folder.path, 'data-'))
  store = await openStore({ url: s3.url, dataDir })
})

const LARGE = Buffer.alloc(5 * MIB, 'a line\n')

it('the spool is on the disk, and the objects are below the folder in the bucket', async () => {
  expect(store.spoolDir).toBe(join(dataDir, 'attachments/spool'))
  const key = newKey()
  await store.put(key, await spooled(store.spoolDir, 'a line\n'))
  expect(s3.objects.get(`of ours/${key}`)?.toString()).toBe('a line\n')
})

it('a bucket that is away is told as a store that is unavailable, and holds nothing when it is back', async () => {
  const [key, file] = [newKey(), await spooled(store.spoolDir, LARGE)]
  await s3.stop()
  await expect(store.put(key, file)).rejects.toThrow(StoreUnavailable)
  await expect(store.read(key)).rejects.toThrow(StoreUnavailable)
  await expect(store.remove(key)).rejects.toThrow('The store of attachments cannot be used just now (ECONNREFUSED).')
  await file.remove()
  await s3.start()
  expect(await store.read(key)).toBeNull()
  expect(await filesIn(dataDir)).toEqual([])
})

it('a connection that is cut in the middle of an upload fails it once it happens again, and stores no part', async () => {
  const [key, file] = [newKey(), await spooled(store.spoolDir, LARGE)]
  s3.failures.push('cut', 'cut')
  await expect(store.put(key, file)).rejects.toThrow(StoreUnavailable)
  expect(s3.failures).toEqual([])
  expect(await store.read(key)).toBeNull()
})

it.each(['cut', 'refuse'] as const)('an upload that goes wrong once (%s) is sent again, whole', async (failure) => {
  const [key, file] = [newKey(), await spooled(store.spoolDir, LARGE)]
  s3.failures.push(failure)
  await store.put(key, file)
  expect(s3.objects.get(`of ours/${key}`)?.equals(LARGE)).toBe(true)
})

it('a download and a removal that are refused once are asked for again', async () => {
  const key = newKey()
  await store.put(key, await spooled(store.spoolDir, 'a line\n'))
  s3.failures.push('refuse')
  expect(await text((await store.read(key)) as Readable)).toBe('a line\n')
  s3.failures.push('refuse')
  await store.remove(key)
  expect(s3.objects.has(`of ours/${key}`)).toBe(false)
})

it('a download that is cut is an error of its stream, never a shorter file', async () => {
  const key = newKey()
  await store.put(key, await spooled(store.spoolDir, LARGE))
  s3.failures.push('cut')
  await expect(text((await store.read(key)) as Readable)).rejects.toThrow('aborted')
})

it('a file that changed on its way is not stored', async () => {
  const [key, file] = [newKey(), await spooled(store.spoolDir, 'a line\n')]
  await expect(store.put(key, { ...file, sha256: '00'.repeat(32) })).rejects.toThrow('(BadDigest)')
  expect(await store.read(key)).toBeNull()
})

it('a bucket that is not there, or not ours, is unavailable, not empty, and nothing said of it holds a secret', async () => {
  const elsewhere = await openStore({ url: s3.url.replace('s3://attachments', 's3://other'), dataDir })
  await expect(elsewhere.read(newKey())).rejects.toThrow('(NoSuchBucket)')
  await expect(elsewhere.remove(newKey())).rejects.toThrow('(NoSuchBucket)')

  vi.stubEnv('AWS_ACCESS_KEY_ID', 'SOMEBODYELSE')
  const stranger = await openStore({ url: s3.url, dataDir })
  const failure = await stranger.read(newKey()).catch((error) => error)
  vi.stubEnv('AWS_ACCESS_KEY_ID', S3_ENV.AWS_ACCESS_KEY_ID)
  expect(failure.message).toBe('The store of attachments cannot be used just now (AccessDenied).')
  expect(inspect(failure)).not.toContain(S3_ENV.AWS_SECRET_ACCESS_KEY)
})

it('a bucket at AWS needs a region, from its address or from the environment', async () => {
  vi.stubEnv('AWS_CONFIG_FILE', join(folder.path, 'none'))
  vi.stubEnv('AWS_REGION', undefined)
  const url = 's3://bucket'
  await expect(openStore({ url, dataDir })).rejects.toThrow(StartError)
  await expect(openStore({ url, dataDir })).rejects.toThrow('add ?region=…, or set AWS_REGION.')
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  await openStore({ url, dataDir })
})

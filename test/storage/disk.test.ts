// Attachments in a folder: how they lie there, and a disk that is full, missing or read by others.

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readlink, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { StartError } from '../../src/config.ts'
import { openStore } from '../../src/storage/open.ts'
import { spool } from '../../src/storage/spool.ts'
import { StoreUnavailable } from '../../src/storage/store.ts'
import { filesIn, LIMITS, MIB, newKey, spooled, temporaryFolder } from './files.ts'

const run = promisify(execFile)
const folder = temporaryFolder()
const newFolder = () => mkdtemp(join(folder.path, 'data-'))
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

it('nobody else on the machine can read them', async () => {
  const dataDir = await newFolder()
  const store = await openStore({ url: null, dataDir })
  const key = newKey()
  const file = await spooled(store.spoolDir, 'a line\n')
  expect(await modeOf(file.path)).toBe('600')
  await store.put(key, file)

  const attachments = join(dataDir, 'attachments')
  const [organisation = ''] = key.split('/')
  for (const path of ['.', 'spool', 'objects', join('objects', organisation)]) {
    expect(await modeOf(join(attachments, path))).toBe('700')
  }
  expect(await modeOf(join(attachments, 'objects', key))).toBe('600')
})

it('a shared folder holds them where ATTACHMENTS_URL names one, and another process finds them there', async () => {
  const [dataDir, shared] = [await newFolder(), join(await newFolder(), 'the share')]
  const url = pathToFileURL(shared).href
  const here = await openStore({ url, dataDir })
  const there = await openStore({ url, dataDir: await newFolder() })
  const key = newKey()
  await here.put(key, await spooled(here.spoolDir, 'a line\n'))
  expect(await text((await there.read(key)) as Readable)).toBe('a line\n')
  expect(await readdir(dataDir)).toEqual([])
})

it('a shared folder whose parent is not there, such as one that is not mounted, is not made', async () => {
  const url = pathToFileURL(join(folder.path, 'not/mounted')).href
  await expect(openStore({ url, dataDir: folder.path })).rejects.toThrow(StartError)
  await expect(openStore({ url, dataDir: folder.path })).rejects.toThrow(
    /^Attachments cannot be kept in \/.*\/not\/mounted: nothing can be written there \(ENOENT\)\.$/,
  )
})

it('a file in the place of the folder keeps the process from starting', async () => {
  const dataDir = await newFolder()
  await writeFile(join(dataDir, 'attachments'), '')
  await expect(openStore({ url: null, dataDir })).rejects.toThrow(StartError)
})

it('the start removes what crashed uploads have left in the spool, and no upload that lives', async () => {
  const dataDir = await newFolder()
  const { spoolDir } = await openStore({ url: null, dataDir })
  const [old, young] = [join(spoolDir, 'old'), join(spoolDir, 'young')]
  await Promise.all([writeFile(old, ''), writeFile(young, '')])
  const overAnHourAgo = Date.now() / 1000 - 3601
  await utimes(old, overAnHourAgo, overAnHourAgo)
  await openStore({ url: null, dataDir })
  expect(await filesIn(spoolDir)).toEqual([young])
})

it('a folder that has gone away is told as a store that is unavailable, without a trace of the file', async () => {
  const dataDir = await newFolder()
  const store = await openStore({ url: null, dataDir })
  const file = await spooled(store.spoolDir, 'a line\n')
  await rm(join(dataDir, 'attachments/objects'), { recursive: true })
  await expect(store.put(newKey(), file)).rejects.toThrow(StoreUnavailable)
  await file.remove()
  expect(await filesIn(dataDir)).toEqual([])

  await rm(join(dataDir, 'attachments'), { recursive: true })
  const upload = spool(store.spoolDir, Readable.from([Buffer.from('a line\n')]), LIMITS)
  await expect(upload).rejects.toThrow('The store of attachments cannot be used just now (ENOENT).')
})

it('something else in the place of a file is told as a store that is unavailable', async () => {
  const dataDir = await newFolder()
  const store = await openStore({ url: null, dataDir })
  const key = newKey()
  await mkdir(join(dataDir, 'attachments/objects', key), { recursive: true })
  await expect(store.remove(key)).rejects.toThrow(StoreUnavailable)
  await expect(store.put(key, await spooled(store.spoolDir, 'a line\n'))).rejects.toThrow(StoreUnavailable)
})

it.skipIf(process.platform !== 'linux')('a download that is given up closes its file', async () => {
  const dataDir = await newFolder()
  const store = await openStore({ url: null, dataDir })
  const key = newKey()
  await store.put(key, await spooled(store.spoolDir, Buffer.alloc(MIB, 'a line\n')))
  const open = async () => {
    const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''))
    return (await Promise.all(links)).filter((path) => path.endsWith(key)).length
  }
  const stream = (await store.read(key)) as Readable
  expect(await open()).toBe(1)
  await once(stream, 'readable')
  const closed = once(stream, 'close')
  stream.destroy()
  await closed
  expect(await open()).toBe(0)
})

it('a full disk ends an upload as a store that is unavailable, and leaves nothing', async ({ skip }) => {
  const disk = await newFolder()
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).catch((error) => error as Error)
  if (mounted instanceof Error) skip(`a small file system cannot be mounted here: ${mounted.message}`)
  try {
    const store = await openStore({ url: pathToFileURL(join(disk, 'attachments')).href, dataDir: disk })
    const source = Readable.from(Array<Buffer>(64).fill(Buffer.alloc(MIB / 16, 'a line\n')))
    const failure = await spool(store.spoolDir, source, LIMITS).catch((error) => error)
    expect(failure).toBeInstanceOf(StoreUnavailable)
    expect(failure.cause.code).toBe('ENOSPC')
    expect(source.destroyed).toBe(false)
    expect(await filesIn(disk)).toEqual([])

    const key = newKey()
    await store.put(key, await spooled(store.spoolDir, 'There is room again.\n'))
    expect(await text((await store.read(key)) as Readable)).toBe('There is room again.\n')
  } finally {
    await run('umount', [disk])
  }
})

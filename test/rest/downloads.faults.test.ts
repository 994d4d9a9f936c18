// Downloads that do not come to their end: whoever goes away leaves nothing open; a store that is gone is said to be.

import { existsSync } from 'node:fs'
import { readdir, readlink, rename, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connectTo } from '../http/multipart.ts'
import { request, wire } from '../http/wire.ts'
import { doors, type Headers, leftovers, ticketAt, ticketOf } from '../operations/attachments.world.ts'
import { MIB } from '../storage/files.ts'
import { bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { uploadByRest } from '../support/uploads.ts'

const TEXT = 'worker-3 is NotReady since 08:10\n'

let app: TestApp
let customer: Headers
let ticketId: string
/** Of an attachment with the text. */
let path: string

beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
  ticketId = await ticketAt(app)
  path = await attach({ name: 'node.log', bytes: TEXT })
})
afterEach(async () => expect(await leftovers(app)).toEqual([]))
afterAll(() => app.close())

/** Gives the address of the attachment. */
async function attach(file: { name: string; bytes: string | Buffer<ArrayBuffer> }): Promise<string> {
  const { body } = await uploadByRest(app, customer, ticketId, file)
  return `${TICKETS}/${ticketId}/attachments/${body.attachments.at(-1).id}`
}

const get = (headers: Headers = {}) => fetch(app.url + path, { headers: { ...customer, ...headers } })

describe.skipIf(!existsSync('/proc/self/fd'))('a client that goes away', () => {
  async function openFiles(): Promise<number> {
    const links = (await readdir('/proc/self/fd')).map((fd) => readlink(join('/proc/self/fd', fd)).catch(() => ''))
    return (await Promise.all(links)).filter((link) => link.startsWith(app.storeFolder)).length
  }
  const asked = (at: string) => `GET ${at} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${app.acme.token}\r\n\r\n`

  it('in the middle of a download leaves no file open', async () => {
    const large = await attach({ name: 'large.log', bytes: Buffer.alloc(20 * MIB, 'a line\n') })
    const clients = await Promise.all(Array.from({ length: 5 }, () => connectTo(app)))
    for (const { socket, send } of clients) {
      socket.pause()
      await send(asked(large))
    }
    await expect.poll(openFiles).toBe(5)
    for (const { socket } of clients) socket.destroy()
    await expect.poll(openFiles).toBe(0)
  })

  it('before the first byte, or after the last, leaves none either', async () => {
    for (let i = 0; i < 20; i++) {
      const { socket, send } = await connectTo(app)
      await send(asked(path))
      socket.destroy()
    }
    await wire(app, request(`GET ${path}`, { Authorization: `Bearer ${app.acme.token}`, Range: 'bytes=0-9' }))
    await wire(app, request(`HEAD ${path}`, { Authorization: `Bearer ${app.acme.token}` }))
    await expect.poll(openFiles).toBe(0)
  })
})

describe('a store that is gone', () => {
  const objects = () => join(app.storeFolder, 'objects')

  it.each(doors)('takes nothing in by $door, and gives nothing out, until it is back', async ({ upload }) => {
    const own = await ticketAt(app)
    const file = { name: 'node.log', bytes: 'a line\n' }
    await rename(objects(), `${objects()}-away`)
    try {
      const refused = await upload(app, customer, own, file)
      expect([refused.is, refused.message]).toEqual(['UNAVAILABLE', expect.stringContaining('try again')])
      const { status, headers } = await uploadByRest(app, customer, own, file)
      expect([status, headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)])
      const download = await rest(app, customer, 'GET', path)
      expect([download.status, download.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)])
      expect(download.body).toEqual({ detail: expect.stringContaining('try again') })
      expect((await get({ 'if-none-match': '*' })).status).toBe(304)
    } finally {
      await rename(`${objects()}-away`, objects())
    }
    expect(await leftovers(app)).toEqual([])
    expect(await ticketOf(app, customer, own)).toMatchObject({ version: 1, attachments: [] })
    expect((await upload(app, customer, own, file)).is).toBe('attached')
    expect(await (await get()).text()).toBe(TEXT)
  })

  it('that has lost one file says so, and gives the others', async () => {
    const lost = await attach({ name: 'lost.log', bytes: 'gone\n' })
    const id = lost.split('/').at(-1) as string
    const { storageKey } = await app.database.prisma.attachment.findFirstOrThrow({ where: { id } })
    await app.store.remove(storageKey)
    expect((await rest(app, customer, 'GET', lost)).status).toBe(503)
    expect((await get()).status).toBe(200)
    await app.database.prisma.attachment.deleteMany({ where: { id } })
  })

  it('that has lost the end of a file breaks off, so that nobody takes it for the whole', async () => {
    const cut = await attach({ name: 'cut.log', bytes: Buffer.alloc(MIB, 'a line\n') })
    const id = cut.split('/').at(-1) as string
    const { storageKey } = await app.database.prisma.attachment.findFirstOrThrow({ where: { id } })
    await truncate(join(objects(), storageKey), MIB / 2)
    await expect(fetch(app.url + cut, { headers: customer }).then((answer) => answer.text())).rejects.toThrow()
    expect((await get()).status).toBe(200)
  })
})

// Uploads as connections: who is refused before anything is read, what is too long, what is cut, and what becomes of a
// connection whose answer was out before the whole body was in.

import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { leftovers, ticketAt } from '../operations/attachments.world.ts'
import { filesIn } from '../storage/files.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { AFTER, chunk, connectTo, type Door, graphqlDoor, head, restDoor, upload } from './multipart.ts'

const MAX_BYTES = 1024 ** 2

let app: TestApp
let token: Record<string, string>
let ticketId: string
const faults: unknown[] = []
const onFault = (fault: unknown) => faults.push(fault)

beforeAll(async () => {
  process.on('uncaughtException', onFault)
  process.on('unhandledRejection', onFault)
  app = await testApp({ env: { ATTACHMENT_MAX_BYTES: String(MAX_BYTES), ATTACHMENT_MAX_FILES: '1000' } })
  token = { Authorization: `Bearer ${app.acme.token}` }
  ticketId = await ticketAt(app)
})
afterEach(async () => {
  await expect.poll(() => leftovers(app)).toEqual([])
  expect(faults.splice(0)).toEqual([])
})
afterAll(async () => {
  process.off('uncaughtException', onFault)
  process.off('unhandledRejection', onFault)
  await app.close()
})

const attached = (id = ticketId) => app.database.prisma.attachment.count({ where: { ticketId: id } })
const spooled = () => filesIn(join(app.storeFolder, 'spool'))
const lines = (bytes: number) => 'a line\n'.repeat(Math.ceil(bytes / 7)).slice(0, bytes)
const length = (door: Door, body: string) => String(Buffer.byteLength(door.before + body + AFTER))

const doors: [string, (id: string) => Door][] = [
  ['GraphQL', graphqlDoor],
  ['REST', restDoor],
]

describe.each(doors)('an upload by %s', (name, doorOf) => {
  it('is taken whole, and the connection with it', async () => {
    const own = await ticketAt(app)
    const { path, before } = doorOf(own)
    const connection = await connectTo(app)
    for (const bytes of [1, 70_000, MAX_BYTES]) {
      await connection.send(upload(path, token, before + lines(bytes) + AFTER))
      expect((await connection.answer()).status).toBe(name === 'REST' ? 201 : 200)
    }
    expect(await connection.isAlive()).toBe(true)
    const rows = await app.database.prisma.attachment.findMany({ where: { ticketId: own }, orderBy: { seq: 'asc' } })
    expect(rows.map(({ sizeBytes }) => sizeBytes)).toEqual([1, 70_000, MAX_BYTES])
    connection.socket.destroy()
  })

  it.each([
    ['no token', {}],
    ['a wrong token', { Authorization: 'Bearer dw_wrong' }],
  ])('with %s is answered 401 before any of it is read', async (_, headers) => {
    const door = doorOf(ticketId)
    const file = lines(MAX_BYTES)
    const connection = await connectTo(app)
    await connection.send(head(door.path, { ...headers, 'Content-Length': length(door, file) }))
    const answer = await connection.answer()
    expect(answer.status).toBe(401)
    expect(answer.ms).toBeLessThan(1000)
    if (answer.headers.connection !== 'close') {
      await connection.send(door.before + file + AFTER)
      expect(await connection.isAlive()).toBe(true)
    }
    connection.socket.destroy()
  })

  it('that says it is 5 GB long is answered 413 at once', async () => {
    const connection = await connectTo(app)
    await connection.send(head(doorOf(ticketId).path, { ...token, 'Content-Length': String(5 * 1024 ** 3) }))
    const answer = await connection.answer()
    expect([answer.status, answer.body]).toEqual([413, expect.stringContaining('An attachment may have 1 MiB.')])
    expect(answer.ms).toBeLessThan(1000)
    connection.socket.destroy()
  })

  it.each(['told truly', 'in chunks'])(
    'that is too long, its length %s, is refused, and the connection lives',
    async (how) => {
      const before = await attached()
      const door = doorOf(ticketId)
      const body = door.before + lines(3 * MAX_BYTES) + AFTER
      const connection = await connectTo(app)
      if (how === 'in chunks') {
        await connection.send(head(door.path, { ...token, 'Transfer-Encoding': 'chunked' }))
        for (let at = 0; at < body.length; at += 65_536) void connection.send(chunk(body.slice(at, at + 65_536)))
        await connection.send(chunk(''))
      } else await connection.send(upload(door.path, token, body))
      const answer = await connection.answer()
      expect(answer.body).toContain('An attachment may have 1 MiB.')
      expect(answer.status).toBe(name === 'GraphQL' && how === 'in chunks' ? 200 : 413)
      expect(await connection.isAlive()).toBe(true)
      expect(await attached()).toBe(before)
      connection.socket.destroy()
    },
  )

  it('a byte longer than allowed is refused, though its length says nothing of it', async () => {
    const door = doorOf(ticketId)
    const connection = await connectTo(app)
    await connection.send(upload(door.path, token, door.before + lines(MAX_BYTES + 1) + AFTER))
    expect((await connection.answer()).body).toContain('An attachment may have 1 MiB.')
    expect(await connection.isAlive()).toBe(true)
    connection.socket.destroy()
  })

  it('to a closed ticket is answered while it comes, and the connection lives', async () => {
    const door = doorOf(await ticketAt(app, 'CLOSED'))
    const file = lines(MAX_BYTES)
    const connection = await connectTo(app)
    const begin = door.before + file.slice(0, 1000)
    await connection.send(head(door.path, { ...token, 'Content-Length': length(door, file) }) + begin)
    const answer = await connection.answer()
    expect(answer.body).toMatch(/is closed\. Please open a new ticket/)
    await connection.send(file.slice(1000) + AFTER)
    expect(await connection.isAlive()).toBe(true)
    connection.socket.destroy()
  })

  it('that goes on for ever after it was refused is cut', async () => {
    const door = doorOf(await ticketAt(app, 'CLOSED'))
    const { socket, send, answer } = await connectTo(app)
    await send(head(door.path, { ...token, 'Transfer-Encoding': 'chunked' }) + chunk(door.before + lines(1000)))
    expect((await answer()).body).toContain('is closed')
    const mebibyte = Buffer.from(chunk(lines(1024 ** 2)))
    let sent = 0
    while (!socket.destroyed && sent < 200) {
      sent++
      await send(mebibyte)
    }
    expect(sent).toBeGreaterThan(32)
    expect(sent).toBeLessThan(128)
  })

  it('that is longer than it said is an upload and a wrong request', async () => {
    const own = await ticketAt(app)
    const door = doorOf(own)
    const connection = await connectTo(app)
    const said = length(door, lines(100))
    await connection.send(head(door.path, { ...token, 'Content-Length': said }) + door.before + lines(200) + AFTER)
    expect([200, 400]).toContain((await connection.answer()).status)
    await expect.poll(() => connection.socket.destroyed).toBe(true)
    expect(await attached(own)).toBe(0)
  })

  it('that is shorter than it said, and then ends, leaves nothing', async () => {
    const own = await ticketAt(app)
    const door = doorOf(own)
    const connection = await connectTo(app)
    const said = length(door, lines(100_000))
    connection.socket.end(head(door.path, { ...token, 'Content-Length': said }) + door.before + lines(50_000))
    await expect.poll(() => connection.socket.destroyed).toBe(true)
    await expect.poll(() => leftovers(app)).toEqual([])
    expect(await attached(own)).toBe(0)
  })

  it('that is cut in the middle leaves nothing', async () => {
    const own = await ticketAt(app)
    const door = doorOf(own)
    const half = door.before + lines(50_000)
    for (const [headers, body] of [
      [{ 'Content-Length': length(door, lines(100_000)) }, half],
      [{ 'Transfer-Encoding': 'chunked' }, chunk(half)],
    ] as const) {
      const connection = await connectTo(app)
      await connection.send(head(door.path, { ...token, ...headers }) + body)
      await expect.poll(spooled).toHaveLength(1)
      connection.socket.destroy()
      await expect.poll(() => leftovers(app)).toEqual([])
      expect(await attached(own)).toBe(0)
    }
  })

  it('that comes byte by byte is taken', async () => {
    const own = await ticketAt(app)
    const door = doorOf(own)
    const bytes = upload(door.path, token, door.before + lines(20) + AFTER)
    const connection = await connectTo(app)
    for (const byte of bytes) await connection.send(byte)
    expect((await connection.answer()).status).toBe(name === 'REST' ? 201 : 200)
    expect(await attached(own)).toBe(1)
    connection.socket.destroy()
  })
})

describe('an upload with a cookie', () => {
  const form = (door: Door) => door.before + lines(20) + AFTER
  async function status(door: Door, headers: Record<string, string>) {
    const connection = await connectTo(app)
    await connection.send(upload(door.path, headers, form(door)))
    const answer = await connection.answer()
    expect(await connection.isAlive()).toBe(true)
    connection.socket.destroy()
    return answer.status
  }

  it('needs, by GraphQL, a header that no page of another site can set', async () => {
    const door = graphqlDoor(await ticketAt(app))
    const { cookie = '', origin = '' } = await app.acme.member.signIn()
    const own = { Cookie: cookie, Origin: origin, Host: new URL(app.url).host }
    expect(await status(door, own)).toBe(403)
    expect(await status(door, { ...own, Origin: 'https://evil.example', 'GraphQL-Require-Preflight': '1' })).toBe(403)
    expect(await status(door, { ...own, 'GraphQL-Require-Preflight': '1' })).toBe(200)
  })

  it('comes, by REST, from our own page to the mount of the portal', async () => {
    const { path, before } = restDoor(await ticketAt(app))
    const { cookie = '', origin = '' } = await app.acme.member.signIn()
    const own = { Cookie: cookie, Origin: origin, Host: new URL(app.url).host }
    const portal = { path: path.replace('/api/v1', ''), before }
    expect(await status(portal, { ...own, Origin: 'https://evil.example' })).toBe(403)
    expect(await status({ path, before }, own)).toBe(401)
    expect(await status(portal, own)).toBe(201)
  })
})

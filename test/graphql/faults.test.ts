// Faults of ours and parts that are down: the caller learns that, and whom to tell, and nothing of our insides.

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createToken } from '../../src/admin/tokens.ts'
import { loadConfig } from '../../src/config.ts'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { makeLogger } from '../../src/logger.ts'
import { type RunningServer, startServer } from '../../src/server.ts'
import { bearer, rest, send, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { type TestStore, testStore } from '../support/store.ts'
import { file } from './fixtures.ts'

const INSIDES = /select|relation|pg_|prisma|postgres|\bat \/|node_modules|\.ts|ECONN|127\.0\.0\.1/i

describe('a fault of ours', () => {
  let app: TestApp
  let id: string
  beforeAll(async () => {
    app = await testApp()
    id = await file(app, bearer(app.acme.token))
    await app.database.prisma.$executeRaw`DROP TABLE attachments`
    await app.database.prisma.$executeRaw`ALTER TABLE clusters RENAME COLUMN state TO secret_state`
  })
  afterAll(() => app.close())

  it('is INTERNAL with the id of the request, which the header gives too, and says nothing else', async () => {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer(app.acme.token) },
      body: JSON.stringify({ query: `{ ticket(id: "${id}") { number attachments { id } } }` }),
    })
    const { data, errors } = (await response.json()) as Awaited<ReturnType<typeof send>>
    expect(data).toEqual({ ticket: null })
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({ path: ['ticket', 'attachments'], extensions: { code: 'INTERNAL' } })
    expect(errors[0]?.extensions.requestId).toBe(response.headers.get('x-request-id'))
    expect(Object.keys(errors[0]?.extensions ?? {}).sort()).toEqual(['code', 'requestId'])
    expect(JSON.stringify(errors)).not.toMatch(INSIDES)
  })

  it('leaves the other fields of the document answered', async () => {
    const { data, errors } = await send(app, bearer(app.acme.token), '{ viewer { name } clusters { nodes { name } } }')
    expect(errors[0]?.extensions.code).toBe('INTERNAL')
    expect(JSON.stringify(errors)).not.toMatch(INSIDES)
    expect(data ?? null).toBeNull()
    expect((await send(app, bearer(app.acme.token), '{ viewer { name } }')).data).toEqual({
      viewer: { name: 'Acme monitoring' },
    })
  })

  it('in a mutation rolls everything back and is INTERNAL too', async () => {
    await app.database.prisma.$executeRaw`ALTER TABLE ticket_events RENAME COLUMN payload TO secret_payload`
    const document = 'mutation ($id: ID!) { addComment(input: { ticketId: $id, body: "Hello?" }) { __typename } }'
    const { errors } = await send(app, bearer(app.acme.token), document, { id })
    expect(errors[0]?.extensions.code).toBe('INTERNAL')
    expect(JSON.stringify(errors)).not.toMatch(INSIDES)
    expect(await app.database.prisma.comment.count()).toBe(0)
    const after = await send(app, bearer(app.acme.token), `{ ticket(id: "${id}") { version } }`)
    expect(after.data).toEqual({ ticket: { version: 1 } })
  })

  it('is told the same way over REST', async () => {
    const answer = await rest(app, bearer(app.acme.token), 'GET', `${TICKETS}/${id}`)
    expect(answer.status).toBe(500)
    expect(JSON.stringify(answer.body)).not.toMatch(INSIDES)
  })
})

describe('a database that is away', () => {
  let stored: TestDatabase
  let road: Road
  let database: Database
  let server: RunningServer
  let headers: Record<string, string>
  let files: TestStore

  beforeAll(async () => {
    stored = await testDatabase()
    files = await testStore()
    road = await roadTo(stored.url)
    database = openDatabase(road.url)
    const config = loadConfig({ PORT: '0', RATE_LIMITS: 'off' })
    const logger = makeLogger({ level: 'silent', pretty: false })
    server = await startServer({
      config,
      database,
      store: files.store,
      logger,
      life: stored.life,
      secret: 'a secret of this test',
      listenUrl: road.url,
    })
    const team = { organisationId: null, name: 'Robot', scopes: ['tickets_write' as const], expiresAt: null }
    headers = bearer((await database.write((tx) => createToken(tx, team))).secret)
  })
  afterAll(async () => {
    await server.stop()
    await database.close()
    await road.close()
    await stored.close()
    await files.remove()
  })

  const LIST = '{ tickets { totalCount } }'

  it('is UNAVAILABLE, and all is well once it is back', async () => {
    expect((await send(server, headers, LIST)).data).toEqual({ tickets: { totalCount: 0 } })
    await road.block()
    const away = await send(server, headers, LIST)
    expect(away.errors[0]?.extensions.code).toBe('UNAVAILABLE')
    expect(away.errors[0]?.extensions.requestId).toBeTruthy()
    expect(JSON.stringify(away.errors)).not.toMatch(INSIDES)
    expect((await rest(server, headers, 'GET', TICKETS)).status).toBe(503)
    expect((await rest(server, {}, 'GET', '/readyz')).status).toBe(503)
    expect((await rest(server, {}, 'GET', '/healthz')).status).toBe(200)
    await road.open()
    expect((await send(server, headers, LIST)).data).toEqual({ tickets: { totalCount: 0 } })
  })

  it('is UNAVAILABLE also where nobody has asked with these credentials before', async () => {
    await road.block()
    const unknown = bearer(`dw_${'x'.repeat(43)}`)
    const away = await send(server, unknown, LIST)
    await road.open()
    expect(away.errors[0]?.extensions.code).toBe('UNAVAILABLE')
  })

  it('is UNAVAILABLE for a mutation', async () => {
    await road.block()
    const document =
      'mutation { closeTicket(input: { ticketId: "018f0000-0000-7000-8000-000000000001" }) { __typename } }'
    const away = await send(server, headers, document)
    await road.open()
    expect(away.errors[0]?.extensions.code).toBe('UNAVAILABLE')
  })
})

interface Road {
  url: string
  /** Cuts what is under way, and takes nothing new. */
  block(): Promise<void>
  open(): Promise<void>
  close(): Promise<void>
}

/** A way to a database that can be blocked and opened again, at one address. */
async function roadTo(url: string): Promise<Road> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  const makeServer = () =>
    createServer((near) => {
      const far = connect(Number(port || 5432), hostname)
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(one)
        one.on('error', () => other.destroy())
        one.on('close', () => {
          sockets.delete(one)
          other.destroy()
        })
        one.pipe(other)
      }
    })
  const listen = (server: Server, at: number) => new Promise<void>((done) => server.listen(at, '127.0.0.1', done))
  let server = makeServer()
  await listen(server, 0)
  const at = (server.address() as AddressInfo).port
  const block = () =>
    new Promise<void>((done) => {
      server.close(() => done())
      for (const socket of sockets) socket.destroy()
    })
  const own = new URL(url)
  own.hostname = '127.0.0.1'
  own.port = String(at)
  return {
    url: own.href,
    block,
    async open() {
      server = makeServer()
      await listen(server, at)
    },
    close: block,
  }
}

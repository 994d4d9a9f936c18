// A database that is lost, hangs or breaks connections off: 503 and UNAVAILABLE while it lasts, and then all is well.

import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { openDatabase } from '../../src/db/client.ts'
import { makeLogger } from '../../src/logger.ts'
import { startServer } from '../../src/server.ts'
import { bearer, PASSWORD, rest, send, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { databaseUrl, onServer } from '../support/server.ts'
import { makeWay, type Way } from '../support/way.ts'
import { jsonRequest, wire } from './wire.ts'

let app: TestApp
let way: Way
let name: string
/** A second server on the same database, which it reaches by a way that can be blocked. */
let far: { url: string; stop(): Promise<void> }

beforeAll(async () => {
  app = await testApp()
  const [row] = await app.database.prisma.$queryRaw<[{ name: string }]>`SELECT current_database() AS name`
  name = row.name
  way = await makeWay(inject('postgres').serverUrl)
  far = await serverBehind(databaseUrl(way.url, name), app.life)
})
afterAll(async () => {
  await far.stop()
  await way.close()
  await app.close()
})

async function serverBehind(url: string, life: string) {
  const database = openDatabase(url)
  const config = loadConfig({ PORT: '0', RATE_LIMITS: 'off' })
  const logger = makeLogger({ level: 'silent', pretty: false })
  const server = await startServer({
    config,
    database,
    store: app.store,
    logger,
    life,
    secret: 'the root of all secrets of this test',
    listenUrl: url,
  })
  return { url: server.url, stop: () => server.stop().finally(() => database.close()) }
}

afterEach(() => way.open())

const TICKET = { subject: 'Nodes are NotReady', description: 'All three of them, since noon.', acknowledged: true }

/** How each door answers somebody whom the server has never seen, so that nothing is remembered of them. */
async function doors() {
  const token = await app.token(app.acme.organisationId, ['tickets_write'])
  const who = bearer(token)
  const create = `mutation ($input: CreateTicketInput!) { createTicket(input: $input) { __typename } }`
  const [list, write, restList, restWrite, signIn, link, ready, alive] = await Promise.all([
    send(far, who, '{ tickets { totalCount } }'),
    send(far, who, create, { input: TICKET }),
    rest(far, who, 'GET', TICKETS),
    rest(far, who, 'POST', TICKETS, TICKET),
    rest(far, { origin: far.url }, 'POST', '/api/auth/sign-in/email', {
      email: app.acme.admin.email,
      password: PASSWORD,
    }),
    fetch(`${far.url}/set-password?token=${'a'.repeat(43)}`).then(({ status }) => ({ status })),
    rest(far, {}, 'GET', '/readyz'),
    rest(far, {}, 'GET', '/healthz'),
  ])
  return {
    list: list.errors[0]?.extensions.code ?? list.status,
    write: write.errors[0]?.extensions.code ?? write.status,
    graphqlStatus: list.status,
    restList: restList.status,
    restWrite: restWrite.status,
    signIn: signIn.status,
    link: link.status,
    ready: ready.status,
    alive: alive.status,
  }
}

const WELL = { graphqlStatus: 200, list: 200, write: 200, restList: 200, restWrite: 201, signIn: 200, link: 410 }
const FINE = { ...WELL, ready: 200, alive: 200 }
const LOST = {
  list: 'UNAVAILABLE',
  write: 'UNAVAILABLE',
  graphqlStatus: 503,
  restList: 503,
  restWrite: 503,
  signIn: 503,
  link: 503,
  ready: 503,
  alive: 200,
}

describe('a database', () => {
  it('that cannot be reached is told so at every door, and found again by itself', async () => {
    expect(await doors()).toEqual(FINE)
    way.block()
    expect(await doors()).toEqual(LOST)
    expect(await doors()).toEqual(LOST)
    way.open()
    expect(await doors()).toEqual(FINE)
  })

  it('that takes no connections (restore, maintenance) is one that cannot be reached', async () => {
    const { serverUrl } = inject('postgres')
    const token = await app.token(app.acme.organisationId, ['tickets_write'])
    await onServer(serverUrl, `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`)
    await onServer(serverUrl, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`)
    const list = await send(far, bearer(token), '{ tickets { totalCount } }')
    const restList = await rest(far, bearer(token), 'GET', TICKETS)
    await onServer(serverUrl, `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`)
    expect([list.errors[0]?.extensions.code, restList.status]).toEqual(['UNAVAILABLE', 503])
    expect(await doors()).toEqual(FINE)
  })

  it('that breaks connections off under load costs single requests, none of them a fault of ours', async () => {
    const who = bearer(app.acme.token)
    const comment = 'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { __typename } }'
    const requests = Array.from({ length: 200 }, async (_, i) => {
      if (i % 20 === 10) way.cut()
      if (i % 2) return (await rest(far, who, 'POST', TICKETS, TICKET)).status
      const { status, errors } = await send(far, who, comment, { input: TICKET })
      return errors[0]?.extensions.code ?? status
    })
    const answers = new Set(await Promise.all(requests))
    expect([...answers].filter((answer) => ![200, 201, 503, 'UNAVAILABLE'].includes(answer as number))).toEqual([])
    expect(await doors()).toEqual(FINE)
  })

  it('that has no room on its disk stores nothing, says so, and goes on when there is room again', async () => {
    const who = bearer(app.acme.token)
    const { prisma } = app.database
    await prisma.$executeRawUnsafe(`CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$`)
    await prisma.$executeRawUnsafe('CREATE TRIGGER no_room BEFORE INSERT ON tickets EXECUTE FUNCTION no_room()')
    const { status, headers, body } = await rest(far, who, 'POST', TICKETS, TICKET)
    const create = 'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { __typename } }'
    const { errors } = await send(far, who, create, { input: TICKET })
    await prisma.$executeRawUnsafe('DROP TRIGGER no_room ON tickets')
    expect(status).toBe(503)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect(JSON.stringify(body)).not.toContain('extend')
    expect(errors[0]?.extensions.code).toBe('UNAVAILABLE')
    expect((await rest(far, who, 'POST', TICKETS, TICKET)).status).toBe(201)
  })

  it('told in a sentence, without anything of its own', async () => {
    way.block()
    const { errors } = await send(far, bearer(app.acme.token), '{ tickets { totalCount } }')
    const { body, headers } = await rest(far, bearer(app.acme.token), 'GET', TICKETS)
    way.open()
    const sentence = 'The database is not available just now. Please try again.'
    expect(errors.map(({ message }) => message)).toEqual([sentence])
    expect(body).toEqual({ detail: sentence })
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('callers', () => {
  const query = JSON.stringify({
    query: '{ tickets(first: 100) { totalCount nodes { id comments { nodes { body } } } } }',
  })

  it('who go away in the middle leave no connection of the database behind', async () => {
    const headers = { Authorization: `Bearer ${app.acme.token}` }
    const whole = jsonRequest('POST /graphql', headers, query)
    const draft = jsonRequest(`POST ${TICKETS}`, headers, JSON.stringify(TICKET))
    const gone = Array.from({ length: 150 }, (_, i) => {
      const text = i % 3 === 0 ? draft : whole
      return leave(text.slice(0, i % 3 === 2 ? -5 : text.length), i % 2 === 0)
    })
    await Promise.all(gone)
    const after = await Promise.all(
      Array.from({ length: 30 }, () => send(app, bearer(app.acme.token), '{ tickets { totalCount } }')),
    )
    expect(after.flatMap(({ errors }) => errors)).toEqual([])
    await expect.poll(busyConnections, { timeout: 5000 }).toBe(0)
  })

  it('who come 500 at once are all answered', async () => {
    const who = bearer(app.acme.token)
    const answers = await Promise.all(
      Array.from({ length: 500 }, async (_, i) =>
        i % 2
          ? (await rest(app, who, 'GET', TICKETS)).status
          : (await wire(app, jsonRequest('POST /graphql', { Authorization: `Bearer ${app.acme.token}` }, query)))
              .status,
      ),
    )
    expect(new Set(answers)).toEqual(new Set([200]))
  })

  /** Sends and is gone as soon as the server has taken it. */
  function leave(text: string, reset: boolean): Promise<void> {
    const { hostname, port } = new URL(app.url)
    return new Promise((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(text, () => {
          if (reset) socket.resetAndDestroy()
          else socket.destroy()
        })
      })
      socket.on('error', () => {}).on('close', () => resolve())
    })
  }

  async function busyConnections(): Promise<number> {
    const { serverUrl } = inject('postgres')
    const rows = await onServer<object>(
      serverUrl,
      `SELECT pid FROM pg_stat_activity WHERE datname = '${name}' AND state <> 'idle'`,
    )
    return rows.length
  }
})

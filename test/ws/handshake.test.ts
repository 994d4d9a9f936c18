// Who may open a websocket, and as whom.

import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { bearer, type TestApp, testApp } from '../support/app.ts'
import { onServer } from '../support/server.ts'
import { type Client, comment, dial, fileTicket, join, raw, revoke, subscribe, upgrade } from './sockets.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app.close())

const WHO = '{ organisations(first: 5) { nodes { name } } }'

/** What the socket's connection_init comes to: the code that closed it, or the organisations it sees. */
async function outcome(client: Client, payload?: object): Promise<number | string> {
  client.send({ type: 'connection_init', ...(payload ? { payload } : {}) })
  client.send({ type: 'ping' })
  const acknowledged = client.first(({ type }) => type === 'connection_ack').then(() => 'acknowledged')
  return Promise.race([
    acknowledged.catch(() => client.closed.then(({ code }) => code)),
    client.closed.then((c) => c.code),
  ])
}

describe('an upgrade', () => {
  it.each(['/', '/graphql/', '/graphq', '//graphql', '/api/v1/org/support/tickets/events'])(
    'on %s is refused',
    async (path) => {
      const socket = await raw(app, upgrade(path))
      await once(socket, 'end')
      expect(socket.text()).toMatch(/^HTTP\/1\.1 4\d\d /)
      socket.destroy()
    },
  )

  it('that was refused is over, though the client never closes its side', async () => {
    const socket = await raw(app, upgrade('/nothing'))
    await once(socket, 'end')
    // Our side is still open; a server that has let go resets what comes now.
    const gone = new Promise<void>((resolve) => socket.on('error', () => {}).once('close', () => resolve()))
    const talk = setInterval(() => socket.write('x'), 20)
    await gone.finally(() => clearInterval(talk))
    expect(socket.destroyed).toBe(true)
  }, 5000)

  it.each(['a[b"<>', 'x:99999', '', 'é', 'a@b'])('with the Host "%s" is refused', async (host) => {
    const socket = await raw(app, upgrade('/graphql', { Host: host }))
    await once(socket, 'end')
    expect(socket.text()).toMatch(/^HTTP\/1\.1 400 /)
    socket.destroy()
  })

  it.each([
    ['without a key', { 'Sec-WebSocket-Key': '' }],
    ['of an unknown version', { 'Sec-WebSocket-Version': '7' }],
    ['with a broken list of protocols', { 'Sec-WebSocket-Protocol': ',,;' }],
  ])('%s is refused', async (_, headers) => {
    const socket = await raw(app, upgrade('/graphql', headers as Record<string, string>))
    await once(socket, 'end')
    expect(socket.text()).toMatch(/^HTTP\/1\.1 400 /)
    socket.destroy()
  })

  it('to HTTP/2, as Java clients offer with every request, is passed over and the request answered', async () => {
    const offer = {
      Connection: 'Upgrade, HTTP2-Settings',
      Upgrade: 'h2c',
      'HTTP2-Settings': 'AAEAAEAAAAIAAAABAAMAAABkAAQBAAAA',
    }
    const lines = Object.entries(offer).map(([name, value]) => `${name}: ${value}\r\n`)
    const socket = await raw(app, `GET /healthz HTTP/1.1\r\nHost: a\r\n${lines.join('')}\r\n`)
    await once(socket, 'data')
    expect(socket.text()).toMatch(/^HTTP\/1\.1 200 /)
    socket.destroy()
  })

  it.each([
    ['no subprotocol', []],
    ['another subprotocol', ['graphql-ws']],
  ])('with %s is told which one is spoken', async (_, protocols) => {
    const socket = await raw(
      app,
      upgrade('/graphql', { 'Sec-WebSocket-Protocol': protocols.join() }).replace('Sec-WebSocket-Protocol: \r\n', ''),
    )
    // In a close frame, behind the handshake without which a browser would not see it.
    await vi.waitFor(() => expect(socket.text()).toContain('\x11\x36Subprotocol not acceptable'))
    socket.destroy()
  })
})

describe('connection_init', () => {
  it('must come within three seconds: 4408', async () => {
    const { closed } = await dial(app)
    expect((await closed).code).toBe(4408)
  })

  it('comes once: 4429', async () => {
    const client = await join(app, app.acme.token)
    expect(await outcome(client)).toBe('acknowledged')
    expect((await client.closed).code).toBe(4429)
  })

  it('comes once, also before the first is answered', async () => {
    const client = await dial(app)
    const init = { type: 'connection_init', payload: bearer(app.acme.token) }
    client.send(init)
    client.send(init)
    expect((await client.closed).code).toBe(4429)
  })

  it('comes before anything is subscribed to: 4401', async () => {
    const client = await dial(app)
    client.send(subscribe('1', WHO))
    expect((await client.closed).code).toBe(4401)
  })

  it('is answered before anything is subscribed to: 4401', async () => {
    const client = await dial(app)
    client.send({ type: 'connection_init', payload: bearer(app.acme.token) })
    client.send(subscribe('1', WHO))
    expect((await client.closed).code).toBe(4401)
  })

  it.each([
    ['no token', {}],
    ['no payload', undefined],
    ['a made-up token', bearer('dwk_nothing')],
    ['another scheme', { authorization: 'Basic YTpi' }],
    ['an empty token', { authorization: '' }],
    ['a token that is a number', { authorization: 5 }],
    ['what no header may hold', { authorization: 'Bearer \u0000\r\n' }],
    ['what no header may hold: ☃', { authorization: 'Bearer ☃' }],
  ])('with %s is refused: 4403', async (_, payload) => {
    expect(await outcome(await dial(app), payload)).toBe(4403)
  })

  it('with a revoked token is refused: 4403', async () => {
    const token = await app.token(app.acme.organisationId, ['tickets_read'])
    await revoke(app, token)
    expect(await outcome(await dial(app), bearer(token))).toBe(4403)
  })

  it('takes the token of the header too, and its own before that', async () => {
    const dialled = { headers: bearer(app.globex.token) }
    const seen = async (params: object) => {
      const client = await dial(app, dialled)
      client.send({ type: 'connection_init', payload: params })
      await client.first(({ type }) => type === 'connection_ack')
      client.send(subscribe('1', WHO))
      const { payload } = await client.about('1', 'next')
      client.socket.terminate()
      return payload.data.organisations.nodes
    }
    expect(await seen({})).toEqual([{ name: 'Globex' }])
    expect(await seen(bearer(app.acme.token))).toEqual([{ name: 'Acme' }])
  })

  it('with a bad token is refused beside a good header: 4403', async () => {
    const client = await dial(app, { headers: bearer(app.acme.token) })
    expect(await outcome(client, bearer('dwk_nothing'))).toBe(4403)
  })

  it('that names an organisation which is not theirs is refused: 4403', async () => {
    for (const organisationId of [app.globex.organisationId, 'nonsense', '00000000-0000-0000-0000-000000000000', '☃']) {
      expect(await outcome(await dial(app), { ...bearer(app.acme.token), organisationId })).toBe(4403)
    }
    expect(await outcome(await dial(app), { ...bearer(app.team.token), organisationId: 'nonsense' })).toBe(4403)
  })

  it('chooses the organisation of whoever has several', async () => {
    const { organisationId } = app.globex
    const client = await join(app, app.team.token, { organisationId })
    const ticket = await fileTicket(app, app.globex.token)
    client.send(subscribe('1', '{ tickets(first: 50) { nodes { organisation { id } } } }'))
    const { payload } = await client.about('1', 'next')
    expect(payload.data.tickets.nodes).toEqual([{ organisation: { id: organisationId } }])
    await comment(app, ticket.id, 'later', app.globex.token)
    client.socket.terminate()
  })

  it('with a fault of the database is told to come back, not that access has ended', async () => {
    const [row] = await app.database.prisma.$queryRaw<{ name: string }[]>`SELECT current_database() AS name`
    const token = await app.token(app.acme.organisationId, ['tickets_read'])
    const client = await join(app, app.acme.token)
    await withoutDatabase(String(row?.name), async () => {
      const fatal = [4400, 4401, 4004, 4005, 4406, 4409, 4429, 4500]
      const code = await outcome(await dial(app), bearer(token))
      expect(fatal).not.toContain(code)
      const closed = client.closed.then(({ code }) => code)
      let end: unknown = 'next'
      // Until what the authenticator remembers of the other is old.
      for (let id = 1; end === 'next'; id++) {
        client.send(subscribe(`${id}`, WHO))
        end = await Promise.race([closed, client.about(`${id}`).then(({ type }) => type)])
      }
      expect(fatal).not.toContain(end)
    })
  })
})

async function withoutDatabase(name: string, work: () => Promise<void>): Promise<void> {
  const { serverUrl } = inject('postgres')
  await onServer(serverUrl, `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`)
  await onServer(serverUrl, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`)
  try {
    await work()
  } finally {
    await onServer(serverUrl, `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`)
  }
}

describe('a session cookie', () => {
  const opened = async (headers: Record<string, string>, params: object = {}) =>
    outcome(await dial(app, { headers }), params)

  it('opens a socket for our own pages only', async () => {
    const { cookie = '' } = await app.acme.member.signIn()
    expect(await opened({ cookie, origin: app.url })).toBe('acknowledged')
    expect(await opened({ cookie, origin: 'https://evil.example' })).toBe(4403)
    expect(await opened({ cookie, origin: 'null' })).toBe(4403)
    expect(await opened({ cookie })).toBe(4403)
    expect(await opened({ cookie, origin: app.url.replace('http:', 'https:') })).toBe(4403)
    expect(await opened({ cookie, origin: app.url, 'sec-fetch-site': 'cross-site' })).toBe('acknowledged')
  })

  it('may name an organisation of theirs', async () => {
    const page = await app.acme.member.signIn()
    expect(await opened(page, { organisationId: app.acme.organisationId })).toBe('acknowledged')
    expect(await opened(page, { organisationId: app.globex.organisationId })).toBe(4403)
  })

  it('yields to a token, good or bad', async () => {
    const page = await app.acme.member.signIn()
    expect(await opened(page, bearer('dwk_nothing'))).toBe(4403)
    expect(await opened({ ...page, origin: 'https://evil.example' }, bearer(app.acme.token))).toBe('acknowledged')
  })
})

// The log as an operator reads it: one line a request, found by the id that the caller was told, and no secret in any.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BareDatabase, bareDatabase } from '../support/database.ts'
import { type Running, startProcess } from '../support/process.ts'
import { request, wire } from './wire.ts'

interface Line {
  level: number
  time: number
  msg: string
  requestId?: string
  method?: string
  path?: string
  status?: number
  ms?: number
}

let database: BareDatabase
let running: Running
let token: string
let person: { email: string; password: string }
beforeAll(async () => {
  database = await bareDatabase()
  running = await startProcess({ env: { DATABASE_URL: database.url, DEMO: '1' } })
  const demo = JSON.parse(await readFile(join(running.dataDir, 'demo.json'), 'utf8'))
  token = demo.tokens.acme
  person = demo.people[0]
})
afterAll(async () => {
  await running.stop()
  await database.drop()
})

const lines = (): Line[] =>
  running
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))

const TICKETS = '/api/v1/org/support/tickets'
const json = { 'content-type': 'application/json' }

/** What a request was told, and then the lines of the log about it. */
async function lined(path: string, init: RequestInit = {}) {
  const response = await fetch(`${running.url}${path}`, init)
  await response.arrayBuffer()
  const id = response.headers.get('x-request-id')
  const own = () => lines().filter(({ requestId }) => requestId === id)
  await expect.poll(own).toContainEqual(expect.objectContaining({ status: expect.any(Number) }))
  return { status: response.status, lines: own() }
}

describe('the log', () => {
  it('has one line a request, with the id that the caller was told', async () => {
    const auth = { authorization: `Bearer ${token}` }
    const body = '{"query":"{ viewer { name } }"}'
    const requests: [string, string, RequestInit][] = [
      ['POST /graphql 200', '/graphql', { method: 'POST', headers: { ...json, ...auth }, body }],
      ['POST /graphql 400', '/graphql', { method: 'POST', headers: { ...json, ...auth }, body: '{' }],
      [`GET ${TICKETS} 200`, TICKETS, { headers: auth }],
      [`GET ${TICKETS} 401`, TICKETS, {}],
      [
        `POST ${TICKETS}/review 422`,
        `${TICKETS}/review`,
        { method: 'POST', headers: { ...json, ...auth }, body: '{}' },
      ],
      ['GET /healthz 200', '/healthz', {}],
      ['GET /nothing 404', '/nothing', {}],
      ['DELETE /graphql 405', '/graphql', { method: 'DELETE' }],
    ]
    for (const [msg, path, init] of requests) {
      const { lines } = await lined(path, init)
      expect(lines).toEqual([expect.objectContaining({ level: 30, msg, ms: expect.any(Number) })])
    }
  })

  it('stays calm about what callers do wrong: no line of an error for it', async () => {
    const start = lines().length
    const auth = { authorization: `Bearer ${token}`, ...json }
    const origin = { ...json, origin: 'https://evil.example' }
    await lined('/graphql', { method: 'POST', headers: auth, body: '{"query":"{ nope }"}' })
    await lined('/graphql', { method: 'POST', headers: auth, body: '{"query":"{ tickets(after: \\"x\\") { asOf } }"}' })
    await lined('/api/auth/sign-in/email', { method: 'POST', headers: origin, body: JSON.stringify(person) })
    await lined('/api/auth/sign-in/email', { method: 'POST', headers: json, body: '{"email":1}' })
    await lined(`${TICKETS}/${'x'.repeat(50)}`, { headers: auth })
    const broken = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', 'Content-Length': '100' }
    await wire(running, request(`POST ${TICKETS}/review`, broken, '{"subject'), { halfClose: true })
    await wire(running, request('POST /graphql', broken, '{"query'), { halfClose: true })
    await lined('/healthz')
    expect(
      lines()
        .slice(start)
        .filter(({ level }) => level > 30),
    ).toEqual([])
  })

  it('shows a path as text on one line, without its query, and cut when it is long', async () => {
    const { lines } = await lined(`/${'a'.repeat(5000)}?token=secret-in-a-query`)
    expect(lines[0]?.path).toBe(`/${'a'.repeat(199)}…`)
    const forged = await lined('/a%0a%7b%22level%22:50%7d')
    expect(forged.lines).toHaveLength(1)
  })

  it('holds no token, cookie, password or one-time link', async () => {
    const link = 'L'.repeat(43)
    const signIn = await fetch(`${running.url}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { ...json, origin: running.url },
      body: JSON.stringify(person),
    })
    expect(signIn.status).toBe(200)
    const cookie = signIn.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const session = decodeURIComponent(cookie.split('=')[1] ?? '').split('.')[0] ?? ''
    const wrong = { ...person, password: 'a password that was mistyped' }
    await lined('/api/auth/get-session', { headers: { cookie } })
    await lined('/org/support/tickets', { headers: { cookie } })
    await lined('/api/auth/sign-in/email', {
      method: 'POST',
      headers: { ...json, origin: running.url },
      body: JSON.stringify(wrong),
    })
    await lined(`/set-password?token=${link}`)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = 'password=typed-into-a-form-1&repeated=typed-into-a-form-1'
    await lined(`/set-password?token=${link}`, { method: 'POST', headers: form, body })
    await lined(`/graphql?token=${token}`, { headers: { authorization: `Bearer ${token}` } })
    const secrets = [token, session, cookie, person.password, wrong.password, link, 'typed-into-a-form-1']
    expect(session.length).toBeGreaterThan(20)
    // The start itself shows the demonstration's passwords to whoever started it, before any request.
    const output = running.output().slice(running.output().indexOf('listening on'))
    expect(secrets.filter((secret) => output.includes(secret))).toEqual([])
  })
})

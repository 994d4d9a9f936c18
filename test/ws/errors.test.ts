// What goes wrong in a query over a websocket is told as over HTTP: with the request's id, which is in the log too.

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, send, type TestApp, testApp } from '../support/app.ts'
import { type BareDatabase, bareDatabase } from '../support/database.ts'
import { type Running, startProcess } from '../support/process.ts'
import { onServer } from '../support/server.ts'
import { type Client, join, subscribe } from './sockets.ts'

let app: TestApp
let client: Client
beforeAll(async () => {
  app = await testApp()
  client = await join(app, app.acme.token)
})
afterAll(async () => {
  client.socket.terminate()
  await app.close()
})

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

async function errorOf(id: string, query: string, variables = {}) {
  client.send(subscribe(id, query, variables))
  const { payload } = await client.about(id, 'next')
  return payload.errors[0]
}

const LIST = 'query ($filter: TicketFilter) { tickets(filter: $filter) { totalCount } }'

it.each([
  ['what one may not', '{ teamMembers { name } }', {}],
  ['a bad argument', '{ tickets(first: 0) { totalCount } }', {}],
  ['a bad variable', LIST, { filter: { status: ['NONSENSE'] } }],
])('%s is refused in the same words, with an id', async (name, query, variables) => {
  const { errors } = await send(app, bearer(app.acme.token), query, variables)
  const { requestId, ...extensions } = (errors[0] as (typeof errors)[number]).extensions
  const error = await errorOf(name, query, variables)
  expect(error).toEqual({ ...errors[0], extensions: { ...extensions, requestId: expect.stringMatching(UUID) } })
  expect(error.extensions.requestId).not.toBe(requestId)
})

describe('a fault of ours', () => {
  let database: BareDatabase
  let running: Running
  beforeAll(async () => {
    database = await bareDatabase()
    running = await startProcess({ env: { DATABASE_URL: database.url, DEMO: '1' } })
  })
  afterAll(async () => {
    await running.stop()
    await database.drop()
  })

  it('is in the log under the id that is told', async () => {
    const { tokens } = JSON.parse(await readFile(path.join(running.dataDir, 'demo.json'), 'utf8'))
    const socket = await join(running, tokens.acme)
    await onServer(database.url, 'ALTER TABLE clusters RENAME COLUMN kind TO other_kind')
    socket.send(subscribe('fault', '{ clusters { nodes { name } } }'))
    const [error] = (await socket.about('fault', 'next')).payload.errors
    socket.socket.terminate()
    expect(error.extensions).toEqual({ code: 'INTERNAL', requestId: expect.stringMatching(UUID) })
    expect(error.message).not.toContain('kind')
    const line = expect.objectContaining({ requestId: error.extensions.requestId, msg: 'A fault of ours' })
    await expect.poll(() => linesOf(running)).toContainEqual(line)
  })
})

const linesOf = (running: Running): unknown[] =>
  running
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))

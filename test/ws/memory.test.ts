// What an idle connection costs in memory.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { join } from './sockets.ts'

const COUNT = 1000
const HELD = fileURLToPath(new URL('memory.client.ts', import.meta.url))

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app.close())

/** KB of heap and of everything outside it. */
function held(): number {
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 1024
}

async function hold(query: string): Promise<ChildProcess> {
  const address = `${app.url.replace('http', 'ws')}/graphql`
  const child = fork(HELD, [address, app.acme.token, String(COUNT), query], { execArgv: [] })
  await once(child, 'message')
  return child
}

describe('an idle connection', () => {
  it.each([
    ['that follows nothing', ''],
    ['with a subscription', 'subscription { ticketEvents { type cursor } }'],
  ])('%s costs at most 40 KB, and nothing once it is gone', async (_, query) => {
    // What is made once for everybody is not of this connection.
    const first = await join(app, app.acme.token)
    if (query) first.send({ type: 'subscribe', id: '1', payload: { query } })
    await first.settled()
    const before = held()
    const child = await hold(query)
    if (query) await vi.waitFor(async () => expect((await app.statements(async () => {})).statements).toEqual([]))
    const each = (held() - before) / COUNT
    if (process.env.SHOW_MEMORY) process.stdout.write(`KB a connection ${query || 'idle'}: ${each.toFixed(1)}\n`)
    child.kill('SIGKILL')
    expect(each).toBeGreaterThan(1)
    expect(each).toBeLessThan(40)
    await vi.waitFor(() => expect((held() - before) / COUNT).toBeLessThan(2), { timeout: 10_000, interval: 300 })
    first.socket.terminate()
  })
})

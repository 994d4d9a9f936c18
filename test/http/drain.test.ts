// A server that is asked to stop: what is under way is answered, what comes then is sent elsewhere.

import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { testApp } from '../support/app.ts'

const BODY = '{"query":"{__typename}"}'
const GET = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'
const POST = `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n`

it.each([
  ['GraphQL', `${POST}${BODY}`, '"code":"UNAVAILABLE"'],
  ['the rest', GET, '"detail"'],
])(
  'answers the request whose body still arrives, and refuses the next with 503 and the end of the connection: %s',
  async (_, next, shape) => {
    const app = await testApp()
    const { hostname, port } = new URL(app.url)
    const socket = connect(Number(port), hostname)
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    const ended = once(socket, 'close')
    socket.write(GET + POST)
    await expect.poll(() => text).toContain('alive')

    const stopped = app.close()
    socket.write(BODY + next)
    await ended
    const [, , last = ''] = text.split(/(?=HTTP\/1\.1 )/)
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '200', '503'])
    expect(text).toContain('"__typename":"Query"')
    expect(last).toMatch(/^connection: close\r$/im)
    expect(last).toMatch(/^retry-after: 1\r$/im)
    expect(last).toContain(shape)
    expect(last).toContain('This server is stopping: please try again.')
    await stopped
  },
)

// Multipart bodies as bytes, right and wrong ones, and a connection that is kept while they are answered.

import { connect, type Socket } from 'node:net'
import { TICKETS } from '../support/app.ts'

export const BOUNDARY = 'the-boundary'
export const END = `--${BOUNDARY}--\r\n`

/** A part with headers of any kind. */
export const part = (headers: string, body: string) => `--${BOUNDARY}\r\n${headers}\r\n\r\n${body}\r\n`
export const field = (name: string, body: string) => part(`Content-Disposition: form-data; name="${name}"`, body)
export const file = (name: string, body: string) =>
  part(
    `Content-Disposition: form-data; name="${name}"; filename="node.log"\r\nContent-Type: application/octet-stream`,
    body,
  )

export const QUERY = `mutation ($id: ID!, $file: Upload!) { uploadAttachment(ticketId: $id, file: $file) {
  __typename ... on Error { message } ... on UploadAttachmentPayload { attachment { id } } } }`

export const operations = (ticketId: string, query = QUERY) =>
  field('operations', JSON.stringify({ query, variables: { id: ticketId, file: null } }))
export const map = (value: unknown = { 0: ['variables.file'] }) => field('map', JSON.stringify(value))

export interface Door {
  path: string
  /** What stands before the bytes of a right file. */
  before: string
}

export const graphqlDoor = (ticketId: string): Door => ({
  path: '/graphql',
  before: operations(ticketId) + map() + file('0', '').slice(0, -2),
})
export const restDoor = (ticketId: string): Door => ({
  path: `${TICKETS}/${ticketId}/attachments`,
  before: file('file', '').slice(0, -2),
})
export const AFTER = `\r\n${END}`

type Headers = Record<string, string>

/** The first line and the headers of an upload that keeps its connection. */
export function head(path: string, headers: Headers): string {
  const all = { Host: '127.0.0.1', 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`, ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
}

/** The whole of an upload, its length told truly. */
export const upload = (path: string, headers: Headers, body: string): string =>
  head(path, { 'Content-Length': String(Buffer.byteLength(body)), ...headers }) + body

export const chunk = (bytes: string): string => `${Buffer.byteLength(bytes).toString(16)}\r\n${bytes}\r\n`

export interface Answer {
  status: number
  /** Names in lower case. */
  headers: Headers
  body: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into JSON of every shape
  json: any
  /** From the last bytes that were sent, or from the answer before. */
  ms: number
}

export interface Connection {
  socket: Socket
  /** Waits until the bytes have left us. */
  send(bytes: string | Buffer): Promise<void>
  /** The next whole answer. Rejects when the connection ends before, or nothing comes for five seconds. */
  answer(): Promise<Answer>
  /** Whether a further request on this connection is answered. */
  isAlive(): Promise<boolean>
}

const PATIENCE_MS = 5000

export async function connectTo({ url }: { url: string }): Promise<Connection> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  let came: Buffer = Buffer.alloc(0)
  let since = performance.now()
  let look = () => {}
  socket.on('data', (bytes: Buffer) => {
    came = Buffer.concat([came, bytes])
    look()
  })
  for (const event of ['error', 'close']) socket.on(event, () => look())

  const send = (bytes: string | Buffer) => {
    since = performance.now()
    return new Promise<void>((resolve) => socket.write(bytes, () => resolve()))
  }

  function answer(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const said = () => JSON.stringify(came.toString('latin1').slice(0, 300))
      const patience = setTimeout(() => reject(new Error(`No answer in time, but ${said()}`)), PATIENCE_MS)
      look = () => {
        const taken = takeAnswer(came)
        if (!taken && !socket.destroyed && !socket.readableEnded) return
        clearTimeout(patience)
        look = () => {}
        if (!taken) return reject(new Error(`The connection ended after ${said()}`))
        came = taken.rest
        resolve({ ...taken.answer, ms: performance.now() - since })
        since = performance.now()
      }
      look()
    })
  }

  async function isAlive() {
    await send('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
    const { status, body } = await answer()
    return status === 200 && body === '{"status":"alive"}'
  }

  return { socket, send, answer, isAlive }
}

/** The first answer in `bytes`, and what follows it; null when it has not come to its end. */
function takeAnswer(bytes: Buffer): { answer: Omit<Answer, 'ms'>; rest: Buffer } | null {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return null
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const pairs = lines.map((line) => [line.split(':')[0]?.toLowerCase(), line.slice(line.indexOf(':') + 1).trim()])
  const headers: Headers = Object.fromEntries(pairs)
  const rest = bytes.subarray(end + 4)
  const body = headers['transfer-encoding'] === 'chunked' ? chunked(rest) : counted(rest, headers['content-length'])
  if (!body) return null
  const text = body.body.toString()
  const json = headers['content-type']?.includes('json') ? JSON.parse(text) : null
  return { answer: { status: Number(first.split(' ')[1]), headers, body: text, json }, rest: body.rest }
}

function counted(bytes: Buffer, length = '0') {
  const end = Number(length)
  return bytes.length < end ? null : { body: bytes.subarray(0, end), rest: bytes.subarray(end) }
}

function chunked(bytes: Buffer): { body: Buffer; rest: Buffer } | null {
  const parts: Buffer[] = []
  for (let at = 0; ; ) {
    const line = bytes.indexOf('\r\n', at)
    if (line < 0) return null
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16)
    const end = line + 2 + size
    if (bytes.length < end + 2) return null
    if (size === 0) return { body: Buffer.concat(parts), rest: bytes.subarray(end + 2) }
    parts.push(bytes.subarray(line + 2, end))
    at = end + 2
  }
}

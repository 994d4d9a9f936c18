// Requests as bytes on a socket, for what no HTTP client would send.

import { connect } from 'node:net'

export interface WireAnswer {
  status: number
  /** Names in lower case. */
  headers: Record<string, string>
  body: string
  /** Everything that came, several answers included. */
  text: string
  /** From the connection to its end. */
  ms: number
}

export interface WireOptions {
  /** Ends our side once everything is sent. */
  halfClose?: boolean
  /** Called when the connection stands, to send more over time. */
  whenSent?: (send: (bytes: string) => void) => void
}

/** A server that does not close by then is left; the answer has what it said so far. */
const PATIENCE_MS = 20_000

/** Sends bytes and reads until the server closes: ask for that with `Connection: close`. */
export function wire({ url }: { url: string }, bytes: string | Buffer, options: WireOptions = {}): Promise<WireAnswer> {
  const { hostname, port } = new URL(url)
  const start = performance.now()
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const patience = setTimeout(() => socket.destroy(), PATIENCE_MS)
    const socket = connect(Number(port), hostname, () => {
      socket.write(bytes)
      options.whenSent?.((more) => socket.write(more))
      if (options.halfClose) socket.end()
    })
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    // A server that has refused may reset what we still send: what it said before counts.
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(patience)
      resolve(parsed(Buffer.concat(chunks).toString('utf8'), performance.now() - start))
    })
  })
}

/** A request with its first line and headers; each ends with `Connection: close`. */
export function request(line: string, headers: Record<string, string> = {}, body = ''): string {
  const all = { Host: '127.0.0.1', ...headers, Connection: 'close' }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${line} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}

/** The same with a body of JSON, its length told truly. */
export function jsonRequest(line: string, headers: Record<string, string>, body: string): string {
  const length = String(Buffer.byteLength(body))
  return request(line, { 'Content-Type': 'application/json', 'Content-Length': length, ...headers }, body)
}

function parsed(text: string, ms: number): WireAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const pairs = lines.map((line) => /^([^:]+): ?(.*)$/.exec(line)?.slice(1, 3) ?? ['', ''])
  const headers = Object.fromEntries(pairs.map(([name = '', value = '']) => [name.toLowerCase(), value]))
  const body = rest.join('\r\n\r\n')
  const whole = headers['transfer-encoding'] === 'chunked' ? withoutChunks(body) : body
  return { status: Number(first.split(' ')[1] ?? 0), headers, body: whole, text, ms }
}

function withoutChunks(body: string): string {
  let bytes = Buffer.from(body)
  const parts: Buffer[] = []
  for (;;) {
    const end = bytes.indexOf('\r\n')
    const size = Number.parseInt(bytes.subarray(0, Math.max(end, 0)).toString(), 16)
    if (!(size > 0)) return Buffer.concat(parts).toString()
    parts.push(bytes.subarray(end + 2, end + 2 + size))
    bytes = bytes.subarray(end + 2 + size + 2)
  }
}

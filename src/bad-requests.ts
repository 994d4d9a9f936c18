// What never becomes a request: bytes that are no HTTP, headers that are too long or too slow, what is for proxies only.
// Node would answer these without a word; here they get a sentence and the headers of every other answer.

import type { Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { refuse } from './http.ts'
import { rawAnswer, setHeaders } from './security-headers.ts'

const ANSWERS: Record<string, [status: string, detail: string]> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The address and the headers together may have 16 KiB.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Payload Too Large', 'The extensions of a chunk may have 16 KiB.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request took too long to arrive.'],
}
const BROKEN: [string, string] = ['400 Bad Request', 'This is no valid HTTP request.']

type Busy = Duplex & { _httpMessage?: ServerResponse | null }

export function answerBadRequests(server: Server, headers: Record<string, string>): void {
  server.on('clientError', (error: Error & { code?: string }, socket: Busy) => {
    // Into the middle of an answer nothing can be said; Node's own handler looks at the same.
    if (socket.writable && !socket._httpMessage?.headersSent && error.code !== 'ECONNRESET') {
      socket.write(rawAnswer(...(ANSWERS[error.code ?? ''] ?? BROKEN), headers))
    }
    socket.destroy(error)
  })
  server.on('connect', (_, socket: Duplex) => {
    socket.on('error', () => socket.destroy())
    socket.end(rawAnswer('405 Method Not Allowed', 'This is no proxy.', headers))
  })
  server.on('checkExpectation', (_, res: ServerResponse) => {
    setHeaders(res, headers)
    refuse(res, 417, 'Of expectations 100-continue alone is known.')
  })
}

// A small S3 on a free port of this machine: objects are put, read (ranges too) and deleted by path, as the protocol says.
// It is as strict as the strictest services: it knows no access lists and no chunked bodies, and checks what it is sent.

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

const BUCKET = 'attachments'
const ACCESS_KEY = 'TESTACCESSKEY'

/** What a process needs in its environment to be let in. */
export const S3_ENV = { AWS_ACCESS_KEY_ID: ACCESS_KEY, AWS_SECRET_ACCESS_KEY: 'hush-hush' }

/** `refuse`: says that it is too busy. `cut`: takes or gives some of the object, then the connection is gone. */
export type Failure = 'refuse' | 'cut'

export interface S3 {
  /** For ATTACHMENTS_URL; `S3_ENV` goes with it. */
  url: string
  /** By key, prefix and all. */
  objects: Map<string, Buffer>
  /** What goes wrong with the next requests, one each; empty: nothing. */
  failures: Failure[]
  /** Every connection is cut, and none is taken until it is started again. */
  stop(): Promise<void>
  /** On the same port, with the same objects. */
  start(): Promise<void>
}

export async function startS3(prefix = ''): Promise<S3> {
  const objects = new Map<string, Buffer>()
  const failures: Failure[] = []
  const server = createServer((request, response) => {
    // A connection that is cut has nobody left to tell.
    answer(request, response, objects, failures.shift()).catch(() => response.destroy())
  })
  const listen = (port: number) => once(server.listen(port, '127.0.0.1'), 'listening')
  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    url: `s3://${BUCKET}${prefix}?region=eu-central-1&endpoint=http://127.0.0.1:${port}`,
    objects,
    failures,
    async start() {
      await listen(port)
    },
    async stop() {
      const closed = once(server.close(), 'close')
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  objects: Map<string, Buffer>,
  failure: Failure | undefined,
): Promise<void> {
  const [, bucket, ...path] = decodeURIComponent(new URL(request.url ?? '', 'http://s3').pathname).split('/')
  const key = path.join('/')
  if (failure === 'refuse') return refuse(response, 503, 'SlowDown')
  if (!request.headers.authorization?.includes(`Credential=${ACCESS_KEY}/`))
    return refuse(response, 403, 'AccessDenied')
  if (bucket !== BUCKET) return refuse(response, 404, 'NoSuchBucket')

  if (request.method === 'PUT') return put(request, response, failure, (bytes) => objects.set(key, bytes))
  if (request.method === 'GET') return get(request, response, failure, objects.get(key))
  if (request.method !== 'DELETE') return refuse(response, 405, 'MethodNotAllowed')
  objects.delete(key)
  response.writeHead(204).end()
}

async function put(
  request: IncomingMessage,
  response: ServerResponse,
  failure: Failure | undefined,
  keep: (bytes: Buffer) => void,
): Promise<void> {
  const { headers } = request
  if (headers['x-amz-acl']) return refuse(response, 400, 'AccessControlListNotSupported')
  if (headers['content-encoding']) return refuse(response, 501, 'NotImplemented')
  if (!headers['content-length']) return refuse(response, 411, 'MissingContentLength')
  if (failure === 'cut') {
    await once(request, 'data')
    request.destroy()
  }
  const bytes = await buffer(request)
  const checksum = createHash('sha256').update(bytes).digest('base64')
  if (headers['x-amz-checksum-sha256'] !== checksum) return refuse(response, 400, 'BadDigest')
  keep(bytes)
  response.writeHead(200, { etag: '"1"' }).end()
}

async function get(
  { headers: { range } }: IncomingMessage,
  response: ServerResponse,
  failure: Failure | undefined,
  object: Buffer | undefined,
): Promise<void> {
  if (!object) return refuse(response, 404, 'NoSuchKey')
  const [start = 0, end = Number.POSITIVE_INFINITY] = range?.match(/\d+/g)?.map(Number) ?? []
  if (start >= object.length) return refuse(response, 416, 'InvalidRange')
  const bytes = object.subarray(start, end + 1)
  response.writeHead(range ? 206 : 200, { 'content-length': bytes.length })
  if (failure !== 'cut') return void response.end(bytes)
  response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy())
}

/** The body is read, so that a client which is still sending sees the answer. */
function refuse(response: ServerResponse, status: number, code: string): void {
  response.req.resume()
  response.writeHead(status, { 'content-type': 'application/xml' })
  response.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`)
}

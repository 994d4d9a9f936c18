// Sends a request through any of the doors there are, and keeps what came as text: for the tests of tenants.

import { ORGANISATION_HEADER } from '../../src/request.ts'
import { type TestApp, TICKETS } from '../support/app.ts'
import { type Client, dial, type Message, subscribe } from '../ws/sockets.ts'
import { type GraphQLRequest, isGraphQL, type Request, type RestRequest } from './ways.ts'
import type { Headers } from './world.ts'

export type Door = 'post' | 'get' | 'event stream' | 'websocket'

export interface Reply {
  /** HTTP's; of a websocket that is refused, its close code. */
  status: number
  text: string
  /** The headers, but for those that every answer has anew. */
  head: string
}

/** What refuses comes at once; what does not end within this has been let in. */
const PATIENCE_MS = 4000
const LET_IN = 'It was let in, and is still open.'

/** Keeps one websocket for each caller; close() ends them. */
export function makeDoors(app: TestApp) {
  const sockets = new Map<string, Promise<Client | number>>()

  function socketOf(headers: Headers): Promise<Client | number> {
    const name = JSON.stringify(headers)
    const socket = sockets.get(name) ?? openSocket(app, headers)
    sockets.set(name, socket)
    return socket
  }

  return {
    async knock(who: Headers, request: Request, door: Door): Promise<Reply> {
      const headers = { ...who, ...request.headers }
      if (!isGraphQL(request)) return byRest(app, headers, request)
      if (request.file) return byUpload(app, headers, request)
      if (door === 'websocket') return bySocket(await socketOf(headers), request)
      return door === 'get' ? byAddress(app, headers, request) : byPost(app, headers, request, door)
    },
    async close(): Promise<void> {
      for (const socket of await Promise.all(sockets.values()))
        if (typeof socket === 'object') socket.socket.terminate()
    },
  }
}

/** Whether it stays open once it is let in. */
export const isStream = (request: Request): boolean =>
  isGraphQL(request) ? request.document.startsWith('subscription') : /\/events\b/.test(request.path)

/** The doors that a request can go through. */
export function doorsFor(request: Request): Door[] {
  if (!isGraphQL(request) || request.file) return ['post']
  // Keys in a header are not for websockets.
  const socket: Door[] = request.headers?.['idempotency-key'] ? [] : ['websocket']
  if (isStream(request)) return ['event stream', ...socket]
  return ['post', ...socket, ...(request.document.startsWith('mutation') ? [] : (['get', 'event stream'] as const))]
}

const JSON_TYPE = { 'content-type': 'application/json' }

function byPost(app: TestApp, headers: Headers, { document, variables }: GraphQLRequest, door: Door): Promise<Reply> {
  const accept: Headers = door === 'event stream' ? { accept: 'text/event-stream' } : {}
  const body = JSON.stringify({ query: document, variables })
  return fetched(`${app.url}/graphql`, { method: 'POST', headers: { ...JSON_TYPE, ...accept, ...headers }, body })
}

function byAddress(app: TestApp, headers: Headers, { document, variables }: GraphQLRequest): Promise<Reply> {
  const asked = new URLSearchParams({ query: document, variables: JSON.stringify(variables) })
  return fetched(`${app.url}/graphql?${asked}`, { headers: { accept: 'application/json', ...headers } })
}

function byUpload(app: TestApp, headers: Headers, { document, variables, file }: GraphQLRequest): Promise<Reply> {
  const body = new FormData()
  body.set('operations', JSON.stringify({ query: document, variables }))
  body.set('map', JSON.stringify({ 0: ['variables.file'] }))
  body.set('0', new Blob([file?.bytes ?? '']), file?.name)
  return fetched(`${app.url}/graphql`, { method: 'POST', headers: { 'x-requested-with': 'a test', ...headers }, body })
}

/** Where a caller finds the tickets: by token under /api/v1, by cookie without. */
const mountOf = (headers: Headers) => (headers.cookie ? TICKETS.replace('/api/v1', '') : TICKETS)

export function addressOf(headers: Headers, { path }: RestRequest): string {
  return path.startsWith('/api/') ? path : mountOf(headers) + path
}

function byRest(app: TestApp, headers: Headers, request: RestRequest): Promise<Reply> {
  const { method, body, file } = request
  const address = app.url + addressOf(headers, request)
  if (body) return fetched(address, { method, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) })
  if (!file) return fetched(address, { method, headers })
  const form = new FormData()
  form.set('file', new Blob([file.bytes]), file.name)
  return fetched(address, { method, headers, body: form })
}

const ALWAYS_NEW = new Set(['date', 'x-request-id'])

async function fetched(address: string, asked: RequestInit): Promise<Reply> {
  const leaving = new AbortController()
  const response = await fetch(address, { ...asked, signal: leaving.signal })
  const kept = [...response.headers].filter(([name]) => !ALWAYS_NEW.has(name))
  const timer = setTimeout(() => leaving.abort(), PATIENCE_MS)
  const text = await response.text().catch(() => LET_IN)
  clearTimeout(timer)
  return { status: response.status, text, head: JSON.stringify(kept) }
}

/** Its close code where it is refused. */
async function openSocket(app: TestApp, headers: Headers): Promise<Client | number> {
  const { authorization, [ORGANISATION_HEADER]: organisationId, ...upgrade } = headers
  const client = await dial(app, { headers: upgrade })
  client.send({ type: 'connection_init', payload: { authorization, organisationId } })
  const acknowledged = client.first(({ type }) => type === 'connection_ack').then(() => client)
  return Promise.race([acknowledged, client.closed.then(({ code }) => code)])
}

let operations = 0

async function bySocket(client: Client | number, { document, variables }: GraphQLRequest): Promise<Reply> {
  if (typeof client === 'number') return { status: client, text: '', head: '' }
  const id = `operation ${operations++}`
  client.send(subscribe(id, document, variables))
  const isLast = ({ type }: Message) => type === 'complete' || type === 'error'
  const over = client.first((message) => message.id === id && isLast(message))
  const timer = Promise.withResolvers<null>()
  const timeout = setTimeout(() => timer.resolve(null), PATIENCE_MS)
  const last = await Promise.race([over, timer.promise])
  clearTimeout(timeout)
  const messages = client.messages.filter((message) => message.id === id)
  const text = JSON.stringify(messages.map(({ type, payload }) => ({ type, payload })))
  return { status: 200, text: last === null ? LET_IN + text : text, head: '' }
}

interface Answered {
  data?: Record<string, Said | null> | null
  errors?: { extensions?: { code?: string } }[]
}

interface Said {
  __typename?: string
  fields?: { path: string[]; code: string }[]
}

/**
 * What came, in a word: the code of a refusal, the kind of a result, `null`, `own`; of REST its status, 201 as
 * 200 (a key may have been used before).
 */
export function said(request: Request, reply: Reply): string {
  if (reply.text.startsWith(LET_IN)) return LET_IN
  if (!isGraphQL(request)) return String(reply.status === 201 ? 200 : reply.status)
  if (reply.status >= 4400) return `closed ${reply.status}`
  const { data, errors = [] } = answered(reply.text)
  if (errors.length > 0) return [...new Set(errors.map(({ extensions }) => codeOf(extensions?.code)))].join(', ')
  const [result] = Object.values(data ?? {})
  if (result === null || result === undefined) return 'null'
  if (!result.__typename) return 'own'
  const fields = result.fields?.map(({ path, code }) => ` ${path.join('.')} ${code}`) ?? []
  return result.__typename + fields.join(',')
}

/** Of a document that does not validate GraphQL itself speaks, over HTTP in a word of its own. */
const codeOf = (code = '') => code.replace('GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT')

/** Over a websocket it is a list of messages, as server-sent events it stands behind `data:`. */
function answered(text: string): Answered {
  const [, data] = /^data: (\{.*)$/m.exec(text) ?? []
  const found = JSON.parse(data ?? text)
  if (!Array.isArray(found)) return found
  const [{ type, payload }] = found
  return type === 'error' ? { errors: payload } : payload
}

// A small Messages API on a free port of this machine: it plays what a model's server does on its good and its bad days,
// and keeps what it was asked. As strict as the real one about the key, the version and the form of a request.

import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { ModelAnswer } from '../../src/review/prompt.ts'

/** The only key that is let in. */
export const KEY = 'sk-ant-hush-hush'

/** A request as the API takes it, as far as the tests look. */
export interface Asked {
  model: string
  max_tokens: number
  thinking: unknown
  system: { type: string; text: string; cache_control?: unknown }[]
  messages: { role: string; content: string }[]
  output_config: { format: { type: string; schema: Record<string, unknown> } }
}

/** What is done with one request. */
export type Play = (response: ServerResponse) => void

export interface MessagesApi {
  url: string
  /** Every request that was let in, in order. */
  asked: Asked[]
  /** What happens to the next requests, one each; when there is none left, `usual` does. */
  script: Play[]
  usual: Play
  /** When the next request has come, before it is answered. */
  nextAsked(): Promise<unknown>
  /** When the next caller has gone away without an answer. */
  nextLeft(): Promise<unknown>
  stop(): Promise<void>
}

export async function startMessagesApi(): Promise<MessagesApi> {
  const events = new EventEmitter()
  const server = createServer((request, response) => {
    response.on('close', () => response.writableFinished || events.emit('left'))
    receive(request, response, api, events).catch(() => response.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const api: MessagesApi = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    script: [],
    usual: says(GOOD),
    nextAsked: () => once(events, 'asked'),
    nextLeft: () => once(events, 'left'),
    async stop() {
      const closed = once(server.close(), 'close')
      server.closeAllConnections()
      await closed
    },
  }
  return api
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  api: MessagesApi,
  events: EventEmitter,
): Promise<void> {
  const asked = (await json(request)) as Asked
  if (request.method !== 'POST' || request.url !== '/v1/messages') return fails(404)(response)
  if (request.headers.authorization !== `Bearer ${KEY}`) return fails(401)(response)
  if (!request.headers['anthropic-version'] || asked.output_config.format.type !== 'json_schema')
    return fails(400)(response)
  api.asked.push(asked)
  events.emit('asked')
  const play = api.script.shift() ?? api.usual
  play(response)
}

/** An answer with nothing wrong in it, without candidates. */
export const GOOD: ModelAnswer = {
  summary: 'All pods of the shop restart since the upgrade.',
  severity: 'high',
  category: 'technical',
  flags: [],
  questions: [{ topic: 'exact_error', text: 'What does the log of a pod say before it restarts?' }],
  candidates: [],
}

/** Answers with this object, or with this text, whole or stopped for a reason. */
export function says(answer: unknown, stop = 'end_turn'): Play {
  return (response) =>
    send(response, 200, messageOf(typeof answer === 'string' ? answer : JSON.stringify(answer), stop))
}

/** The API's own error, with the headers given. */
export function fails(status: number, headers: Record<string, string> = {}, text = 'It says why.'): Play {
  const error = { type: 'error', error: { type: 'some_error', message: text } }
  return (response) => send(response, status, error, headers)
}

/** The other ways in which it goes wrong. */
export const plays = {
  /** A body that ends in the middle of its JSON, though the connection is fine. */
  brokenJson: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"msg_1","content":[{"type":"te')
  },
  /** Another server altogether. */
  notTheApi: (response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>')
  },
  /** No answer until the caller leaves. */
  silent: () => {},
  /** An answer that begins and never ends. */
  stalled: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"id":"msg_1",')
  },
  /** The connection is gone before a word. */
  cut: (response) => {
    response.destroy()
  },
  /** The connection is gone in the middle of the answer. */
  cutInside: (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
    response.write('{"id":"msg_1",', () => response.destroy())
  },
  /** A model that declines. */
  refuses: says('', 'refusal'),
  /** An answer cut at `max_tokens`. */
  truncated: says('{"summary":"All pods of the sh', 'max_tokens'),
} satisfies Record<string, Play>

function messageOf(text: string, stop: string) {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-test-1',
    content: [{ type: 'text', text, citations: null }],
    stop_reason: stop,
    stop_sequence: null,
    usage: { input_tokens: 321, output_tokens: 54, cache_read_input_tokens: 900, cache_creation_input_tokens: 0 },
  }
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_1', ...headers })
  response.end(JSON.stringify(body))
}

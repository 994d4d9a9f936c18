// One connection of a subscriber, over either transport. It knows nothing of resuming: that is the subscriber's.

import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

export type Transport = 'graphql-ws' | 'sse'

export interface Feed {
  /** Null: an organisation, or the desk. */
  ticketId: string | null
  /** Null: the desk. */
  organisationId: string | null
}

/** An event as either transport tells it. */
export interface Told {
  cursor: string
  /** In lower case. */
  type: string
  /** In milliseconds, when it was written. */
  at: number
  ticketId: string
  ticketVersion: number
  teamVersion: number | null
  internal: boolean
  commentId: string | null
  /** Of the comment, or null. */
  text: string | null
}

export interface StreamRequest {
  url: string
  token: string
  feed: Feed
  after: string
  onOpen(): void
  onEvent(event: Told): void
}

export interface Stream {
  /** Why it ended: a close code, a status, a code of an error. Never rejects. */
  ended: Promise<string>
  /** Cuts the connection at once, without a word to the server. */
  drop(): void
}

const QUERY = `subscription ($ticketId: ID, $organisationId: ID, $after: String) {
  ticketEvents(ticketId: $ticketId, organisationId: $organisationId, after: $after) {
    cursor type: __typename at ticketId ticketVersion ticketTeamVersion internal ticket { id version }
    ... on CommentAdded { comment { id body internal } } } }`

export const openStream = (transport: Transport, request: StreamRequest): Stream =>
  transport === 'sse' ? openSse(request) : openWebSocket(request)

interface Shown {
  cursor: string
  type: string
  at: string
  ticketId: string
  ticketVersion: number
  ticketTeamVersion: number | null
  internal: boolean
  comment?: { id: string; body: string }
}

function openWebSocket({ url, token, feed, after, onOpen, onEvent }: StreamRequest): Stream {
  const { promise: ended, resolve: end } = Promise.withResolvers<string>()
  let socket: WebSocket | undefined
  let dropped = false
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
    on: {
      opened: (opened) => {
        socket = opened as WebSocket
        if (dropped) socket.terminate()
      },
      connected: onOpen,
    },
  })
  client.subscribe<{ ticketEvents: Shown }>(
    { query: QUERY, variables: { ...feed, after } },
    {
      next({ data, errors }) {
        if (dropped) return
        // Errors without a path are of the subscription, which has not begun; others spoil an event.
        const [error] = errors ?? []
        if (error) end(error.path ? `spoilt event: ${JSON.stringify(errors)}` : reasonOf(errors))
        else if (data) onEvent(fromGraphQL(data.ticketEvents))
      },
      error: (error) => end(reasonOf(error)),
      complete: () => end('complete'),
    },
  )
  return {
    ended,
    drop() {
      dropped = true
      socket?.terminate()
      end('dropped')
    },
  }
}

const fromGraphQL = ({ type, at, ticketTeamVersion, comment, ...rest }: Shown): Told => ({
  ...rest,
  type: type.replace(/(?<=[a-z])[A-Z]/g, '_$&').toLowerCase(),
  at: Date.parse(at),
  teamVersion: ticketTeamVersion,
  commentId: comment?.id ?? null,
  text: comment?.body ?? null,
})

/** An error of the subscription, a close of the socket, or a connection that could not be made. */
function reasonOf(error: unknown): string {
  const [first] = Array.isArray(error) ? error : []
  if (first) return first.extensions?.code ?? first.message
  if (error instanceof Error) return 'no connection'
  if (typeof error === 'object' && error !== null && 'code' in error) return `close ${error.code}`
  return 'no connection'
}

function openSse({ url, token, feed, after, onOpen, onEvent }: StreamRequest): Stream {
  const { promise: ended, resolve: end } = Promise.withResolvers<string>()
  const abort = new AbortController()
  const headers = { authorization: `Bearer ${token}`, 'last-event-id': after }
  const path = feed.ticketId === null ? '/events' : `/${feed.ticketId}/events`
  const query = feed.organisationId === null ? '' : `?organisation_id=${feed.organisationId}`

  async function follow(): Promise<string> {
    const response = await fetch(`${url}/api/v1/org/support/tickets${path}${query}`, { headers, signal: abort.signal })
    if (response.status !== 200 || !response.body) return `HTTP ${response.status}`
    onOpen()
    let text = ''
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const messages = (text + chunk).split('\n\n')
      text = messages.pop() as string
      for (const message of messages) {
        const event = fromSse(message)
        if (event && !abort.signal.aborted) onEvent(event)
      }
    }
    return 'complete'
  }

  follow().then(end, () => end('connection lost'))
  return {
    ended,
    drop() {
      abort.abort()
      end('dropped')
    },
  }
}

interface Sent {
  type: string
  at: string
  ticket_id: string
  ticket_version: number
  ticket_team_version?: number
  internal: boolean
  comment?: { id: string; body: string }
}

/** Null for comments and `retry`. */
function fromSse(message: string): Told | null {
  const field = (name: string) =>
    message
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2)
  const data = field('data')
  if (data === undefined) return null
  const event = JSON.parse(data) as Sent
  return {
    cursor: field('id') ?? '',
    type: event.type,
    at: Date.parse(event.at),
    ticketId: event.ticket_id,
    ticketVersion: event.ticket_version,
    teamVersion: event.ticket_team_version ?? null,
    internal: event.internal,
    commentId: event.comment?.id ?? null,
    text: event.comment?.body ?? null,
  }
}

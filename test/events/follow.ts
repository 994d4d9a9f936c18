// Follows feeds as clients do, over websocket, GraphQL by server-sent events and REST's event streams, and keeps what
// came, in order.

import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { WebSocket } from 'ws'

/** Any feed, and of each event what tells it from others. */
export const EVENTS = `subscription ($ticketId: ID, $organisationId: ID, $types: [TicketEventType!], $after: String) {
  ticketEvents(ticketId: $ticketId, organisationId: $organisationId, types: $types, after: $after) {
    cursor type ticketId ticketVersion ticketTeamVersion internal ... on CommentAdded { comment { id body } } } }`

export interface Event {
  cursor: string
  type: string
  ticketId: string
  ticketVersion: number
  ticketTeamVersion: number | null
  internal: boolean
  comment?: { id: string; body: string }
}

export interface Following<Event> {
  /** All that has come so far, in order. */
  readonly events: readonly Event[]
  /** Waits until at least so many have come, and gives all. */
  atLeast(count: number): Promise<readonly Event[]>
  /** Waits until one has come that is the last to wait for, and gives all. */
  through(isLast: (event: Event) => boolean): Promise<readonly Event[]>
  /** How it ended. Rejects when it has not ended within some seconds: ask only when it should. */
  ended(): Promise<Ending>
  /** Unsubscribes. */
  stop(): void
}

export interface Ending {
  how: 'completed' | 'refused' | 'cut'
  /** `extensions.code` of a refusal over GraphQL. */
  code?: string
  /** HTTP's, of a refusal over REST. */
  status?: number
  message?: string
}

const PATIENCE_MS = 25_000

interface Inbox<Event> extends Following<Event> {
  take(event: Event): void
  end(ending: Ending): void
}

function inbox<Event>(stop: () => void): Inbox<Event> {
  const events: Event[] = []
  const waiting = new Set<() => void>()
  let ending: Ending | null = null

  const wake = () => {
    for (const look of [...waiting]) look()
  }

  /** Resolves as soon as `ask` gives something; it is asked again after everything that comes. */
  function when<Answer>(what: string, ask: () => Answer | null): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => done(() => reject(new Error(told(what)))), PATIENCE_MS)
      const look = () => {
        const answer = ask()
        if (answer !== null) done(() => resolve(answer))
      }
      const done = (settle: () => void) => {
        clearTimeout(timer)
        waiting.delete(look)
        settle()
      }
      waiting.add(look)
      look()
    })
  }

  const told = (what: string) => `waited for ${what}; came: ${events.length}, ended: ${JSON.stringify(ending)}`

  return {
    events,
    atLeast: (count) => when(`${count} events`, () => (events.length >= count ? [...events] : null)),
    through(isLast) {
      let looked = 0
      return when('the last event', () => {
        while (looked < events.length) if (isLast(events[looked++] as Event)) return [...events]
        return null
      })
    },
    ended: () => when('the end', () => ending),
    stop,
    take(event) {
      events.push(event)
      wake()
    },
    end(how) {
      ending ??= how
      wake()
    },
  }
}

interface Answer {
  data?: Record<string, unknown> | null
  errors?: { message: string; extensions?: { code?: string } }[]
}

/** A subscription has one root field: what came is its value. */
function takeAnswer(into: Inbox<unknown>, { data, errors }: Answer): void {
  if (data) for (const event of Object.values(data)) into.take(event)
  else if (errors) into.end(refusal(errors))
}

function refusal(errors: Answer['errors']): Ending {
  const [first] = errors ?? []
  const code = first?.extensions?.code
  return { how: 'refused', message: first?.message ?? '', ...(code === undefined ? {} : { code }) }
}

/** A websocket that speaks graphql-transport-ws. */
export interface Connection {
  socket: WebSocket
  follow<Event>(document: string, variables?: object): Following<Event>
  /** The types of the messages that have come for a subscription, without what was pinged. */
  messages: { id?: string; type: string }[]
  closed: Promise<{ code: number; reason: string }>
  close(): Promise<void>
}

interface Message extends Answer {
  id: string
  type: 'connection_ack' | 'ping' | 'next' | 'error' | 'complete'
  payload: Answer & Answer['errors']
}

/** Connects and waits for the acknowledgement. `params` are connectionParams, `headers` those of the upgrade. */
export async function connect(
  app: { url: string },
  params: object,
  headers: Record<string, string> = {},
): Promise<Connection> {
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers })
  const inboxes = new Map<string, Inbox<unknown>>()
  const messages: Connection['messages'] = []
  const closed = once(socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }))
  const say = (message: object) => socket.send(JSON.stringify(message))

  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as Message
    messages.push(message)
    if (message.type === 'ping') return say({ type: 'pong' })
    const into = inboxes.get(message.id)
    if (message.type === 'next' && into) takeAnswer(into, message.payload)
    if (message.type === 'error') into?.end(refusal(message.payload))
    if (message.type === 'complete') into?.end({ how: 'completed' })
  })
  closed.then(({ reason }) => {
    for (const into of inboxes.values()) into.end({ how: 'cut', message: reason })
  })

  await once(socket, 'open')
  say({ type: 'connection_init', payload: params })
  await Promise.race([
    once(socket, 'message'),
    closed.then(({ code, reason }) => Promise.reject(refused(code, reason))),
  ])

  return {
    socket,
    messages,
    closed,
    follow<Event>(query: string, variables: object = {}) {
      const id = String(inboxes.size + 1)
      const into = inbox<Event>(() => say({ type: 'complete', id }))
      inboxes.set(id, into as Inbox<unknown>)
      say({ type: 'subscribe', id, payload: { query, variables } })
      return into
    },
    async close() {
      socket.close(1000)
      await closed
    },
  }
}

const refused = (code: number, reason: string) => new Error(`The socket was refused: ${code} ${reason}`)

/** An open stream of server-sent events; it follows from the moment at which this one is there. */
export interface Stream<Event> extends Following<Event> {
  response: IncomingMessage
  /** Comment lines that have come. */
  heartbeats(): number
}

interface SentEvent {
  id: string
  event: string
  data: string
}

/** GraphQL over server-sent events, in the mode of distinct connections. */
export async function followOverSse<Event>(
  app: { url: string },
  headers: Record<string, string>,
  query: string,
  variables: object = {},
): Promise<Stream<Event>> {
  const body = JSON.stringify({ query, variables })
  const asked = { 'content-type': 'application/json', accept: 'text/event-stream', ...headers }
  return openStream<Event>(`${app.url}/graphql`, { method: 'POST', headers: asked, body }, (sent, into) => {
    if (sent.event === 'complete') into.end({ how: 'completed' })
    else if (sent.data) takeAnswer(into as Inbox<unknown>, JSON.parse(sent.data))
  })
}

/** What REST sends: `id:`, `event:`, and `data:` as JSON. */
export interface RestEvent {
  id: string
  event: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into JSON of every shape
  data: any
}

/** One of REST's event streams; `path` begins with a slash. */
export function followOverRest(
  app: { url: string },
  headers: Record<string, string>,
  path: string,
): Promise<Stream<RestEvent>> {
  return openStream<RestEvent>(`${app.url}${path}`, { method: 'GET', headers }, ({ id, event, data }, into) => {
    if (data) into.take({ id, event, data: JSON.parse(data) })
  })
}

type Asked = { method: string; headers: Record<string, string>; body?: string }

async function openStream<Event>(
  url: string,
  { method, headers, body }: Asked,
  take: (sent: SentEvent, into: Inbox<Event>) => void,
): Promise<Stream<Event>> {
  const asking = request(url, { method, headers, agent: false })
  asking.end(body)
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  const into = inbox<Event>(() => asking.destroy())
  let heartbeats = 0
  if (response.headers['content-type']?.startsWith('text/event-stream')) {
    readStream(response, (block) => {
      if (block.startsWith(':')) heartbeats += 1
      else take(parseEvent(block), into)
    })
    response.on('end', () => into.end({ how: 'completed' }))
  } else void readRefusal(response, into as Inbox<unknown>)
  response.on('error', () => into.end({ how: 'cut' }))
  return Object.assign(into, { response, heartbeats: () => heartbeats })
}

function readStream(response: IncomingMessage, take: (block: string) => void): void {
  let text = ''
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const blocks = (text + chunk).split('\n\n')
    text = blocks.pop() as string
    for (const block of blocks) take(block)
  })
}

function parseEvent(block: string): SentEvent {
  const sent = { id: '', event: '', data: '' }
  for (const line of block.split('\n')) {
    const [, name, value] = /^(id|event|data): ?(.*)$/.exec(line) ?? []
    if (name) sent[name as keyof SentEvent] += value
  }
  return sent
}

async function readRefusal(response: IncomingMessage, into: Inbox<unknown>): Promise<void> {
  const body = JSON.parse(Buffer.concat(await response.toArray()).toString() || '{}')
  const message = typeof body.detail === 'string' ? body.detail : JSON.stringify(body.detail)
  const ending: Ending = body.errors ? refusal(body.errors) : { how: 'refused', message }
  into.end({ ...ending, status: response.statusCode ?? 0 })
}

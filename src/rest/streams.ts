// The event streams: server-sent events whose id is the cursor, so that an EventSource resumes by itself.

import type { Hono, Context as HonoContext } from 'hono'
import { TOO_MANY } from '../connections.ts'
import type { Context, Viewer } from '../context.ts'
import type { Feed } from '../events/feed.ts'
import type { TicketEvent } from '../generated/prisma/client.ts'
import { freshLoaders, rightsOf } from '../operations/access.ts'
import { isProblem, Refusal } from '../operations/errors.ts'
import { execute } from '../operations/execute.ts'
import { followFeed } from '../operations/feeds.ts'
import { type Gate, ORGANISATION_HEADER } from '../request.ts'
import { type Arrived, restContext } from './context.ts'
import { problemAnswer } from './errors.ts'
import { eventBody } from './render.ts'

/** A comment line goes out this often, so that both ends notice a connection that is gone. */
const HEARTBEAT_MS = 15_000
const RETRY_MS = 1000

export function addStreams(app: Hono<Arrived>, gate: Gate, mounts: readonly string[]): void {
  for (const mount of mounts) {
    app.get(`${mount}/events`, (c) => answer(gate, c, {}))
    app.get(`${mount}/:ticket_id/events`, (c) => answer(gate, c, { ticketId: c.req.param('ticket_id') }))
  }
}

async function answer(gate: Gate, c: HonoContext<Arrived>, of: { ticketId?: string }): Promise<Response> {
  const context = await contextFor(gate, c)
  const types = c.req.queries('types')
  // An empty Last-Event-ID means that there is none.
  const after = c.req.header('last-event-id') || c.req.query('after')
  const raw = { ...of, types, after }
  const plan = await execute(context, followFeed, raw)
  if (isProblem(plan)) {
    const { status, body } = problemAnswer(plan, { raw, place: 'query' })
    return c.json(body, status as 422)
  }
  const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' }
  // Asked for the head alone, nothing is followed.
  if (c.req.method === 'HEAD') return new Response(null, { headers })
  const viewer = context.viewer as Viewer
  const leave = gate.connections.take(viewer, 'event_stream')
  if (!leave) throw new Refusal('RATE_LIMITED', TOO_MANY)
  const feed = gate.feeds.subscribe<string>({
    ...plan,
    render: (event, cursor) => message(context, event, cursor),
    sharedBy: `rest ${rightsOf(viewer)}`,
  })
  const stopWatching = gate.rights.add(viewer, () => void feed.return())
  const onEnd = () => {
    stopWatching()
    leave()
  }
  c.req.raw.signal.addEventListener('abort', () => void feed.return().then(onEnd), { once: true })
  return new Response(streamOf(feed, plan.cursor, onEnd), { headers })
}

/** An EventSource cannot set headers, so the address may name the organisation. */
function contextFor(gate: Gate, c: HonoContext<Arrived>): Promise<Context> {
  const headers = new Headers(c.req.raw.headers)
  const organisationId = c.req.query('organisation_id')
  if (organisationId !== undefined) headers.set(ORGANISATION_HEADER, organisationId)
  return restContext(gate, c, headers)
}

async function message(context: Context, event: TicketEvent, cursor: string): Promise<string> {
  const body = await eventBody({ ...context, loaders: freshLoaders(context) }, event, cursor)
  return `id: ${cursor}\nevent: ${event.type}\ndata: ${JSON.stringify(body)}\n\n`
}

/** Asked for the next event only when the last one has gone out: a slow reader holds nothing in our memory. */
function streamOf(feed: Feed<string>, cursor: string, onEnd: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let heartbeat: NodeJS.Timeout
  const end = () => {
    clearInterval(heartbeat)
    onEnd()
  }
  return new ReadableStream<Uint8Array>({
    start(controller) {
      // A client that has seen no event yet has a place to resume from all the same.
      controller.enqueue(encoder.encode(`id: ${cursor}\nretry: ${RETRY_MS}\n\n`))
      heartbeat = setInterval(() => {
        if ((controller.desiredSize ?? 0) >= 0) controller.enqueue(encoder.encode(':\n\n'))
      }, HEARTBEAT_MS).unref()
    },
    async pull(controller) {
      const step = await feed.next()
      if (!step.done) return controller.enqueue(encoder.encode(step.value))
      end()
      controller.close()
    },
    async cancel() {
      end()
      await feed.return()
    },
  })
}

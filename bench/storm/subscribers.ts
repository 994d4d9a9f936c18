// Subscribers that drop their connection at random and resume from the last cursor that came, here or at the other
// process, as a good client does.

import type { Api } from './api.ts'
import type { Random } from './random.ts'
import type { Replica } from './replicas.ts'
import { type Feed, openStream, type Stream, type Told, type Transport } from './streams.ts'
import type { Tally } from './tally.ts'
import type { World } from './world.ts'

export interface Subscriber {
  name: string
  side: 'customer' | 'team'
  transport: Transport
  token: string
  feed: Feed
  /** Where it began: the asOf of a state that it read. */
  asOf: string
  received: Told[]
}

export interface SubscriberOptions {
  subscriber: Subscriber
  replicas: readonly Replica[]
  random: Random
  tally: Tally
  /** How long it follows until it drops, in milliseconds; now and then several times as long. */
  longestFollowMs: number
  /** From then on nobody drops by choice. */
  calm: AbortSignal
  /** Ends it. */
  stopped: AbortSignal
  /** Called with each event. */
  onEvent(): void
  /** Milliseconds from the writing of an event to its arrival on a connection that was open before. */
  delays: { desk: number[]; others: number[] }
}

/** Who follows what, over which transport: every third of `count` is one of the same kinds. */
export async function makeSubscribers(world: World, api: Api, random: Random, count: number): Promise<Subscriber[]> {
  const made = Array.from({ length: count }, async (_, n): Promise<Subscriber> => {
    const place = random.pick(world.organisations)
    const kind = KINDS[n % KINDS.length] as (typeof KINDS)[number]
    const side = kind.side
    const ticketId = kind.what === 'ticket' ? (place.tickets[0] as string) : null
    const feed = { ticketId, organisationId: kind.what === 'desk' ? null : place.id }
    const token = side === 'team' ? world.teamToken : place.token
    const transport = Math.floor(n / KINDS.length) % 2 === 0 ? kind.first : kind.second
    const name = `${n + 1} (${side}, ${kind.what}, ${transport})`
    return { name, side, transport, token, feed, asOf: await readAsOf(api, random, token, feed), received: [] }
  })
  return Promise.all(made)
}

const both = { first: 'graphql-ws', second: 'sse' } as const
const reversed = { first: 'sse', second: 'graphql-ws' } as const
const KINDS = [
  { side: 'customer', what: 'ticket', ...both },
  { side: 'customer', what: 'organisation', ...reversed },
  { side: 'team', what: 'ticket', ...both },
  { side: 'team', what: 'organisation', ...reversed },
  { side: 'team', what: 'desk', ...both },
  { side: 'team', what: 'desk', ...reversed },
] as const

async function readAsOf(api: Api, random: Random, token: string, { ticketId, organisationId }: Feed): Promise<string> {
  const query =
    ticketId === null
      ? 'query ($organisationId: ID) { read: tickets(first: 1, filter: { organisationId: $organisationId }) { asOf } }'
      : 'query ($ticketId: ID!) { read: ticket(id: $ticketId) { asOf } }'
  const variables = ticketId === null ? { organisationId } : { ticketId }
  return (await api.graphql<{ read: { asOf: string } }>(random, { token, query, variables })).read.asOf
}

/** Refusals of what is good: a client that believes them stops for ever, or throws away what it has. */
const WRONG =
  /^(close 44(01|03)|HTTP 4\d\d|RESYNC_REQUIRED|UNAUTHENTICATED|FORBIDDEN|NOT_FOUND|BAD_USER_INPUT|INTERNAL|spoilt)/

export async function runSubscriber(options: SubscriberOptions): Promise<void> {
  const { subscriber, replicas, random, tally, calm, stopped, longestFollowMs } = options
  let last: Replica | null = null
  while (!stopped.aborted) {
    const replica = random.pick(replicas)
    const isResumed = last !== null
    const isElsewhere = last !== null && last !== replica
    let opened = false
    const stream = follow(options, replica, () => {
      opened = true
      if (isResumed) tally.add('resumes')
      if (isElsewhere) tally.add('resumes elsewhere')
    })
    const patience = random.between(50, longestFollowMs) * (random.chance(0.15) ? 5 : 1)
    const reason = await untilOver(stream, patience, calm, stopped)
    if (opened) last = replica
    tally.add(`stream: ${reason}`)
    if (WRONG.test(reason)) tally.fault('A good subscriber was refused', `${subscriber.name}: ${reason}`)
    if (!opened) await new Promise((resolve) => setTimeout(resolve, random.between(20, 200)))
  }
}

function follow({ subscriber, delays, onEvent }: SubscriberOptions, { url }: Replica, onOpen: () => void): Stream {
  const { token, feed, transport, received, asOf } = subscriber
  let openSince = Number.POSITIVE_INFINITY
  return openStream(transport, {
    url,
    token,
    feed,
    after: received.at(-1)?.cursor ?? asOf,
    onOpen() {
      openSince = Date.now()
      onOpen()
    },
    onEvent(event) {
      received.push(event)
      const into = feed.organisationId === null ? delays.desk : delays.others
      if (event.at > openSince) into.push(Date.now() - event.at)
      onEvent()
    },
  })
}

/** Until the stream ends, or it is time to drop it: after a while, unless it is calm, or because all is over. */
async function untilOver(stream: Stream, ms: number, calm: AbortSignal, stopped: AbortSignal): Promise<string> {
  const drop = () => stream.drop()
  const timer = setTimeout(() => calm.aborted || drop(), ms)
  stopped.addEventListener('abort', drop)
  if (stopped.aborted) drop()
  try {
    return await stream.ended
  } finally {
    clearTimeout(timer)
    stopped.removeEventListener('abort', drop)
    drop()
  }
}

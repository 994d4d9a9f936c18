// graphql-ws as follow.ts needs it: a connection that is made again for as long as that may help.

import { createClient } from 'graphql-ws/client'

export interface ConnectionOptions {
  /** `wss://…/graphql`. A function is asked at each attempt, so it may name another server; it must not throw. */
  url: string | (() => string)
  /** `Bearer …`; a function is asked at each attempt. Absent: the session cookie of the browser. */
  authorization?: string | (() => string | Promise<string>)
  /** For members of several organisations. */
  organisationId?: string
  /** Told when a connection is there, and when it is lost. */
  onConnection?(connected: boolean): void
  /** How often to ask whether the other end is there, and how long to wait for the answer; 15,000. */
  keepAliveMs?: number
  /** Where there is no global WebSocket (Node below 22): the class of the package `ws`. */
  webSocketImpl?: unknown
}

/** The server pings too, but no page sees that: without pings of its own it would wait on a connection long dead. */
const KEEP_ALIVE_MS = 15_000
const ACKNOWLEDGE_MS = 10_000
/** Long enough that a socket which fails has also closed before the next one opens: graphql-ws would mix them up. */
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 10_000
const FORBIDDEN = 4403
const MAX_REFUSALS = 4

/** @param mayConnect awaited before each attempt */
export function makeConnection(options: ConnectionOptions, mayConnect: () => Promise<void>) {
  const { url, authorization, organisationId, keepAliveMs = KEEP_ALIVE_MS } = options
  let refusals = 0
  let socket: { onmessage: unknown } | null = null
  let silence: ReturnType<typeof setTimeout> | undefined

  const client = createClient({
    url: () => mayConnect().then(() => (typeof url === 'function' ? url() : url)),
    connectionParams: async () => ({
      authorization: typeof authorization === 'function' ? await authorization() : authorization,
      organisationId,
    }),
    // Connects when subscribed to, so that the subscription is told why a connection is refused.
    lazy: true,
    retryAttempts: Number.POSITIVE_INFINITY,
    // What is no close event, too: a server that is away is an `error` first. 4403 may be a right that comes a moment
    // later, and may be a wrong token. graphql-ws itself never retries 4400, 4401, 4406, 4409, 4429 and 4500.
    shouldRetry: (problem) => (problem as { code?: unknown }).code !== FORBIDDEN || ++refusals < MAX_REFUSALS,
    retryWait: backOff,
    connectionAckWaitTimeout: ACKNOWLEDGE_MS,
    keepAlive: keepAliveMs,
    webSocketImpl: options.webSocketImpl,
    on: {
      connected(opened) {
        refusals = 0
        socket = opened as { onmessage: unknown }
        options.onConnection?.(true)
      },
      closed() {
        clearTimeout(silence)
        if (socket) options.onConnection?.(false)
        socket = null
      },
      ping(received) {
        if (!received) silence = setTimeout(giveUp, keepAliveMs)
      },
      pong(received) {
        if (received) clearTimeout(silence)
      },
    },
  })

  /** The socket that is given up may still deliver, in between what the next one does: not to us. */
  function giveUp(): void {
    if (socket) socket.onmessage = null
    client.terminate()
  }

  return { subscribe: client.subscribe, giveUp }
}

/** Longer each time, and by chance: after a restart, thousands would come back in the same moment. */
export function backOff(attempt: number): Promise<void> {
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt)
  return new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random() / 2)))
}

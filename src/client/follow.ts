// The reference client: follows events through lost connections, restarts and moves to another server, without missing
// or repeating one. It needs graphql-ws and nothing else, in browsers and in Node.

import { backOff, type ConnectionOptions, makeConnection } from './connection.ts'

export interface FollowOptions<Event extends { cursor: string }> extends ConnectionOptions {
  /** A subscription that takes `$after: String` and selects the `cursor`. */
  query: string
  variables?: Record<string, unknown>
  /**
   * The `asOf` of what has been read, or the cursor kept from last time. Never absent: a connection lost before the
   * first event would leave nothing to resume from.
   */
  after: string
  /** One event at a time, in order. When it throws, following ends, and the cursor stands before that event. */
  onEvent(event: Event): void | Promise<void>
  /** The cursor is no longer good (a restored database): read everything anew, and return the `asOf` of that. */
  onResync(): string | Promise<string>
}

export interface Following {
  /** Of the last event that `onEvent` has finished: keep it, and go on after it next time. */
  readonly cursor: string
  /** Resolves after `stop`. Rejects with what onEvent or onResync threw, or a FollowError: to try on would not help. */
  readonly ended: Promise<void>
  stop(): void
}

/** `code` is that of a GraphQL error (NOT_FOUND, FORBIDDEN, …) or of the close of the websocket (4401, 4403, …). */
export class FollowError extends Error {
  readonly code: string | number
  constructor(code: string | number, message: string) {
    super(message)
    this.code = code
  }
}

/** What has come and waits for onEvent. Beyond it the connection is given up, and resumed when onEvent has caught up. */
const MAX_WAITING = 1000
/** Faults of the other end that may be over in a moment; graphql-ws does not retry them. */
const PASSING: unknown[] = ['UNAVAILABLE', 1011, 4500]

export function follow<Event extends { cursor: string }>(options: FollowOptions<Event>): Following {
  // graphql-ws serialises this same object each time it subscribes again: the cursor in it is where it resumes.
  const payload = { query: options.query, variables: { ...options.variables, after: options.after } }
  let handled: Promise<void> = Promise.resolve()
  let waiting = 0
  let failures = 0
  let failure: { error: unknown } | null = null
  let stopped = false
  let leave = () => {}
  // Not before all that has come is handled: whatever still waits would come again.
  const connection = makeConnection(options, () => handled)

  function end(reason: { error: unknown } | null): void {
    stopped = true
    failure ??= reason
    leave()
  }

  function receive(event: Event): void {
    waiting += 1
    handled = handled.then(() => handle(event))
    if (waiting > MAX_WAITING) connection.giveUp()
  }

  async function handle(event: Event): Promise<void> {
    waiting -= 1
    if (stopped) return
    try {
      await options.onEvent(event)
      payload.variables.after = event.cursor
      failures = 0
    } catch (error) {
      end({ error })
    }
  }

  /** Until the subscription ends: why, or null when it was completed. */
  const subscription = () =>
    new Promise<unknown>((resolve) => {
      let problem: unknown = null
      const finish = () => {
        unsubscribe()
        resolve(problem)
      }
      leave = finish
      const unsubscribe = connection.subscribe<Record<string, Event>>(payload, {
        next({ data, errors }) {
          const [event] = Object.values(data ?? {})
          if (problem !== null) return
          if (event && !errors) return receive(event)
          // An event that cannot be had in full is not had at all: the cursor stays before it. Not finished within this
          // message: when the next one completes the subscription, graphql-ws would count it as finished twice.
          problem = errors ?? []
          setTimeout(finish)
        },
        error(reason) {
          problem = reason
          finish()
        },
        complete: finish,
      })
    })

  async function run(): Promise<void> {
    while (!stopped) {
      const problem = await subscription()
      await handled
      if (stopped) break
      const code = codeOf(problem)
      if (code === 'RESYNC_REQUIRED') payload.variables.after = await options.onResync()
      else if (problem !== null && !PASSING.includes(code) && !isTooSoon(problem))
        throw new FollowError(code, messageOf(problem))
      await backOff(failures++)
    }
    if (failure !== null) throw (failure as { error: unknown }).error
  }

  return {
    get cursor() {
      return payload.variables.after
    },
    ended: run(),
    stop: () => end(null),
  }
}

type Problem =
  | { code?: number; reason?: string; message?: string; extensions?: { code?: string; retryAfterSeconds?: number } }
  | undefined

const first = (problem: unknown) => (Array.isArray(problem) ? problem[0] : problem) as Problem
const codeOf = (problem: unknown) => first(problem)?.extensions?.code ?? first(problem)?.code ?? 'INTERNAL'
/** Too many were started in this minute; what is refused does not count against the next. */
const isTooSoon = (problem: unknown) => first(problem)?.extensions?.retryAfterSeconds !== undefined
const messageOf = (problem: unknown) =>
  first(problem)?.message ?? first(problem)?.reason ?? 'An event came without data.'

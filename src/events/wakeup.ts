// Wake-ups: after a commit, whoever follows the log of that organisation is told to read it, here and in the other
// processes. They carry no data and may be lost: a poll finds what they missed.

import { Socket } from 'node:net'
import pg from 'pg'
import type { Logger } from 'pino'
import { v4 as uuid } from 'uuid'

/** Called with the organisations whose logs have grown; null: wake-ups may have been lost, look everywhere. */
export type WakeUpListener = (organisationIds: readonly string[] | null) => void

export interface WakeUps {
  /** Call after the commit: inside the transaction it would serialise commits across the server. Never waits or fails. */
  announce(organisationIds: Iterable<string>): void
  /** Returns what ends it. */
  listen(listener: WakeUpListener): () => void
  close(): Promise<void>
}

/** A connection to the other processes: what PostgreSQL and Redis differ in. */
export interface Line {
  send(message: string): Promise<unknown>
  /** Leaves nothing open. */
  close(): Promise<void>
}

export interface LineEvents {
  onMessage(message: string): void
  /** The line has broken; may be called again, and after `close`. */
  onLost(error: Error): void
}

/** Rejects when the line cannot be had, or once `signal` aborts, and then leaves nothing open. */
export type OpenLine = (events: LineEvents, signal: AbortSignal) => Promise<Line>

export const CHANNEL = 'deskwire_events'
const RECONNECT_MS = 250
const LONGEST_RECONNECT_MS = 5000
/** A line that does not answer for so long is given up for a new one. */
const PATIENCE_MS = 3000
/** A notification of PostgreSQL's holds 8,000 bytes; an id has 36. */
const IDS_A_MESSAGE = 200

/**
 * Wake-ups over a line, which is opened again whenever it breaks: then everything is looked at. This process is told
 * at once, the others in merged messages that name their sender.
 * @param name of what the line leads to, for the log.
 */
export function makeWakeUps(name: string, open: OpenLine, logger: Logger): WakeUps {
  const listeners = new Set<WakeUpListener>()
  const self = uuid()
  const pending = new Set<string>()
  let line: (Line & { lose(error: unknown): void }) | null = null
  let attempt = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let wait = RECONNECT_MS
  let sending = false
  let closed = false
  let works = true

  /** A writer must not fail, nor another listener go without, because one of them does. */
  function tell(organisationIds: readonly string[] | null): void {
    for (const listener of [...listeners]) {
      try {
        listener(organisationIds)
      } catch (error) {
        logger.error({ err: error }, 'A fault of ours in what listens to wake-ups')
      }
    }
  }

  function receive(message: string): void {
    const [sender, ids = ''] = message.split(':')
    if (sender !== self) tell(ids.split(','))
  }

  /** Said when it changes, not at each of a thousand writes. */
  function say(worksNow: boolean, error?: unknown): void {
    if (works === worksNow || closed) return
    works = worksNow
    if (works) logger.info(`Wake-ups over ${name} work again`)
    else logger.warn({ reason: reasonOf(error) }, `Wake-ups over ${name} fail: until they work, a poll finds events`)
  }

  async function connect(): Promise<void> {
    const current = new AbortController()
    attempt = current
    let own: Line | null = null
    let isLost = false
    const lose = (error: unknown) => {
      if (isLost) return
      isLost = true
      if (line?.lose === lose) line = null
      current.abort()
      own?.close().catch(() => {})
      say(false, error)
      reconnect()
    }
    try {
      own = await within(PATIENCE_MS, open({ onMessage: receive, onLost: lose }, current.signal))
      if (isLost || closed) return await own.close()
      line = { ...own, lose }
      wait = RECONNECT_MS
      say(true)
      tell(null)
      void flush()
    } catch (error) {
      lose(error)
    }
  }

  function reconnect(): void {
    if (closed) return
    timer = setTimeout(() => void connect(), wait).unref()
    wait = Math.min(wait * 2, LONGEST_RECONNECT_MS)
  }

  /** One message at a time: what is announced meanwhile goes together in the next. */
  async function flush(): Promise<void> {
    if (sending) return
    sending = true
    while (pending.size > 0 && line !== null) await sendSome(line)
    sending = false
  }

  async function sendSome({ send, lose }: NonNullable<typeof line>): Promise<void> {
    const ids = [...pending].slice(0, IDS_A_MESSAGE)
    for (const id of ids) pending.delete(id)
    try {
      await within(PATIENCE_MS, send(`${self}:${ids.join(',')}`))
      say(true)
    } catch (error) {
      // The poll of the other processes finds what they were not told.
      if (error instanceof NoAnswer) lose(error)
      else say(false, error)
    }
  }

  void connect()
  return {
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    announce(organisationIds) {
      const ids = [...organisationIds]
      if (ids.length === 0 || closed) return
      tell(ids)
      for (const id of ids) pending.add(id)
      void flush()
    },
    async close() {
      closed = true
      clearTimeout(timer)
      const last = line
      line = null
      if (last === null) attempt.abort()
      await last?.close()
    },
  }
}

class NoAnswer extends Error {}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new NoAnswer(`there was no answer within ${ms} ms`)), ms).unref()
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** In words without an address's credentials: the messages of sockets and servers hold none. */
function reasonOf(error: unknown): string {
  // Where a name has several addresses, each has failed in its own way.
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}

/** Found within half a minute when the other machine is gone without a word. */
const KEEP_ALIVE_MS = 10_000
const FAREWELL_MS = 1000

/**
 * Over LISTEN and NOTIFY, on one connection outside the pool: no write waits for it, and none costs more for it.
 * @param url of the server itself: a pooler does not pass notifications on.
 */
export function postgresWakeUps(url: string, logger: Logger): WakeUps {
  return makeWakeUps('PostgreSQL', (events, signal) => listenAndNotify(url, events, signal), logger)
}

async function listenAndNotify(url: string, { onMessage, onLost }: LineEvents, signal: AbortSignal): Promise<Line> {
  const socket = new Socket()
  const client = new pg.Client({
    connectionString: url,
    application_name: 'deskwire listen',
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    stream: () => socket,
  })
  signal.addEventListener('abort', () => socket.destroy(), { once: true })
  client.on('error', onLost)
  client.on('end', () => onLost(new Error('the connection has ended')))
  client.on('notification', ({ payload = '' }) => onMessage(payload))
  try {
    await client.connect()
    await client.query(`LISTEN ${CHANNEL}`)
  } catch (error) {
    socket.destroy()
    throw error
  }
  return {
    send: (message) => client.query('SELECT pg_notify($1, $2)', [CHANNEL, message]),
    async close() {
      const cut = setTimeout(() => socket.destroy(), FAREWELL_MS)
      await client.end().finally(() => clearTimeout(cut))
    },
  }
}

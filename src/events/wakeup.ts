// Wake-ups: after a commit, whoever follows the log of that organisation is told to read it, here and in the other
// processes. They carry no data and may be lost: a poll finds what they missed.

import pg from 'pg'
import type { Logger } from 'pino'
import { v4 as uuid } from 'uuid'

/** Called with the organisations whose logs have grown; null: wake-ups may have been lost, look everywhere. */
export type WakeUpListener = (organisationIds: readonly string[] | null) => void

export interface WakeUps {
  /** Call after the commit: inside the transaction it would serialise commits across the server. Never waits. */
  announce(organisationIds: Iterable<string>): void
  /** Returns what ends it. */
  listen(listener: WakeUpListener): () => void
  close(): Promise<void>
}

const CHANNEL = 'deskwire_events'
const RECONNECT_MS = 250
const LONGEST_RECONNECT_MS = 5000
/** A notification holds 8,000 bytes; an id has 36. */
const IDS_A_MESSAGE = 200

/** What both kinds share: this process is told at once, the others in merged messages that name their sender. */
function makeWakeUps(logger: Logger, send: (message: string) => Promise<unknown>) {
  const listeners = new Set<WakeUpListener>()
  const self = uuid()
  let pending = new Set<string>()
  let sending = false

  const tell: WakeUpListener = (organisationIds) => {
    for (const listener of listeners) listener(organisationIds)
  }

  async function flush(): Promise<void> {
    while (pending.size > 0) {
      const ids = [...pending].slice(0, IDS_A_MESSAGE)
      for (const id of ids) pending.delete(id)
      await send(`${self}:${ids.join(',')}`)
    }
  }

  return {
    tell,
    listen(listener: WakeUpListener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    announce(organisationIds: Iterable<string>) {
      const ids = [...organisationIds]
      if (ids.length === 0) return
      tell(ids)
      for (const id of ids) pending.add(id)
      if (sending) return
      sending = true
      flush()
        .catch((error) => {
          // The poll of the other processes finds what they were not told.
          pending = new Set()
          logger.warn({ err: error }, 'A wake-up could not be sent')
        })
        .finally(() => {
          sending = false
        })
    },
    receive(message: string) {
      const [sender, ids = ''] = message.split(':')
      if (sender !== self) tell(ids.split(','))
    },
  }
}

/**
 * Over LISTEN and NOTIFY, on one connection outside the pool: no write waits for it, and none costs more for it.
 * @param url of the server itself: a pooler does not pass notifications on.
 */
export function postgresWakeUps(url: string, logger: Logger): WakeUps {
  let client: pg.Client | null = null
  const { tell, receive, listen, announce } = makeWakeUps(logger, async (message) => {
    await client?.query('SELECT pg_notify($1, $2)', [CHANNEL, message])
  })
  let timer: NodeJS.Timeout | null = null
  let patience = RECONNECT_MS
  let closed = false

  /** On a connection of its own, outside the pool; after a loss it listens again, and everything is looked at. */
  async function connect(): Promise<void> {
    const next = new pg.Client({ connectionString: url, keepAlive: true, application_name: 'deskwire listen' })
    client = next
    next.on('error', (error) => logger.warn({ err: error }, 'The connection for wake-ups was lost'))
    next.on('end', reconnect)
    next.on('notification', ({ payload = '' }) => receive(payload))
    try {
      await next.connect()
      await next.query(`LISTEN ${CHANNEL}`)
      patience = RECONNECT_MS
      tell(null)
    } catch {
      next.end().catch(() => {})
      reconnect()
    }
  }

  function reconnect(): void {
    if (closed || timer) return
    timer = setTimeout(() => {
      timer = null
      void connect()
    }, patience).unref()
    patience = Math.min(patience * 2, LONGEST_RECONNECT_MS)
  }

  void connect()
  return {
    announce,
    listen,
    async close() {
      closed = true
      if (timer) clearTimeout(timer)
      await client?.end().catch(() => {})
    },
  }
}

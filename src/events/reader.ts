// One reader for each log that somebody follows in this process: it reads every new event once, whatever the number of
// subscribers, and hands it on. It reads when it is woken, and something wakes it at least once a second.

import type { TicketEvent } from '../generated/prisma/client.ts'
import { EVERYTHING, type Place, type Track } from './track.ts'

type Listener = (events: TicketEvent[], through: Place) => void

export interface Reader {
  readonly track: Track
  /** Every event through here has been handed out. */
  readonly position: Place
  /** Called with each stretch of new events, in order, and the place that it reaches. Returns what detaches it. */
  attach(listener: Listener): () => void
  /** Calls once, as soon as the position is behind `place`. Returns what takes that back. */
  attachOnce(place: Place, wake: () => void): () => void
  hasListeners(): boolean
  /** There may be something new. */
  wake(): void
}

/** How soon to look again for events that wait for a transaction in flight; doubled until the poll takes over. */
const HELD_BACK_MS = 5
const LONGEST_HELD_BACK_MS = 640

export function makeReader(track: Track, start: Place, onError: (error: unknown) => void): Reader {
  const listeners = new Set<Listener>()
  let position = start
  let woken = false
  let reading = false
  let patience = HELD_BACK_MS
  let timer: NodeJS.Timeout | null = null

  async function readOn(): Promise<void> {
    while (woken && listeners.size > 0) {
      woken = false
      const { events, through, more, heldBack } = await track.read(position, EVERYTHING)
      if (track.compare(through, position) > 0) patience = HELD_BACK_MS
      position = through
      woken ||= more
      for (const listener of [...listeners]) listener(events, through)
      if (heldBack) lookAgain()
    }
  }

  function lookAgain(): void {
    if (timer) return
    timer = setTimeout(() => {
      timer = null
      wake()
    }, patience).unref()
    patience = Math.min(patience * 2, LONGEST_HELD_BACK_MS)
  }

  function wake(): void {
    woken = true
    if (reading) return
    reading = true
    readOn()
      // The database is away: the poll wakes us again.
      .catch(onError)
      .finally(() => {
        reading = false
        // Woken between the last look and here.
        if (woken && listeners.size > 0) wake()
      })
  }

  const attach = (listener: Listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  return {
    track,
    get position() {
      return position
    },
    attach,
    attachOnce(place, resolve) {
      if (track.compare(position, place) > 0) resolve()
      const detach = attach((_, through) => {
        if (track.compare(through, place) > 0) resolve()
      })
      wake()
      return detach
    },
    hasListeners: () => listeners.size > 0,
    wake,
  }
}

// Feeds: replay from a place, then live, without gap or repeat. Replay is everybody's own, straight from the log; at
// the head a subscriber joins the group of those who are sent the same. Who falls behind the group replays again.

import type { Database } from '../db/client.ts'
import { Prisma, type TicketEvent } from '../generated/prisma/client.ts'
import { type Group, makeGroup } from './group.ts'
import type { EventLog } from './log.ts'
import { turn } from './pump.ts'
import { makeReader, type Reader } from './reader.ts'
import { parseSnapshot, saw } from './snapshot.ts'
import { deskTrack, type Filter, organisationTrack, type Place, type Track } from './track.ts'
import type { WakeUps } from './wakeup.ts'

/** Where a subscriber begins. */
export interface Start {
  place: Place
  /** What the list that gave the cursor saw: the events of those transactions are left out. Desk only. */
  snapshot: string | null
}

export interface FeedRequest<Sent> {
  /** Null: all organisations, for the team. */
  organisationId: string | null
  filter: Filter
  start: Start
  /**
   * What an event becomes for whoever subscribes; `cursor` is its place for this reader. Rejects when it could not be
   * made just now: it is tried again.
   */
  render(event: TicketEvent, cursor: string): Promise<Sent>
  /** Subscribers of one feed with the same key are sent the same; null: this one shares with nobody. */
  sharedBy: string | null
}

/** Ends when `return` is called or the process drains; never by itself. `return` wakes it at once. */
export type Feed<Sent> = AsyncIterableIterator<Sent> & { return(): Promise<IteratorResult<Sent>> }

export interface Feeds {
  subscribe<Sent>(request: FeedRequest<Sent>): Feed<Sent>
  /** Readers in use, for tests and metrics. */
  readerCount(): number
  close(): void
}

const POLL_MS = 1000
const RETRY_MS = 200
const LONGEST_RETRY_MS = 2000

export interface FeedsOptions {
  database: Database
  log: EventLog
  wakeUps: WakeUps
  onError(error: unknown): void
}

export function makeFeeds({ database, log, wakeUps, onError }: FeedsOptions): Feeds {
  const readers = new Map<string, Reader>()
  const groups = new Map<string, Group<unknown>>()
  const open = new Set<() => void>()
  let unshared = 0

  const stopListening = wakeUps.listen((organisationIds) => {
    for (const name of organisationIds ?? readers.keys()) readers.get(name)?.wake()
    readers.get(DESK)?.wake()
  })
  const poll = setInterval(() => wakeMoved().catch(onError), POLL_MS).unref()

  /** The safety net under the wake-ups: one statement, whatever the number of readers. */
  async function wakeMoved(): Promise<void> {
    if (readers.size === 0) return
    const own = [...readers.keys()].filter((name) => name !== DESK)
    const desk = readers.get(DESK)
    const rows = await database.query<{ id: string; seq: bigint; pos: bigint }>(Prisma.sql`
      SELECT organisation_id AS id, seq, pos FROM organisation_counters
      WHERE organisation_id = ANY (${own}::uuid[]) OR pos >= ${desk?.position.pos ?? null}::int8`)
    for (const { id, seq } of rows) {
      const reader = readers.get(id)
      if (reader && reader.position.seq < seq) reader.wake()
    }
    if (rows.some(({ pos }) => desk && pos >= desk.position.pos)) desk?.wake()
  }

  function readerOf(track: Track, position: Place): Reader {
    const reader = readers.get(track.name) ?? makeReader(track, position, onError)
    readers.set(track.name, reader)
    return reader
  }

  function dropIfUnused(reader: Reader): void {
    const { name } = reader.track
    if (!reader.hasListeners() && readers.get(name) === reader) readers.delete(name)
  }

  function groupOf<Sent>(track: Track, request: FeedRequest<Sent>, position: Place): Group<Sent> {
    const { filter, sharedBy } = request
    const key = JSON.stringify([track.name, filter, sharedBy ?? `unshared ${unshared++}`])
    const known = groups.get(key) as Group<Sent> | undefined
    if (known) return known
    const reader = readerOf(track, position)
    const isWanted = () => groups.has(key)
    const group = makeGroup<Sent>({
      reader,
      filter,
      render: (event) => persistently(() => request.render(event, cursorOf(request, event, null)), isWanted),
      onEmpty() {
        groups.delete(key)
        dropIfUnused(reader)
      },
    })
    groups.set(key, group as Group<unknown>)
    // What was committed while nobody listened.
    reader.wake()
    return group
  }

  function cursorOf({ organisationId, filter }: FeedRequest<unknown>, event: TicketEvent, snapshot: string | null) {
    return organisationId === null ? log.deskCursorOf(event, snapshot) : log.cursorOf(filter.side, event)
  }

  async function persistently<Sent>(make: () => Promise<Sent>, isWanted: () => boolean): Promise<Sent | null> {
    for (let wait = RETRY_MS; isWanted(); wait = Math.min(wait * 2, LONGEST_RETRY_MS)) {
      try {
        return await make()
      } catch (error) {
        onError(error)
        await new Promise((resolve) => setTimeout(resolve, wait).unref())
      }
    }
    return null
  }

  function subscribe<Sent>(request: FeedRequest<Sent>): Feed<Sent> {
    const track =
      request.organisationId === null ? deskTrack(database) : organisationTrack(database, request.organisationId)
    let ended = false
    let wake = () => {}
    const end = () => {
      ended = true
      open.delete(end)
      wake()
    }
    open.add(end)
    const isWanted = () => !ended
    /** Waits for `once` to call back, or for the end, which leaves nothing behind. */
    const woken = async (once: (wake: () => void) => () => void) => {
      let cancel = () => {}
      await new Promise<void>((resolve) => {
        wake = resolve
        if (ended) resolve()
        else cancel = once(resolve)
      })
      cancel()
    }

    async function* results(): AsyncGenerator<Sent, void> {
      let { place, snapshot } = request.start
      while (!ended) {
        const stretch = await persistently(() => track.read(place, request.filter), isWanted)
        if (stretch === null) return
        const seen = snapshot === null ? null : parseSnapshot(snapshot)
        for (const event of stretch.events) {
          if (seen !== null && event.pos >= seen.xmax) snapshot = null
          if (seen !== null && saw(seen, event.xid)) continue
          const sent = await persistently(() => request.render(event, cursorOf(request, event, snapshot)), isWanted)
          if (sent === null || ended) return
          yield sent
        }
        place = stretch.through
        if (stretch.more) continue
        if (seen !== null && place.pos < seen.xmax) {
          // Its cursors are still its own. The log has moved when its reader says so.
          const reader = readerOf(track, place)
          await woken((resolve) => reader.attachOnce(place, resolve))
          dropIfUnused(reader)
          continue
        }
        snapshot = null
        place = yield* live(place)
      }
    }

    /** Follows the group from `place` for as long as it keeps up, and returns the place it has reached. */
    async function* live(place: Place): AsyncGenerator<Sent, Place> {
      const group = groupOf(track, request, place)
      group.enter()
      try {
        let number = group.numberAfter(place)
        while (number !== null && !ended) {
          const result = group.at(number)
          if (result === 'gone') return place
          if (result === null) {
            await woken(group.onNext)
            continue
          }
          number += 1
          // The replay went further than the reader had.
          if (track.compare(result.place, place) <= 0) continue
          await turn()
          if (ended) return place
          place = result.place
          yield result.sent
        }
        return place
      } finally {
        group.leave()
      }
    }

    const inner = results()
    return {
      next: async () => {
        const step = await inner.next()
        if (step.done) open.delete(end)
        return step.done ? { done: true, value: undefined } : { done: false, value: step.value }
      },
      return: async () => {
        end()
        // Not awaited: it queues behind whatever is under way, which has just been woken.
        void inner.return()
        return { done: true, value: undefined }
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  return {
    subscribe,
    readerCount: () => readers.size,
    close() {
      clearInterval(poll)
      stopListening()
      for (const end of [...open]) end()
    },
  }
}

const DESK = 'desk'

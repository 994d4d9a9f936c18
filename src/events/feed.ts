// A feed: replay from a place, then live, without gap or repeat. Replay is everybody's own, straight from the log; at
// the head a subscriber joins the group of those who are sent the same. Who falls behind the group replays again.

import { isUnavailable } from '../db/client.ts'
import type { TicketEvent } from '../generated/prisma/client.ts'
import type { Group } from './group.ts'
import { type Patience, persistently } from './patience.ts'
import { turn } from './pump.ts'
import { parseSnapshot, type Snapshot, saw } from './snapshot.ts'
import type { Filter, Place, Stretch, Track } from './track.ts'

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

/** What a feed uses of the process's readers and groups (hub.ts). */
export interface FeedParts<Sent> {
  track: Track
  request: FeedRequest<Sent>
  /** An event for this subscriber alone; `snapshot` is carried on in its cursor. */
  render(event: TicketEvent, snapshot: string | null): Promise<Sent>
  /** Those who are sent the same; a new group begins at `place`. */
  group(place: Place): Group<Sent>
  /** Calls once, when the log has moved on from `place`. Returns what takes that back. */
  whenMoved(place: Place, wake: () => void): () => void
  onError(error: unknown): void
  onEnd(): void
}

export function makeFeed<Sent>(parts: FeedParts<Sent>): Feed<Sent> {
  const waiter = makeWaiter()
  const inner = results(parts, waiter)
  const end = () => {
    waiter.end()
    parts.onEnd()
  }
  return {
    async next() {
      const step = await inner.next()
      if (step.done) end()
      return step.done ? { done: true, value: undefined } : { done: false, value: step.value }
    },
    async return() {
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

interface Waiter {
  readonly ended: boolean
  end(): void
  /** Waits for `once` to call back, or for the end, which leaves nothing behind. */
  until(once: (wake: () => void) => () => void): Promise<void>
}

function makeWaiter(): Waiter {
  let ended = false
  let wake = () => {}
  return {
    get ended() {
      return ended
    },
    end() {
      ended = true
      wake()
    },
    async until(once) {
      let cancel = () => {}
      await new Promise<void>((resolve) => {
        wake = resolve
        if (ended) resolve()
        else cancel = once(resolve)
      })
      cancel()
    },
  }
}

async function* results<Sent>(parts: FeedParts<Sent>, waiter: Waiter): AsyncGenerator<Sent, void> {
  const { track, request } = parts
  let { place } = request.start
  let snapshot = request.start.snapshot === null ? null : parseSnapshot(request.start.snapshot)
  const patience = { isWanted: () => !waiter.ended, onError: parts.onError, passes: isUnavailable }
  while (!waiter.ended) {
    const stretch = await persistently(() => track.read(place, request.filter), patience)
    if (stretch === null) return
    yield* replay(parts, waiter, stretch, snapshot)
    place = stretch.through
    if (snapshot !== null && place.pos >= snapshot.xmax) snapshot = null
    if (stretch.more) continue
    // With a snapshot its cursors are its own: it goes on by itself until the log is beyond what the list saw.
    if (snapshot === null) place = yield* live(parts, waiter, place)
    else await waiter.until((wake) => parts.whenMoved(place, wake))
  }
}

async function* replay<Sent>(
  { request, render, onError }: FeedParts<Sent>,
  waiter: Waiter,
  { events }: Stretch,
  snapshot: Snapshot | null,
): AsyncGenerator<Sent, void> {
  const patience: Patience = { isWanted: () => !waiter.ended, onError }
  for (const event of events) {
    if (snapshot !== null && saw(snapshot, event.xid)) continue
    const carried = snapshot !== null && event.pos < snapshot.xmax ? request.start.snapshot : null
    const sent = await persistently(() => render(event, carried), patience)
    await turn()
    if (sent === null || waiter.ended) return
    yield sent
  }
}

/** Follows the group from `place` for as long as it keeps up, and returns the place it has reached. */
async function* live<Sent>(
  { track, group: groupAt }: FeedParts<Sent>,
  waiter: Waiter,
  from: Place,
): AsyncGenerator<Sent, Place> {
  const group = groupAt(from)
  let place = from
  group.enter()
  try {
    let number = group.numberAfter(place)
    while (number !== null && !waiter.ended) {
      const result = group.at(number)
      if (result === 'gone') break
      if (result === null) {
        await waiter.until(group.onNext)
        continue
      }
      number += 1
      // The replay went further than the reader had.
      if (track.compare(result.place, place) <= 0) continue
      await turn()
      if (waiter.ended) break
      place = result.place
      yield result.sent
    }
    return place
  } finally {
    group.leave()
  }
}

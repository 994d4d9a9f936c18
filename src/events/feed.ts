// A feed: replay from a place, then live, without gap or repeat. Replay is everybody's own, straight from the log; at
// the head a subscriber joins the group of those who are sent the same. Who falls behind the group replays again.

import { isUnavailable } from '../db/faults.ts'
import type { TicketEvent } from '../generated/prisma/client.ts'
import type { Group, Take } from './group.ts'
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

/**
 * Ends when `return` is called or the process drains; never by itself. `return` wakes it at once. Its events are either
 * pushed, by `each`, or pulled, by `next`.
 */
export interface Feed<Sent> extends AsyncIterableIterator<Sent> {
  /** Hands over each event, in order, and resolves at the end. */
  each(take: Take<Sent>): Promise<void>
  return(): Promise<IteratorResult<Sent>>
}

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
  onReplayed?(): void
  onEnd(): void
}

export function makeFeed<Sent>(parts: FeedParts<Sent>): Feed<Sent> {
  const waiter = makeWaiter()
  const end = () => {
    waiter.end()
    parts.onEnd()
  }
  const each = (take: Take<Sent>) => handOver(parts, waiter, take).finally(end)
  return {
    each,
    ...pulled(each),
    async return() {
      end()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/** What pushes becomes what is pulled: it goes on when somebody asks for the next. */
function pulled<Sent>(each: Feed<Sent>['each']): Pick<Feed<Sent>, 'next'> {
  const asked: PromiseWithResolvers<IteratorResult<Sent>>[] = []
  let ready = Promise.withResolvers<void>()
  let over: ((step: (typeof asked)[number]) => void) | null = null
  const take: Take<Sent> = (sent) => {
    asked.shift()?.resolve({ done: false, value: sent })
    if (asked.length > 0) return
    ready = Promise.withResolvers()
    return ready.promise
  }
  const settleAs = (settle: NonNullable<typeof over>) => {
    over = settle
    for (const step of asked.splice(0)) settle(step)
  }
  let begun = false
  function begin() {
    begun = true
    each(take).then(
      () => settleAs(({ resolve }) => resolve({ done: true, value: undefined })),
      (error) => settleAs(({ reject }) => reject(error)),
    )
  }
  return {
    next() {
      const step = Promise.withResolvers<IteratorResult<Sent>>()
      if (over) over(step)
      else asked.push(step)
      ready.resolve()
      if (!begun) begin()
      return step.promise
    },
  }
}

interface Waiter {
  readonly ended: boolean
  end(): void
  /** Waits for `once` to call back, or for the end, which leaves nothing behind. */
  until(once: (wake: () => void) => () => void): Promise<void>
  /** Waits for `full`, or for the end. */
  through(full: void | Promise<void>): Promise<void>
}

function makeWaiter(): Waiter {
  let ended = false
  let wake = () => {}
  const until: Waiter['until'] = async (once) => {
    let cancel = () => {}
    await new Promise<void>((resolve) => {
      wake = resolve
      if (ended) resolve()
      else cancel = once(resolve)
    })
    cancel()
  }
  return {
    get ended() {
      return ended
    },
    end() {
      ended = true
      wake()
    },
    until,
    async through(full) {
      if (!full) return
      await until((wake) => {
        void full.then(wake)
        return () => {}
      })
    },
  }
}

async function handOver<Sent>(parts: FeedParts<Sent>, waiter: Waiter, take: Take<Sent>): Promise<void> {
  const { track, request } = parts
  let { place } = request.start
  let snapshot = request.start.snapshot === null ? null : parseSnapshot(request.start.snapshot)
  const patience = { isWanted: () => !waiter.ended, onError: parts.onError, passes: isUnavailable }
  while (!waiter.ended) {
    const stretch = await persistently(() => track.read(place, request.filter), patience)
    if (stretch === null) return
    await replay(parts, waiter, stretch, snapshot, take)
    place = stretch.through
    if (snapshot !== null && place.pos >= snapshot.xmax) snapshot = null
    if (stretch.more) continue
    // With a snapshot its cursors are its own: it goes on by itself until the log is beyond what the list saw.
    if (snapshot === null) place = await live(parts, waiter, place, take)
    else await waiter.until((wake) => parts.whenMoved(place, wake))
  }
}

async function replay<Sent>(
  { request, render, onError, onReplayed }: FeedParts<Sent>,
  waiter: Waiter,
  { events }: Stretch,
  snapshot: Snapshot | null,
  take: Take<Sent>,
): Promise<void> {
  const patience: Patience = { isWanted: () => !waiter.ended, onError }
  for (const event of events) {
    if (snapshot !== null && saw(snapshot, event.xid)) continue
    const carried = snapshot !== null && event.pos < snapshot.xmax ? request.start.snapshot : null
    const sent = await persistently(() => render(event, carried), patience)
    await turn()
    if (sent === null || waiter.ended) return
    onReplayed?.()
    await waiter.through(take(sent))
  }
}

/** Follows the group from `place` for as long as it keeps up, and returns the place it has reached. */
async function live<Sent>(parts: FeedParts<Sent>, waiter: Waiter, from: Place, take: Take<Sent>): Promise<Place> {
  let reached = Promise.resolve(from)
  await waiter.until((wake) => {
    const { left, leave } = parts.group(from).follow(from, take)
    reached = left
    void left.then(wake)
    return leave
  })
  return reached
}

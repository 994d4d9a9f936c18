// Those who follow the same log with the same filter, in the same words and with the same rights: each event is
// rendered once for all of them.

import type { TicketEvent } from '../generated/prisma/client.ts'
import type { Reader } from './reader.ts'
import { type Filter, type Place, passes } from './track.ts'

/** A rendered event. */
export interface Result<Sent> {
  place: Place
  sent: Sent
}

/** How many results a group keeps for those who join or lag; who is further behind replays by themselves. */
const KEPT = 256

export interface Group<Sent> {
  /** Every `enter` needs its `leave`; the last one to leave ends the group. */
  enter(): void
  leave(): void
  /** The number of the first result behind `place`. Null when one of them is gone: replay, then ask again. */
  numberAfter(place: Place): number | null
  /** The result with this number; null when there is none yet; 'gone' when it is no longer kept. */
  at(number: number): Result<Sent> | null | 'gone'
  /** Calls once, when there is a new result. Returns what takes that back. */
  onNext(wake: () => void): () => void
}

export interface GroupOptions<Sent> {
  reader: Reader
  filter: Filter
  /** Never rejects: it tries again by itself. Null when there is nobody left to render for. */
  render(event: TicketEvent): Promise<Sent | null>
  onEmpty(): void
}

export function makeGroup<Sent>({ reader, filter, render, onEmpty }: GroupOptions<Sent>): Group<Sent> {
  const { compare, placeOf } = reader.track
  const kept: Result<Sent>[] = []
  /** The number of the oldest result kept. */
  let first = 0
  /** Nothing behind it is gone. */
  let floor = reader.position
  let members = 0
  let waiting = new Set<() => void>()
  let rendering: Promise<void> = Promise.resolve()

  const detach = reader.attach((events) => {
    for (const event of events) if (passes(filter, event)) rendering = rendering.then(() => add(event))
  })

  async function add(event: TicketEvent): Promise<void> {
    const sent = await render(event)
    if (sent === null) return
    kept.push({ place: placeOf(event), sent })
    if (kept.length > KEPT) {
      floor = (kept.shift() as Result<Sent>).place
      first += 1
    }
    const woken = waiting
    waiting = new Set()
    for (const wake of woken) wake()
  }

  return {
    enter() {
      members += 1
    },
    numberAfter(place) {
      if (compare(place, floor) < 0) return null
      const index = kept.findIndex((one) => compare(one.place, place) > 0)
      return first + (index === -1 ? kept.length : index)
    },
    at: (number) => (number < first ? 'gone' : (kept[number - first] ?? null)),
    onNext(wake) {
      waiting.add(wake)
      return () => waiting.delete(wake)
    },
    leave() {
      members -= 1
      if (members > 0) return
      detach()
      onEmpty()
    },
  }
}

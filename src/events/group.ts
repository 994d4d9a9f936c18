// Those who follow the same log with the same filter, in the same words and with the same rights: each event is
// rendered once for all of them.

import type { TicketEvent } from '../generated/prisma/client.ts'
import { soon, turn } from './pump.ts'
import type { Reader } from './reader.ts'
import { type Filter, type Place, passes } from './track.ts'

/** A rendered event. */
export interface Result<Sent> {
  place: Place
  sent: Sent
  /** When it happened. */
  at: Date
}

/** How many results a group keeps for those who join or lag; who is further behind replays by themselves. */
const KEPT = 256

/** Takes one event. When it returns a promise, the next one waits for that. Never throws. */
export type Take<Sent> = (sent: Sent) => void | Promise<void>

export interface Following {
  /** Resolves with the place that was reached, once somebody has left or fallen behind what is kept. */
  left: Promise<Place>
  leave(): void
}

export interface Group<Sent> {
  /** Hands over every result behind `place`. Every one must leave; the last one ends the group. */
  follow(place: Place, take: Take<Sent>): Following
}

export interface GroupOptions<Sent> {
  reader: Reader
  filter: Filter
  /** Never rejects: it tries again by itself. Null when there is nobody left to render for. */
  render(event: TicketEvent): Promise<Sent | null>
  onEmpty(): void
  /** Called for each result and member. */
  onDelivered?(since: Date): void
}

export function makeGroup<Sent>({ reader, filter, render, onEmpty, onDelivered }: GroupOptions<Sent>): Group<Sent> {
  const { compare, placeOf } = reader.track
  const kept: Result<Sent>[] = []
  /** The number of the oldest result kept. */
  let first = 0
  /** Nothing behind it is gone. */
  let floor = reader.position
  const members = new Set<() => void>()
  let rendering: Promise<void> = Promise.resolve()

  const detach = reader.attach((events) => {
    for (const event of events) if (passes(filter, event)) rendering = rendering.then(() => add(event))
  })

  async function add(event: TicketEvent): Promise<void> {
    const sent = await render(event)
    if (sent === null) return
    kept.push({ place: placeOf(event), sent, at: event.createdAt })
    if (kept.length > KEPT) {
      floor = (kept.shift() as Result<Sent>).place
      first += 1
    }
    for (const goOn of members) soon(goOn)
    // Before all who wait have been given this one there is no next: a burst pushes nobody past what is kept.
    await turn()
  }

  /** The number of the first result behind `place`. Before `first` when one of them is gone. */
  function numberAfter(place: Place): number {
    if (compare(place, floor) < 0) return first - 1
    const index = kept.findIndex((one) => compare(one.place, place) > 0)
    return first + (index === -1 ? kept.length : index)
  }

  function follow(from: Place, take: Take<Sent>): Following {
    const left = Promise.withResolvers<Place>()
    let place = from
    let number = numberAfter(from)
    let busy = false
    members.add(goOn)

    function goOn(): void {
      if (busy || !members.has(goOn)) return
      const result = kept[number - first]
      if (number < first) leave()
      else if (result) hand(result)
    }

    function hand(result: Result<Sent>): void {
      number += 1
      const full = given(result)
      busy = full !== undefined
      if (!full) goOn()
      void full?.then(() => {
        busy = false
        goOn()
      })
    }

    function given(result: Result<Sent>): void | Promise<void> {
      // The replay went further than the reader had.
      if (compare(result.place, place) <= 0) return
      place = result.place
      onDelivered?.(result.at)
      return take(result.sent)
    }

    function leave(): void {
      if (!members.delete(goOn)) return
      left.resolve(place)
      if (members.size > 0) return
      detach()
      onEmpty()
    }

    goOn()
    return { left: left.promise, leave }
  }

  return { follow }
}

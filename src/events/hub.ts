// All feeds of this process: the readers and groups that they share, the wake-ups that move them, and a poll as the
// safety net.

import type { Database } from '../db/client.ts'
import { Prisma, type TicketEvent } from '../generated/prisma/client.ts'
import { type Feed, type FeedRequest, makeFeed } from './feed.ts'
import { type Group, makeGroup } from './group.ts'
import type { EventLog } from './log.ts'
import { persistently } from './patience.ts'
import { makeReader, type Reader } from './reader.ts'
import { deskTrack, organisationTrack, type Place, type Track } from './track.ts'
import type { WakeUps } from './wakeup.ts'

export interface Feeds {
  subscribe<Sent>(request: FeedRequest<Sent>): Feed<Sent>
  /** How many there are. */
  count(): number
  /** Ends every feed. */
  close(): void
}

export interface FeedsOptions {
  database: Database
  log: EventLog
  wakeUps: WakeUps
  onError(error: unknown): void
  /** Called for each event and subscriber. `since`: when it happened, unless it is replayed. */
  onDelivered?(since: Date | null): void
}

const POLL_MS = 1000
const DESK = 'desk'

export function makeFeeds({ database, log, wakeUps, onError, onDelivered }: FeedsOptions): Feeds {
  const readers = new Map<string, Reader>()
  const groups = new Map<string, Group<unknown>>()
  const open = new Set<Feed<unknown>>()
  let unshared = 0

  const stopListening = wakeUps.listen((organisationIds) => {
    for (const name of organisationIds ?? readers.keys()) readers.get(name)?.wake()
    readers.get(DESK)?.wake()
  })
  const poll = setInterval(() => wakeMoved(database, readers).catch(onError), POLL_MS).unref()

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
    const patience = { isWanted: () => groups.has(key), onError }
    const group = makeGroup<Sent>({
      reader,
      filter,
      render: (event) => persistently(() => request.render(event, cursorOf(request, event, null)), patience),
      ...(onDelivered && { onDelivered }),
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

  return {
    subscribe(request) {
      const { organisationId } = request
      const track = organisationId === null ? deskTrack(database) : organisationTrack(database, organisationId)
      const feed = makeFeed({
        track,
        request,
        render: (event, snapshot) => request.render(event, cursorOf(request, event, snapshot)),
        group: (place) => groupOf(track, request, place),
        whenMoved(place, wake) {
          const reader = readerOf(track, place)
          const detach = reader.attachOnce(place, wake)
          return () => {
            detach()
            dropIfUnused(reader)
          }
        },
        onError,
        ...(onDelivered && { onReplayed: () => onDelivered(null) }),
        onEnd: () => open.delete(feed),
      })
      open.add(feed)
      return feed
    },
    count: () => open.size,
    close() {
      clearInterval(poll)
      stopListening()
      for (const feed of [...open]) void feed.return()
    },
  }
}

/** The safety net under the wake-ups: one statement, whatever the number of readers. */
async function wakeMoved(database: Database, readers: ReadonlyMap<string, Reader>): Promise<void> {
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

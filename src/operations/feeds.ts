// Following what happens: which feed a caller may follow, and from where. The events themselves come from events/feed.ts.

import { z } from 'zod'
import { deskHead, organisationHead } from '../db/reads/heads.ts'
import { decodeCursor } from '../events/cursor.ts'
import type { Start } from '../events/feed.ts'
import { parseSnapshot } from '../events/snapshot.ts'
import type { Filter } from '../events/track.ts'
import { organisationToRead, reader } from './access.ts'
import { Refusal } from './errors.ts'
import { type Call, operation } from './execute.ts'
import { id, optional, ticketEventType } from './input.ts'

/** What to follow: an organisation's log (null: all of them), filtered, from a place. */
export interface FeedPlan {
  organisationId: string | null
  filter: Filter
  start: Start
  /** The cursor of where it starts: a client that has seen no event yet resumes with it. */
  cursor: string
}

/**
 * One ticket, one organisation, or (the team, neither given) every organisation. Without `after`: from now on.
 * @throws Refusal NOT_FOUND for a ticket that is not theirs, RESYNC_REQUIRED for a cursor that is not of this feed.
 */
export const followFeed = operation({
  name: 'subscribe',
  access: reader,
  rate: 'read',
  input: z.strictObject({
    ticketId: optional(id),
    organisationId: optional(id),
    types: optional(z.array(ticketEventType).max(20)),
    // As long as it comes: a snapshot names every transaction that was in flight.
    after: optional(z.string()),
  }),

  async run(call, { ticketId, types, after, organisationId: named }): Promise<FeedPlan> {
    const organisationId = await organisationOf(call, ticketId, named)
    const filter: Filter = { side: call.viewer.side, ticketId: ticketId ?? null, types: types?.length ? types : null }
    const from =
      organisationId === null ? await startOfDesk(call, after) : await startOfOrganisation(call, organisationId, after)
    return { organisationId, filter, ...from }
  },
})

async function organisationOf(call: Call, ticketId: string | undefined, named: string | undefined) {
  if (ticketId === undefined) return organisationToRead(call.viewer, named)
  if (call.viewer.side === 'customer') organisationToRead(call.viewer, named)
  const ticket = await call.loaders.ticket.load(ticketId)
  if (ticket && (named === undefined || named === ticket.organisationId)) return ticket.organisationId
  throw new Refusal('NOT_FOUND', 'There is no such ticket.')
}

const resync = () =>
  new Refusal(
    'RESYNC_REQUIRED',
    'This cursor is not of this feed, or of an earlier life of the database. Read again, and follow from the new asOf.',
  )

type From = Pick<FeedPlan, 'start' | 'cursor'>

async function startOfOrganisation(call: Call, organisationId: string, after: string | undefined): Promise<From> {
  const from = (seq: bigint, cursor: string): From => ({
    start: { place: { pos: 0n, organisationId, seq }, snapshot: null },
    cursor,
  })
  const { side } = call.viewer
  const asked = after === undefined ? null : call.log.placeOf(side, organisationId, after)
  if (after !== undefined && asked === null) throw resync()
  const head = await organisationHead(call.database, organisationId, side, asked)
  if (head === null) throw new Refusal('NOT_FOUND', 'There is no such organisation.')
  if (asked === null || after === undefined) {
    const place = { organisationId, seq: head.place, publicSeq: head.place }
    return from(head.seq, call.log.asOfList(side, place))
  }
  if (asked > head.place || head.asked === null) throw resync()
  return from(head.asked, after)
}

async function startOfDesk(call: Call, after: string | undefined): Promise<From> {
  const head = await deskHead(call.database)
  const text = after ?? call.log.asOfList('team', { organisationId: null, snapshot: head.snapshot })
  const cursor = decodeCursor(text)
  if (cursor?.kind !== 'desk' || cursor.life !== call.log.life || cursor.pos > head.xmax) throw resync()
  if (cursor.snapshot !== null && parseSnapshot(cursor.snapshot).xmax > head.xmax) throw resync()
  const { pos, organisationId, seq, snapshot } = cursor
  return { start: { place: { pos, organisationId, seq }, snapshot }, cursor: text }
}

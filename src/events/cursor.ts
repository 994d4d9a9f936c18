// Cursors of the event log: opaque text that holds kind, life of the database, scope and place. No signature, since
// rights are checked anyway. One organisation's cursor is good for every feed of that organisation.

import { validate as isUuid } from 'uuid'

/** A place in one organisation's log, in the customers' numbering (public_seq) or the team's (seq). */
export interface OrganisationCursor {
  kind: 'customer' | 'team'
  life: string
  organisationId: string
  place: bigint
}

/**
 * A place in the log over all organisations, in (pos, organisation, seq) order. `snapshot` is what the list that gave
 * the cursor saw (pg_current_snapshot()): replay leaves out the events of transactions visible in it.
 */
export interface DeskCursor {
  kind: 'desk'
  life: string
  pos: bigint
  organisationId: string
  seq: bigint
  snapshot: string | null
}

export type Cursor = OrganisationCursor | DeskCursor

const ORGANISATION_KINDS = { c: 'customer', t: 'team' } as const
/** What PostgreSQL's bigint holds. */
const LARGEST = 2n ** 63n - 1n
const isPlace = (text: string | undefined): text is string =>
  /^\d{1,19}$/.test(text ?? '') && BigInt(text as string) <= LARGEST
const SNAPSHOT = /^\d{1,20}:\d{1,20}:[\d,]*$/

export function encodeCursor(cursor: Cursor): string {
  const parts =
    cursor.kind === 'desk'
      ? ['d', cursor.life, cursor.pos, cursor.organisationId, cursor.seq, cursor.snapshot ?? '']
      : [cursor.kind === 'customer' ? 'c' : 't', cursor.life, cursor.organisationId, cursor.place]
  return Buffer.from(parts.join(' ')).toString('base64url')
}

/** Null for whatever encodeCursor did not make. */
export function decodeCursor(text: string): Cursor | null {
  const raw = Buffer.from(text, 'base64url')
  if (raw.toString('base64url') !== text) return null
  const [kind, life, ...rest] = raw.toString('utf8').split(' ')
  if (!life || !isUuid(life)) return null
  return kind === 'd' ? decodeDesk(life, rest) : decodeOrganisation(kind, life, rest)
}

function decodeOrganisation(letter: string | undefined, life: string, rest: string[]): OrganisationCursor | null {
  const [organisationId, place] = rest
  if (letter !== 'c' && letter !== 't') return null
  if (rest.length !== 2 || !isUuid(organisationId) || !isPlace(place)) return null
  return { kind: ORGANISATION_KINDS[letter], life, organisationId: organisationId as string, place: BigInt(place) }
}

function decodeDesk(life: string, rest: string[]): DeskCursor | null {
  const [pos, organisationId, seq, snapshot] = rest
  if (rest.length !== 4 || !isUuid(organisationId)) return null
  if (!isPlace(pos) || !isPlace(seq)) return null
  if (snapshot && !SNAPSHOT.test(snapshot)) return null
  return {
    kind: 'desk',
    life,
    pos: BigInt(pos),
    organisationId: organisationId as string,
    seq: BigInt(seq),
    snapshot: snapshot || null,
  }
}

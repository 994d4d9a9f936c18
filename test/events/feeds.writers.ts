// Transactions made by hand on connections of their own, step by step as operations and log.ts make them: what tests of
// feeds need to bring writers into a certain order. They tell the server of a commit as another process would.

import pg from 'pg'
import { v7 as uuid } from 'uuid'
import { inject } from 'vitest'
import type { TestApp } from '../support/app.ts'
import { databaseUrl } from '../support/server.ts'

/** A ticket and whose it is. */
export interface Place {
  organisationId: string
  ticketId: string
}

export interface Said {
  body?: string
  internal?: boolean
  /** So many comments, and as many events, at once. */
  count?: number
}

export interface Writer {
  begin(): Promise<void>
  /** Takes the transaction's id, as any early write does; its places come later. */
  takeId(): Promise<bigint>
  /** Locks the ticket, takes places and writes what carries them. */
  comment(on: Place, said?: Said): Promise<void>
  /** With a wake-up, unless it gets lost. */
  commit(options?: { silently: boolean }): Promise<void>
  rollback(): Promise<void>
  /** All of it in one transaction. */
  write(on: Place, said?: Said): Promise<void>
  close(): Promise<void>
}

/** The database of the app, for connections that are not its own. */
export async function databaseOf(app: TestApp): Promise<string> {
  const [row] = await app.database.prisma.$queryRaw<{ name: string }[]>`SELECT current_database() AS name`
  return databaseUrl(inject('postgres').serverUrl, row?.name as string)
}

export async function makeWriter(app: TestApp): Promise<Writer> {
  const client = new pg.Client({ connectionString: await databaseOf(app) })
  await client.connect()
  const wrote = new Set<string>()
  const writer: Writer = {
    begin: async () => void (await client.query('BEGIN')),
    async takeId() {
      const { rows } = await client.query('SELECT pg_current_xact_id()::text AS id')
      return BigInt(rows[0].id)
    },
    async comment(on, said = {}) {
      await comment(client, on, said)
      wrote.add(on.organisationId)
    },
    async commit({ silently } = { silently: false }) {
      await client.query('COMMIT')
      const ids = [...wrote]
      wrote.clear()
      if (!silently && ids.length > 0) {
        await client.query("SELECT pg_notify('deskwire_events', $1)", [`${ELSEWHERE}:${ids.join(',')}`])
      }
    },
    async rollback() {
      await client.query('ROLLBACK')
      wrote.clear()
    },
    async write(on, said) {
      await writer.begin()
      await writer.comment(on, said)
      await writer.commit()
    },
    close: () => client.end(),
  }
  return writer
}

/** The process that these wake-ups come from. */
const ELSEWHERE = uuid()

async function comment(client: pg.Client, { organisationId, ticketId }: Place, said: Said): Promise<void> {
  const { body = 'By hand.', internal = false, count = 1 } = said
  await client.query('SELECT FROM tickets WHERE id = $1 FOR NO KEY UPDATE', [ticketId])
  const { rows } = await client.query(TAKE_PLACES, [organisationId, count, internal ? 0 : count])
  const { seq, public_seq, pos } = rows[0]
  await client.query(RAISE_TICKET, [ticketId, seq, internal ? null : public_seq])
  const values = [organisationId, ticketId, BigInt(seq) - BigInt(count), count, body, internal]
  await client.query(ADD_COMMENTS, values)
  await client.query(ADD_EVENTS, [ticketId, seq, public_seq, pos, count])
}

const TAKE_PLACES = `
  UPDATE organisation_counters SET seq = seq + $2, public_seq = public_seq + $3,
    pos = GREATEST(pos, pg_current_xact_id()::text::bigint),
    public_revision = public_revision + LEAST($3, 1), team_revision = team_revision + 1
  WHERE organisation_id = $1 RETURNING seq, public_seq, pos`

const RAISE_TICKET = `
  UPDATE tickets SET last_seq = $2, last_public_seq = COALESCE($3::bigint, last_public_seq),
    version = version + CASE WHEN $3::bigint IS NULL THEN 0 ELSE 1 END, team_version = team_version + 1 WHERE id = $1`

const ADD_COMMENTS = `
  INSERT INTO comments (organisation_id, id, ticket_id, seq, author_type, author_label, body, internal, created_at)
  SELECT $1, gen_random_uuid(), $2, $3::bigint + n, 'team', 'A writer', $5, $6, now() FROM generate_series(1, $4::int) n`

const ADD_EVENTS = `
  INSERT INTO ticket_events (organisation_id, seq, public_seq, pos, xid, type, ticket_id, ticket_version, team_version,
    actor_type, actor_label, payload, created_at)
  SELECT c.organisation_id, c.seq, CASE WHEN NOT c.internal THEN $3::bigint - ($2::bigint - c.seq) END, $4::bigint,
    pg_current_xact_id()::text::bigint, 'comment_added', t.id, t.version, t.team_version, 'team', 'A writer',
    jsonb_build_object('commentId', c.id), c.created_at
  FROM comments c JOIN tickets t ON t.id = c.ticket_id
  WHERE c.ticket_id = $1 AND c.seq > $2::bigint - $5::int AND c.seq <= $2::bigint`

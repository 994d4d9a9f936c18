// How much hangs on a ticket already.

import { Prisma, type Ticket } from '../../generated/prisma/client.ts'
import type { Database, Tx } from '../client.ts'

export interface AttachedSize {
  files: number
  bytes: number
}

type Whose = Pick<Ticket, 'organisationId' | 'id'>

export async function attachedSize(database: Database, ticket: Whose): Promise<AttachedSize> {
  const [row] = await database.query<AttachedSize>(sizeOf(ticket))
  return row as AttachedSize
}

/** As it stays until this transaction, which holds the ticket, ends. */
export async function lockedAttachedSize(tx: Tx, ticket: Whose): Promise<AttachedSize> {
  const [row] = await tx.$queryRaw<AttachedSize[]>(sizeOf(ticket))
  return row as AttachedSize
}

/** A float is exact to 8 PiB, and comes as a number. */
const sizeOf = ({ organisationId, id }: Whose) => Prisma.sql`
  SELECT count(*)::int AS files, COALESCE(sum(size_bytes), 0)::float8 AS bytes
  FROM attachments WHERE organisation_id = ${organisationId}::uuid AND ticket_id = ${id}::uuid`

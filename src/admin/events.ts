// The log of events after the database has come back from elsewhere: how the operator begins a new life of it.

import { randomUUID } from 'node:crypto'
import type { Database, Tx } from '../db/client.ts'
import { renewLife } from '../db/life.ts'

/** Every event of the database is written once more: a transaction of minutes where there are millions. */
const TIMEOUT_MS = 3_600_000

export interface NewLife {
  /** Its id, part of every cursor from now on. */
  life: string
  /** How many events of earlier lives now come before all that follow. */
  events: number
}

/** All or nothing, and nobody writes meanwhile. Servers that run notice within seconds. */
export async function beginNewLife(database: Database): Promise<NewLife> {
  const life = randomUUID()
  const { events } = await database.prisma.$transaction((tx) => renewLife(statementsOf(tx), life), {
    timeout: TIMEOUT_MS,
  })
  return { life, events }
}

const statementsOf = (tx: Tx): Parameters<typeof renewLife>[0] => ({
  query: (statement) => tx.$queryRaw(statement),
  execute: (statement) => tx.$executeRaw(statement),
})

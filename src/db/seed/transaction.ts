// A Database whose every statement runs in one transaction that is under way: the demonstration is made by the real
// operations, and yet all of it is there at once or not at all.

import type { Prisma } from '../../generated/prisma/client.ts'
import type { Database, Tx } from '../client.ts'

/** What `write` gets is `tx` itself: what it does stays when it throws, so whoever gets an error must let all go. */
export function databaseWithin(tx: Tx): Database {
  return {
    get prisma(): never {
      throw new Error('inside the transaction nothing may use another connection')
    },
    query: <Row>(statement: Prisma.Sql) => tx.$queryRaw<Row[]>(statement),
    write: (body) => body(tx),
    connections: () => ({ total: 1, idle: 0, waiting: 0 }),
    watch: () => () => {},
    async close() {},
  }
}

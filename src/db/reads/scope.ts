// Whose eyes a read has. Every read of the hot path takes one and puts it into its SQL: what a scope may not see is
// not fetched, so it cannot leak into a list, a count or an error.

import { Prisma } from '../../generated/prisma/client.ts'

export type Scope =
  | { side: 'customer'; organisationId: string }
  /** Null: all organisations. */
  | { side: 'team'; organisationId: string | null }

/** Rows of the scope's organisation, by the alias of their table (columns.ts). */
export function within(scope: Scope, alias: 't' | 'c' | 'a' | 'cl' | 'r' | 'o'): Prisma.Sql {
  if (scope.organisationId === null) return Prisma.sql`true`
  const name = Prisma.raw(alias === 'o' ? 'o.id' : `${alias}.organisation_id`)
  return Prisma.sql`${name} = ${scope.organisationId}::uuid`
}

/** Comments `c` that the scope may read. */
export function visibleComments(scope: Scope): Prisma.Sql {
  return scope.side === 'team' ? Prisma.sql`true` : Prisma.sql`NOT c.internal`
}

/** Events `e` that the scope may read. */
export function visibleEvents(scope: Scope): Prisma.Sql {
  return scope.side === 'team' ? Prisma.sql`true` : Prisma.sql`e.public_seq IS NOT NULL`
}

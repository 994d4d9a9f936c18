// Everybody who may knock at a tenant's door, and what the rules give each of them (rules.md, "Scopes and team-only
// things"): for the tests of tenants.

import { hashToken } from '../../src/auth/tokens.ts'
import { Prisma } from '../../src/generated/prisma/client.ts'
import { stranger } from '../operations/access.callers.ts'
import { bearer, type Customer, type TestApp } from '../support/app.ts'
import type { Headers } from './world.ts'

/** What an operation asks of who uses it; `nothing`: not even credentials. */
export type Right = 'nothing' | 'viewer' | 'any token' | 'read' | 'write' | 'team' | 'team write' | 'clusters' | 'admin'

const BELONGS: Right[] = ['viewer', 'any token']
const READS: Right[] = [...BELONGS, 'read']
const WRITES: Right[] = [...READS, 'write']

const RIGHTS = {
  'a member': WRITES,
  'an admin': [...WRITES, 'admin'],
  'a token that reads': READS,
  'a token that writes': WRITES,
  'a token of the platform': [...BELONGS, 'clusters'],
  'a person of the team': [...WRITES, 'team', 'team write'],
  'a token of the team': [...WRITES, 'team', 'team write', 'clusters'],
  'a reading token of the team': [...READS, 'team'],
  'a person of no organisation': ['viewer'],
  'a revoked token of theirs': [],
  'an expired token of theirs': [],
  anybody: [],
} satisfies Record<string, Right[]>

export type Who = keyof typeof RIGHTS
export const WHO = Object.keys(RIGHTS) as Who[]

export interface Caller {
  name: Who
  headers: Headers
  /** `outside`: belongs to neither organisation, nor to the team. */
  side: 'tenant' | 'team' | 'outside'
}

export type Verdict = 'ok' | 'UNAUTHENTICATED' | 'FORBIDDEN'

/** What the rules give a caller who uses something that needs `right`. */
export function verdict({ name }: Caller, right: Right): Verdict {
  if (right === 'nothing') return 'ok'
  const rights: readonly Right[] = RIGHTS[name]
  if (rights.length === 0) return 'UNAUTHENTICATED'
  return rights.includes(right) ? 'ok' : 'FORBIDDEN'
}

/** The people and programs of `own`, and those that are neither its nor `theirs`. Tokens that are over were not used. */
export async function callersOf(app: TestApp, own: Customer, theirs: Customer): Promise<Caller[]> {
  const token = async (scope: 'tickets_read' | 'tickets_write' | 'clusters_write', of: string | null) =>
    bearer(await app.token(of, [scope]))
  const of = own.organisationId
  const caller = (name: Who, side: Caller['side'], headers: Headers): Caller => ({ name, side, headers })
  return [
    caller('a member', 'tenant', await own.member.signIn()),
    caller('an admin', 'tenant', await own.admin.signIn()),
    caller('a token that reads', 'tenant', await token('tickets_read', of)),
    caller('a token that writes', 'tenant', await token('tickets_write', of)),
    caller('a token of the platform', 'tenant', await token('clusters_write', of)),
    caller('a person of the team', 'team', await app.team.tess.signIn()),
    caller('a token of the team', 'team', bearer(app.team.token)),
    caller('a reading token of the team', 'team', await token('tickets_read', null)),
    caller('a person of no organisation', 'outside', await stranger(app, `nemo-${own.admin.email}`)),
    caller('a revoked token of theirs', 'outside', await over(app, theirs, 'revoked_at')),
    caller('an expired token of theirs', 'outside', await over(app, theirs, 'expires_at')),
    caller('anybody', 'outside', {}),
  ]
}

async function over(app: TestApp, { organisationId }: Customer, column: string): Promise<Headers> {
  const secret = await app.token(organisationId, ['tickets_write'])
  await app.database.query(Prisma.sql`UPDATE api_tokens SET ${Prisma.raw(column)} = now() - interval '1 second'
    WHERE hash = ${hashToken(secret)}`)
  return bearer(secret)
}

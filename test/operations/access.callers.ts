// Everybody who may knock: for the tests of access.

import { createPerson, setPassword } from '../../src/admin/people.ts'
import { hashToken } from '../../src/auth/tokens.ts'
import { Prisma } from '../../src/generated/prisma/client.ts'
import { bearer, PASSWORD, type TestApp } from '../support/app.ts'

export type Headers = Record<string, string>

export const CALLERS = [
  'no credentials',
  'a malformed token',
  'an unknown token',
  'a revoked token',
  'an expired token',
  'a reading token',
  'a writing token',
  'a clusters token',
  'a member',
  'an admin',
  "a person of the team's",
  "the team's token",
  "the team's reading token",
  'a person who belongs nowhere',
] as const
export type Caller = (typeof CALLERS)[number]

/** The headers of each; tokens that are over were never used before. */
export async function makeCallers(app: TestApp): Promise<Record<Caller, Headers>> {
  const { organisationId } = app.acme
  const revoked = await app.token(organisationId, ['tickets_write'])
  const expired = await app.token(organisationId, ['tickets_write'])
  const end = (column: string, secret: string) =>
    app.database.query(Prisma.sql`UPDATE api_tokens SET ${Prisma.raw(column)} = now() - interval '1 second'
      WHERE hash = ${hashToken(secret)}`)
  await end('revoked_at', revoked)
  await end('expires_at', expired)
  return {
    'no credentials': {},
    'a malformed token': bearer('letmein'),
    'an unknown token': bearer(`dw_${'A'.repeat(43)}`),
    'a revoked token': bearer(revoked),
    'an expired token': bearer(expired),
    'a reading token': bearer(await app.token(organisationId, ['tickets_read'])),
    'a writing token': bearer(await app.token(organisationId, ['tickets_write'])),
    'a clusters token': bearer(await app.token(organisationId, ['clusters_write'])),
    'a member': await app.acme.member.signIn(),
    'an admin': await app.acme.admin.signIn(),
    "a person of the team's": await app.team.tess.signIn(),
    "the team's token": bearer(app.team.token),
    "the team's reading token": bearer(await app.token(null, ['tickets_read'])),
    'a person who belongs nowhere': await stranger(app),
  }
}

/** Signs in over the door that everybody uses, since app.ts makes only people who belong somewhere. */
export async function stranger(app: TestApp, email = 'nemo@nowhere.example'): Promise<Headers> {
  await app.database.write(async (tx) => {
    const { id } = await createPerson(tx, { email, name: 'Nemo' })
    await setPassword(tx, id, PASSWORD)
  })
  const response = await fetch(`${app.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: app.url },
    body: JSON.stringify({ email, password: PASSWORD }),
  })
  const cookie = response.headers.getSetCookie().map((one) => one.split(';')[0])
  return { cookie: cookie.join('; '), origin: app.url }
}

/** Who may use what, by the words of rules.md, "Scopes and team-only things". */
export type Right = 'viewer' | 'any token' | 'read' | 'write' | 'team' | 'team write' | 'clusters' | 'admin'

const MAY: Record<Right, readonly Caller[]> = {
  viewer: [
    'a reading token',
    'a writing token',
    'a clusters token',
    'a member',
    'an admin',
    "a person of the team's",
    "the team's token",
    "the team's reading token",
    'a person who belongs nowhere',
  ],
  'any token': [
    'a reading token',
    'a writing token',
    'a clusters token',
    'a member',
    'an admin',
    "a person of the team's",
    "the team's token",
    "the team's reading token",
  ],
  read: [
    'a reading token',
    'a writing token',
    'a member',
    'an admin',
    "a person of the team's",
    "the team's token",
    "the team's reading token",
  ],
  write: ['a writing token', 'a member', 'an admin', "a person of the team's", "the team's token"],
  team: ["a person of the team's", "the team's token", "the team's reading token"],
  'team write': ["a person of the team's", "the team's token"],
  clusters: ['a clusters token', "the team's token"],
  admin: ['an admin'],
}

const STRANGERS: readonly Caller[] = CALLERS.slice(0, 5)

export type Verdict = 'ok' | 'UNAUTHENTICATED' | 'FORBIDDEN'

/** What the rules give a caller who uses something that needs `right`. */
export function verdict(caller: Caller, right: Right): Verdict {
  if (STRANGERS.includes(caller)) return 'UNAUTHENTICATED'
  return MAY[right].includes(caller) ? 'ok' : 'FORBIDDEN'
}

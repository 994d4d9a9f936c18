// Puts the people, their organisations and their programs into the database, as having been there for a while.

import { createOrganisation } from '../../admin/organisations.ts'
import { addMember, addTeamMember, createPerson } from '../../admin/people.ts'
import { createToken } from '../../admin/tokens.ts'
import { storePassword } from '../../auth/passwords.ts'
import type { Viewer } from '../../context.ts'
import type { TokenScope } from '../../generated/prisma/client.ts'
import type { Tx } from '../client.ts'
import { CLUSTERS, observe } from './clusters.ts'
import {
  type Customer,
  ORGANISATIONS,
  PEOPLE,
  type Person,
  type PersonOf,
  PROGRAMS,
  type Program,
  type Who,
} from './people.ts'

export interface Cast {
  organisations: Record<Customer, { id: string }>
  /** Everybody as they are when they ask for something. */
  viewers: Record<Who, Viewer>
}

type Organisations = Cast['organisations']

/** What a session may do. */
const SESSION_SCOPES: ReadonlySet<TokenScope> = new Set(['tickets_read', 'tickets_write'])
const DAY_MS = 24 * 60 * 60 * 1000
/** Clusters came a little later than the customer. */
const CLUSTERS_AFTER_DAYS = 3

/** `hashOf` gives the hash of a person's password. Returns the secrets of the tokens, which are stored nowhere. */
export async function makeCast(tx: Tx, now: Date, hashOf: (email: string) => string | null) {
  const ago = (days: number) => new Date(now.getTime() - days * DAY_MS)
  const organisations = {
    acme: await makeOrganisation(tx, 'acme', ago),
    globex: await makeOrganisation(tx, 'globex', ago),
  }
  const viewers = {} as Cast['viewers']
  for (const key of Object.keys(PEOPLE) as Person[]) {
    viewers[key] = await makePerson(tx, key, organisations, ago(PEOPLE[key].since), hashOf(PEOPLE[key].email))
  }
  const secrets = {} as Record<Program, string>
  for (const key of Object.keys(PROGRAMS) as Program[]) {
    const { viewer, secret } = await makeProgram(tx, key, organisations, ago(PROGRAMS[key].since))
    viewers[key] = viewer
    secrets[key] = secret
  }
  const tokens = { acme: secrets.acmeOps, globex: secrets.globexWatch, team: secrets.desk }
  return { cast: { organisations, viewers }, tokens }
}

async function makeOrganisation(tx: Tx, key: Customer, ago: (days: number) => Date): Promise<{ id: string }> {
  const { since, ...names } = ORGANISATIONS[key]
  const { id } = await createOrganisation(tx, names)
  await tx.organisation.update({ where: { id }, data: { createdAt: ago(since) } })
  for (const name of Object.keys(CLUSTERS[key])) {
    await observe(tx, id, { of: key, name, observedAt: ago(since - CLUSTERS_AFTER_DAYS) })
  }
  return { id }
}

async function makePerson(tx: Tx, key: Person, organisations: Organisations, since: Date, hash: string | null) {
  const { of, name, email, role }: PersonOf = PEOPLE[key]
  const { id } = await createPerson(tx, { name, email })
  if (hash !== null) await storePassword(tx, id, hash)
  const dates = { createdAt: since, updatedAt: since }
  await tx.account.updateMany({ where: { userId: id }, data: dates })
  await tx.user.update({ where: { id }, data: { ...dates, emailVerified: true } })
  const caller = { via: 'session', credentialId: id, id, name, scopes: SESSION_SCOPES } as const
  if (of === 'team') {
    await addTeamMember(tx, id)
    await tx.teamMember.update({ where: { userId: id }, data: { createdAt: since } })
    return { ...caller, memberships: [], side: 'team', organisationId: null } as const
  }
  const organisationId = organisations[of].id
  await addMember(tx, { organisationId, userId: id, role })
  await tx.member.updateMany({ where: { userId: id }, data: { createdAt: since } })
  return { ...caller, memberships: [{ organisationId, role }], side: 'customer', organisationId, role } as const
}

async function makeProgram(tx: Tx, key: Program, organisations: Organisations, since: Date) {
  const { of, name, scopes } = PROGRAMS[key]
  const organisationId = of === 'team' ? null : organisations[of].id
  const { token, secret } = await createToken(tx, { organisationId, name, scopes, expiresAt: null })
  await tx.apiToken.update({ where: { id: token.id }, data: { createdAt: since } })
  const caller = {
    via: 'token',
    credentialId: token.id,
    id: token.id,
    name,
    scopes: new Set<TokenScope>(scopes),
    memberships: [],
  } as const
  const viewer: Viewer =
    organisationId === null
      ? { ...caller, side: 'team', organisationId }
      : { ...caller, side: 'customer', organisationId, role: null }
  return { viewer, secret }
}

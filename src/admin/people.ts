// People, their memberships and the support team: how the operator (and the demonstration) makes and changes them.

import { v7 as uuid } from 'uuid'
import type { Tx } from '../db/client.ts'
import { raiseRevisions } from '../events/revisions.ts'
import type { Member, Role, User } from '../generated/prisma/client.ts'
import { raiseAllRevisions } from './organisations.ts'
import { Refusal } from './refusal.ts'

export { setPassword } from '../auth/passwords.ts'

interface Place {
  organisationId: string
  userId: string
}

/** Whether an organisation is left without anybody who can manage its tokens. */
export interface AfterChange {
  lastAdminGone: boolean
}

/** A person without a password: they set it behind a one-time link. Throws a Refusal when the address is known. */
export async function createPerson(tx: Tx, { email, name }: { email: string; name: string }): Promise<User> {
  const address = email.toLowerCase()
  const known = await tx.user.findUnique({ where: { email: address } })
  if (known) {
    await refuseUnproved(tx, known)
    throw new Refusal(`${address} exists already: use "member add", "team add" or "person link".`)
  }
  return tx.user.create({ data: { id: uuid(), email: address, name } })
}

/** Throws a Refusal when nobody has that address. */
export async function findPerson(tx: Tx, email: string): Promise<User> {
  const address = email.toLowerCase()
  const person = await tx.user.findUnique({ where: { email: address } })
  if (person) return person
  throw new Refusal(`There is nobody with the address ${address}: "npm run admin -- person create" makes a person.`)
}

/** Throws a Refusal for a member, and for who registered without proving that the address is theirs. */
export async function addMember(tx: Tx, { organisationId, userId, role }: Place & { role: Role }): Promise<Member> {
  await refuseUnproved(tx, await tx.user.findUniqueOrThrow({ where: { id: userId } }))
  const known = await findMember(tx, { organisationId, userId })
  if (known) throw new Refusal(`They are a member already, with the role ${known.role}: "member role" changes it.`)
  const member = await tx.member.create({ data: { organisationId, userId, role } })
  await raiseRevisions(tx, organisationId)
  return member
}

/** Throws a Refusal for who is no member. */
export async function removeMember(tx: Tx, place: Place): Promise<AfterChange> {
  const member = await requireMember(tx, place)
  await tx.member.delete({ where: { organisationId_userId: place } })
  await raiseRevisions(tx, place.organisationId)
  return afterChange(tx, member)
}

/** Throws a Refusal for who is no member, or has that role. */
export async function changeRole(
  tx: Tx,
  { organisationId, userId, role }: Place & { role: Role },
): Promise<AfterChange> {
  const place = { organisationId, userId }
  const member = await requireMember(tx, place)
  if (member.role === role) throw new Refusal(`They have the role ${role} already.`)
  await tx.member.update({ where: { organisationId_userId: place }, data: { role } })
  await raiseRevisions(tx, organisationId)
  return afterChange(tx, member)
}

/** Somebody who left may come back. Throws a Refusal for who is of the team, or registered without proof. */
export async function addTeamMember(tx: Tx, userId: string): Promise<void> {
  await refuseUnproved(tx, await tx.user.findUniqueOrThrow({ where: { id: userId } }))
  const known = await tx.teamMember.findUnique({ where: { userId } })
  if (known?.removedAt === null) throw new Refusal('They are of the support team already.')
  await tx.teamMember.upsert({ where: { userId }, create: { userId }, update: { removedAt: null } })
  await raiseAllRevisions(tx, await organisationsOf(tx, userId))
}

/** The row stays, since tickets name it. Throws a Refusal for who is not of the team. */
export async function removeTeamMember(tx: Tx, userId: string): Promise<void> {
  const removed = await tx.teamMember.updateMany({
    where: { userId, removedAt: null },
    data: { removedAt: new Date() },
  })
  if (removed.count === 0) throw new Refusal('They are not of the support team.')
  await raiseAllRevisions(tx, await organisationsOf(tx, userId))
}

/**
 * Where people may sign up, anybody can register anybody's address. Rights are given only to who was made by the
 * operator, or has proved the address by a one-time link, which also puts out whoever registered it.
 */
async function refuseUnproved(tx: Tx, person: User): Promise<void> {
  if (person.emailVerified) return
  if ((await tx.account.count({ where: { userId: person.id } })) === 0) return
  throw new Refusal(
    `${person.email} was registered by sign-up and nobody has proved that the address is theirs: run ` +
      `"npm run admin -- person link ${person.email}", send the link to that address, and try again when it was used.`,
  )
}

function findMember(tx: Tx, place: Place): Promise<Member | null> {
  return tx.member.findUnique({ where: { organisationId_userId: place } })
}

async function requireMember(tx: Tx, place: Place): Promise<Member> {
  const member = await findMember(tx, place)
  if (member) return member
  throw new Refusal('They are no member of that organisation.')
}

async function afterChange(tx: Tx, before: Member): Promise<AfterChange> {
  if (before.role !== 'admin') return { lastAdminGone: false }
  const admins = await tx.member.count({ where: { organisationId: before.organisationId, role: 'admin' } })
  return { lastAdminGone: admins === 0 }
}

/** Where the person's side changes with the team's membership: what they were shown as a customer is no longer true. */
async function organisationsOf(tx: Tx, userId: string): Promise<string[]> {
  const members = await tx.member.findMany({ where: { userId }, select: { organisationId: true } })
  return members.map(({ organisationId }) => organisationId)
}

// `member …`: who belongs to an organisation, and as what.

import { z } from 'zod'
import type { Tx } from '../../db/client.ts'
import * as argument from '../arguments.ts'
import { type Command, columns, command, type Io } from '../command.ts'
import { findOrganisation } from '../organisations.ts'
import { type AfterChange, addMember, changeRole, findPerson, removeMember } from '../people.ts'

const flags = { organisation: argument.organisationFlag }
const withRole = { ...flags, role: argument.roleFlag }
const input = z.object({ email: argument.email, organisation: argument.slug })

const add = command({
  name: 'member add',
  usage: 'EMAIL --organisation SLUG --role ROLE',
  summary: 'Makes somebody a member of an organisation.',
  positionals: ['email'],
  flags: withRole,
  input: input.extend({ role: argument.role }),
  async run({ database, io }, { email, organisation, role }) {
    await database.write(async (tx) => addMember(tx, { ...(await placeOf(tx, organisation, email)), role }))
    io.note(`${email} is now ${role} of ${organisation}.`)
  },
})

const remove = command({
  name: 'member remove',
  usage: 'EMAIL --organisation SLUG',
  summary: 'Ends a membership; what the person wrote stays.',
  positionals: ['email'],
  flags,
  input,
  async run({ database, io }, { email, organisation }) {
    const after = await database.write(async (tx) => removeMember(tx, await placeOf(tx, organisation, email)))
    io.note(`${email} is no longer a member of ${organisation}.`)
    warn(io, organisation, after)
  },
})

const role = command({
  name: 'member role',
  usage: 'EMAIL --organisation SLUG --role ROLE',
  summary: 'Changes what a member may do.',
  positionals: ['email'],
  flags: withRole,
  input: input.extend({ role: argument.role }),
  async run({ database, io }, { email, organisation, role }) {
    const after = await database.write(async (tx) =>
      changeRole(tx, { ...(await placeOf(tx, organisation, email)), role }),
    )
    io.note(`${email} is now ${role} of ${organisation}.`)
    warn(io, organisation, after)
  },
})

const list = command({
  name: 'member list',
  usage: '--organisation SLUG',
  summary: 'Lists the members of an organisation.',
  flags,
  input: z.object({ organisation: argument.slug }),
  async run({ database, io }, { organisation }) {
    const { id } = await findOrganisation(database.prisma, organisation)
    const members = await database.prisma.member.findMany({
      where: { organisationId: id },
      orderBy: [{ createdAt: 'asc' }, { userId: 'asc' }],
      include: { user: true },
    })
    const rows = members.map(({ user, role }) => [user.email, user.name, role])
    for (const line of columns([['EMAIL', 'NAME', 'ROLE'], ...rows])) io.out(line)
  },
})

export const memberCommands: readonly Command[] = [add, remove, role, list]

async function placeOf(tx: Tx, slug: string, email: string) {
  const organisation = await findOrganisation(tx, slug)
  const person = await findPerson(tx, email)
  return { organisationId: organisation.id, userId: person.id }
}

function warn(io: Io, organisation: string, { lastAdminGone }: AfterChange): void {
  if (lastAdminGone) io.note(`Warning: ${organisation} has no admin now, so that nobody there can manage its tokens.`)
}

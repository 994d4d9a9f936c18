// `team …`: who is of the support team, which sees every organisation.

import { z } from 'zod'
import * as argument from '../arguments.ts'
import { type Command, columns, command } from '../command.ts'
import { addTeamMember, findPerson, removeTeamMember } from '../people.ts'

const input = z.object({ email: argument.email })

const add = command({
  name: 'team add',
  usage: 'EMAIL',
  summary: 'Takes somebody into the support team, which sees and answers every organisation.',
  positionals: ['email'],
  input,
  async run({ database, io }, { email }) {
    await database.write(async (tx) => addTeamMember(tx, (await findPerson(tx, email)).id))
    io.note(`${email} is now of the support team.`)
  },
})

const remove = command({
  name: 'team remove',
  usage: 'EMAIL',
  summary: 'Takes somebody out of the support team; their comments and assignments stay.',
  positionals: ['email'],
  input,
  async run({ database, io }, { email }) {
    await database.write(async (tx) => removeTeamMember(tx, (await findPerson(tx, email)).id))
    io.note(`${email} is no longer of the support team.`)
  },
})

const list = command({
  name: 'team list',
  usage: '',
  summary: 'Lists who is of the support team.',
  input: z.object({}),
  async run({ database, io }) {
    const team = await database.prisma.teamMember.findMany({
      where: { removedAt: null },
      orderBy: [{ user: { name: 'asc' } }, { userId: 'asc' }],
      include: { user: true },
    })
    const rows = team.map(({ user }) => [user.email, user.name])
    for (const line of columns([['EMAIL', 'NAME'], ...rows])) io.out(line)
  },
})

export const teamCommands: readonly Command[] = [add, remove, list]

// `organisation …`: makes and lists organisations.

import { z } from 'zod'
import * as argument from '../arguments.ts'
import { type Command, columns, command } from '../command.ts'
import { createOrganisation, slugFrom } from '../organisations.ts'
import { UsageError } from '../refusal.ts'

const create = command({
  name: 'organisation create',
  usage: '--name NAME [--slug SLUG]',
  summary: 'Makes an organisation, and prints its id.',
  flags: {
    name: { value: 'NAME', help: 'what people call it' },
    slug: { value: 'SLUG', help: 'its short name in commands and addresses; made from the name unless given' },
  },
  input: z.object({ name: argument.name, slug: argument.slug.optional() }),
  async run({ database, io }, { name, slug = slugFrom(name) }) {
    if (slug === '') throw new UsageError('No slug can be made from this name: give one with --slug.')
    const organisation = await database.write((tx) => createOrganisation(tx, { name, slug }))
    io.note(`Made the organisation ${name}, slug ${slug}.`)
    io.out(organisation.id)
  },
})

const list = command({
  name: 'organisation list',
  usage: '',
  summary: 'Lists all organisations.',
  input: z.object({}),
  async run({ database, io }) {
    const organisations = await database.prisma.organisation.findMany({
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
      include: { _count: { select: { members: true, tickets: true } } },
    })
    const rows = organisations.map(({ slug, name, _count, id }) => [
      slug,
      name,
      `${_count.members}`,
      `${_count.tickets}`,
      id,
    ])
    for (const line of columns([['SLUG', 'NAME', 'MEMBERS', 'TICKETS', 'ID'], ...rows])) io.out(line)
  },
})

export const organisationCommands: readonly Command[] = [create, list]

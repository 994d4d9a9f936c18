// `person …`: makes people and the one-time links with which they set their passwords.

import { z } from 'zod'
import { makeSetPasswordLink } from '../../auth/links.ts'
import type { Config } from '../../config.ts'
import type { Tx } from '../../db/client.ts'
import type { Role } from '../../generated/prisma/client.ts'
import * as argument from '../arguments.ts'
import { type Command, command, type Io } from '../command.ts'
import { findOrganisation } from '../organisations.ts'
import { addMember, createPerson, findPerson } from '../people.ts'

const create = command({
  name: 'person create',
  usage: '--email EMAIL --name NAME [--organisation SLUG [--role ROLE]]',
  summary: 'Makes a person, in an organisation if one is named, and prints a one-time link to set a password.',
  flags: {
    email: { value: 'EMAIL', help: 'the address with which they sign in' },
    name: { value: 'NAME', help: 'how others see them' },
    organisation: argument.organisationFlag,
    role: { ...argument.roleFlag, help: `${argument.roleFlag.help}; member unless given` },
  },
  input: z
    .object({
      email: argument.email,
      name: argument.name,
      organisation: argument.slug.optional(),
      role: argument.role.optional(),
    })
    .refine(({ organisation, role }) => organisation || !role, {
      path: ['role'],
      message: 'is a role in an organisation: name one with --organisation.',
    }),
  async run({ database, config, io }, { email, name, organisation, role = 'member' }) {
    const link = await database.write(async (tx) => {
      const person = await createPerson(tx, { email, name })
      if (organisation !== undefined) await join(tx, organisation, person.id, role)
      return makeSetPasswordLink(tx, person.id, publicUrl(config))
    })
    io.note(`Made ${name} <${email}>${organisation === undefined ? '' : `, ${role} of ${organisation}`}.`)
    showLink(io, link)
  },
})

const link = command({
  name: 'person link',
  usage: 'EMAIL',
  summary: 'Prints a new one-time link for somebody to set their password; earlier links stop working.',
  positionals: ['email'],
  input: z.object({ email: argument.email }),
  async run({ database, config, io }, { email }) {
    const made = await database.write(async (tx) => {
      const person = await findPerson(tx, email)
      return makeSetPasswordLink(tx, person.id, publicUrl(config))
    })
    showLink(io, made)
  },
})

export const personCommands: readonly Command[] = [create, link]

async function join(tx: Tx, slug: string, userId: string, role: Role): Promise<void> {
  const organisation = await findOrganisation(tx, slug)
  await addMember(tx, { organisationId: organisation.id, userId, role })
}

function showLink(io: Io, link: string): void {
  io.note('Send them this link and nobody else: it sets their password, works once, and for 24 hours.')
  io.out(link)
}

/** As the server's own, which listens on every address where its host says so: this machine then names itself. */
function publicUrl({ publicUrl, host, port }: Config): string {
  if (publicUrl !== null) return publicUrl
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

// `token …`: bearer tokens of programs, of one organisation or of the support team.

import { z } from 'zod'
import type { ApiToken } from '../../generated/prisma/client.ts'
import * as argument from '../arguments.ts'
import { type Command, columns, command } from '../command.ts'
import { findOrganisation } from '../organisations.ts'
import { createToken, revokeToken } from '../tokens.ts'

const owner = { organisation: argument.slug.optional(), team: z.boolean().optional() }

const create = command({
  name: 'token create',
  usage: '(--organisation SLUG | --team) --name NAME --scopes SCOPES [--expires WHEN]',
  summary: 'Makes a bearer token, and prints its secret, which is shown this once.',
  flags: {
    organisation: argument.organisationFlag,
    team: { help: "the support team's: good for every organisation" },
    name: { value: 'NAME', help: 'what it is for; what it writes carries this name' },
    scopes: { value: 'SCOPES', help: 'tickets_read, tickets_write (reads too), clusters_write; commas between' },
    expires: { value: 'WHEN', help: '90d, 2027-01-31 or 2027-01-31T12:00:00Z; never unless given' },
  },
  input: z
    .object({
      ...owner,
      name: argument.name,
      scopes: argument.scopes,
      expires: argument.moment.optional().transform((value) => value ?? null),
    })
    .refine(({ organisation, team }) => (organisation === undefined) === (team === true), {
      path: [],
      message: 'Say whose the token is: either --organisation SLUG or --team.',
    }),
  async run({ database, io }, { organisation, name, scopes, expires }) {
    const { token, secret } = await database.write(async (tx) => {
      const organisationId = organisation === undefined ? null : (await findOrganisation(tx, organisation)).id
      return createToken(tx, { organisationId, name, scopes, expiresAt: expires })
    })
    io.note(`Made the token "${name}" of ${organisation ?? 'the support team'}, id ${token.id}. Keep its secret safe:`)
    io.out(secret)
  },
})

const list = command({
  name: 'token list',
  usage: '[--organisation SLUG | --team]',
  summary: 'Lists tokens, newest first, revoked ones too.',
  flags: {
    organisation: argument.organisationFlag,
    team: { help: "only the support team's" },
  },
  input: z.object(owner).refine(({ organisation, team }) => organisation === undefined || !team, {
    path: [],
    message: 'Give --organisation SLUG or --team, not both.',
  }),
  async run({ database, io }, { organisation, team }) {
    const organisationId =
      organisation === undefined ? null : (await findOrganisation(database.prisma, organisation)).id
    const tokens = await database.prisma.apiToken.findMany({
      where: organisationId !== null || team ? { organisationId } : {},
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      include: { organisation: true },
    })
    const rows = tokens.map((token) => [
      token.id,
      `${token.prefix}…`,
      token.organisation?.slug ?? '(team)',
      token.name,
      token.scopes.join(','),
      stateOf(token),
      token.lastUsedAt === null ? 'never' : token.lastUsedAt.toISOString(),
    ])
    for (const line of columns([['ID', 'SECRET', 'OF', 'NAME', 'SCOPES', 'STATE', 'LAST USED'], ...rows])) io.out(line)
  },
})

const revoke = command({
  name: 'token revoke',
  usage: 'ID',
  summary: 'Ends a token for good; a running server notices within seconds.',
  positionals: ['id'],
  input: z.object({ id: z.string() }),
  async run({ database, io }, { id }) {
    const token = await database.write((tx) => revokeToken(tx, id))
    io.note(`Revoked the token "${token.name}" (${token.prefix}…).`)
  },
})

export const tokenCommands: readonly Command[] = [create, list, revoke]

function stateOf({ revokedAt, expiresAt }: ApiToken): string {
  if (revokedAt) return `revoked ${revokedAt.toISOString()}`
  if (!expiresAt) return 'good'
  return `${expiresAt.getTime() <= Date.now() ? 'expired' : 'good until'} ${expiresAt.toISOString()}`
}

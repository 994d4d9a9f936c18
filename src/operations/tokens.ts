// API tokens of an organisation. Its admins make and revoke them; the secret is shown once and never stored.

import { v7 as uuid } from 'uuid'
import { z } from 'zod'
import { mintToken } from '../auth/tokens.ts'
import { tokensOf } from '../db/reads/directory.ts'
import { raiseRevisions } from '../events/revisions.ts'
import type { ApiToken } from '../generated/prisma/client.ts'
import { admin, anyone, isAdmin } from './access.ts'
import { inputProblem, notAllowed, notFound, type Problem } from './errors.ts'
import { operation } from './execute.ts'
import { dateTime, id, nameText, optional, tokenScope } from './input.ts'

/** Newest first, revoked ones included; empty for whoever may not manage them. */
export const listTokens = operation({
  name: 'apiTokens',
  access: anyone,
  rate: 'read',
  input: z.strictObject({}),
  run: async ({ viewer, database }) => (isAdmin(viewer) ? tokensOf(database, viewer.organisationId as string) : []),
})

export const createApiToken = operation({
  name: 'createApiToken',
  access: admin,
  rate: 'write',
  input: z.strictObject({
    name: nameText(100),
    scopes: z.array(tokenScope).max(10),
    expiresAt: optional(dateTime),
  }),

  async run(call, { name, scopes, expiresAt = null }): Promise<{ token: ApiToken; secret: string } | Problem> {
    if (scopes.length === 0) return inputProblem('scopes', 'REQUIRED', 'A token needs at least one scope.')
    if (scopes.includes('clusters_write')) {
      return notAllowed('scopes', 'CLUSTERS_WRITE is for the platform: only our operators make tokens with it.')
    }
    const now = call.now()
    if (expiresAt !== null && expiresAt <= now) {
      return inputProblem('expiresAt', 'INVALID', 'expiresAt must be in the future.')
    }
    const organisationId = call.viewer.organisationId as string
    const { secret, prefix, hash } = mintToken()
    return call.write(async (tx) => {
      const token = await tx.apiToken.create({
        data: {
          id: uuid(),
          organisationId,
          name,
          prefix,
          hash: new Uint8Array(hash),
          scopes: [...new Set(scopes)],
          createdById: call.viewer.id,
          createdAt: now,
          expiresAt,
        },
      })
      await raiseRevisions(tx, organisationId)
      return { token, secret }
    })
  },
})

/** Revoking a revoked token succeeds and changes nothing. */
export const revokeApiToken = operation({
  name: 'revokeApiToken',
  access: admin,
  rate: 'write',
  input: z.strictObject({ id }),

  async run(call, { id }): Promise<{ token: ApiToken } | Problem> {
    const organisationId = call.viewer.organisationId as string
    return call.write(async (tx) => {
      const where = { id, organisationId }
      const data = { revokedAt: call.now() }
      const { count } = await tx.apiToken.updateMany({ where: { ...where, revokedAt: null }, data })
      const token = await tx.apiToken.findFirst({ where })
      if (!token) return notFound('token')
      if (count > 0) await raiseRevisions(tx, organisationId)
      return { token }
    })
  },
})

// Bearer tokens: how the operator (and the demonstration) makes and revokes them. Only here may one get CLUSTERS_WRITE
// or belong to the support team.

import { validate as isUuid, v7 as uuid } from 'uuid'
import { mintToken } from '../auth/tokens.ts'
import type { Tx } from '../db/client.ts'
import { raiseRevisions } from '../events/revisions.ts'
import type { ApiToken, TokenScope } from '../generated/prisma/client.ts'
import { Refusal } from './refusal.ts'

export interface NewToken {
  /** Null: the support team's, for every organisation. */
  organisationId: string | null
  name: string
  /** At least one. */
  scopes: readonly TokenScope[]
  /** Null: never. */
  expiresAt: Date | null
}

/** The secret is nowhere but in the answer. */
export async function createToken(tx: Tx, input: NewToken): Promise<{ token: ApiToken; secret: string }> {
  const { secret, prefix, hash } = mintToken()
  const token = await tx.apiToken.create({
    data: { ...input, scopes: [...new Set(input.scopes)], id: uuid(), prefix, hash, createdAt: new Date() },
  })
  if (token.organisationId !== null) await raiseRevisions(tx, token.organisationId)
  return { token, secret }
}

/** Throws a Refusal when there is no such token, or it is revoked already. */
export async function revokeToken(tx: Tx, id: string): Promise<ApiToken> {
  const token = isUuid(id) ? await tx.apiToken.findUnique({ where: { id } }) : null
  if (!token) throw new Refusal(`There is no token ${id}: "npm run admin -- token list" shows them all.`)
  if (token.revokedAt) throw new Refusal(`The token "${token.name}" was revoked already.`)
  const revoked = await tx.apiToken.update({ where: { id }, data: { revokedAt: new Date() } })
  if (token.organisationId !== null) await raiseRevisions(tx, token.organisationId)
  return revoked
}

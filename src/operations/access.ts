// Who may do what (rules.md of the design: "Which organisation", "Scopes and team-only things"). Every rule about roles,
// scopes and organisations stands here.

import { NIL } from 'uuid'
import type { Context, Viewer } from '../context.ts'
import { type Loaders, makeLoaders } from '../db/reads/loaders.ts'
import type { Scope } from '../db/reads/scope.ts'
import type { TokenScope } from '../generated/prisma/client.ts'
import { inputProblem, type Problem, Refusal } from './errors.ts'
import type { Call } from './execute.ts'

export interface Access {
  /**
   * `anyone`: who has credentials, even if they belong nowhere. `member`: a customer with an organisation, or the team.
   * `team`: the support team. `admin`: a person with that role in the organisation.
   */
  role: 'anyone' | 'member' | 'team' | 'admin'
  /** Null: any token will do. */
  scope: TokenScope | null
}

export const anyone: Access = { role: 'anyone', scope: null }
export const member: Access = { role: 'member', scope: null }
export const reader: Access = { role: 'member', scope: 'tickets_read' }
export const writer: Access = { role: 'member', scope: 'tickets_write' }
export const team: Access = { role: 'team', scope: null }
export const teamReader: Access = { role: 'team', scope: 'tickets_read' }
export const teamWriter: Access = { role: 'team', scope: 'tickets_write' }
export const clusterWriter: Access = { role: 'member', scope: 'clusters_write' }
export const admin: Access = { role: 'admin', scope: null }

export function requireAccess(viewer: Viewer, { role, scope }: Access): void {
  if (role !== 'anyone' && viewer.side === 'customer' && viewer.organisationId === null) {
    throw new Refusal('FORBIDDEN', 'You do not belong to an organisation yet. Ask its admin or our team to add you.')
  }
  if (role === 'team' && viewer.side !== 'team') throw new Refusal('FORBIDDEN', 'Only the support team may do this.')
  if (role === 'admin' && !isAdmin(viewer)) {
    throw new Refusal('FORBIDDEN', 'Only an admin of the organisation may do this, signed in as a person.')
  }
  if (scope !== null && !viewer.scopes.has(scope)) {
    const name = scope.replace('_', ':')
    throw new Refusal('FORBIDDEN', `This needs the scope ${name}, which these credentials do not have.`)
  }
}

/** Tokens manage no tokens, whatever their scopes. */
export const isAdmin = (viewer: Viewer): boolean =>
  viewer.side === 'customer' && viewer.via === 'session' && viewer.role === 'admin'

/** What somebody may read. Who is nobody, or belongs nowhere, reads in an organisation that cannot exist. */
export function scopeOf(viewer: Viewer | null): Scope {
  if (viewer?.side === 'team') return { side: 'team', organisationId: null }
  return { side: 'customer', organisationId: viewer?.organisationId ?? NIL }
}

/** Loaders that have loaded nothing yet: for a request, around a mutation, for an event. */
export const freshLoaders = ({ database, viewer }: Pick<Context, 'database' | 'viewer'>): Loaders =>
  makeLoaders(database, scopeOf(viewer))

/** The same text for viewers whose answers cannot differ but by who they are. */
export const rightsOf = ({ side, organisationId, scopes, via }: Viewer): string =>
  JSON.stringify([side, organisationId, [...scopes].sort(), via])

/**
 * The one organisation a read is about, or null for the team's reads over all. A customer may only repeat their own.
 */
export function organisationToRead(viewer: Viewer, named: string | undefined): string | null {
  if (viewer.side === 'team') return named ?? viewer.organisationId
  if (named !== undefined && named !== viewer.organisationId) {
    throw new Refusal('FORBIDDEN', 'organisationId may only name the organisation you act in.', { hidden: true })
  }
  return viewer.organisationId
}

/** The organisation to write in. The team must say which customer it writes for, and it must exist. */
export async function organisationToWrite(call: Call, named: string | undefined): Promise<string | Problem> {
  const organisationId = organisationToRead(call.viewer, named)
  if (organisationId === null) {
    return inputProblem(
      'organisationId',
      'REQUIRED',
      'organisationId is required when the team writes for a customer (REST: the header X-Ankra-Organisation-Id).',
    )
  }
  if (call.viewer.side === 'team' && !(await call.loaders.organisation.load(organisationId))) {
    return inputProblem('organisationId', 'NOT_FOUND', 'organisationId names no organisation we know.')
  }
  return organisationId
}

/** The team's scope narrowed to one organisation; a customer's is that already. */
export const scopeIn = ({ side }: Scope, organisationId: string): Scope => ({ side, organisationId })

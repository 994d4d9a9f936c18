// What a way into another tenant's things is: a request that names one of them. The tables of them are in ways.*.ts.

import type { File } from '../support/uploads.ts'
import type { Right } from './callers.ts'
import type { Headers, Name, Names } from './world.ts'

export interface GraphQLRequest {
  document: string
  variables: Record<string, unknown>
  headers?: Headers
  /** The value of the variable `file`. */
  file?: File
}

export interface RestRequest {
  method: 'GET' | 'POST' | 'PUT'
  /** Below the mount of the tickets, or from the root where it begins with /api/. */
  path: string
  body?: object
  headers?: Headers
  file?: File
}

export type Request = GraphQLRequest | RestRequest

export const isGraphQL = (request: Request): request is GraphQLRequest => 'document' in request

export interface Way {
  name: string
  /** What it needs, by the rules. */
  right: Right
  /** Which of their names it is for; any other may be put in its place. Null: it names nothing of theirs. */
  of: Name | null
  /** `its` is the name it is for, `theirs` the rest of the same tenant's names, `own` the caller's tenant's. */
  ask(its: string, own: Names, theirs: Names): Request
  /** What a caller of the other tenant gets who has the right: as `said` tells it. */
  comes: string
  /** It succeeds and makes something of the caller's own: no two answers are alike. */
  makes?: true
  /** The tenant itself gets the same answer. */
  always?: true
  /** It chooses the organisation to act in, as the header does: one that is not theirs is refused before all else. */
  chooses?: true
}

/** By name of an operation or of a field of the root, as rules.md has it. */
export const RIGHT_OF: Record<string, Right> = {
  viewer: 'viewer',
  apiTokens: 'viewer',
  organisations: 'any token',
  cluster: 'any token',
  clusters: 'any token',
  clustersByNumber: 'any token',
  attachmentLimits: 'any token',
  teamMembers: 'team',
  reviewReport: 'team',
  ticket: 'read',
  ticketByNumber: 'read',
  tickets: 'read',
  ticketStats: 'read',
  review: 'read',
  downloadAttachment: 'read',
  createAttachmentLink: 'read',
  ticketEvents: 'read',
  ticketStatusChanged: 'read',
  commentAdded: 'read',
  reviewTicket: 'write',
  answerReview: 'write',
  createTicket: 'write',
  linkTicket: 'write',
  addComment: 'write',
  uploadAttachment: 'write',
  closeTicket: 'write',
  updateTicket: 'team write',
  upsertCluster: 'clusters',
  createApiToken: 'admin',
  revokeApiToken: 'admin',
}

export const rightOf = (operation: string): Right => {
  const right = RIGHT_OF[operation]
  if (right === undefined) throw new Error(`What ${operation} needs is not said in ways.ts: see rules.md, "Scopes".`)
  return right
}

// Requests that name things of another organisation, each with what must come of it (rules.md, "Which organisation",
// "Errors"): used by tenants.test.ts.

import { draftAbout, type Headers, type Ids } from './tenants.world.ts'

export type Who = 'token' | 'admin' | 'member' | 'platform'

export interface Attempt {
  name: string
  document: string
  variables(theirs: Ids, own: Ids): object
  /** As outcome() says it; one for all, or for each kind of caller. */
  comes: string | Partial<Record<Who, string>>
  headers?(theirs: Ids): Headers
}

const EVERYTHING = `id number subject description organisation { name } cluster { name }
  comments { nodes { body } } events { nodes { cursor } } review { subject } createdBy { label } asOf`

export const queries: Attempt[] = [
  {
    name: 'ticket',
    document: `query ($id: ID!) { ticket(id: $id) { ${EVERYTHING} } }`,
    variables: ({ ticketId }) => ({ id: ticketId }),
    comes: 'null',
  },
  {
    name: 'ticketByNumber of an organisation',
    document: `query ($n: Int!, $of: ID) { ticketByNumber(number: $n, organisationId: $of) { ${EVERYTHING} } }`,
    variables: ({ number, organisationId }) => ({ n: number, of: organisationId }),
    comes: 'FORBIDDEN',
  },
  {
    name: 'tickets of an organisation',
    document: 'query ($of: ID) { tickets(filter: { organisationId: $of }) { totalCount asOf nodes { id } } }',
    variables: ({ organisationId }) => ({ of: organisationId }),
    comes: 'FORBIDDEN',
  },
  {
    name: 'tickets of a cluster',
    document: 'query ($id: ID!) { tickets(filter: { clusterId: [$id] }) { totalCount nodes { id } } }',
    variables: ({ clusterId }) => ({ id: clusterId }),
    comes: '{"totalCount":0,"nodes":[]}',
  },
  {
    name: 'statistics of an organisation',
    document: 'query ($of: ID) { ticketStats(filter: { organisationId: $of }) { total } }',
    variables: ({ organisationId }) => ({ of: organisationId }),
    comes: 'FORBIDDEN',
  },
  {
    name: 'statistics of a cluster',
    document: 'query ($id: ID!) { ticketStats(filter: { clusterId: [$id] }) { total byStatus { count } } }',
    variables: ({ clusterId }) => ({ id: clusterId }),
    comes: `{"total":0,"byStatus":[${Array(7).fill('{"count":0}').join(',')}]}`,
  },
  {
    name: 'review',
    document: 'query ($id: ID!) { review(id: $id) { subject description cluster { name } ticket { id } } }',
    variables: ({ reviewId }) => ({ id: reviewId }),
    comes: 'null',
  },
  {
    name: 'cluster',
    document: 'query ($id: ID!) { cluster(id: $id) { name description tickets { nodes { id } } } }',
    variables: ({ clusterId }) => ({ id: clusterId }),
    comes: 'null',
  },
  {
    name: 'clusters of an organisation',
    document: 'query ($of: ID) { clusters(organisationId: $of) { nodes { name } } }',
    variables: ({ organisationId }) => ({ of: organisationId }),
    comes: 'FORBIDDEN',
  },
  {
    name: 'the header, in a query',
    document: '{ viewer { organisation { name } } tickets { nodes { id } } }',
    variables: () => ({}),
    headers: ({ organisationId }) => ({ 'x-ankra-organisation-id': organisationId }),
    comes: 'FORBIDDEN',
  },
  {
    name: "comments after another ticket's comment",
    document: 'query ($own: ID!, $at: String) { ticket(id: $own) { comments(after: $at) { nodes { body } } } }',
    variables: ({ commentCursor }, { ticketId }) => ({ own: ticketId, at: commentCursor }),
    comes: 'BAD_USER_INPUT',
  },
  {
    name: "comments before another ticket's comment",
    document: 'query ($own: ID!, $at: String) { ticket(id: $own) { comments(before: $at) { nodes { body } } } }',
    variables: ({ commentCursor }, { ticketId }) => ({ own: ticketId, at: commentCursor }),
    comes: 'BAD_USER_INPUT',
  },
  {
    name: "events after another log's event",
    document: 'query ($own: ID!, $at: String) { ticket(id: $own) { events(after: $at) { nodes { cursor } } } }',
    variables: ({ eventCursor }, { ticketId }) => ({ own: ticketId, at: eventCursor }),
    comes: 'RESYNC_REQUIRED',
  },
  {
    name: "events before another log's state",
    document: 'query ($own: ID!, $at: String) { ticket(id: $own) { events(before: $at) { nodes { cursor } } } }',
    variables: ({ asOf }, { ticketId }) => ({ own: ticketId, at: asOf }),
    comes: 'RESYNC_REQUIRED',
  },
  {
    name: "their own organisation's tickets, of another organisation",
    document: `query ($of: ID) { viewer { organisation {
      tickets(filter: { organisationId: $of }) { totalCount nodes { id } } } } }`,
    variables: ({ organisationId }) => ({ of: organisationId }),
    comes: 'FORBIDDEN',
  },
  {
    name: "their own cluster's tickets, of another organisation",
    document: `query ($own: ID!, $of: ID) { cluster(id: $own) {
      tickets(filter: { organisationId: $of }) { totalCount nodes { id } } } }`,
    variables: ({ organisationId }, { clusterId }) => ({ own: clusterId, of: organisationId }),
    comes: 'FORBIDDEN',
  },
  {
    name: "their own cluster's tickets, of another cluster",
    document: `query ($own: ID!, $other: ID!) { cluster(id: $own) {
      tickets(filter: { clusterId: [$other] }) { totalCount nodes { id } } } }`,
    variables: ({ clusterId }, own) => ({ own: own.clusterId, other: clusterId }),
    comes: '{"tickets":{"totalCount":0,"nodes":[]}}',
  },
]

function mutation(field: string, type: string): string {
  return `mutation ($input: ${type}!) { ${field}(input: $input) {
    __typename ... on Error { message } ... on InputError { fields { path code } } } }`
}

export const mutations: Attempt[] = [
  {
    name: 'reviewTicket for an organisation',
    document: mutation('reviewTicket', 'ReviewTicketInput'),
    variables: ({ organisationId }) => ({ input: { ...draftAbout('harbour'), organisationId } }),
    comes: 'FORBIDDEN',
  },
  {
    name: 'reviewTicket about a cluster',
    document: mutation('reviewTicket', 'ReviewTicketInput'),
    variables: ({ clusterId }) => ({ input: { ...draftAbout('harbour'), clusterId } }),
    comes: 'InputError clusterId NOT_FOUND',
  },
  {
    name: 'answerReview',
    document: mutation('answerReview', 'AnswerReviewInput'),
    variables: ({ reviewId }) => ({ input: { reviewId, answers: [{ question: 'Since when?', answer: 'Monday.' }] } }),
    comes: 'NotFoundError',
  },
  {
    name: 'createTicket from a review',
    document: mutation('createTicket', 'CreateTicketInput'),
    variables: ({ reviewId }) => ({ input: { reviewId, acknowledged: true } }),
    comes: 'InputError reviewId NOT_FOUND',
  },
  {
    name: 'createTicket for an organisation',
    document: mutation('createTicket', 'CreateTicketInput'),
    variables: ({ organisationId }) => ({ input: { ...draftAbout('harbour'), organisationId, acknowledged: true } }),
    comes: 'FORBIDDEN',
  },
  {
    name: 'createTicket about a cluster',
    document: mutation('createTicket', 'CreateTicketInput'),
    variables: ({ clusterId }) => ({ input: { ...draftAbout('harbour'), clusterId, acknowledged: true } }),
    comes: 'InputError clusterId NOT_FOUND',
  },
  {
    name: 'linkTicket of an own review to a ticket',
    document: mutation('linkTicket', 'LinkTicketInput'),
    variables: ({ ticketId }, { reviewId }) => ({ input: { ticketId, reviewId } }),
    comes: 'NotFoundError',
  },
  {
    name: 'linkTicket of a review to an own ticket',
    document: mutation('linkTicket', 'LinkTicketInput'),
    variables: ({ reviewId }, { ticketId }) => ({ input: { ticketId, reviewId } }),
    comes: 'InputError reviewId NOT_FOUND',
  },
  {
    name: 'linkTicket of a review to its own ticket',
    document: mutation('linkTicket', 'LinkTicketInput'),
    variables: ({ reviewId, ticketId }) => ({ input: { ticketId, reviewId, stillHappening: true } }),
    comes: 'NotFoundError',
  },
  {
    name: 'addComment',
    document: mutation('addComment', 'AddCommentInput'),
    variables: ({ ticketId }) => ({ input: { ticketId, body: 'Hello?' } }),
    comes: 'NotFoundError',
  },
  {
    name: 'addComment with an idempotency key',
    document: mutation('addComment', 'AddCommentInput'),
    variables: ({ ticketId }) => ({ input: { ticketId, body: 'Hello?', idempotencyKey: 'once' } }),
    comes: 'NotFoundError',
  },
  {
    name: 'closeTicket',
    document: mutation('closeTicket', 'CloseTicketInput'),
    variables: ({ ticketId }) => ({ input: { ticketId } }),
    comes: 'NotFoundError',
  },
  {
    name: 'closeTicket at another version',
    document: mutation('closeTicket', 'CloseTicketInput'),
    variables: ({ ticketId }) => ({ input: { ticketId, expectedVersion: 99 } }),
    headers: () => ({ 'idempotency-key': 'close once' }),
    comes: 'NotFoundError',
  },
  {
    name: 'updateTicket',
    document: mutation('updateTicket', 'UpdateTicketInput'),
    variables: ({ ticketId }) => ({ input: { ticketId, status: 'CLOSED' } }),
    comes: 'FORBIDDEN',
  },
  {
    name: 'upsertCluster for an organisation',
    document: mutation('upsertCluster', 'UpsertClusterInput'),
    variables: ({ organisationId }) => ({
      input: { organisationId, name: 'prod', state: 'gone', controlPlanes: 1, nodes: 1 },
    }),
    comes: 'FORBIDDEN',
  },
  {
    name: 'revokeApiToken',
    document: `mutation ($id: ID!) { revokeApiToken(id: $id) { __typename ... on Error { message }
      ... on RevokeApiTokenPayload { token { name prefix } } } }`,
    variables: ({ tokenId }) => ({ id: tokenId }),
    comes: { admin: 'NotFoundError', member: 'FORBIDDEN', token: 'FORBIDDEN', platform: 'FORBIDDEN' },
  },
  {
    name: 'the header, in a mutation',
    document: mutation('createTicket', 'CreateTicketInput'),
    variables: () => ({ input: { ...draftAbout('harbour'), acknowledged: true } }),
    headers: ({ organisationId }) => ({ 'x-ankra-organisation-id': organisationId }),
    comes: 'FORBIDDEN',
  },
]

interface Result {
  __typename?: string
  fields?: { path: string[]; code: string }[]
}

/** What came of a document with one field at the root, in a word or as its JSON. */
export function outcome(text: string): string {
  const { data, errors = [] } = JSON.parse(text) as {
    data?: Record<string, Result | null>
    errors?: { extensions: { code: string } }[]
  }
  if (errors.length > 0) return [...new Set(errors.map(({ extensions }) => extensions.code))].join(', ')
  const [result] = Object.values(data ?? {})
  if (!result?.__typename) return JSON.stringify(result)
  const fields = result.fields?.map(({ path, code }) => ` ${path.join('.')} ${code}`) ?? []
  return result.__typename + fields.join(',')
}

// One valid request of every operation, over GraphQL and over REST, for the fuzzer to damage.

import { TICKETS } from '../support/app.ts'

export interface World {
  organisationId: string
  clusterId: string
  ticketId: string
  reviewId: string
  memberId: string
  /** Of the list of tickets. */
  cursor: string
  /** Of the event log. */
  asOf: string
}

const ERROR = '... on Error { code message } ... on InputError { fields { path code message } }'
const TICKET = `id number status version teamVersion severity cluster { name tickets(first: 1) { totalCount } } createdBy { label }
  assignee { name } comments(last: 2) { totalCount nodes { body } } attachments { id } events(last: 2) { nodes { cursor } }
  review { id } asOf`
const PAGE = '$first: Int, $after: String, $last: Int, $before: String'
const PAGED = 'first: $first, after: $after, last: $last, before: $before'

const mutation = (field: string, input: string, payload: string) =>
  `mutation ($input: ${input}!) { ${field}(input: $input) { __typename ${payload} ${ERROR} } }`

/** Documents with variables. */
export function documents(world: World): [string, object][] {
  const { organisationId, clusterId, ticketId, reviewId, memberId, cursor, asOf } = world
  const draft = { subject: 'Nodes are NotReady', description: 'All three of them, since noon.', clusterId }
  const page = { first: 2, after: cursor, last: null, before: null }
  const texts = { category: 'BUG', source: 'CLI', environment: { a: [1, { b: null }] }, organisationId }
  const answers = [{ question: 'Which version?', answer: '1.31.2' }]
  const dates = { createdAfter: '2020-01-01T00:00:00Z', updatedBefore: '2030-01-01T00:00:00.123456789+01:00' }
  const filter = {
    status: ['OPEN'],
    category: ['TECHNICAL'],
    severity: ['LOW', null],
    source: ['API'],
    clusterId: [clusterId],
    q: 'NotReady',
    aiReviewStatus: ['PASSED'],
    ...dates,
  }
  const team = { assigneeId: [memberId], unassigned: true, createdById: memberId, organisationId, createdByMe: true }
  return [
    [`query ($id: ID!) { ticket(id: $id) { ${TICKET} } }`, { id: ticketId }],
    ['query ($n: Int!, $o: ID) { ticketByNumber(number: $n, organisationId: $o) { id } }', { n: 1, o: organisationId }],
    [
      `query ($f: TicketFilter, $o: TicketOrder, ${PAGE}) { tickets(filter: $f, orderBy: $o, ${PAGED}) { totalCount asOf
        pageInfo { hasNextPage endCursor } nodes { ${TICKET} } } }`,
      { f: filter, o: { field: 'CREATED_AT', direction: 'DESC' }, ...page },
    ],
    [
      `query ($f: TicketFilter, $o: TicketOrder, ${PAGE}) { tickets(filter: $f, orderBy: $o, ${PAGED}) { nodes { id } } }`,
      { f: team, o: { field: 'SEVERITY', direction: 'ASC' }, first: 2 },
    ],
    ['query ($f: TicketFilter) { ticketStats(filter: $f) { total byStatus { count } unassigned } }', { f: filter }],
    ['query ($id: ID!) { review(id: $id) { id revision } }', { id: reviewId }],
    [
      `query ($id: ID!, $f: TicketFilter, ${PAGE}) { cluster(id: $id) { tickets(filter: $f, ${PAGED}) { totalCount } } }`,
      { id: clusterId, f: { status: ['OPEN'] }, ...page },
    ],
    [
      'query ($o: ID, $first: Int, $after: String) { clusters(organisationId: $o, first: $first, after: $after) { nodes { id } } }',
      { o: organisationId, first: 1, after: null },
    ],
    [
      'query ($first: Int, $after: String) { organisations(first: $first, after: $after) { nodes { id } } }',
      { first: 1 },
    ],
    [`query ($id: ID!, ${PAGE}) { ticket(id: $id) { comments(${PAGED}) { totalCount } } }`, { id: ticketId, ...page }],
    [
      `query ($id: ID!, ${PAGE}) { ticket(id: $id) { events(${PAGED}) { nodes { cursor } } } }`,
      { id: ticketId, ...page, after: asOf },
    ],
    [mutation('reviewTicket', 'ReviewTicketInput', ''), { input: { ...draft, ...texts } }],
    [mutation('answerReview', 'AnswerReviewInput', ''), { input: { reviewId, answers } }],
    [
      mutation('createTicket', 'CreateTicketInput', `... on CreateTicketPayload { ticket { ${TICKET} } }`),
      {
        input: {
          ...draft,
          ...texts,
          severity: 'LOW',
          acknowledged: true,
          clarificationAnswers: answers,
          idempotencyKey: 'k1',
        },
      },
    ],
    [
      mutation('linkTicket', 'LinkTicketInput', ''),
      { input: { reviewId, ticketId, stillHappening: true, idempotencyKey: 'k' } },
    ],
    [
      mutation('addComment', 'AddCommentInput', ''),
      { input: { ticketId, body: 'Hello', internal: false, idempotencyKey: 'k' } },
    ],
    [mutation('closeTicket', 'CloseTicketInput', ''), { input: { ticketId, expectedVersion: 999 } }],
    [
      mutation('updateTicket', 'UpdateTicketInput', ''),
      {
        input: {
          ticketId,
          expectedTeamVersion: 1,
          status: 'TRIAGING',
          severity: 'HIGH',
          category: 'BUG',
          assigneeId: memberId,
        },
      },
    ],
    [
      mutation('upsertCluster', 'UpsertClusterInput', ''),
      { input: { organisationId, name: 'prod', state: 'online', kubeVersion: '1.31.2', controlPlanes: 3, nodes: 5 } },
    ],
    [
      mutation('createApiToken', 'CreateApiTokenInput', ''),
      { input: { name: 'A program', scopes: ['TICKETS_READ'], expiresAt: '2030-01-01T00:00:00Z' } },
    ],
    ['mutation ($id: ID!) { revokeApiToken(id: $id) { __typename } }', { id: ticketId }],
  ]
}

/** Method and path, and the fields of the body or of the address. */
export function routes(world: World): [string, string, object][] {
  const { clusterId, ticketId, reviewId, memberId } = world
  const draft = { subject: 'Nodes are NotReady', description: 'All three of them, since noon.', cluster_id: clusterId }
  const texts = {
    category: 'bug',
    source: 'cli',
    environment: { a: 1 },
    clarification_answers: [{ question: 'a', answer: 'b' }],
  }
  return [
    ['POST', `${TICKETS}/review`, { ...draft, ...texts }],
    ['POST', TICKETS, { ...draft, ...texts, severity: 'low', acknowledged: true }],
    ['POST', TICKETS, { review_id: reviewId, severity: 'high', source: 'cli', acknowledged: true }],
    ['POST', `${TICKETS}/${ticketId}/comments`, { body: 'Hello' }],
    ['POST', `${TICKETS}/${ticketId}/link`, { review_id: reviewId, still_happening: true }],
    ['PUT', '/api/v1/clusters', { name: 'prod', state: 'online', kube_version: '1.2', control_planes: 1, nodes: 2 }],
    [
      'GET',
      TICKETS,
      {
        status: 'open',
        cluster_id: clusterId,
        q: 'NotReady',
        severity: 'low',
        assignee_id: memberId,
        page: 1,
        page_size: 25,
      },
    ],
    ['GET', '/api/v1/clusters', { page: 1, page_size: 25, cluster_id: clusterId, cluster_name: 'prod' }],
    ['GET', `${TICKETS}/${ticketId}`, {}],
    ['GET', '/api/v1/org/organisation', {}],
  ]
}

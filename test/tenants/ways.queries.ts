// Ways by queries: by id, by filter, by cursor, through nested fields.

import { rightOf, type Way } from './ways.ts'
import type { Name, Names } from './world.ts'

const ACTOR = '{ id type label }'
const ATTACHMENT = `{ id filename contentType sizeBytes sha256 url createdAt
  uploadedBy ${ACTOR} ticket { id subject } }`
const COMMENT = `{ id body internal createdAt author ${ACTOR} ticket { id subject organisation { id name slug } } }`
const CLUSTER = `{ id name kind state description environment kubeVersion controlPlanes nodes createdAt observedAt }`
const PAGE = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }'
const LIST = `{ totalCount totalCountIsExact asOf ${PAGE} edges { cursor node { id } }
  nodes { id number subject asOf } }`
const EVENT = `{ __typename cursor type at ticketId ticketVersion ticketTeamVersion internal actor ${ACTOR}
  ticket { id subject version teamVersion }
  ... on TicketStatusChanged { from to } ... on TicketUpdated { changes { field from to } }
  ... on TicketLinked { linkedReports comment { id body } } ... on CommentAdded { comment { id body } }
  ... on TicketAssigned { fromWhom: from { id name } toWhom: to { id name } }
  ... on AttachmentAdded { attachment { id filename } } ... on ReviewCompleted { aiReviewStatus }
  ... on ContentRedacted { ofComment: comment { id } ofFile: attachment { id } } }`
const REVIEW = `{ id revision subject description category cluster { id name } enrichment { summary severity category }
  quality qualityFlags { code message } clarifyingQuestions { id text answer }
  duplicateCandidates { ticket { id subject organisation { id name } cluster { id name } } summary statusLabel
    confidence alreadyResolved evidence } recommendedAction reviewer ticket { id subject } createdAt expiresAt }`
const TICKET = `{ id number version teamVersion subject description source category severity status aiSummary
  aiReviewStatus isTrackedByTeam linkedReports createdAt updatedAt resolvedAt closedAt asOf clusterContext environment
  organisation { id name slug } cluster ${CLUSTER} review ${REVIEW} createdBy ${ACTOR} assignee { id name }
  attachments ${ATTACHMENT}
  comments(first: 50) { totalCount ${PAGE} edges { cursor node { id } } nodes ${COMMENT} }
  events(first: 50) { ${PAGE} edges { cursor node { cursor } } nodes ${EVENT} } }`
const STATS = `{ total unassigned medianFirstResponseSeconds medianResolutionSeconds byStatus { status count }
  byCategory { category count } bySeverity { severity count } }`
const CLUSTERS = `{ ${PAGE} edges { cursor node { id } } nodes ${CLUSTER} }`
const VIEWER = `{ id name isTeam role memberships { role organisation { id name slug } }
  organisation { id name slug clusters ${CLUSTERS} }
  apiTokens { id name prefix scopes createdAt expiresAt lastUsedAt revokedAt } }`

const document = (field: string, declared = '$x: ID!') => `query (${declared}) { ${field} }`

/** A query with `$x` in it, and as many of the caller's own names as it declares. */
function way(
  name: string,
  of: Name,
  field: string,
  comes: string,
  { type = 'ID!', own, right }: { type?: string; own?: Name; right?: Way['right'] } = {},
): Way {
  const [root = ''] = /\w+/.exec(field) ?? []
  const declared = own === undefined ? `$x: ${type}` : `$x: ${type}, $own: ID!`
  const variables = (x: string, names: Names) => (own === undefined ? { x } : { x, own: names[own] })
  const ask: Way['ask'] = (x, names) => ({ document: document(field, declared), variables: variables(x, names) })
  return { name, right: right ?? rightOf(root), of, comes, ask }
}

/** A query that names nothing of theirs: it shows what the caller has. */
function plain(name: string, field: string, right?: Way['right']): Way {
  const [root = ''] = /\w+/.exec(field) ?? []
  const ask: Way['ask'] = () => ({ document: `{ ${field} }`, variables: {} })
  return { name, right: right ?? rightOf(root), of: null, comes: 'own', ask }
}

const everywhere = { right: 'read', type: 'String' } as const
const of = 'organisationId'
const FORBIDDEN = 'FORBIDDEN'
const UNKNOWN = 'BAD_USER_INPUT'

export const queries: Way[] = [
  plain('the viewer', `viewer ${VIEWER}`),
  plain('organisations', `organisations { ${PAGE} edges { cursor node { id } } nodes { id name slug } }`),
  plain('organisations with their tickets', `organisations { nodes { id tickets ${LIST} } }`, 'read'),
  plain('clusters', `clusters ${CLUSTERS}`),
  plain('limits', 'attachmentLimits { maxFileBytes maxFiles maxTicketBytes contentTypes }'),
  { ...plain('people of the team', 'teamMembers { id name }'), comes: FORBIDDEN },
  plain('tickets', `tickets ${LIST}`),
  plain('statistics', `ticketStats ${STATS}`),
  plain('the schema', '__schema { queryType { name } }', 'nothing'),
  {
    ...plain('a ticket of their own, with all that hangs on it', `ticket(id: $own) ${TICKET}`),
    ask: (_, own) => ({
      document: document(`ticket(id: $own) ${TICKET}`, '$own: ID!'),
      variables: { own: own.ticketId },
    }),
  },
  {
    ...plain('a review of their own', `review(id: $own) ${REVIEW}`),
    ask: (_, own) => ({
      document: document(`review(id: $own) ${REVIEW}`, '$own: ID!'),
      variables: { own: own.reviewId },
    }),
  },

  way('a ticket', 'ticketId', `ticket(id: $x) ${TICKET}`, 'null'),
  way('a ticket by number', of, `ticketByNumber(number: 1, organisationId: $x) ${TICKET}`, FORBIDDEN, { type: 'ID' }),
  byNumber('a number', 'null', (x) => x),
  { ...byNumber('a number of their own', 'own', (_, own) => own.numbered), of: null },
  way('a review', 'reviewId', `review(id: $x) ${REVIEW}`, 'null'),
  way('a cluster', 'clusterId', `cluster(id: $x) ${CLUSTER}`, 'null'),
  way('a cluster with its tickets', 'clusterId', `cluster(id: $x) { tickets ${LIST} }`, 'null'),
  { ...way('anything, as node(id:)', 'ticketId', 'node(id: $x) { id }', UNKNOWN, { right: 'nothing' }), always: true },

  way('tickets of an organisation', of, `tickets(filter: { organisationId: $x }) ${LIST}`, FORBIDDEN),
  way('tickets of a cluster', 'clusterId', `tickets(filter: { clusterId: [$x] }) ${LIST}`, 'own'),
  notTheirs('tickets of an assignee', `tickets(filter: { assigneeId: [$x] }) ${LIST}`),
  notTheirs('tickets of a person', `tickets(filter: { createdById: $x }) ${LIST}`),
  way('tickets with a word', 'word', `tickets(filter: { q: $x }) ${LIST}`, 'own', everywhere),
  way('tickets with a number', 'numbered', `tickets(filter: { q: $x }) ${LIST}`, 'own', everywhere),
  way('tickets after a place', 'listCursor', `tickets(after: $x) ${LIST}`, 'own', everywhere),
  way('tickets before a place', 'listCursor', `tickets(before: $x) ${LIST}`, 'own', everywhere),
  way(
    'tickets after a place of another order',
    'updatedCursor',
    `tickets(orderBy: { field: UPDATED_AT, direction: DESC }, after: $x) ${LIST}`,
    'own',
    everywhere,
  ),
  way(
    'tickets before a place by severity',
    'severityCursor',
    `tickets(orderBy: { field: SEVERITY, direction: DESC }, before: $x) ${LIST}`,
    'own',
    everywhere,
  ),
  way('statistics of an organisation', of, `ticketStats(filter: { organisationId: $x }) ${STATS}`, FORBIDDEN),
  way(
    'the report on reviews of an organisation',
    of,
    `reviewReport(from: "${aDay(-1)}", to: "${aDay(1)}", organisationId: $x) { reviews byReviewer { reviews } category { kept } severity { kept } candidates { shown } }`,
    FORBIDDEN,
  ),
  way('statistics of a cluster', 'clusterId', `ticketStats(filter: { clusterId: [$x] }) ${STATS}`, 'own'),
  way('statistics of a word', 'word', `ticketStats(filter: { q: $x }) ${STATS}`, 'own', everywhere),
  notTheirs('statistics of a person', `ticketStats(filter: { createdById: $x }) ${STATS}`),
  notTheirs('statistics of an assignee', `ticketStats(filter: { assigneeId: [$x] }) ${STATS}`),

  way('clusters of an organisation', of, `clusters(organisationId: $x) ${CLUSTERS}`, FORBIDDEN),
  way('clusters after a place', 'clusterCursor', `clusters(after: $x) ${CLUSTERS}`, 'own', { type: 'String' }),
  way('organisations after a place', 'organisationCursor', 'organisations(after: $x) { nodes { id name } }', 'own', {
    type: 'String',
  }),
  own('organisation, after a place', 'listCursor', 'organisations { nodes { tickets(after: $x) LIST } }'),
  own('organisation, before a place', 'listCursor', 'organisations { nodes { tickets(before: $x) LIST } }'),
  own(
    'organisation, clusters after a place',
    'clusterCursor',
    'organisations { nodes { clusters(after: $x) CLUSTERS } }',
  ),
  own('cluster, after a place', 'listCursor', 'cluster(id: $own) { tickets(after: $x) LIST }'),
  own('cluster, before a place', 'listCursor', 'cluster(id: $own) { tickets(before: $x) LIST }'),
  way(
    'their own organisation, filtered by another',
    of,
    `organisations { nodes { tickets(filter: { organisationId: $x }) ${LIST} } }`,
    FORBIDDEN,
    { right: 'read' },
  ),
  way(
    'their own cluster, filtered by another organisation',
    of,
    `cluster(id: $own) { tickets(filter: { organisationId: $x }) ${LIST} }`,
    FORBIDDEN,
    { own: 'clusterId', right: 'read' },
  ),
  way(
    'their own cluster, filtered by another',
    'clusterId',
    `cluster(id: $own) { tickets(filter: { clusterId: [$x] }) ${LIST} }`,
    'own',
    { own: 'clusterId', right: 'read' },
  ),
  thread('comments', 'after', 'commentCursor', UNKNOWN),
  thread('comments', 'before', 'commentCursor', UNKNOWN),
  thread('events', 'after', 'eventCursor', 'RESYNC_REQUIRED'),
  thread('events', 'before', 'asOf', 'RESYNC_REQUIRED'),
]

function byNumber(name: string, comes: string, of: (x: string, own: Names) => string): Way {
  const asked = document(`ticketByNumber(number: $number) ${TICKET}`, '$number: Int!')
  const ask: Way['ask'] = (x, own) => ({ document: asked, variables: { number: Number(of(x, own).slice(1)) } })
  return { name, right: rightOf('ticketByNumber'), of: 'numbered', comes, ask }
}

function own(name: string, cursor: Name, field: string): Way {
  const asked = field.replace('LIST', LIST).replace('CLUSTERS', CLUSTERS)
  const right = field.includes('tickets') ? 'read' : 'any token'
  return way(`their own ${name}`, cursor, asked, 'own', {
    ...{ type: 'String', right },
    ...(field.includes('$own') ? { own: 'clusterId' } : {}),
  })
}

/** Filters that are the team's, whatever they name. */
function notTheirs(name: string, field: string): Way {
  return { ...way(name, 'personId', field, UNKNOWN), always: true }
}

function thread(field: 'comments' | 'events', argument: string, cursor: Name, comes: string): Way {
  const nodes = field === 'comments' ? COMMENT : EVENT
  const asked = `ticket(id: $own) { ${field}(${argument}: $x) { ${PAGE} nodes ${nodes} } }`
  return way(`${field} of their own ticket, ${argument} a place`, cursor, asked, comes, {
    type: 'String',
    own: 'ticketId',
  })
}

/** So many days from now. */
function aDay(days: number): string {
  return new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString()
}

// Everything that a customer can read around a ticket, as the raw text of the answers: for the tests of secrecy.

import type { TestApp } from '../support/app.ts'
import { type Headers, raw, rawGraphQL, ticketMount } from './tenants.world.ts'

const PAGE_INFO = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }'
const COMMENTS = `totalCount ${PAGE_INFO}
  edges { cursor node { id body internal createdAt author { id type label } ticket { version } } }`
const EVENTS = `${PAGE_INFO} edges { cursor node { __typename cursor type at ticketId ticketVersion ticketTeamVersion internal
  actor { id type label } ticket { version teamVersion asOf } ... on TicketStatusChanged { from to }
  ... on TicketUpdated { changes { field from to } } ... on CommentAdded { comment { id body } } } }`
const TICKET = `id number version teamVersion organisation { id name } cluster { id name } clusterContext environment
  subject description source category severity status aiSummary aiReviewStatus isTrackedByTeam
  createdBy { id type label } assignee { id name } linkedReports attachments { id } createdAt updatedAt resolvedAt closedAt
  asOf comments { ${COMMENTS} } events { ${EVENTS} }
  review { id revision subject ticket { version } duplicateCandidates { summary statusLabel evidence } }`
const LIST = `totalCount totalCountIsExact asOf ${PAGE_INFO} edges { cursor node { id version updatedAt asOf } }`
const STATS = `total byStatus { status count } byCategory { category count } bySeverity { severity count } unassigned
  medianFirstResponseSeconds medianResolutionSeconds`

const ONE = `query ($id: ID!) { ticket(id: $id) { ${TICKET} } ticketByNumber(number: 1) { ${TICKET} } }`
const PAGES = `query ($id: ID!) { ticket(id: $id) {
  firstComments: comments(first: 1) { ${COMMENTS} } lastComments: comments(last: 1) { ${COMMENTS} }
  allComments: comments(first: 100) { ${COMMENTS} } firstEvents: events(first: 2) { ${EVENTS} }
  lastEvents: events(last: 2) { ${EVENTS} } allEvents: events(last: 100) { ${EVENTS} } } }`
const LISTS = `query ($since: DateTime, $until: DateTime) { tickets { ${LIST} } one: tickets(first: 1) { ${LIST} }
  last: tickets(last: 1, orderBy: { field: UPDATED_AT, direction: DESC }) { ${LIST} }
  updated: tickets(orderBy: { field: UPDATED_AT, direction: DESC }) { ${LIST} }
  severe: tickets(orderBy: { field: SEVERITY, direction: DESC }) { ${LIST} }
  open: tickets(filter: { status: [OPEN, TRIAGING, IN_PROGRESS] }) { ${LIST} }
  mine: tickets(filter: { createdByMe: true }) { ${LIST} }
  since: tickets(filter: { updatedAfter: $since }) { ${LIST} }
  until: tickets(filter: { updatedBefore: $until }) { ${LIST} }
  clusters { nodes { id name observedAt tickets { ${LIST} } } } viewer { organisation { tickets { ${LIST} } } } }`
const SEARCHES = `{ a: tickets(filter: { q: "lighthouse" }) { ${LIST} } b: tickets(filter: { q: "worker" }) { ${LIST} }
  c: tickets(filter: { q: "xylophone" }) { ${LIST} } d: tickets(filter: { q: "#1" }) { ${LIST} }
  e: tickets(filter: { q: "Tom" }) { ${LIST} } stats: ticketStats { ${STATS} }
  found: ticketStats(filter: { q: "xylophone" }) { ${STATS} } worker: ticketStats(filter: { q: "worker" }) { ${STATS} } }`

/** `since` and `until` bound the time of the last change that the customer saw. */
export interface Bounds {
  since: string
  until: string
}

/** Every answer by a name; bodies whole, headers without those that each answer has anew. */
export async function customerReads(
  app: TestApp,
  who: Headers,
  ticketId: string,
  bounds: Bounds,
): Promise<Record<string, string>> {
  const answers: Record<string, string> = {}
  const documents = { ONE, PAGES, LISTS, SEARCHES }
  for (const [name, query] of Object.entries(documents)) {
    const { text, head, status } = await rawGraphQL(app, who, query, { id: ticketId, ...bounds })
    if (text.includes('"errors"')) throw new Error(`${name}: ${text}`)
    answers[name] = `${status} ${head} ${text}`
  }
  for (const path of [`/${ticketId}`, '', '?page_size=1', '?q=xylophone', '?q=worker', '?status=open']) {
    for (const method of ['GET', 'HEAD']) {
      const { text, head, status } = await raw(app, who, method, ticketMount(who) + path)
      answers[`${method} ${path}`] = `${status} ${head} ${text}`
    }
  }
  return answers
}

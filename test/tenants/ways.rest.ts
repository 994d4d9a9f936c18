// Ways by the routes of tickets in REST. The sender puts them under the mount that its credentials have.

import { type RestRequest, rightOf, type Way } from './ways.ts'
import { draftAbout, type Name, type Names } from './world.ts'

export type Ask = (x: string, own: Names, theirs: Names) => string

interface More extends Partial<Way> {
  body?: (x: string, own: Names, theirs: Names) => object
  headers?: (x: string) => Record<string, string>
  file?: RestRequest['file']
}

export function way(
  operation: string,
  name: string,
  of: Name | null,
  [method, path]: [RestRequest['method'], Ask],
  comes: string,
  { body, headers, file, ...more }: More = {},
): Way {
  const ask: Way['ask'] = (x, own, theirs) => ({
    method,
    path: path(x, own, theirs),
    ...(body ? { body: body(x, own, theirs) } : {}),
    ...(headers ? { headers: headers(x) } : {}),
    ...(file ? { file } : {}),
  })
  return { name: `REST: ${name}`, right: rightOf(operation), of, comes, ask, ...more }
}

export const get = (path: Ask): ['GET', Ask] => ['GET', path]
const post = (path: Ask): ['POST', Ask] => ['POST', path]
const query = (name: string) => get((x) => `?${name}=${encodeURIComponent(x)}`)

const draft = draftAbout('harbour')
const filed = { ...draft, acknowledged: true }
const file = { name: 'node.log', bytes: 'NotReady' }
const hello = () => ({ body: 'Hello?' })
export const keyed = (x: string) => ({ 'idempotency-key': x })
export const made = { makes: true, headers: keyed } as const

export const ticketRoutes: Way[] = [
  way(
    'tickets',
    'the list',
    null,
    get(() => ''),
    '200',
  ),
  way(
    'tickets',
    'the list, 100 a page',
    null,
    get(() => '?page_size=100'),
    '200',
  ),
  way('tickets', 'the list of a cluster', 'clusterId', query('cluster_id'), '200'),
  way('tickets', 'the list with a word', 'word', query('q'), '200'),
  way('tickets', 'the list with a number', 'numbered', query('q'), '200'),
  way('tickets', 'the list of an assignee', 'personId', query('assignee_id'), '422', { always: true }),
  way(
    'attachmentLimits',
    'limits',
    null,
    get(() => '/limits'),
    '200',
  ),
  way(
    'ticket',
    'a ticket of their own',
    null,
    get((_, own) => `/${own.ticketId}`),
    '200',
  ),
  way(
    'ticket',
    'a ticket',
    'ticketId',
    get((x) => `/${x}`),
    '404',
  ),
  way(
    'ticket',
    'a closed ticket',
    'closedId',
    get((x) => `/${x}`),
    '404',
  ),

  way(
    'reviewTicket',
    'a review about a cluster',
    'clusterId',
    post(() => '/review'),
    '422',
    {
      body: (x) => ({ ...draft, cluster_id: x }),
    },
  ),
  way(
    'createTicket',
    'filing from a review',
    'reviewId',
    post(() => ''),
    '422',
    {
      body: (x) => ({ review_id: x, acknowledged: true }),
    },
  ),
  way(
    'createTicket',
    'filing from a used review',
    'usedReviewId',
    post(() => ''),
    '422',
    {
      body: (x) => ({ review_id: x }),
    },
  ),
  way(
    'createTicket',
    'filing about a cluster',
    'clusterId',
    post(() => ''),
    '422',
    {
      body: (x) => ({ ...filed, cluster_id: x }),
    },
  ),
  way(
    'createTicket',
    'filing with a key of theirs',
    'key',
    post(() => ''),
    '200',
    { ...made, body: () => filed },
  ),
  way(
    'addComment',
    'commenting',
    'ticketId',
    post((x) => `/${x}/comments`),
    '404',
    { body: hello },
  ),
  way(
    'addComment',
    'commenting on a closed one',
    'closedId',
    post((x) => `/${x}/comments`),
    '404',
    { body: hello },
  ),
  way(
    'addComment',
    'commenting with a key of theirs',
    'key',
    post((_, own) => `/${own.ticketId}/comments`),
    '200',
    {
      ...made,
      body: hello,
    },
  ),
  way(
    'closeTicket',
    'closing',
    'ticketId',
    post((x) => `/${x}/close`),
    '404',
  ),
  way(
    'closeTicket',
    'closing a closed one',
    'closedId',
    post((x) => `/${x}/close`),
    '404',
  ),
  way(
    'closeTicket',
    'closing with a key',
    'ticketId',
    post((x) => `/${x}/close`),
    '404',
    { headers: keyed },
  ),
  way(
    'closeTicket',
    'closing with a key of theirs',
    'key',
    post((_, own) => `/${own.closedId}/close`),
    '200',
    made,
  ),
  way(
    'linkTicket',
    'joining a ticket',
    'ticketId',
    post((x) => `/${x}/link`),
    '404',
    {
      body: (_, own) => ({ review_id: own.reviewId }),
    },
  ),
  way(
    'linkTicket',
    'joining with a review',
    'reviewId',
    post((_, own) => `/${own.ticketId}/link`),
    '422',
    {
      body: (x) => ({ review_id: x }),
    },
  ),
  way(
    'linkTicket',
    'joining with a used review',
    'usedReviewId',
    post((_, own) => `/${own.ticketId}/link`),
    '422',
    {
      body: (x) => ({ review_id: x, still_happening: true }),
    },
  ),
  way(
    'linkTicket',
    'joining with a key of theirs',
    'key',
    post((_, own) => `/${own.ticketId}/link`),
    '200',
    {
      ...made,
      body: (_, own) => ({ review_id: own.usedReviewId }),
    },
  ),
  way(
    'uploadAttachment',
    'attaching',
    'ticketId',
    post((x) => `/${x}/attachments`),
    '404',
    { file },
  ),
  way(
    'uploadAttachment',
    'attaching to a closed one',
    'closedId',
    post((x) => `/${x}/attachments`),
    '404',
    { file },
  ),
  way(
    'uploadAttachment',
    'attaching with a key of theirs',
    'key',
    post((_, own) => `/${own.ticketId}/attachments`),
    '200',
    { ...made, file },
  ),
]

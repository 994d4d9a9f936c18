// Ways by the rest of REST: files, clusters, organisations, event streams, and what is open to everybody.

import type { Right } from './callers.ts'
import { type Ask, get, made, way } from './ways.rest.ts'
import type { Way } from './ways.ts'
import { SHARED } from './world.ts'

const cluster = { state: 'gone', control_planes: 1, nodes: 1 }

export const otherRoutes: Way[] = [
  way(
    'downloadAttachment',
    'a file of a ticket',
    'attachmentId',
    get((x, _, theirs) => `/${theirs.ticketId}/attachments/${x}`),
    '404',
  ),
  way(
    'downloadAttachment',
    'a file, under their own ticket',
    'attachmentId',
    fileOf((_, own) => own.ticketId),
    '404',
    {
      always: true,
    },
  ),
  way(
    'downloadAttachment',
    'a file, under another ticket',
    'ticketId',
    fileOf((x) => x),
    '404',
    { always: true },
  ),
  way(
    'downloadAttachment',
    'a file of their own',
    null,
    get((_, own) => `/${own.ticketId}/attachments/${own.attachmentId}`),
    '200',
  ),
  way(
    'downloadAttachment',
    'a part of a file of their own',
    null,
    get((_, own) => `/${own.ticketId}/attachments/${own.attachmentId}`),
    '206',
    { headers: () => ({ range: 'bytes=1-5' }) },
  ),

  way(
    'clustersByNumber',
    'clusters',
    null,
    get(() => '/api/v1/clusters'),
    '200',
  ),
  way(
    'clustersByNumber',
    'a cluster by id',
    'clusterId',
    get((x) => `/api/v1/clusters?cluster_id=${x}`),
    '200',
  ),
  way(
    'clustersByNumber',
    'a cluster by name',
    'clusterName',
    get((x) => `/api/v1/clusters?cluster_name=${x}`),
    '200',
  ),
  way(
    'organisations',
    'organisations',
    null,
    get(() => '/api/v1/org/organisation'),
    '200',
  ),
  way('upsertCluster', 'telling of a cluster that both have', null, ['PUT', () => '/api/v1/clusters'], '200', {
    body: () => ({ ...cluster, name: SHARED }),
    makes: true,
  }),
  way('upsertCluster', 'telling with a key of theirs', 'key', ['PUT', () => '/api/v1/clusters'], '200', {
    ...made,
    body: () => ({ ...cluster, name: 'keyed' }),
  }),

  way(
    'ticketEvents',
    'the events of a ticket',
    'ticketId',
    get((x) => `/${x}/events`),
    '404',
  ),
  way(
    'ticketEvents',
    'the events of an organisation',
    'organisationId',
    get((x) => `/events?organisation_id=${x}`),
    '404',
    {
      chooses: true,
    },
  ),
  way(
    'ticketEvents',
    'events after a place',
    'eventCursor',
    get((x) => `/events?after=${x}`),
    '410',
  ),
  way(
    'ticketEvents',
    'events after a state',
    'listAsOf',
    get(() => '/events'),
    '410',
    {
      headers: (x) => ({ 'last-event-id': x }),
    },
  ),
  way(
    'ticketEvents',
    'events of their own ticket, after a place',
    'asOf',
    get((x, own) => `/${own.ticketId}/events?after=${x}`),
    '410',
  ),
  {
    ...way(
      'viewer',
      'the description',
      null,
      get(() => '/api/v1/openapi.json'),
      '200',
    ),
    ...open(),
  },
  {
    ...way(
      'viewer',
      'the page of the description',
      null,
      get(() => '/api/v1/docs'),
      '200',
    ),
    ...open(),
  },
  {
    ...way(
      'viewer',
      'a link that is none',
      'attachmentId',
      get((x) => `/api/v1/download?link=${x}.${x}`),
      '403',
    ),
    ...open(),
  },
]

function fileOf(ticket: Ask): ['GET', Ask] {
  return get((x, own, theirs) => `/${ticket(x, own, theirs)}/attachments/${theirs.attachmentId}`)
}

/** Nobody is asked who they are. */
function open(): { right: Right; always: true } {
  return { right: 'nothing', always: true }
}

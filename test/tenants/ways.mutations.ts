// Ways by mutations: by ids of what is acted on and of what an input names, and by keys that another has used.

import { rightOf, type Way } from './ways.ts'
import { draftAbout, type Name, type Names, SHARED, TWIN } from './world.ts'

type Input = (x: string, own: Names, theirs: Names) => object

const ERROR = '... on Error { code message } ... on InputError { fields { path code message } }'

const PAYLOADS: Record<string, string> = {
  reviewTicket:
    '... on ReviewTicketPayload { review { id duplicateCandidates { summary evidence ticket { subject } } } }',
  answerReview: '... on ReviewTicketPayload { review { id subject description } }',
  createTicket: `... on CreateTicketPayload { created ticket { subject description organisation { name } } }
    ... on ReviewRequiredError { review { subject } } ... on ConflictError { current { id } }`,
  linkTicket: `... on LinkTicketPayload { ticket { subject } comment { body } }
    ... on ConflictError { current { id } }`,
  addComment: `... on AddCommentPayload { ticket { subject } comment { body } }
    ... on ConflictError { current { id } }`,
  closeTicket: '... on CloseTicketPayload { ticket { subject } } ... on ConflictError { current { id subject } }',
  updateTicket: '... on UpdateTicketPayload { ticket { subject } } ... on ConflictError { current { id subject } }',
  upsertCluster: '... on UpsertClusterPayload { cluster { description createdAt } }',
  createApiToken: '... on CreateApiTokenPayload { secret token { name } }',
}

function way(field: string, how: string, of: Name | null, input: Input, comes: string, more: Partial<Way> = {}): Way {
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input!`
  const document = `mutation ($input: ${type}) { ${field}(input: $input) { __typename ${PAYLOADS[field]} ${ERROR} } }`
  const ask: Way['ask'] = (x, own, theirs) => ({ document, variables: { input: input(x, own, theirs) } })
  return { name: `${field}, ${how}`, right: rightOf(field), of, comes, ask, ...more }
}

/** Succeeds as if nobody had ever used the key. */
function keyed(field: string, input: Input, payload: string): Way {
  const inInput: Input = (x, own, theirs) => ({ ...input(x, own, theirs), idempotencyKey: x })
  return way(field, 'with a key of theirs', 'key', inInput, payload, { makes: true })
}

/** The key as a header, where the input has no field for it. */
function keyedByHeader(field: string, input: Input, payload: string): Way {
  const made = way(field, 'with a key of theirs in the header', 'key', input, payload, { makes: true })
  const ask: Way['ask'] = (x, own, theirs) => ({ ...made.ask(x, own, theirs), headers: { 'idempotency-key': x } })
  return { ...made, ask }
}

const draft = draftAbout('harbour')
const filed = { ...draft, acknowledged: true }
const cluster = { state: 'gone', controlPlanes: 1, nodes: 1 }
const answers = [{ question: 'Since when?', answer: 'Since Monday.' }]

export const mutations: Way[] = [
  way('reviewTicket', 'for an organisation', 'organisationId', (x) => ({ ...draft, organisationId: x }), 'FORBIDDEN'),
  way(
    'reviewTicket',
    'about a cluster',
    'clusterId',
    (x) => ({ ...draft, clusterId: x }),
    'InputError clusterId NOT_FOUND',
  ),
  way('reviewTicket', 'in words of theirs', null, () => TWIN, 'ReviewTicketPayload', { makes: true }),
  way('answerReview', 'by id', 'reviewId', (x) => ({ reviewId: x, answers }), 'NotFoundError'),
  way('answerReview', 'of a used one', 'usedReviewId', (x) => ({ reviewId: x, answers }), 'NotFoundError'),
  way(
    'answerReview',
    'of their own, naming a question',
    'reviewId',
    (x, own) => ({ reviewId: own.reviewId, answers: [{ questionId: x, answer: 'Yes.' }] }),
    'InputError answers.0.questionId NOT_FOUND',
    { always: true },
  ),

  way(
    'createTicket',
    'from a review',
    'reviewId',
    (x) => ({ reviewId: x, acknowledged: true }),
    'InputError reviewId NOT_FOUND',
  ),
  way('createTicket', 'from a used review', 'usedReviewId', (x) => ({ reviewId: x }), 'InputError reviewId NOT_FOUND'),
  way(
    'createTicket',
    'from a review, with a key',
    'reviewId',
    (x) => ({ reviewId: x, idempotencyKey: 'from a review' }),
    'InputError reviewId NOT_FOUND',
  ),
  way('createTicket', 'for an organisation', 'organisationId', (x) => ({ ...filed, organisationId: x }), 'FORBIDDEN'),
  way(
    'createTicket',
    'about a cluster',
    'clusterId',
    (x) => ({ ...filed, clusterId: x }),
    'InputError clusterId NOT_FOUND',
  ),
  keyed('createTicket', () => filed, 'CreateTicketPayload'),

  way('linkTicket', 'to a ticket', 'ticketId', (x, own) => ({ ticketId: x, reviewId: own.reviewId }), 'NotFoundError'),
  way(
    'linkTicket',
    'of a review to their own ticket',
    'reviewId',
    (x, own) => ({ ticketId: own.ticketId, reviewId: x }),
    'InputError reviewId NOT_FOUND',
  ),
  way(
    'linkTicket',
    'of a used review to their own ticket',
    'usedReviewId',
    (x, own) => ({ ticketId: own.ticketId, reviewId: x, stillHappening: true }),
    'InputError reviewId NOT_FOUND',
  ),
  way(
    'linkTicket',
    'of a used review to its own ticket',
    'usedReviewId',
    (x, _, theirs) => ({ ticketId: theirs.ticketId, reviewId: x }),
    'NotFoundError',
  ),
  way(
    'linkTicket',
    'with a key of theirs',
    'key',
    (x, own) => ({ ticketId: own.ticketId, reviewId: own.usedReviewId, idempotencyKey: x }),
    'LinkTicketPayload',
    { makes: true },
  ),

  way('addComment', 'by id', 'ticketId', (x) => ({ ticketId: x, body: 'Hello?' }), 'NotFoundError'),
  way('addComment', 'on a closed one', 'closedId', (x) => ({ ticketId: x, body: 'Hello?' }), 'NotFoundError'),
  way(
    'addComment',
    'by id, with a key of theirs',
    'ticketId',
    (x, _, theirs) => ({ ticketId: x, body: `Also on ${theirs.word}-worker-3.`, idempotencyKey: theirs.key }),
    'NotFoundError',
  ),
  keyed('addComment', (_, own) => ({ ticketId: own.ticketId, body: 'Hello?' }), 'AddCommentPayload'),

  way('closeTicket', 'by id', 'ticketId', (x) => ({ ticketId: x }), 'NotFoundError'),
  way('closeTicket', 'of a closed one', 'closedId', (x) => ({ ticketId: x }), 'NotFoundError'),
  way('closeTicket', 'at another version', 'ticketId', (x) => ({ ticketId: x, expectedVersion: 99 }), 'NotFoundError'),
  keyedByHeader('closeTicket', (_, own) => ({ ticketId: own.closedId }), 'CloseTicketPayload'),

  way('updateTicket', 'by id', 'ticketId', (x) => ({ ticketId: x, status: 'IN_PROGRESS' }), 'FORBIDDEN'),
  way(
    'updateTicket',
    'for an assignee',
    'personId',
    (x, own) => ({ ticketId: own.ticketId, assigneeId: x }),
    'FORBIDDEN',
    {
      always: true,
    },
  ),
  way(
    'upsertCluster',
    'for an organisation',
    'organisationId',
    (x) => ({ ...cluster, name: 'prod', organisationId: x }),
    'FORBIDDEN',
  ),
  way('upsertCluster', 'by a name that both have', null, () => ({ ...cluster, name: SHARED }), 'UpsertClusterPayload', {
    makes: true,
  }),
  keyedByHeader('upsertCluster', () => ({ ...cluster, name: 'keyed' }), 'UpsertClusterPayload'),
  way(
    'createApiToken',
    'of their own',
    null,
    () => ({ name: 'x', scopes: ['TICKETS_READ'] }),
    'CreateApiTokenPayload',
    {
      makes: true,
    },
  ),
  {
    ...byId('revokeApiToken', 'id', 'tokenId', 'RevokeApiTokenPayload { token { name prefix } }'),
    name: 'revokeApiToken',
  },
  byId('createAttachmentLink', 'attachmentId', 'attachmentId', 'CreateAttachmentLinkPayload { url }'),
  upload('to a ticket', 'ticketId', (x) => x, 'NotFoundError'),
  upload('to a closed ticket', 'closedId', (x) => x, 'NotFoundError'),
  {
    ...upload('with a key of theirs', 'key', (_, own) => own.ticketId, 'UploadAttachmentPayload'),
    ask: (x, own) => ({ ...uploaded(own.ticketId), headers: { 'idempotency-key': x } }),
    makes: true,
  },
]

function byId(field: string, argument: string, of: Name, payload: string): Way {
  const document = `mutation ($x: ID!) { ${field}(${argument}: $x) { __typename
    ... on ${payload} ... on Error { message } } }`
  const ask: Way['ask'] = (x) => ({ document, variables: { x } })
  return { name: field, right: rightOf(field), of, comes: 'NotFoundError', ask }
}

function uploaded(ticketId: string) {
  const document = `mutation ($id: ID!, $file: Upload!) { uploadAttachment(ticketId: $id, file: $file) { __typename
    ... on UploadAttachmentPayload { attachment { filename sizeBytes } ticket { subject } } ${ERROR} } }`
  return { document, variables: { id: ticketId, file: null }, file: { name: 'node.log', bytes: 'NotReady' } }
}

function upload(how: string, of: Name, to: (x: string, own: Names) => string, comes: string): Way {
  const ask: Way['ask'] = (x, own) => uploaded(to(x, own))
  return { name: `uploadAttachment, ${how}`, right: rightOf('uploadAttachment'), of, comes, ask }
}

// The mutations: for each its input, its payload, and the union of what may come of it.

import type {
  Cluster as ClusterRow,
  Review as ReviewRow,
  Ticket as TicketRow,
  ApiToken as TokenRow,
} from '../generated/prisma/client.ts'
import { closeTicket, updateTicket } from '../operations/changes.ts'
import { upsertCluster } from '../operations/clusters.ts'
import { addComment, type Said } from '../operations/comments.ts'
import { createTicket, type Filed } from '../operations/filing.ts'
import { linkTicket } from '../operations/linking.ts'
import { answerReview, reviewTicket } from '../operations/reviews.ts'
import { createApiToken, revokeApiToken } from '../operations/tokens.ts'
import { builder } from './builder.ts'
import { TicketCategory, TicketSeverity, TicketSource, TicketStatus, TokenScope } from './enums.ts'
import { ConflictError, InputError, memberOf, NotFoundError, ReviewRequiredError } from './errors.ts'
import { ApiToken, Cluster, Comment, ReviewResult, Ticket } from './refs.ts'
import { mutate } from './run.ts'

const ON_BEHALF = 'For the team: whom it writes for, required. A customer may only repeat their own.'
const KEY =
  'Sent again with the same input within 24 hours, the same thing is shown and nothing is made twice. ' +
  'The header Idempotency-Key says the same.'

// Reviews

const ReviewTicketInput = builder.inputType('ReviewTicketInput', {
  fields: (t) => ({
    subject: t.string({ required: true, description: '3 to 200 characters.' }),
    description: t.string({ required: true, description: '10 to 10,000 characters.' }),
    category: t.field({ type: TicketCategory }),
    clusterId: t.id(),
    source: t.field({ type: TicketSource }),
    environment: t.field({ type: 'JSON', description: 'What the client says about itself: an object up to 16 KiB.' }),
    organisationId: t.id({ description: ON_BEHALF }),
  }),
})

const ClarificationAnswerInput = builder.inputType('ClarificationAnswerInput', {
  description: 'Names its question by questionId or by question: one of the two.',
  fields: (t) => ({
    questionId: t.id(),
    question: t.string(),
    answer: t.string({ required: true, description: '1 to 5,000 characters.' }),
  }),
})

const AnswerReviewInput = builder.inputType('AnswerReviewInput', {
  fields: (t) => ({
    reviewId: t.id({ required: true }),
    answers: t.field({ type: [ClarificationAnswerInput], required: true }),
  }),
})

const ReviewTicketPayload = builder.objectRef<{ review: ReviewRow }>('ReviewTicketPayload').implement({
  fields: (t) => ({ review: t.field({ type: ReviewResult, resolve: ({ review }) => review }) }),
})

const ReviewTicketResult = builder.unionType('ReviewTicketResult', {
  types: [ReviewTicketPayload, InputError, NotFoundError],
  resolveType: memberOf('ReviewTicketPayload'),
})

builder.mutationFields((t) => ({
  reviewTicket: t.field({
    type: ReviewTicketResult,
    description: 'Asks for a review of a draft. Nothing is filed; the review is good for an hour.',
    args: { input: t.arg({ type: ReviewTicketInput, required: true }) },
    resolve: (_, { input }, context) => mutate(context, reviewTicket, input),
  }),
  answerReview: t.field({
    type: ReviewTicketResult,
    description: 'Answers questions of a review, which then looks again: a new revision of the same review.',
    args: { input: t.arg({ type: AnswerReviewInput, required: true }) },
    resolve: (_, { input }, context) => mutate(context, answerReview, input),
  }),
}))

// Filing

const CreateTicketInput = builder.inputType('CreateTicketInput', {
  description: 'From a review, or (without reviewId) with subject and description, which are then reviewed at once.',
  fields: (t) => ({
    reviewId: t.id({ description: 'Its subject, description and cluster are used; those given beside it are not.' }),
    subject: t.string({ description: '3 to 200 characters.' }),
    description: t.string({ description: '10 to 10,000 characters.' }),
    category: t.field({ type: TicketCategory, description: 'Absent: what the review suggests, else TECHNICAL.' }),
    clusterId: t.id({ description: 'The facts of this cluster are attached as they are now.' }),
    severity: t.field({ type: TicketSeverity, description: 'Absent: what the review suggests, else none.' }),
    source: t.field({ type: TicketSource, description: "Absent: the review's, else PORTAL by cookie, API by token." }),
    acknowledged: t.boolean({ description: 'File it although the review flags it.' }),
    environment: t.field({ type: 'JSON', description: 'What the client says about itself: an object up to 16 KiB.' }),
    clarificationAnswers: t.field({ type: [ClarificationAnswerInput] }),
    organisationId: t.id({ description: ON_BEHALF }),
    idempotencyKey: t.string({ description: KEY }),
  }),
})

const CreateTicketPayload = builder.objectRef<Filed>('CreateTicketPayload').implement({
  fields: (t) => ({
    ticket: t.field({ type: Ticket, resolve: ({ ticket }) => ticket }),
    created: t.exposeBoolean('created', { description: 'False when this review or key had made it before.' }),
  }),
})

const CreateTicketResult = builder.unionType('CreateTicketResult', {
  types: [CreateTicketPayload, InputError, ReviewRequiredError, NotFoundError, ConflictError],
  resolveType: memberOf('CreateTicketPayload'),
})

const LinkTicketInput = builder.inputType('LinkTicketInput', {
  fields: (t) => ({
    reviewId: t.id({ required: true }),
    ticketId: t.id({ required: true }),
    stillHappening: t.boolean({ description: 'Reopens the ticket when it is resolved.' }),
    idempotencyKey: t.string({ description: KEY }),
  }),
})

const LinkTicketPayload = builder.objectRef<Said>('LinkTicketPayload').implement({
  fields: (t) => ({
    ticket: t.field({ type: Ticket, resolve: ({ ticket }) => ticket }),
    comment: t.field({ type: Comment, description: 'What was reported.', resolve: ({ comment }) => comment }),
  }),
})

const LinkTicketResult = builder.unionType('LinkTicketResult', {
  types: [LinkTicketPayload, InputError, NotFoundError, ConflictError],
  resolveType: memberOf('LinkTicketPayload'),
})

builder.mutationFields((t) => ({
  createTicket: t.field({
    type: CreateTicketResult,
    args: { input: t.arg({ type: CreateTicketInput, required: true }) },
    resolve: (_, { input }, context) => mutate(context, createTicket, input),
  }),
  linkTicket: t.field({
    type: LinkTicketResult,
    description: 'Joins an existing ticket instead of opening one: the draft becomes a comment there.',
    args: { input: t.arg({ type: LinkTicketInput, required: true }) },
    resolve: (_, { input }, context) => mutate(context, linkTicket, input),
  }),
}))

// What is done to a ticket

const AddCommentInput = builder.inputType('AddCommentInput', {
  fields: (t) => ({
    ticketId: t.id({ required: true }),
    body: t.string({ required: true, description: '1 to 10,000 characters.' }),
    internal: t.boolean({ description: 'A note that only the support team sees; customers may not.' }),
    idempotencyKey: t.string({ description: KEY }),
  }),
})

const AddCommentPayload = builder.objectRef<Said>('AddCommentPayload').implement({
  fields: (t) => ({
    comment: t.field({ type: Comment, resolve: ({ comment }) => comment }),
    ticket: t.field({ type: Ticket, resolve: ({ ticket }) => ticket }),
  }),
})

const AddCommentResult = builder.unionType('AddCommentResult', {
  types: [AddCommentPayload, InputError, NotFoundError, ConflictError],
  resolveType: memberOf('AddCommentPayload'),
})

const CloseTicketInput = builder.inputType('CloseTicketInput', {
  fields: (t) => ({
    ticketId: t.id({ required: true }),
    expectedVersion: t.int({ description: 'Refused with a ConflictError when the ticket is at another version.' }),
  }),
})

const UpdateTicketInput = builder.inputType('UpdateTicketInput', {
  description: 'What is absent stays as it is.',
  fields: (t) => ({
    ticketId: t.id({ required: true }),
    expectedTeamVersion: t.int({ description: 'Refused with a ConflictError when teamVersion is another.' }),
    status: t.field({ type: TicketStatus }),
    severity: t.field({ type: TicketSeverity, description: 'null clears it.' }),
    category: t.field({ type: TicketCategory }),
    assigneeId: t.id({ description: 'A member of the team; null: nobody.' }),
  }),
})

interface TicketPayload {
  ticket: TicketRow
}

const CloseTicketPayload = builder.objectRef<TicketPayload>('CloseTicketPayload').implement({
  fields: (t) => ({ ticket: t.field({ type: Ticket, resolve: ({ ticket }) => ticket }) }),
})

const CloseTicketResult = builder.unionType('CloseTicketResult', {
  types: [CloseTicketPayload, InputError, NotFoundError, ConflictError],
  resolveType: memberOf('CloseTicketPayload'),
})

const UpdateTicketPayload = builder.objectRef<TicketPayload>('UpdateTicketPayload').implement({
  fields: (t) => ({ ticket: t.field({ type: Ticket, resolve: ({ ticket }) => ticket }) }),
})

const UpdateTicketResult = builder.unionType('UpdateTicketResult', {
  types: [UpdateTicketPayload, InputError, NotFoundError, ConflictError],
  resolveType: memberOf('UpdateTicketPayload'),
})

builder.mutationFields((t) => ({
  addComment: t.field({
    type: AddCommentResult,
    description: "A customer's comment on a ticket that waits for them, or is resolved, moves it on.",
    args: { input: t.arg({ type: AddCommentInput, required: true }) },
    resolve: (_, { input }, context) => mutate(context, addComment, input),
  }),
  closeTicket: t.field({
    type: CloseTicketResult,
    description: 'Closing a closed ticket succeeds, whatever version was expected.',
    args: { input: t.arg({ type: CloseTicketInput, required: true }) },
    resolve: (_, { input }, context) => mutate(context, closeTicket, input),
  }),
  updateTicket: t.field({
    type: UpdateTicketResult,
    description: 'Only for the team.',
    args: { input: t.arg({ type: UpdateTicketInput, required: true }) },
    resolve: (_, { input }, context) => mutate(context, updateTicket, input),
  }),
}))

// Clusters

const UpsertClusterInput = builder.inputType('UpsertClusterInput', {
  description: 'All that is known of the cluster: what is absent becomes null.',
  fields: (t) => ({
    organisationId: t.id({ description: ON_BEHALF }),
    name: t.string({ required: true, description: 'Says which cluster, without minding case.' }),
    kind: t.string(),
    state: t.string({ required: true }),
    description: t.string(),
    environment: t.string(),
    kubeVersion: t.string(),
    controlPlanes: t.int({ required: true }),
    nodes: t.int({ required: true }),
  }),
})

const UpsertClusterPayload = builder.objectRef<{ cluster: ClusterRow }>('UpsertClusterPayload').implement({
  fields: (t) => ({ cluster: t.field({ type: Cluster, resolve: ({ cluster }) => cluster }) }),
})

const UpsertClusterResult = builder.unionType('UpsertClusterResult', {
  types: [UpsertClusterPayload, InputError],
  resolveType: memberOf('UpsertClusterPayload'),
})

builder.mutationField('upsertCluster', (t) =>
  t.field({
    type: UpsertClusterResult,
    description: 'What the platform knows of a cluster. Needs a token with the scope CLUSTERS_WRITE.',
    args: { input: t.arg({ type: UpsertClusterInput, required: true }) },
    resolve: (_, { input }, context) => mutate(context, upsertCluster, input),
  }),
)

// Tokens

const CreateApiTokenInput = builder.inputType('CreateApiTokenInput', {
  fields: (t) => ({
    name: t.string({ required: true, description: 'Under it the program writes.' }),
    scopes: t.field({ type: [TokenScope], required: true }),
    expiresAt: t.field({ type: 'DateTime', description: 'Absent: never.' }),
  }),
})

const CreateApiTokenPayload = builder
  .objectRef<{ token: TokenRow; secret: string }>('CreateApiTokenPayload')
  .implement({
    fields: (t) => ({
      token: t.field({ type: ApiToken, resolve: ({ token }) => token }),
      secret: t.exposeString('secret', { description: 'Shown this once; we keep only a digest of it.' }),
    }),
  })

const CreateApiTokenResult = builder.unionType('CreateApiTokenResult', {
  types: [CreateApiTokenPayload, InputError],
  resolveType: memberOf('CreateApiTokenPayload'),
})

const RevokeApiTokenPayload = builder.objectRef<{ token: TokenRow }>('RevokeApiTokenPayload').implement({
  fields: (t) => ({ token: t.field({ type: ApiToken, resolve: ({ token }) => token }) }),
})

const RevokeApiTokenResult = builder.unionType('RevokeApiTokenResult', {
  types: [RevokeApiTokenPayload, NotFoundError],
  resolveType: memberOf('RevokeApiTokenPayload'),
})

builder.mutationFields((t) => ({
  createApiToken: t.field({
    type: CreateApiTokenResult,
    description: 'Only for admins of the organisation, signed in as people.',
    args: { input: t.arg({ type: CreateApiTokenInput, required: true }) },
    resolve: (_, { input }, context) => mutate(context, createApiToken, input),
  }),
  revokeApiToken: t.field({
    type: RevokeApiTokenResult,
    description: 'Felt by whoever uses the token within seconds. Revoking it again succeeds.',
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, args, context) => mutate(context, revokeApiToken, args),
  }),
}))

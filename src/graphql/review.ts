// What the AI review says of a draft.

import type { Review as ReviewRow, Ticket as TicketRow } from '../generated/prisma/client.ts'
import { getReview, renderQuestions, verdictOf } from '../operations/reviews.ts'
import { FLAGS } from '../review/quality.ts'
import type { Candidate, QualityFlag as Flag, ReviewDraft } from '../review/reviewer.ts'
import { candidateSummary, isDone, quality, recommendedAction, statusLabel } from '../review/verdict.ts'
import { builder } from './builder.ts'
import { Confidence, RecommendedAction, ReviewQuality, TicketCategory, TicketSeverity } from './enums.ts'
import { longText } from './long-text.ts'
import { Cluster, ReviewResult, Ticket } from './refs.ts'
import { query } from './run.ts'

const Enrichment = builder.objectRef<ReviewDraft>('Enrichment').implement({
  description: 'What the review suggests. What a person chooses goes before it.',
  fields: (t) => ({
    summary: t.exposeString('summary', { nullable: true }),
    severity: t.field({ type: TicketSeverity, nullable: true, resolve: ({ severity }) => severity }),
    category: t.field({ type: TicketCategory, nullable: true, resolve: ({ category }) => category }),
  }),
})

const QualityFlag = builder.objectRef<Flag>('QualityFlag').implement({
  description: `Something to change first. Codes: ${Object.keys(FLAGS).join(', ')}.`,
  fields: (t) => ({
    code: t.exposeString('code'),
    message: t.exposeString('message', { description: 'What to do about it.' }),
  }),
})

const ClarifyingQuestion = builder
  .objectRef<ReturnType<typeof renderQuestions>[number]>('ClarifyingQuestion')
  .implement({
    description: 'A question that would help the team; answer it with answerReview, or when filing.',
    fields: (t) => ({
      id: t.exposeID('id'),
      text: t.exposeString('text'),
      answer: t.exposeString('answer', { nullable: true }),
    }),
  })

const DuplicateCandidate = builder.objectRef<Candidate & { ticket: TicketRow }>('DuplicateCandidate').implement({
  description: 'A ticket of the same organisation that may be about the same thing.',
  fields: (t) => ({
    ticket: t.field({ type: Ticket, resolve: ({ ticket }) => ticket }),
    summary: t.string({ description: 'Begins with its number.', resolve: ({ ticket }) => candidateSummary(ticket) }),
    statusLabel: t.string({
      description: 'Where it stands, in words.',
      resolve: ({ ticket }, _, { now }) => statusLabel(ticket, now()),
    }),
    confidence: t.field({ type: Confidence, resolve: ({ confidence }) => confidence }),
    alreadyResolved: t.boolean({ resolve: ({ ticket }) => isDone(ticket) }),
    evidence: t.exposeStringList('evidence', { description: 'Why it may be the same.' }),
  }),
})

builder.prismaObjectFields(ReviewResult, (t) => ({
  revision: t.exposeInt('revision', { description: 'Rises by one with each answerReview.' }),
  subject: t.exposeString('subject', { description: 'Of the draft; secrets are masked.' }),
  description: t.string({
    description: 'Of the draft; secrets are masked.',
    resolve: ({ description }, _, context) => longText(description, context),
  }),
  category: t.field({
    type: TicketCategory,
    nullable: true,
    description: 'What the person chose.',
    resolve: ({ category }) => category,
  }),
  cluster: t.field({
    type: Cluster,
    nullable: true,
    resolve: ({ clusterId }, _, { loaders }) => (clusterId === null ? null : loaders.cluster.load(clusterId)),
  }),
  enrichment: t.field({ type: Enrichment, resolve: verdictOf }),
  quality: t.field({ type: ReviewQuality, resolve: (review) => quality(verdictOf(review)) }),
  qualityFlags: t.field({ type: [QualityFlag], resolve: (review) => verdictOf(review).flags }),
  clarifyingQuestions: t.field({
    type: [ClarifyingQuestion],
    description: 'At most three open ones, then those that were answered.',
    resolve: renderQuestions,
  }),
  duplicateCandidates: t.field({
    type: [DuplicateCandidate],
    description: 'High and medium confidence, the best first, at most five.',
    resolve: async (review, _, { loaders }) => {
      const { candidates } = verdictOf(review)
      const tickets = await Promise.all(candidates.map(({ ticketId }) => loaders.ticket.load(ticketId)))
      return candidates.flatMap((candidate, i) => {
        const ticket = tickets[i]
        return ticket ? [{ ...candidate, ticket }] : []
      })
    },
  }),
  recommendedAction: t.field({
    type: RecommendedAction,
    resolve: (review) => recommendedAction(verdictOf(review)),
  }),
  reviewer: t.exposeString('reviewer', { description: 'Which reviewer answered: "local", or the model\'s id.' }),
  ticket: t.field({
    type: Ticket,
    nullable: true,
    description: 'What came of it: the ticket that it made or joined.',
    resolve: ({ usedTicketId }: ReviewRow, _, { loaders }) =>
      usedTicketId === null ? null : loaders.ticket.load(usedTicketId),
  }),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
  expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
}))

builder.queryField('review', (t) =>
  t.field({
    type: ReviewResult,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, args, context) => query(context, getReview, args),
  }),
)

// What people did with what the review said: how the team sees whether it is any good.

import type { CandidateOutcome as Candidates, ReviewReport as Report } from '../db/reads/review-report.ts'
import { reviewReport } from '../operations/review-report.ts'
import { builder } from './builder.ts'
import { Confidence } from './enums.ts'
import { list } from './run.ts'

const ReviewerCount = builder.objectRef<Report['byReviewer'][number]>('ReviewerCount').implement({
  description: 'How many reviews a reviewer answered.',
  fields: (t) => ({
    reviewer: t.exposeString('reviewer', { description: '"local", or the model\'s id.' }),
    reviews: t.exposeInt('reviews'),
  }),
})

const SuggestionOutcome = builder.objectRef<Report['category']>('SuggestionOutcome').implement({
  description: 'Of the tickets filed with a suggestion: suggested = kept + overruled + corrected.',
  fields: (t) => ({
    suggested: t.exposeInt('suggested'),
    kept: t.exposeInt('kept', { description: 'The ticket has what was suggested.' }),
    overruled: t.exposeInt('overruled', { description: 'Whoever filed it chose something else.' }),
    corrected: t.exposeInt('corrected', { description: 'It was filed as suggested, and changed afterwards.' }),
  }),
})

const CandidateOutcome = builder.objectRef<Candidates>('CandidateOutcome').implement({
  description: 'Of the reviews whose best duplicate candidate has this confidence, seen by somebody before filing.',
  fields: (t) => ({
    confidence: t.field({ type: Confidence, resolve: ({ confidence }) => confidence }),
    shown: t.exposeInt('shown'),
    linked: t.exposeInt('linked', { description: 'Joined one of the tickets named.' }),
    filed: t.exposeInt('filed', { description: 'Filed as a new ticket all the same.' }),
  }),
})

const ReviewReport = builder.objectRef<Report & { from: Date; to: Date }>('ReviewReport').implement({
  description: 'What became of the reviews of a period. A ticket counts as it is now, whenever it was changed.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime' }),
    to: t.expose('to', { type: 'DateTime' }),
    reviews: t.exposeInt('reviews', { description: 'Drafts reviewed; one that was answered counts once.' }),
    filed: t.exposeInt('filed', { description: 'Became a ticket.' }),
    linked: t.exposeInt('linked', { description: 'Joined a ticket.' }),
    abandoned: t.exposeInt('abandoned', { description: 'Neither, within the hour that a review lives.' }),
    byReviewer: t.field({ type: [ReviewerCount], resolve: ({ byReviewer }) => byReviewer }),
    category: t.field({ type: SuggestionOutcome, resolve: ({ category }) => category }),
    severity: t.field({ type: SuggestionOutcome, resolve: ({ severity }) => severity }),
    flagged: t.exposeInt('flagged', { description: 'Reviews that asked for changes first.' }),
    flaggedFiled: t.exposeInt('flaggedFiled', { description: 'Of those, filed as they were.' }),
    questionsAsked: t.exposeInt('questionsAsked', { description: 'Where somebody could see them before filing.' }),
    questionsAnswered: t.exposeInt('questionsAnswered', { description: 'Of those.' }),
    candidates: t.field({
      type: [CandidateOutcome],
      description: 'High, then medium.',
      resolve: ({ candidates }) => candidates,
    }),
  }),
})

builder.queryField('reviewReport', (t) =>
  t.field({
    type: ReviewReport,
    description: 'How good the review was, by what people did with it. Only for the team; 366 days at most.',
    args: {
      from: t.arg({ type: 'DateTime', required: true, description: 'Reviews made from then on.' }),
      to: t.arg({ type: 'DateTime', required: true, description: 'Reviews made before then.' }),
      organisationId: t.arg.id({ description: 'One organisation; all of them without it.' }),
    },
    resolve: async (_, args, context) => ({
      ...(await list(context, reviewReport, args)),
      from: args.from,
      to: args.to,
    }),
  }),
)

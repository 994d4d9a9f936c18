// Problems as typed results. Their types implement the interface Error, so that a client that selects
// `... on Error { message }` has caught them all.

import { type FieldProblem, isProblem, type Problem } from '../operations/errors.ts'
import { builder } from './builder.ts'
import { ErrorCode, FieldErrorCode } from './enums.ts'
import { ReviewResult, Ticket } from './refs.ts'

type ProblemOf<Kind extends Problem['problem']> = Extract<Problem, { problem: Kind }>

const CODES = {
  input: 'INPUT',
  not_found: 'NOT_FOUND',
  conflict: 'CONFLICT',
  review_required: 'REVIEW_REQUIRED',
} as const

const TYPES = {
  input: 'InputError',
  not_found: 'NotFoundError',
  conflict: 'ConflictError',
  review_required: 'ReviewRequiredError',
} as const

const ErrorInterface = builder.interfaceRef<Problem>('Error').implement({
  description: 'What went wrong, as data. The message is for people; the code is for programs.',
  fields: (t) => ({
    message: t.exposeString('message'),
    code: t.field({ type: ErrorCode, resolve: ({ problem }) => CODES[problem] }),
  }),
})

const FieldError = builder.objectRef<FieldProblem>('FieldError').implement({
  fields: (t) => ({
    path: t.exposeStringList('path', { description: 'From the root of the input: ["answers", "0", "questionId"].' }),
    code: t.field({ type: FieldErrorCode, resolve: ({ code }) => code }),
    message: t.exposeString('message'),
  }),
})

export const InputError = builder.objectRef<ProblemOf<'input'>>('InputError').implement({
  description: 'The input cannot be used as it is; `fields` says which part and why.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ fields: t.field({ type: [FieldError], resolve: ({ fields }) => fields }) }),
})

export const NotFoundError = builder.objectRef<ProblemOf<'not_found'>>('NotFoundError').implement({
  description: 'What you act on does not exist, or not for you.',
  interfaces: [ErrorInterface],
})

export const ConflictError = builder.objectRef<ProblemOf<'conflict'>>('ConflictError').implement({
  description: 'The ticket is at another version than you expected.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    current: t.field({ type: Ticket, nullable: true, resolve: ({ current }) => current }),
  }),
})

export const ReviewRequiredError = builder.objectRef<ProblemOf<'review_required'>>('ReviewRequiredError').implement({
  description: 'The review flagged the draft. Send it again with `acknowledged` to file it as it is.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ review: t.field({ type: ReviewResult, resolve: ({ review }) => review }) }),
})

/** The name of the union's member that an outcome is. */
export const memberOf =
  (payload: string) =>
  (outcome: unknown): string =>
    isProblem(outcome) ? TYPES[outcome.problem] : payload

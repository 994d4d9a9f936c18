// What can go wrong, in two kinds. A Problem is an expected answer and is data; transports render it (GraphQL: a typed
// result, REST: a status and a sentence). A Refusal says that the caller may not ask at all. Anything else that is
// thrown is a fault of ours.

import type { z } from 'zod'
import type { Review, Ticket } from '../generated/prisma/client.ts'
import type { Spent } from '../rates/limiter.ts'
import { sentenceOf } from '../rates/policies.ts'

export type FieldErrorCode = 'REQUIRED' | 'TOO_SHORT' | 'TOO_LONG' | 'INVALID' | 'NOT_FOUND' | 'NOT_ALLOWED'

export interface FieldProblem {
  /** From the root of the operation's input: ['answers', '0', 'questionId']. */
  path: string[]
  code: FieldErrorCode
  message: string
}

export type Problem =
  | { problem: 'input'; message: string; fields: FieldProblem[] }
  | { problem: 'not_found'; message: string }
  /** `current`: the ticket as it is, where an expected version was another. */
  | { problem: 'conflict'; message: string; current: Ticket }
  /** The review flagged the draft and nobody acknowledged it; `review` is stored. */
  | { problem: 'review_required'; message: string; review: Review }

export const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'problem' in value

export type RefusalCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'BAD_USER_INPUT'
  | 'RESYNC_REQUIRED'
  | 'RATE_LIMITED'
  | 'COST_LIMIT'
  | 'UNAVAILABLE'

/** Thrown where the caller may not use what they asked for. Its message is for them. */
export class Refusal extends Error {
  readonly code: RefusalCode
  /** What was named does not exist for this caller: REST answers 404 where GraphQL says FORBIDDEN. */
  readonly hidden: boolean

  constructor(code: RefusalCode, message: string, options: { hidden?: boolean; cause?: unknown } = {}) {
    super(message, options)
    this.code = code
    this.hidden = options.hidden ?? false
  }
}

/** Too often: what was asked, what is allowed, and when it is worth trying again. */
export class RateLimited extends Refusal {
  readonly spent: Spent

  constructor(spent: Spent) {
    super('RATE_LIMITED', sentenceOf(spent.policy, spent.resetSeconds))
    this.spent = spent
  }
}

export const notFound = (thing: 'ticket' | 'review' | 'token' | 'cluster' | 'attachment'): Problem => ({
  problem: 'not_found',
  message: `There is no such ${thing}.`,
})

/** One field that is wrong. `path` in dots: 'answers.0.questionId'. */
export function inputProblem(path: string, code: FieldErrorCode, message: string): Problem {
  return { problem: 'input', message, fields: [{ path: path.split('.'), code, message }] }
}

export const notAllowed = (path: string, message: string): Problem => inputProblem(path, 'NOT_ALLOWED', message)

/** Nobody corrects more at once, and an answer must not be larger than what was asked. */
const MOST_FIELDS = 20

/** What zod found, with our codes and whole sentences. */
export function problemOfZod(error: z.ZodError): Problem {
  const fields = error.issues.flatMap(fieldsOf).slice(0, MOST_FIELDS)
  return { problem: 'input', message: fields.map(({ message }) => message).join(' '), fields }
}

function fieldsOf(issue: z.core.$ZodIssue): FieldProblem[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      code: 'INVALID',
      message: `${[...path, key].join('.')} is not a field we know.`,
    }))
  }
  return [{ path, code: codeOf(issue), message: sentence(path.join('.') || 'The input', issue) }]
}

/** What is too long or too short, and not too large or too small. */
const LENGTHS = new Set(['string', 'array'])

function codeOf(issue: z.core.$ZodIssue): FieldErrorCode {
  if (issue.code === 'custom') return (issue.params?.code as FieldErrorCode | undefined) ?? 'INVALID'
  if (issue.code === 'invalid_type' && isAbsent(issue)) return 'REQUIRED'
  if (issue.code === 'invalid_value' && issue.input === undefined) return 'REQUIRED'
  if (issue.code === 'too_small' && LENGTHS.has(issue.origin)) return 'TOO_SHORT'
  if (issue.code === 'too_big' && LENGTHS.has(issue.origin)) return 'TOO_LONG'
  return 'INVALID'
}

const isAbsent = ({ input }: z.core.$ZodIssue) => input === undefined || input === null

function sentence(name: string, issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'custom':
      return `${name} ${issue.message}`
    case 'invalid_type':
      return isAbsent(issue) ? `${name} is required.` : `${name} must be ${article(issue.expected)}.`
    case 'invalid_value':
      return `${name} must be one of ${issue.values.join(', ')}.`
    case 'too_small':
      return `${name} must ${extent(issue.origin, 'least', Number(issue.minimum))}.`
    case 'too_big':
      return `${name} must ${extent(issue.origin, 'most', Number(issue.maximum))}.`
    default:
      return `${name} is not valid: ${issue.message}.`
  }
}

/** "be at most 100", "have at least 1 character", "have at most 20 entries". */
function extent(origin: string, bound: 'least' | 'most', n: number): string {
  if (origin === 'string') return `have at ${bound} ${n} character${n === 1 ? '' : 's'}`
  return origin === 'array' ? `have at ${bound} ${n} ${n === 1 ? 'entry' : 'entries'}` : `be at ${bound} ${n}`
}

const article = (type: string) => {
  if (type === 'int') return 'a whole number'
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`
}

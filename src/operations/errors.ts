// What can go wrong, in two kinds. A Problem is an expected answer and is data; transports render it (GraphQL: a typed
// result, REST: a status and a sentence). A Refusal says that the caller may not ask at all. Anything else that is
// thrown is a fault of ours.

import type { z } from 'zod'
import type { Review, Ticket } from '../generated/prisma/client.ts'

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

export type RefusalCode = 'UNAUTHENTICATED' | 'FORBIDDEN' | 'BAD_USER_INPUT' | 'RESYNC_REQUIRED' | 'UNAVAILABLE'

/** Thrown where the caller may not use what they asked for. Its message is for them. */
export class Refusal extends Error {
  readonly code: RefusalCode
  /** What was named does not exist for this caller: REST answers 404 where GraphQL says FORBIDDEN. */
  readonly hidden: boolean

  constructor(code: RefusalCode, message: string, options: { hidden?: boolean } = {}) {
    super(message)
    this.code = code
    this.hidden = options.hidden ?? false
  }
}

export const notFound = (thing: 'ticket' | 'review' | 'token' | 'cluster'): Problem => ({
  problem: 'not_found',
  message: `There is no such ${thing}.`,
})

/** One field that is wrong. `path` in dots: 'answers.0.questionId'. */
export function inputProblem(path: string, code: FieldErrorCode, message: string): Problem {
  return { problem: 'input', message, fields: [{ path: path.split('.'), code, message }] }
}

export const notAllowed = (path: string, message: string): Problem => inputProblem(path, 'NOT_ALLOWED', message)

/** What zod found, with our codes and whole sentences. */
export function problemOfZod(error: z.ZodError): Problem {
  const fields = error.issues.flatMap(fieldsOf)
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

function codeOf(issue: z.core.$ZodIssue): FieldErrorCode {
  if (issue.code === 'custom') return (issue.params?.code as FieldErrorCode | undefined) ?? 'INVALID'
  if (issue.code === 'invalid_type' && isAbsent(issue)) return 'REQUIRED'
  if (issue.code === 'invalid_value' && issue.input === undefined) return 'REQUIRED'
  if (issue.code === 'too_small' && issue.origin !== 'number') return 'TOO_SHORT'
  if (issue.code === 'too_big' && issue.origin !== 'number') return 'TOO_LONG'
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
      return `${name} must be at least ${issue.minimum}.`
    case 'too_big':
      return `${name} must be at most ${issue.maximum}.`
    default:
      return `${name} is not valid: ${issue.message}.`
  }
}

const article = (type: string) => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`)

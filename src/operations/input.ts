// The building blocks of the operations' inputs: every text, id and page from outside is checked here and nowhere else.

import { validate as isUuid, NIL } from 'uuid'
import { z } from 'zod'
import type { Prisma } from '../generated/prisma/client.ts'
import { maskJson, maskSecrets } from '../review/mask.ts'

/** An absent field and an explicit null are the same. */
export const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined)

/** Absent, null and false are the same. */
export const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false)

/** An id. One that is no UUID belongs to nothing, so it is not found; nothing of ours has the nil UUID. */
export const id = z
  .string()
  .transform((text) => (isUuid(text) ? text.toLowerCase() : NIL))
  .meta({ description: 'A UUID.', format: 'uuid' })

/** PostgreSQL stores no NUL, and UTF-8 has no lone surrogates. */
const PLAIN_TEXT = '^[^\\u0000]*$'

/** Text without NUL and lone surrogates; nothing else is asked of it. */
export const plainText = z
  .string()
  .superRefine((text, context) => {
    if (text.includes('\u0000')) refuse(context, 'INVALID', 'must not contain a NUL character.')
    else if (!text.isWellFormed()) refuse(context, 'INVALID', 'must be well-formed Unicode, without lone surrogates.')
  })
  .meta({ pattern: PLAIN_TEXT })

/**
 * What a person writes: trimmed, `min` to `max` characters (code points), secrets masked before anything sees it.
 */
export const humanText = (min: number, max: number) =>
  plainText
    .transform((text) => text.trim())
    .superRefine((text, context) => {
      const length = characters(text)
      if (length < min) refuse(context, 'TOO_SHORT', `must have at least ${count(min)}.`)
      if (length > max) refuse(context, 'TOO_LONG', `must have at most ${count(max)}; it has ${commas(length)}.`)
    })
    .transform(maskSecrets)
    .meta({ minLength: min, maxLength: max, pattern: PLAIN_TEXT })

/** A name on one line, as it is: no masking. */
export const nameText = (max: number) =>
  plainText
    .transform((text) => text.trim())
    .superRefine((text, context) => {
      if (text === '') refuse(context, 'REQUIRED', 'must not be empty.')
      if (/\p{Cc}/u.test(text)) refuse(context, 'INVALID', 'must not contain control characters.')
      if (characters(text) > max) refuse(context, 'TOO_LONG', `must have at most ${count(max)}.`)
    })
    .meta({ minLength: 1, maxLength: max, pattern: PLAIN_TEXT })

const ENVIRONMENT_BYTES = 16 * 1024
const ENVIRONMENT_DEPTH = 20

/** What a client says of itself: a JSON object of at most 16 KiB, secrets masked. */
export const environment = z
  .custom<Record<string, unknown>>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
    error: 'must be a JSON object.',
  })
  .superRefine((value, context) => {
    // Depth first: what follows recurses.
    if (!isShallow(value, ENVIRONMENT_DEPTH)) {
      return refuse(context, 'TOO_LONG', `must be nested at most ${ENVIRONMENT_DEPTH} levels deep.`)
    }
    const bytes = Buffer.byteLength(JSON.stringify(value))
    if (bytes > ENVIRONMENT_BYTES) refuse(context, 'TOO_LONG', 'must have at most 16 KiB as JSON.')
    if (hasUnstorableText(value)) refuse(context, 'INVALID', 'must not contain NUL characters or lone surrogates.')
  })
  .transform((value) => maskJson(value) as Prisma.JsonObject)
  .meta({ type: 'object', description: 'A JSON object of at most 16 KiB.' })

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1))
}

function hasUnstorableText(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\u0000') || !value.isWellFormed()
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, inner]) => hasUnstorableText(key) || hasUnstorableText(inner))
}

/** A moment; transports parse RFC 3339 into a Date. */
export const dateTime = z.date()

export const status = z.enum([
  'pending_review',
  'open',
  'triaging',
  'in_progress',
  'waiting_customer',
  'resolved',
  'closed',
])
export const category = z.enum(['technical', 'bug', 'feature_request', 'account', 'billing', 'other'])
export const severity = z.enum(['low', 'medium', 'high', 'critical'])
export const source = z.enum(['portal', 'api', 'cli', 'agent'])
export const aiReviewStatus = z.enum(['pending', 'passed', 'flagged'])
export const tokenScope = z.enum(['tickets_read', 'tickets_write', 'clusters_write'])

export const ticketEventType = z.enum([
  'ticket_created',
  'ticket_status_changed',
  'ticket_updated',
  'ticket_linked',
  'ticket_assigned',
  'comment_added',
  'attachment_added',
  'review_completed',
  'content_redacted',
])

/** Sent again with the same input within a day, the same thing is shown again and nothing is made twice. */
export const idempotencyKey = plainText.min(1).max(200)

export const PAGE_SIZE = 25
export const LARGEST_PAGE = 100

const pageSize = z.int().min(1).max(LARGEST_PAGE)

/** `first` and `after`, for lists that go one way. */
export const forwardPage = { first: optional(pageSize), after: optional(z.string().max(1000)) }

/** The four arguments of a connection; see oneDirection. */
export const page = { ...forwardPage, last: optional(pageSize), before: optional(z.string().max(1000)) }

/** `before` alone means the last page before it; nothing at all, the first page. */
export function oneDirection(input: { first?: number; last?: number; after?: string; before?: string }) {
  const { first, last, after, before } = input
  if (last !== undefined) return { last, after, before }
  if (first === undefined && before !== undefined && after === undefined) return { last: PAGE_SIZE, after, before }
  return { first: first ?? PAGE_SIZE, after, before }
}

/** For superRefine: first and last at once say two different things. */
export function notBothWays(input: { first?: number; last?: number }, context: z.core.$RefinementCtx): void {
  if (input.first === undefined || input.last === undefined) return
  refuse(context, 'INVALID', 'cannot be given together with last.', ['first'])
}

export function refuse(context: z.core.$RefinementCtx, code: string, message: string, path: string[] = []): void {
  context.addIssue({ code: 'custom', message, params: { code }, path })
}

const characters = (text: string): number => (text.length > 50_000 ? text.length : [...text].length)
const commas = (n: number) => n.toLocaleString('en-GB')
const count = (n: number) => `${commas(n)} character${n === 1 ? '' : 's'}`

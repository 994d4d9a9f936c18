// What the arguments of the operator's commands must be, in one place for all of them.

import { z } from 'zod'
import { nameText } from '../operations/input.ts'
import type { Flag } from './command.ts'
import { SLUG, SLUG_MAX } from './organisations.ts'

const MACHINES_EXPECTED = 'must be a whole number from 0 to 100000.'
const EMAIL_EXPECTED = 'must be an e-mail address, such as ann@example.com.'

export const email = z.string().max(254, EMAIL_EXPECTED).toLowerCase().pipe(z.email(EMAIL_EXPECTED))
export const name = nameText(100)
export const slug = z
  .string()
  .max(SLUG_MAX, `must have at most ${SLUG_MAX} characters.`)
  .regex(SLUG, 'must be lower-case letters and digits, with single hyphens between them, such as acme-labs.')
export const role = z.enum(['member', 'admin'], 'must be member or admin.')

const SCOPES = ['tickets_read', 'tickets_write', 'clusters_write'] as const

/** Separated by commas. */
export const scopes = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(z.array(z.enum(SCOPES, `must be a list of ${SCOPES.join(', ')}, with commas between them.`)))

/** A count of machines, as upsertCluster allows. */
export const machines = z
  .string()
  .regex(/^\d{1,6}$/, MACHINES_EXPECTED)
  .transform(Number)
  .refine((count) => count <= 100_000, MACHINES_EXPECTED)

const DAY_MS = 24 * 60 * 60 * 1000
const WHEN = 'must be days from now (90d), a date (2027-01-31, to its end in UTC) or a time (2027-01-31T12:00:00Z)'

/** A moment to come. */
export const moment = z
  .string()
  .transform(readMoment)
  .refine((date) => !Number.isNaN(date.getTime()), `${WHEN}.`)
  .refine((date) => Number.isNaN(date.getTime()) || date.getTime() > Date.now(), 'must be in the future.')

function readMoment(text: string): Date {
  const days = /^(\d{1,5})d$/.exec(text)?.[1]
  if (days !== undefined) return new Date(Date.now() + Number(days) * DAY_MS)
  const time = z.iso.date().safeParse(text).success ? `${text}T23:59:59.999Z` : text
  return new Date(z.iso.datetime({ offset: true }).safeParse(time).success ? time : Number.NaN)
}

export const organisationFlag: Flag = { value: 'SLUG', help: 'the organisation, as "organisation list" names it' }
export const roleFlag: Flag = { value: 'ROLE', help: 'member (sees, files, comments, closes) or admin (tokens too)' }

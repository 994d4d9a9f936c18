// GET and POST /set-password?token=…: where a one-time link leads. Setting a password here verifies the address, ends
// the person's other sessions and uses the link up; only looking at the page uses nothing up, since mail filters do.

import { hashPassword } from 'better-auth/crypto'
import { readBody } from '../body.ts'
import type { Database } from '../db/client.ts'
import { rateHeaders, retryAfter } from '../rates/headers.ts'
import { type Limiter, type Spent, UNLIMITED } from '../rates/limiter.ts'
import { ADDRESS_POLICIES, sentenceOf } from '../rates/policies.ts'
import { personOfLink, useLink } from './links.ts'
import { passwordProblem } from './passwords.ts'
import { formPage, messagePage } from './set-password-page.ts'

export { makeSetPasswordLink, SET_PASSWORD_PATH } from './links.ts'

export interface SetPasswordOptions {
  database: Database
  /** Called when sessions were ended: forget what was remembered of them. */
  onPasswordSet?: () => void
  limiter?: Limiter
}

const MAX_BODY_BYTES = 16 * 1024
const FORM = 'application/x-www-form-urlencoded'

/** Answers with HTML pages only. The address holds a secret: keep its query out of logs. */
export function setPasswordPage(
  options: SetPasswordOptions,
): (request: Request, address?: string) => Promise<Response> {
  const { limiter = UNLIMITED } = options
  return async (request, address = '') => {
    if (!['GET', 'HEAD', 'POST'].includes(request.method)) return notAllowed()
    const spent = await limiter.spend(ADDRESS_POLICIES.password, address)
    if (spent?.allowed === false) return tooOften(spent)
    const secret = new URL(request.url).searchParams.get('token') ?? ''
    const person = await personOfLink(options.database, secret)
    if (!person) return goneLink()
    if (request.method !== 'POST') return formPage(200, person.email, null)
    return submit(options, request, secret, person)
  }
}

async function submit(
  { database, onPasswordSet }: SetPasswordOptions,
  request: Request,
  secret: string,
  person: { id: string; email: string },
): Promise<Response> {
  const [type = ''] = (request.headers.get('content-type') ?? '').split(';')
  if (type.trim().toLowerCase() !== FORM) return messagePage(415, 'Not a form', `Send the form as ${FORM}.`)
  const body = await readBody(request, MAX_BODY_BYTES)
  if (body === null) return formPage(413, person.email, 'That is far too long for a password.')
  const form = new URLSearchParams(body)
  const password = form.get('password') ?? ''
  const problem = passwordProblem(password) ?? (password === form.get('repeated') ? null : MISMATCH)
  if (problem) return formPage(422, person.email, problem)

  // Before the transaction, which should not wait for it.
  const hash = await hashPassword(password)
  if (!(await useLink(database, secret, person.id, hash))) return goneLink()
  onPasswordSet?.()
  return messagePage(200, 'Your password is set', 'You can close this page and sign in with your new password.')
}

const tooOften = (spent: Spent) =>
  messagePage(429, 'Too often', sentenceOf(spent.policy, spent.resetSeconds), {
    ...rateHeaders([spent]),
    ...retryAfter(spent),
  })

const MISMATCH = 'The two passwords are not the same.'

const goneLink = () =>
  messagePage(
    410,
    'This link no longer works',
    'A link to set a password works once, for 24 hours, and only the newest one does. Please ask for a new link.',
  )

const notAllowed = () => messagePage(405, 'Not like this', 'Open the link in a browser.', { allow: 'GET, HEAD, POST' })

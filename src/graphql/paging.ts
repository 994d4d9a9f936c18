// The arguments of connections that hang on a ticket, checked with the same rules as the operations' pages.

import { z } from 'zod'
import { problemOfZod, Refusal } from '../operations/errors.ts'
import { notBothWays, oneDirection, page } from '../operations/input.ts'

export interface PageArgs {
  first?: number | null | undefined
  after?: string | null | undefined
  last?: number | null | undefined
  before?: string | null | undefined
}

const pageInput = z.strictObject(page).superRefine(notBothWays)

/** @throws Refusal BAD_USER_INPUT when the arguments make no page. */
export function pageOf(args: PageArgs): ReturnType<typeof oneDirection> {
  const parsed = pageInput.safeParse(args, { reportInput: true })
  if (parsed.success) return oneDirection(parsed.data)
  const problem = problemOfZod(parsed.error)
  throw new Refusal('BAD_USER_INPUT', problem.message)
}

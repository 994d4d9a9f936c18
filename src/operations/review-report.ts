// How good the review was: for the team, by what people did with what it said.

import { z } from 'zod'
import { reviewReport as readReport } from '../db/reads/review-report.ts'
import { organisationToRead, teamReader } from './access.ts'
import { inputProblem } from './errors.ts'
import { operation } from './execute.ts'
import { dateTime, id, optional } from './input.ts'

const LONGEST_MS = 366 * 24 * 60 * 60 * 1000

export const reviewReport = operation({
  name: 'reviewReport',
  access: teamReader,
  rate: 'read',
  input: z.strictObject({ from: dateTime, to: dateTime, organisationId: optional(id) }),

  async run(call, { from, to, organisationId }) {
    if (from >= to) return inputProblem('from', 'INVALID', 'from must be before to.')
    if (to.getTime() - from.getTime() > LONGEST_MS) {
      return inputProblem('to', 'TOO_LONG', 'A report covers at most 366 days.')
    }
    const of = organisationToRead(call.viewer, organisationId)
    return readReport(call.database, { from, to, organisationId: of, now: call.now() })
  },
})

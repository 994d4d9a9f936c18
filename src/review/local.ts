// The reviewer without a network: rules over the draft and a search in the database. The default without a model, and
// what answers when the model does not.

import type { Database } from '../db/client.ts'
import { pointsOf, suggestCategory } from './classify.ts'
import { readClauses } from './classify-reading.ts'
import { impactsOf, suggestSeverity } from './classify-severity.ts'
import { findDuplicates } from './duplicates.ts'
import { qualityFlags, withoutForm } from './quality.ts'
import { openQuestions } from './questions.ts'
import type { Draft, ReviewDraft, Reviewer } from './reviewer.ts'
import { summarise } from './summary.ts'
import { fold, looksEnglish } from './text.ts'
import { quality } from './verdict.ts'

/** The same draft over the same tickets gets the same verdict. */
export function makeLocalReviewer(database: Database): Reviewer {
  return {
    name: 'local',
    async review(draft, context, signal) {
      signal.throwIfAborted()
      const said = withAnswers(draft)
      const judged = judge(draft, said)
      const isWorthSearching = judged.flags.every(({ code }) => code !== 'TEST_MESSAGE')
      const candidates = isWorthSearching
        ? await findDuplicates(database, { subject: draft.subject, description: said }, context)
        : []
      signal.throwIfAborted()
      return { ...judged, candidates }
    },
  }
}

/** Everything that can be said without looking at other tickets. */
export function judge(draft: Draft, said = withAnswers(draft)): Omit<ReviewDraft, 'candidates'> {
  const subject = fold(draft.subject)
  const body = fold(said)
  const text = `${subject}\n${body}`
  const understood = looksEnglish(text) || isTerseEnglish(text)
  const clauses = readClauses(subject, withoutForm(body))
  const points = pointsOf(clauses, text)
  const category = suggestCategory(points, understood)
  const isPasted = clauses.some(({ zone }) => zone === 'pasted')
  const impacts = impactsOf(clauses, draft.cluster?.environment ?? null)
  const flags = qualityFlags(draft.subject, said, { category, points, impacts, isPasted })
  if (flags.some(({ code }) => code === 'TEST_MESSAGE')) return { ...NOTHING, flags }
  const isFlagged = quality({ flags }) === 'flag'
  const canAsk = understood || (isFlagged && category !== null)
  return {
    summary: summarise(draft.subject, draft.description),
    severity: suggestSeverity(category, points, impacts),
    category,
    flags,
    questions: canAsk
      ? openQuestions(
          { category, text: `${subject}\n${withoutForm(body)}`, points, impacts, isPasted, isFlagged },
          draft.answers,
        )
      : [],
  }
}

/** Notes from a shift have few articles; words that other languages do not have give them away. */
function isTerseEnglish(text: string): boolean {
  const own = text.slice(0, 2_000).match(/\b(?:the|are|and|with|from|but|their|only|when|should|what|between|still)\b/g)
  return new Set(own).size >= 2
}

/** What is said of a test message. */
const NOTHING = { summary: null, severity: null, category: 'other', questions: [] } satisfies Partial<ReviewDraft>

/** An answer says as much as the description does. */
function withAnswers({ description, answers }: Draft): string {
  return [description, ...answers.map(({ answer }) => answer)].join('\n')
}

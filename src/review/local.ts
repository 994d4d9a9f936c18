// The reviewer without a network: rules over the draft and a search in the database. The default without a model, and
// what answers when the model does not.

import type { Database } from '../db/client.ts'
import { suggestCategory, suggestSeverity } from './classify.ts'
import { findDuplicates } from './duplicates.ts'
import { qualityFlags } from './quality.ts'
import { openQuestions } from './questions.ts'
import type { Draft, Reviewer } from './reviewer.ts'
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

/** Everything that is said without looking at other tickets. */
export function judge(draft: Draft, said = withAnswers(draft)) {
  const subject = fold(draft.subject)
  const text = `${subject}\n${fold(said)}`
  const understood = looksEnglish(text)
  const category = suggestCategory(subject, fold(said), understood)
  const flags = qualityFlags(draft.subject, said)
  const isTest = flags.some(({ code }) => code === 'TEST_MESSAGE')
  return {
    summary: isTest ? null : summarise(draft.subject, draft.description),
    severity: isTest ? null : suggestSeverity(category, text, draft.cluster?.environment ?? null),
    category: isTest ? 'other' : category,
    flags,
    questions: isTest || !understood ? [] : openQuestions(category, text, draft.answers, quality({ flags }) === 'flag'),
  } as const
}

/** An answer says as much as the description does. */
function withAnswers({ description, answers }: Draft): string {
  return [description, ...answers.map(({ answer }) => answer)].join('\n')
}

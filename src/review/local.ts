// The reviewer without a network: rules over the draft and a search in the database. The default without a model, and
// what answers when the model does not.

import type { Database } from '../db/client.ts'
import { pointsOf, suggestCategory } from './classify.ts'
import { type Clause, readClauses } from './classify-reading.ts'
import { impactsOf, suggestSeverity } from './classify-severity.ts'
import { findDuplicates } from './duplicates.ts'
import { weighCategory, weighSeverity, wordsOf } from './learned.ts'
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
  const text = `${fold(draft.subject)}\n${fold(said)}`
  const understood = looksEnglish(text) || isTerseEnglish(text)
  const clauses = readDraft(draft.subject, said)
  const findings = {
    points: pointsOf(clauses, text),
    impacts: impactsOf(clauses, draft.cluster?.environment ?? null),
    isPasted: clauses.some(({ zone }) => zone === 'pasted'),
  }
  const byRules = suggestCategory(findings.points, understood)
  const flags = qualityFlags(draft.subject, said, { ...findings, category: byRules })
  if (flags.some(({ code }) => code === 'TEST_MESSAGE')) return { ...NOTHING, flags }
  const isFlagged = quality({ flags }) === 'flag'
  // A text that says too little has no words to weigh.
  const words = isFlagged ? null : wordsOf(clauses)
  const category = words ? weighCategory(words, byRules) : byRules
  const severity = suggestSeverity(category, findings.points, findings.impacts)
  const asked = { ...findings, category, text: withoutForm(text), isFlagged }
  return {
    summary: summarise(draft.subject, draft.description),
    severity: words ? weighSeverity(words, category, draft.cluster?.environment ?? null, severity) : severity,
    category,
    flags,
    questions: understood || (isFlagged && category !== null) ? openQuestions(asked, draft.answers) : [],
  }
}

/** What a draft says, clause by clause, without greetings and what is addressed to whoever reviews it. */
export function readDraft(subject: string, description: string): Clause[] {
  return readClauses(fold(subject), withoutForm(fold(description)))
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

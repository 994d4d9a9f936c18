// What stays of a review when its draft is taken away: what was counted and suggested, and no word of the draft. The
// operator's redaction calls it.

import { REDACTED } from '../events/change.ts'
import { QUESTIONS } from './questions.ts'
import type { Answer, ReviewDraft } from './reviewer.ts'

const OURS = new Set<string>(Object.values(QUESTIONS))

/** A model words its questions by the draft; the rules ask always the same. */
const question = (text: string) => (OURS.has(text) ? text : REDACTED)

/** Flags are sentences of our own, candidates are ids; why those look alike is told in words of the draft. */
export function redactedVerdict(verdict: ReviewDraft): ReviewDraft {
  const { summary, questions, candidates } = verdict
  return {
    ...verdict,
    summary: summary === null ? null : REDACTED,
    questions: questions.map(({ id, text }) => ({ id, text: question(text) })),
    candidates: candidates.map((candidate) => ({ ...candidate, evidence: [] })),
  }
}

/** As many as there were, each to the question of its id. */
export function redactedAnswers(answers: readonly Answer[]): Answer[] {
  return answers.map((answer) => ({ ...answer, question: question(answer.question), answer: REDACTED }))
}

/** Whether a comment of the review says something that may come from the draft: a question that is not the rules'. */
export function quotesDraft(remark: string): boolean {
  return remark.split('\n').some((line) => line.startsWith('- ') && !OURS.has(line.slice(2)))
}

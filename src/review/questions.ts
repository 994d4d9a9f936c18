// What the local reviewer asks: only what a person of the team would have to ask back, at most three.

import type { TicketCategory } from '../generated/prisma/client.ts'
import type { Answer, Question } from './reviewer.ts'
import {
  describesTrouble,
  isUnavailable,
  quotesError,
  saysHowMany,
  saysHowToReproduce,
  saysWhatChanged,
  saysWhen,
} from './signs.ts'
import { fold, words } from './text.ts'

/** The questions by their ids, worded to be understood in a list where nobody can answer them. */
export const QUESTIONS = {
  exact_error: 'What is the exact error message or log line?',
  since_when: 'Since when does this happen?',
  what_changed: 'What was changed shortly before it began (an upgrade, a deployment, a setting), if anything?',
  how_to_reproduce: 'Which steps make it happen?',
  how_many_affected: 'How many users, nodes or services are affected?',
} as const

export type QuestionId = keyof typeof QUESTIONS

const MOST = 3
/** Whether the folded text leaves a question open. What the cluster's context says is not among the questions. */
const IS_OPEN: Record<QuestionId, (text: string) => boolean> = {
  exact_error: (text) => !quotesError(text),
  since_when: (text) => !saysWhen(text),
  what_changed: (text) => !saysWhatChanged(text),
  how_to_reproduce: (text) => !saysHowToReproduce(text),
  how_many_affected: (text) => isUnavailable(text) && !saysHowMany(text),
}
const ASKED: Partial<Record<TicketCategory, QuestionId[]>> = {
  technical: ['exact_error', 'since_when', 'what_changed', 'how_many_affected'],
  bug: ['exact_error', 'how_to_reproduce', 'since_when'],
}
/** Says where and what by itself. */
const COSMETIC = /\b(?:typo|misspel\w+|spelling|cosmetic)\b/
/** So much said and an error quoted: the team can begin, and asks for the rest itself. */
const WELL_DESCRIBED = 60

/**
 * The open questions of a report of trouble; a wish, an invoice or a how-to has none. `text` is folded. A text that is
 * flagged for saying too little is asked, too.
 */
export function openQuestions(
  category: TicketCategory | null,
  text: string,
  answers: readonly Answer[],
  isFlagged: boolean,
): Question[] {
  if (!isFlagged && (!describesTrouble(text) || COSMETIC.test(text))) return []
  const asked = ASKED[isFlagged && category === 'other' ? 'technical' : (category ?? 'technical')] ?? []
  const open = asked.filter((id) => !wasAnswered(id, answers) && IS_OPEN[id](text))
  const isEnough = quotesError(text) && words(text).length >= WELL_DESCRIBED && open.length === 1
  return isEnough ? [] : open.slice(0, MOST).map((id) => ({ id, text: QUESTIONS[id] }))
}

function wasAnswered(id: QuestionId, answers: readonly Answer[]): boolean {
  return answers.some(
    ({ questionId, question, answer }) =>
      answer.trim() !== '' && (questionId === id || normal(question) === normal(QUESTIONS[id])),
  )
}

function normal(question: string): string {
  return words(fold(question)).join(' ')
}

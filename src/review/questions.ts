// What the local reviewer asks: only what a person of the team would have to ask back, at most three. When in doubt it
// asks less: a question whose answer stands in the text costs more trust than a missing one.

import type { TicketCategory } from '../generated/prisma/client.ts'
import { type Points, troubleIn } from './classify.ts'
import type { Impact } from './cues-impact.ts'
import type { Answer, Question } from './reviewer.ts'
import {
  expectsError,
  isAtRandom,
  namesState,
  quotesError,
  saysHowMany,
  saysHowToReproduce,
  saysSome,
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

/** What a draft says, as far as the questions need it. `text` is folded. */
export interface Report {
  category: TicketCategory | null
  text: string
  points: Points
  impacts: ReadonlySet<Impact>
  /** Holds a log, a table or code. */
  isPasted: boolean
  /** Flagged for saying too little: then everything is open. */
  isFlagged: boolean
}

const MOST = 3
/** Says where and what by itself. */
const COSMETIC = /\b(?:typos?|misspel\w+|spelling|cosmetic)\b/
/** With fewer words and nothing quoted, how it comes about is worth asking. */
const TERSE = 30

/** The open questions of a report of trouble; a wish, an invoice or a how-to has none. */
export function openQuestions(report: Report, answers: readonly Answer[]): Question[] {
  const { category, points, text, isFlagged } = report
  if (!isFlagged && (troubleIn(points) < 2 || COSMETIC.test(text))) return []
  const open = OPEN[isFlagged && category === 'other' ? 'technical' : (category ?? 'technical')]?.(report) ?? []
  return open
    .filter((id) => !wasAnswered(id, answers))
    .slice(0, MOST)
    .map((id) => ({ id, text: QUESTIONS[id] }))
}

const OPEN: Partial<Record<TicketCategory, (report: Report) => QuestionId[]>> = {
  technical: (report) => {
    const { text, impacts, isFlagged } = report
    const lacksError = wantsError(report)
    const lacksTime = !saysWhen(text)
    // Once the beginning is known, what happened just before is the next thing to know; before that only if all is vague.
    const lacksChange =
      !saysWhatChanged(text) && (isFlagged || (!isSevere(impacts) && (!lacksTime || lacksError || isUnclear(report))))
    return ids({
      exact_error: lacksError,
      since_when: lacksTime && !isSevere(impacts),
      what_changed: lacksChange,
      how_many_affected: isUnclear(report) || (saysSome(text) && !lacksError && !lacksTime && !lacksChange),
    })
  },
  bug: (report) => {
    const { text, points, isFlagged } = report
    const isTold = saysHowToReproduce(text) || quotesError(text) || report.isPasted || words(text).length >= TERSE
    return ids({
      exact_error: wantsError(report) && points.wrong === 0,
      how_to_reproduce: isFlagged || isAtRandom(text) || (!isTold && points.wrong === 0),
      since_when: !saysWhen(text) && !saysWhatChanged(text),
    })
  },
}

function ids(open: Partial<Record<QuestionId, boolean>>): QuestionId[] {
  return (Object.entries(open) as [QuestionId, boolean][]).filter(([, isOpen]) => isOpen).map(([id]) => id)
}

/** Where something fails there is a message, unless it, a code or a state stands there already. */
function wantsError({ text, impacts, isPasted, isFlagged }: Report): boolean {
  if (quotesError(text) || isPasted || namesState(text)) return false
  return isFlagged || (expectsError(text) && !isSevere(impacts))
}

/** Lost data and a break-in are acted upon first. */
function isSevere(impacts: ReadonlySet<Impact>): boolean {
  return impacts.has('data_lost') || impacts.has('intrusion')
}

/** Something is down, and nothing says for whom. */
function isUnclear({ impacts, text }: Report): boolean {
  return impacts.has('down') && !impacts.has('everyone') && !impacts.has('few') && !saysHowMany(text)
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

// What of a model's answer counts: enums, short plain text that says nothing but the draft, and indexes into the
// candidates that were found without it. Called by anthropic.ts.

import { createHash } from 'node:crypto'
import { isKnown, type KnownTicket, type ModelAnswer } from './prompt.ts'
import { FLAGS } from './quality.ts'
import type { Candidate, Draft, Question, ReviewDraft } from './reviewer.ts'
import { fold, shorten, words } from './text.ts'

const LONGEST_SUMMARY = 200
const LONGEST_QUESTION = 300
const MOST_QUESTIONS = 3

/** The local verdict with what the model knows better. Its words are kept where they hold nothing but the draft. */
export function takeOver(
  local: ReviewDraft,
  answer: ModelAnswer,
  draft: Draft,
  tickets: readonly KnownTicket[],
): ReviewDraft {
  const isForeign = foreignTo(draft, tickets)
  const written = (text: string, longest: number) => {
    const line = shorten(plainLine(text), longest)
    return line === '' || isForeign(line) ? null : line
  }
  const judged = new Set(answer.flags)
  return {
    summary: written(answer.summary ?? '', LONGEST_SUMMARY) ?? (judged.has('TEST_MESSAGE') ? null : local.summary),
    severity: answer.severity,
    category: answer.category,
    flags: [
      ...[...judged].map((code) => ({ code, message: FLAGS[code] })),
      ...local.flags.filter(({ code }) => code === 'EMPTY' || code === 'SECRET_MASKED'),
    ],
    questions: openQuestions(answer, draft, (text) => written(text, LONGEST_QUESTION)),
    candidates: regraded(local.candidates, answer, tickets),
  }
}

/** One line without control, invisible and direction characters, and without what a page would take for a tag. */
function plainLine(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Z}]+/gu, ' ')
    .replace(/(?![\u200c\u200d])[\p{Cf}\p{Cs}\p{Co}]/gu, '')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .trim()
}

/** Links, addresses, markup of links, numbers and ids of tickets. */
const POINTERS = /\w+:\/\/\S+|\bwww\.\S+|\S+@\S+\.\w+|\]\(|#\d+|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]+/gi
/** So many words in a row are no chance. */
const RUN = 5
const SHORTEST_NAME = 4

/** Whether a text points anywhere that the draft does not, or says what only another ticket says. */
function foreignTo(draft: Draft, tickets: readonly KnownTicket[]): (text: string) => boolean {
  const { subject, description, answers, cluster } = draft
  const said = answers.flatMap(({ question, answer }) => [question, answer])
  const own = plainLine([subject, description, ...said, ...Object.values(cluster ?? {})].join('\n'))
  const others = tickets.map(({ subject, description }) => `${subject}\n${description}`).join('\n')
  const runs = { own: runsOf(own), others: runsOf(others) }
  const isIn = (text: string, name: string) => text.toLowerCase().includes(name.toLowerCase())
  return (text) =>
    pointersOf(text).some((pointer) => !isIn(own, pointer)) ||
    namesOf(text).some((name) => isIn(others, name) && !isIn(own, name)) ||
    [...runsOf(text)].some((run) => runs.others.has(run) && !runs.own.has(run))
}

function pointersOf(text: string): string[] {
  return (text.match(POINTERS) ?? []).map((pointer) => pointer.replace(/[.,;:!?)'"]+$/, ''))
}

/** Words with a digit or a dot inside: hosts, addresses, versions, ids. Short ones are only numbers. */
function namesOf(text: string): string[] {
  const found = text.match(/[\w.:/-]*\d[\w.:/-]*|\w[\w-]*(?:[._]\w[\w-]*)+/g) ?? []
  const names = found.map((name) => name.replace(/[.:]+$/, ''))
  return names.filter((name) => name.length >= SHORTEST_NAME)
}

function runsOf(text: string): Set<string> {
  const all = words(fold(text))
  return new Set(all.slice(RUN - 1).map((_, index) => all.slice(index, index + RUN).join(' ')))
}

/** At most three, one on each topic, none that was answered or that the cluster's context answers. */
function openQuestions(
  { questions }: ModelAnswer,
  { answers, cluster }: Draft,
  written: (text: string) => string | null,
): Question[] {
  const answered = answers.filter(({ answer }) => answer.trim() !== '')
  const taken = new Set(answered.flatMap(({ questionId, question }) => [questionId, sayings(question)]))
  const open: Question[] = []
  for (const { topic, text: said } of questions) {
    const text = written(said)
    if (text === null || isKnown(topic, cluster)) continue
    const id = topic === 'other' ? `asked_${hash(sayings(text))}` : topic
    if (taken.has(id) || taken.has(sayings(text))) continue
    taken.add(id).add(sayings(text))
    open.push({ id, text })
  }
  return open.slice(0, MOST_QUESTIONS)
}

const sayings = (text: string) => words(fold(text)).join(' ')
/** The same question has the same id each time, so that its answer is known by it. */
const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12)

/** Those that the model was not shown, or says nothing of, stay as they were found. */
function regraded(candidates: readonly Candidate[], answer: ModelAnswer, tickets: readonly KnownTicket[]): Candidate[] {
  const grades = new Map(
    // The first word counts where there are two.
    answer.candidates.toReversed().map(({ index, confidence }) => [tickets[index]?.id, confidence]),
  )
  return candidates
    .map((candidate) => ({ ...candidate, confidence: grades.get(candidate.ticketId) ?? candidate.confidence }))
    .filter(({ confidence }) => confidence !== 'low')
    .sort((a, b) => Number(b.confidence === 'high') - Number(a.confidence === 'high'))
}

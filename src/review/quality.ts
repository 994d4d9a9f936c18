// What the team cannot act on, and the sentence that says what to do about it.

import type { TicketCategory } from '../generated/prisma/client.ts'
import { FILLER } from './common-words.ts'
import { maskedKinds } from './mask.ts'
import { pattern } from './pattern.ts'
import type { QualityFlag } from './reviewer.ts'
import { describesTrouble, isRequest, withoutComplaints } from './signs.ts'
import { fold, lines, looksEnglish, words } from './text.ts'

/** Every flag by its code. */
export const FLAGS = {
  EMPTY: 'The description is empty. Please say what happens, or what you need.',
  TEST_MESSAGE: 'This reads like a test message. Please describe a real problem or request, or do not file it.',
  BOILERPLATE: 'The template is not filled in. Please replace its headings and hints by what happened on your side.',
  TOO_VAGUE: 'There is too little to act on. Please say what you did, what you expected and what happened instead.',
  NO_SYMPTOM:
    'It does not say what goes wrong. Please describe what you see: an error message, a state, a wrong result.',
  SECRET_MASKED:
    'The text held a credential, which we removed. Please replace that credential: others may have seen it.',
} as const

export type FlagCode = keyof typeof FLAGS

/** Flags that inform and do not hold a ticket back. */
export const INFORMING: ReadonlySet<string> = new Set<FlagCode>(['SECRET_MASKED'])

const PLACEHOLDER = pattern()`
  ^(?:|n\/?a|none|null|todo|tbd|see (?:the )?(?:subject|title|above|attachment|attached)|
  as (?:above|in subject|per subject)|same as (?:subject|title)|no description(?: provided)?|
  description|siehe betreff|voir (?:l')?objet)$`
const TEST = pattern()`
  ^(?:(?:this is )?(?:just |only )?(?:an? |my |first |another )*(?:test(?:ing)?|
  tests)(?: (?:ticket|message|please|ignore|only|123|one two three|post|request|issue|from \w+|
  of the (?:form|system|portal)|the (?:form|system|portal|ticket system)))*|asdf\w*|qwert\w*|
  foo(?: ?bar)?(?: ?baz)?|hello(?: world)?|hi(?: there)?|lorem ipsum.*|1234?5?6?7?8?9?0?|
  abc(?:def)?|xxx+|blah(?: blah)*|please ignore(?: this)?(?: ticket)?|ignore(?: this| me)?)$`
const HEADING = pattern()`
  ^(?:#+|\*\*|\d+[.)])?\s*(?:what happened|what did you expect(?: to happen)?|what you expected|
  expected (?:behaviou?r|results?)|actual (?:behaviou?r|results?)|current behaviou?r|
  steps to reproduce|how to reproduce(?: it)?|environment|additional (?:context|information|
  info)|description|summary|describe the (?:bug|issue|problem)|screenshots?|logs?|versions?|
  severity|impact|cluster(?: name)?|(?:kubernetes )?version|os|browser|anything else.*|
  possible solution|checklist)\s*(?:\*\*|#*)?\s*[:?]?\s*(?:\*\*)?$`
const HINT = pattern()`
  ^(?:[-*]\s*)?(?:\[ \].*|<!--.*|.*-->|<[^>]*>|\[(?:insert|describe|your|please|add|enter|
  e\.g)[^\]]*\]|\{\{?[^}]*\}?\}|\.{3,}|…|a clear and concise description.*|
  (?:please )?(?:describe|explain|provide|tell us|add|paste|insert|enter)\b.{0,60}\bhere\b.*|
  \d[.)]\s*(?:go to '\.\.\.'.*|click on '\.{3}.*|scroll down to '\.{3}.*|see error|\.{3}|
  step (?:one|two|three|\d))?|[-*]|n\/?a|none|tbd|todo)$`
const FEWEST_WORDS = 3
const FEWEST_TELLING = 2
/** A longer text is left to a person: the rules know too few ways to say what is wrong. */
const LONGEST_WITHOUT_SYMPTOM = 60

/** The flags of a draft. `said` is the description with the answers; other languages have the benefit of the doubt. */
export function qualityFlags(subject: string, said: string, category: TicketCategory | null): QualityFlag[] {
  const blocking = blockingFlag(fold(subject), fold(said), category)
  const kinds = maskedKinds(`${subject}\n${said}`)
  const flags: QualityFlag[] = blocking ? [{ code: blocking, message: FLAGS[blocking] }] : []
  if (kinds.length > 0)
    flags.push({ code: 'SECRET_MASKED', message: `${FLAGS.SECRET_MASKED} (Removed: ${kinds.join(', ')}.)` })
  return flags
}

function blockingFlag(subject: string, said: string, category: TicketCategory | null): FlagCode | null {
  const plain = words(said).join(' ')
  const title = words(subject).join(' ')
  const all = `${subject}\n${said}`
  if (isTest(plain) && (isTest(title) || !isRequest(subject))) return 'TEST_MESSAGE'
  if (PLACEHOLDER.test(said.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')))
    return isTest(title) ? 'TEST_MESSAGE' : 'EMPTY'
  if (isTest(title) && words(said).length <= 12 && !describesTrouble(said)) return 'TEST_MESSAGE'
  if (isUnfilled(said)) return 'BOILERPLATE'
  if (isRequest(all) && tellingWords(all).length >= FEWEST_TELLING) return null
  if (isTooVague(all)) return 'TOO_VAGUE'
  const isAboutTrouble = category === 'technical' || category === 'bug' || category === 'other'
  return isAboutTrouble && looksEnglish(all) && lacksSymptom(all) ? 'NO_SYMPTOM' : null
}

function isTest(text: string): boolean {
  const letters = text.replaceAll(' ', '')
  const isMash = letters.length >= 8 && new Set(letters).size <= 3
  return TEST.test(text) || /^(?:(\S+) )(?:\1 ?)+$/.test(`${text} `) || isMash
}

/** A form's headings and hints with hardly a word between them. */
function isUnfilled(said: string): boolean {
  const own = withoutForm(said)
  return lines(said).length - lines(own).length >= 2 && words(own).length < 5
}

/** The folded text without the headings and hints of a form: what the reporter wrote. */
export function withoutForm(said: string): string {
  return lines(said)
    .filter((line) => !HEADING.test(line) && !HINT.test(line))
    .join('\n')
}

/** Words that tell one problem from another. */
function tellingWords(text: string): string[] {
  return [...new Set(words(withoutComplaints(text)).filter((word) => word.length > 1 && !FILLER.has(word)))]
}

function isTooVague(all: string): boolean {
  if (new Set(words(all)).size < FEWEST_WORDS) return true
  return looksEnglish(all) && tellingWords(all).length < FEWEST_TELLING
}

function lacksSymptom(all: string): boolean {
  if (words(all).length > LONGEST_WITHOUT_SYMPTOM || isRequest(all)) return false
  return !describesTrouble(withoutComplaints(all)) && (!describesTrouble(all) || tellingWords(all).length < 4)
}

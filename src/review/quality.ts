// What the team cannot act on, and the sentence that says what to do about it.

import type { TicketCategory } from '../generated/prisma/client.ts'
import { type Points, troubleIn } from './classify.ts'
import { ownLines } from './classify-reading.ts'
import { FILLER, NAMES_NOTHING } from './common-words.ts'
import type { Impact } from './cues-impact.ts'
import { maskedKinds } from './mask.ts'
import { pattern } from './pattern.ts'
import type { QualityFlag } from './reviewer.ts'
import { isRequest, withoutComplaints } from './signs.ts'
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
  tests)(?: (?:ticket|message|please|pls|plz|ignore|disregard|this|it|only|123|one two three|post|request|issue|from \w+|
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
/** A form's field with its hint in brackets, or with nothing. */
const FIELD = /^(?:[-*] )?(?:[\p{L} /]{2,30}: ?)?(?:\([^)]*\)|\[[^\]]*\]|<[^>]*>)$|^[\p{L} /]{2,30}:$/u
const BOLD = /^(?:\*\*[^*]{2,80}\*\*|#{1,4} .{2,80})$/
const FEWEST_WORDS = 3
const FEWEST_TELLING = 2
const MOSTLY = 0.6
/** A test shows in its first characters. */
const LONGEST_READ = 3_000
/** So many words tell something. */
const LONGEST_VAGUE = 200
/** A title that says "test" over a text no longer than this, without trouble. */
const LONGEST_TEST = 20
/** A longer text is left to a person: the rules know too few ways to say what is wrong. */
const LONGEST_WITHOUT_SYMPTOM = 60
/** Who names so many things mostly says between them what happens. */
const MOST_WITHOUT_SYMPTOM = 8

/** What the other rules found, as far as the flags need it. */
export interface Findings {
  category: TicketCategory | null
  points: Points
  impacts: ReadonlySet<Impact>
  /** Holds a log, a table or code. */
  isPasted: boolean
}

/** The flags of a draft. `said` is the description with the answers; other languages have the benefit of the doubt. */
export function qualityFlags(subject: string, said: string, findings: Findings): QualityFlag[] {
  const blocking = blockingFlag(fold(subject), fold(said), findings)
  const kinds = maskedKinds(`${subject}\n${said}`)
  const flags: QualityFlag[] = blocking ? [{ code: blocking, message: FLAGS[blocking] }] : []
  if (kinds.length > 0)
    flags.push({ code: 'SECRET_MASKED', message: `${FLAGS.SECRET_MASKED} (Removed: ${kinds.join(', ')}.)` })
  return flags
}

function blockingFlag(subject: string, said: string, findings: Findings): FlagCode | null {
  const own = words(said.slice(0, LONGEST_READ))
  const plain = own.join(' ')
  const title = words(subject).join(' ')
  const all = `${subject}\n${withoutSignature(said)}`
  if (isTest(plain) && (isTest(title) || !isRequest(subject))) return 'TEST_MESSAGE'
  if (PLACEHOLDER.test(said.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')))
    return isTest(title) ? 'TEST_MESSAGE' : 'EMPTY'
  if (isTest(title) && own.length <= LONGEST_TEST && troubleIn(findings.points) < 2) return 'TEST_MESSAGE'
  if (isUnfilled(said)) return 'BOILERPLATE'
  if (own.length > LONGEST_VAGUE) return null
  if (isRequest(all) && tellingWords(all).length >= FEWEST_TELLING) return null
  if (lacksSymptom(all, findings)) return 'NO_SYMPTOM'
  return isTooVague(all, findings) ? 'TOO_VAGUE' : null
}

/** Runs over a keyboard, as a hand makes them that wants to see something appear. */
const MASHED = /^(?:[asdfghjkl;]{3,}|[qwertzuiop]{5,}|[zxcvbnm]{3,}|(?:asd|dfg|jkl|sdf|qwe|uio|yxc|zxc)\w*|(\w)\1{2,})$/

function isTest(text: string): boolean {
  const all = text.split(' ')
  const letters = text.replaceAll(' ', '')
  const isMash = letters.length >= 8 && new Set(letters.slice(0, 2_000)).size <= 3
  const mashed = all
    .slice(0, LONGEST_VAGUE)
    .filter((word) => MASHED.test(word) && !/^(?:as|ask|all|glass|flag|flags|class|dash)$/.test(word))
  return TEST.test(text) || /^(?:(\S+) )(?:\1 ?)+$/.test(`${text} `) || isMash || mashed.length >= all.length / 2
}

/** `[describe the impact]`, `<type of user>`, "please select": whoever fills in a form replaces them. Masks are none. */
const GAP =
  /\[(?![a-z ]{5,11} removed\])[a-z][a-z :/_-]{2,60}\]|<(?:an? |the |some |your )?[a-z]+(?: [a-z]+){1,5}>|: *please (?:select|choose|fill)\b/g
const FEWEST_GAPS = 2

/** A form's headings and hints with hardly a word between them, or a signature under nothing. */
function isUnfilled(said: string): boolean {
  const own = withoutForm(said)
  const isGap = (found: string) => words(found).length <= 6
  if ((said.match(GAP)?.filter(isGap).length ?? 0) >= FEWEST_GAPS) return true
  if (lines(said).length - lines(own).length >= 2 && words(own).length < 5) return true
  return withoutSignature(said).trim() === '' && words(said).length >= 5
}

function withoutSignature(said: string): string {
  return ownLines(said).join('\n')
}

/** The folded text without the headings and hints of a form: what the reporter wrote. */
export function withoutForm(said: string): string {
  const isForm = (line: string) => HEADING.test(line) || HINT.test(line) || FIELD.test(line) || BOLD.test(line)
  return said
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !isForm(line.trim()))
    .join('\n')
}

/** Or made of the words that letters to a support team hold: "k8s broken, fix asap" has no article. */
function isEnglish(text: string): boolean {
  const all = words(text)
  const plain = all.filter((word) => FILLER.has(word) || NAMES_NOTHING.has(word))
  return looksEnglish(text) || plain.length >= all.length * MOSTLY
}

/** Words that tell one problem from another. */
function tellingWords(text: string): string[] {
  const names = (word: string) => word.length > 1 && !FILLER.has(word) && !NAMES_NOTHING.has(word)
  return [...new Set(words(withoutComplaints(text)).filter(names))]
}

function isTooVague(all: string, { points, impacts }: Findings): boolean {
  if (new Set(words(all)).size < FEWEST_WORDS) return true
  // "Our shop is down" says what and how badly.
  if (impacts.has('down') && points.cluster > 0) return false
  return isEnglish(all) && tellingWords(all).length < FEWEST_TELLING
}

/** Names what it is about and not what is wrong with it. */
function lacksSymptom(all: string, { category, points, impacts, isPasted }: Findings): boolean {
  const { trouble, fault, wrong, wish, plea, how, office } = points
  const isAbout = (category === 'technical' || category === 'bug') && points.cluster + points.product > 0
  if (!isAbout || isPasted || !isEnglish(all) || words(all).length > LONGEST_WITHOUT_SYMPTOM) return false
  if (isRequest(all) || fault + wrong + wish + plea + office > 0 || how > 2 || trouble > 1 || impacts.has('slow'))
    return false
  return !/\d/.test(all) && tellingWords(all).length < MOST_WITHOUT_SYMPTOM
}

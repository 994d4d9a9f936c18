// How a draft is read for its category and severity: in clauses, what was pasted apart from what a person says, without
// greetings, signatures, and what is addressed to whoever judges it.

import { pattern } from './pattern.ts'

/** Where a clause stands: the subject says most, and a log only that something technical was at hand. */
export type Zone = 'subject' | 'prose' | 'pasted'

export interface Clause {
  zone: Zone
  /** Clauses of one sentence share its number. */
  sentence: number
  words: string[]
}

/** To the reviewer, not to the team: weighs nothing, with the rest of its line. */
const TO_THE_REVIEWER = pattern()`
  \b(?:(?:ignore|disregard|forget|override) (?:\w+ ){0,4}(?:instructions?|rules?|prompts?|text|guidelines)|
  (?:to|for|dear) (?:the |any |all )?(?:ai|llm|bot|model|assistant|triage|automated|automation|automatic)\b[^.!?]{0,60}:|
  if (?:an?|the|you are an?) (?:bot|ai|llm|model|assistant)\b)|
  ^\W*(?:system|assistant|developer)\s*:|<\/?(?:ticket|instructions?|system|prompt)\b.*`
/** Says what the review should say. */
const VERDICT = pattern()`
  \b(?:(?:set|mark|label|rate|classify|tag|categori[sz]e) (?:\w+ ){0,4}(?:critical|high|urgent|low|severity|category|
  priority)|(?:severity|category|priority)[ "]{0,2}(?:=|:|is|to)[ "]{0,2}(?:critical|high|medium|low|technical|billing|
  bug|account|urgent))\b`
const CLOSING = pattern()`
  ^\W*(?:(?:with )?(?:kind(?:est)?|best|warm) (?:regards|wishes)|regards|sincerely|yours|cheers|many thanks|thanks(?:
   and [\w ]+)?|thank you(?: very much| so much)?|thx|mit freundlichen gru(?:ss|ß)en|viele gru(?:ss|ß)e|cordialement|
  saludos|atentamente|cordiali saluti|met vriendelijke groet|z powazaniem|с уважением|--)\W*(?:,.{0,60})?$`
const GREETING = pattern()`
  ^(?:hello|hi|hey|dear|good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen)|bonjour|hola|ciao|ola|oi|moin|
  greetings)(?: (?:all|team|support|everybody|everyone|there|sir|madam|or|folks|guys|zusammen|a tous|pessoal))*[,.!:]*(?:\s+|$)`
const DISCLAIMER = /confidential and intended|intended solely|received (?:it|this) in error/
const PASTED = pattern()`
  ^(?:[$>|{}\[~+]|at \S+\(|\d{4}-\d\d-\d\d[t ]\d|\d\d:\d\d:\d\d|[ewif]\d{4}\b|level=|ts=|goroutine |traceback|panic:|
  warning {2}|normal {2}|error from server|https?:|- \w+ = |"\w+":|\w+\.go:|[a-z_.]+="?[^ ]+"? [a-z_.]+=)|
  \S {2,}\S+ {2,}\S|^[a-z ]{3,20}: {3,}\S|^\S+ \S+ \S+: \[\w+\]|^\S*(?:error|exception): |=>|;$`

/** What `subject` and `body`, both folded, say. */
export function readClauses(subject: string, body: string): Clause[] {
  const clauses: Clause[] = []
  const sentences = { count: 0 }
  addLine(clauses, 'subject', subject, sentences)
  for (const line of ownLines(body)) addLine(clauses, isPasted(line) ? 'pasted' : 'prose', line.trim(), sentences)
  return clauses
}

/** The lines without what follows a closing. */
export function ownLines(body: string): string[] {
  const all = body.split(/\r?\n/).filter((line) => line.trim() !== '')
  const closing = all.findIndex(
    (line, at) => (at > 0 || line.startsWith('--')) && all.length - at <= 6 && CLOSING.test(line),
  )
  return (closing >= 0 ? all.slice(0, closing) : all).filter((line) => !DISCLAIMER.test(line))
}

export function isPasted(line: string): boolean {
  if (/^ {4,}\S/.test(line) || PASTED.test(line.trim())) return true
  const letters = line.replace(/[^\p{L} ]+/gu, '').length
  return line.length > 30 && letters / line.length < 0.7
}

function addLine(clauses: Clause[], zone: Zone, line: string, sentences: { count: number }): void {
  const own = zone === 'prose' ? withoutQuotes(line.replace(GREETING, ''), clauses, sentences.count + 1) : line
  for (const sentence of own.split(/(?<=[.!?;])\s+|(?<=[。！？])/)) {
    if (TO_THE_REVIEWER.test(sentence)) return
    sentences.count += 1
    if (VERDICT.test(sentence)) continue
    for (const clause of sentence.split(PARTS)) {
      const words = wordsOf(clause)
      if (words.length > 0) clauses.push({ zone, sentence: sentences.count, words })
    }
  }
}

/** A message in quotes is a log that stands in a sentence. */
const QUOTED = /"[^"\n]{25,300}"|`[^`\n]{25,300}`|[«“„][^»”“\n]{25,300}[»”“]|「[^」\n]{12,300}」/g

function withoutQuotes(line: string, clauses: Clause[], sentence: number): string {
  return line.replace(QUOTED, (quoted) => {
    clauses.push({ zone: 'pasted', sentence, words: wordsOf(quoted) })
    return ' "" '
  })
}

const PARTS = pattern()`
  [,:;()]\s+|\s[-–—→/]+\s|\s\(|\b(?:and|but|while|although|though|however|because|yet|und|aber|mais|pero|ma|maar|но|а)\b`
const SHORT = new Map<string, readonly string[]>([
  ['cannot', ['can', 'not']],
  ['cant', ['can', 'not']],
  ["can't", ['can', 'not']],
  ['wont', ['will', 'not']],
  ["won't", ['will', 'not']],
  ['pls', ['please']],
  ['plz', ['please']],
  ['u', ['you']],
  ['ur', ['your']],
  ['wanna', ['want', 'to']],
  ['its', ['it', 'is']],
  ['thats', ['that', 'is']],
  ['whats', ['what', 'is']],
  ['wheres', ['where', 'is']],
  ['w', ['with']],
  ['wd', ['would']],
])
for (const verb of 'do does did is are was were has have had would could should'.split(' ')) {
  SHORT.set(`${verb}nt`, [verb, 'not'])
  SHORT.set(`${verb}n't`, [verb, 'not'])
}
const SUFFIX = new Map([
  ['d', 'would'],
  ['ll', 'will'],
  ['re', 'are'],
  ['ve', 'have'],
  ['m', 'am'],
  ['s', 'is'],
])

/** The words of folded text, "can't", "cant" and "cannot" all as "can not". */
export function wordsOf(text: string): string[] {
  const isPlain = /^\p{ASCII}*$/u.test(text)
  const found = isPlain
    ? text.match(/[a-z0-9]+(?:'[a-z]+)?/g)
    : text.replaceAll('’', "'").match(/[\p{L}\p{N}]+(?:'\p{L}+)?/gu)
  const all: string[] = []
  for (const word of found ?? []) addWord(all, word)
  return all
}

function addWord(all: string[], word: string): void {
  const known = SHORT.get(word)
  if (known) all.push(...known)
  else if (word.includes("'")) {
    const [head = word, tail = ''] = word.split("'")
    all.push(head, SUFFIX.get(tail) ?? tail)
  } else all.push(word)
}

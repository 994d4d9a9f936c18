// A sentence or two that tell the team what a draft is about, in the reporter's own words.

import { pattern } from './pattern.ts'
import { lines, shorten, words } from './text.ts'

const LONGEST = 200
const GREETING = pattern('i')`
  ^(?:hello|hi|hey|dear|good (?:morning|afternoon|evening|day)|hallo|guten tag|bonjour|hola|thanks|
  thank you|regards|best regards|kind regards|cheers|please help)\b[^.!?]{0,40}[,.!]?$`
/** Log lines, stack frames, code and headings make no sentence. */
const NOT_PROSE = /^(?:[#>|$`{}[\]<-]|at \S+\(|\d{4}-\d\d-\d\d|\w+\d{4} \d\d:\d\d|https?:)|^\S+$|[:{]$/

/** Null when the draft holds no words. */
export function summarise(subject: string, description: string): string | null {
  const title = subject.trim().replace(/\s+/g, ' ')
  const sentence = firstSentence(description, title)
  const parts = [title, sentence].filter((part) => part !== null && words(part).length > 0)
  if (parts.length === 0) return null
  const [first, second] = parts as [string, string?]
  return shorten(
    second ? `${first.replace(/[.:;,\s]+$/, '')}${/[?!]$/.test(first) ? '' : '.'} ${second}` : first,
    LONGEST,
  )
}

function firstSentence(description: string, title: string): string | null {
  const prose = lines(description).filter((line) => !GREETING.test(line) && !NOT_PROSE.test(line))
  const text = prose.join(' ').replace(/^(?:hello|hi|hey|dear|hallo|bonjour|hola)\b[^,.!]{0,30}[,.!]\s*/i, '')
  const [sentence] = text.match(/^[\s\S]{15,400}?[.!?。！？](?=\s|$)|^[\s\S]+/) ?? []
  if (!sentence || saysTheSame(sentence, title)) return null
  return sentence.trim()
}

function saysTheSame(sentence: string, title: string): boolean {
  const known = new Set(words(title.toLowerCase()))
  const said = words(sentence.toLowerCase())
  return said.length === 0 || said.filter((word) => known.has(word)).length / said.length > 0.8
}

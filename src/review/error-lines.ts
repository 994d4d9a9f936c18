// Error lines of a text, without what differs from one occurrence to the next: the best sign that two tickets are one.

import { pattern } from './pattern.ts'
import { fold, lines } from './text.ts'

const SAYS_ERROR = pattern('i')`
  \b(?:\w*error|\w*exception|failed|failure|fatal|panic|denied|refused|timed out|timeout|
  unable to|cannot|could not|not (?:ready|initiali[sz]ed|responding)|invalid|rejected|no such|
  not found|x509|exceeded|evicted|\w*backoff|oomkilled|unhealthy|no space left|[45]\d\d (?:bad|
  internal|not|service|gateway|forbidden|unauthorized|too many))\b`
const LOG_HEAD = pattern('i')`
  ^(?:[\s>|$#*-]|\d{4}-\d\d-\d\d[t ]?|\d\d?:\d\d(?::\d\d)?(?:[.,]\d+)?(?:z|[+-]\d\d:?\d\d)?|
  \[[^\]]{0,40}\]|[wief]\d{4}|\b(?:info|warn(?:ing)?|error|fatal|debug)\b:?|\d+m?\d*s?\b)+`
const SHORTEST = 15
const LONGEST = 300
const MOST = 20
const FEWEST_WORDS = 3

/** Normalised error lines, each with the line as it was written, without the time and level before it. */
export function errorLinesOf(text: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const line of lines(text)) {
    if (found.size >= MOST) break
    if (line.length > LONGEST || !SAYS_ERROR.test(line) || isProse(line)) continue
    const normal = normalise(line)
    if (normal.length >= SHORTEST && (normal.match(/\p{L}{3,}/gu)?.length ?? 0) >= FEWEST_WORDS) {
      found.set(normal, line.replace(LOG_HEAD, ''))
    }
  }
  return found
}

/** A sentence of a person's: two reports may word it alike and mean different things. */
function isProse(line: string): boolean {
  return /^(?:we|i|our|the|this|it|after|when|since|please|and|but|all|some)\b/i.test(line) && !/[:=]\s/.test(line)
}

function normalise(line: string): string {
  return fold(line)
    .replace(LOG_HEAD, '')
    .replace(/-[a-z0-9]{8,10}-[a-z0-9]{5}\b/g, '')
    .replace(/\b0x[0-9a-f]+\b|\b[0-9a-f-]{0,40}\d[0-9a-f-]{0,40}\b|\d+/g, '#')
    .replace(/[^\p{L}#]+/gu, ' ')
    .trim()
}

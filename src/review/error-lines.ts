// Error lines of a text, without what differs from one occurrence to the next: the best sign that two tickets are one.

import { FILLER } from './common-words.ts'
import { pattern } from './pattern.ts'
import { fold, lines } from './text.ts'

const SAYS_ERROR = pattern('i')`
  \b(?:\w*error|\w*exception|failed|failure|fatal|panic|denied|refused|timed out|timeout|
  unable to|cannot|could not|closed connection|connection (?:closed|reset)|not (?:ready|initiali[sz]ed|responding)|invalid|rejected|no such|
  not found|x509|exceeded|evicted|\w*backoff|oomkilled|unhealthy|no space left|[45]\d\d (?:bad|
  internal|not|service|gateway|forbidden|unauthorized|too many))\b`
const LOG_HEAD = pattern('i')`
  ^(?:[\s>|$#*-]|\d{4}-\d\d-\d\d[t ]?|\d\d?:\d\d(?::\d\d)?(?:[.,]\d+)?(?:z|[+-]\d\d:?\d\d)?|
  \[[^\]]{0,40}\]|[wief]\d{4}|\b(?:info|warn(?:ing)?|error|fatal|debug)\b:?|\d+m?\d*s?\b)+`
const LONGEST = 300
const MOST = 20
/** So many words one after the other are quoted, not chosen: people who word it themselves do not hit on the same. */
const RUN = 5
const FEWEST_TELLING = 3
/** An error that more of the tickets compared quote is one that all kinds of trouble end with. */
const MOST_QUOTING = 3

/**
 * Every run of words in the error lines of a text, normalised, each with its line as it was written, without the time
 * and level before it. Runs, since one quotes the whole line and another a part of it, or with another name inside.
 */
export function errorLinesOf(text: string): Map<string, string> {
  const found = new Map<string, string>()
  const quoted = lines(text).filter((line) => line.length <= LONGEST && SAYS_ERROR.test(line) && !isProse(line))
  for (const line of quoted.slice(0, MOST)) {
    const written = line.replace(LOG_HEAD, '')
    for (const run of runsOf(normalise(written))) if (!found.has(run)) found.set(run, written)
  }
  return found
}

/** What every text quotes of the error lines of another, without what so many quote that it says nothing. */
export function quotesOf(errorLines: ReadonlyMap<string, string>, texts: readonly string[]): string[][] {
  if (errorLines.size === 0) return texts.map(() => [])
  const quoted = texts.map((text) => [...errorLinesOf(text).keys()].filter((run) => errorLines.has(run)))
  const times = Map.groupBy(quoted.flat(), (run) => run)
  return quoted.map((runs) => runs.filter((run) => (times.get(run)?.length ?? 0) <= MOST_QUOTING))
}

/** A sentence of a person's: two reports may word it alike and mean different things. */
function isProse(line: string): boolean {
  return /^(?:we|i|our|the|this|it|after|when|since|please|and|but|all|some)\b/i.test(line) && !/[:=]\s/.test(line)
}

/** A line too short for a run is one itself. */
function runsOf(words: readonly string[]): string[] {
  const starts = Math.max(1, words.length - RUN + 1)
  const runs = Array.from({ length: starts }, (_, at) => words.slice(at, at + RUN))
  return runs.filter((run) => run.filter(isTelling).length >= FEWEST_TELLING).map((run) => run.join(' '))
}

function isTelling(word: string): boolean {
  return word.length > 2 && !FILLER.has(word)
}

function normalise(line: string): string[] {
  return fold(line)
    .replace(/-[a-z0-9]{8,10}-[a-z0-9]{5}\b/g, '')
    .replace(/\b0x[0-9a-f]+\b|\b[0-9a-f-]{0,40}\d[0-9a-f-]{0,40}\b|\d+/g, '#')
    .split(/[^\p{L}#]+/u)
    .filter((word) => word !== '')
}

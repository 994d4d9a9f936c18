// How sure it is that a ticket is about the same thing as a draft: what is alike, beside what else is alike.
// Called by duplicates.ts.

import type { Confidence } from './reviewer.ts'
import type { Likeness } from './similarity.ts'

/** What is known of a ticket when its band is chosen. */
export interface Signs extends Likeness {
  /** How the numbers of the subjects differ. */
  numbers: 'all' | 'some' | null
  /** Runs of words in the draft's error lines that this ticket quotes, too. */
  quoted: string[]
}

/** Places 6 to 10: the first that could not be shown. What comes there just sounds alike. */
const BACKGROUND = { from: 5, to: 10 }
/** How much, and how much more than the background, has to be alike. */
const MEDIUM = { score: 0.35, above: 0.235 }
/** Word for word, near enough: shown even as one of a series. */
const SAME = 0.75
/** Stems in common: fewer than these are chance. */
const FEWEST_SHARED = { medium: 3, high: 6 }

/** Each ticket says all but everything that the other's subject says. */
const TOLD_TWICE = { score: 0.55, above: 0.3, covered: 0.95 }
/** Both quote an error that hardly any other ticket quotes. */
const QUOTED = { score: 0.35, above: 0.3 }
/** Nothing else comes near, as among few tickets, and half of all that the draft says is said again. */
const ALONE = { score: 0.45, background: 0.1, shared: 10, repeated: 0.5 }
/** Subjects alike up to a word that only one of them says: "quota of shop" and "quota of crm" are two of a series. */
const SIBLINGS = { sameSubject: 0.4, covered: 0.95 }

/**
 * The band of each, in the order of the ranking. Where many tickets are alike, people file a series of them: who sees
 * that theirs is there already joins it, and does not file. So what is alike has to stand out, and one at most is high.
 */
export function bandsOf(ranking: readonly Signs[]): Confidence[] {
  const background = backgroundOf(ranking)
  const bands = ranking.map((signs) => bandOf(signs, background))
  const best = bands.indexOf('high')
  return bands.map((band, at) => (band === 'high' && at !== best ? 'medium' : band))
}

/** The mean score of what sounds alike; missing ones sound like nothing. */
function backgroundOf(ranking: readonly Signs[]): number {
  const scores = ranking.slice(BACKGROUND.from, BACKGROUND.to).map(({ score }) => score)
  return scores.reduce((sum, score) => sum + score, 0) / (BACKGROUND.to - BACKGROUND.from)
}

function bandOf(signs: Signs, background: number): Confidence {
  const above = signs.score - background
  if (signs.shared.length < FEWEST_SHARED.medium || (signs.numbers === 'all' && signs.quoted.length === 0)) return 'low'
  if (isSure(signs, above, background)) return 'high'
  return (signs.score >= MEDIUM.score && above >= MEDIUM.above) || signs.score >= SAME ? 'medium' : 'low'
}

function isSure(signs: Signs, above: number, background: number): boolean {
  const { score, covered, shared, quoted, numbers, sameSubject, repeated } = signs
  if (numbers !== null || shared.length < FEWEST_SHARED.high) return false
  if (score >= TOLD_TWICE.score && above >= TOLD_TWICE.above && covered >= TOLD_TWICE.covered) return true
  if (sameSubject >= SIBLINGS.sameSubject && covered < SIBLINGS.covered) return false
  if (quoted.length > 0 && score >= QUOTED.score && above >= QUOTED.above) return true
  const isAlone = background <= ALONE.background && score >= ALONE.score
  return isAlone && shared.length >= ALONE.shared && repeated >= ALONE.repeated
}

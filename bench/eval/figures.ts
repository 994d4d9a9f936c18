// What the answers to many questions come to.

import type { Confidence } from '../../src/review/reviewer.ts'
import { quantile } from '../subscriptions/figures.ts'

/** What the search said to one question. */
export interface Answer {
  report: string
  /** Whether there is a duplicate to be found. */
  hasDuplicate: boolean
  /** All tickets that were looked at, best first. */
  ranking: { report: string | null; isRight: boolean; score: number; confidence: Confidence }[]
  /** The same, as a person sees it. */
  shown: { report: string | null; isRight: boolean; confidence: Confidence }[]
  milliseconds: number
}

/** Shares are from 0 to 1, of the questions that have a duplicate unless said otherwise. */
export interface Figures {
  questions: { withDuplicate: number; without: number }
  /** Right ones among all that were looked at. */
  fetched: number
  ranking: { recallAt1: number; recallAt5: number; meanReciprocalRank: number }
  shown: { recallAt5: number; anyWithoutDuplicate: number }
  /** Of what is shown as high, whatever was asked. */
  high: { precision: number; shown: number; withoutDuplicate: number }
  milliseconds: { p50: number; p99: number }
}

export function figuresOf(answers: readonly Answer[]): Figures {
  const known = answers.filter(({ hasDuplicate }) => hasDuplicate)
  const alone = answers.filter(({ hasDuplicate }) => !hasDuplicate)
  const ranks = known.map(({ ranking }) => 1 + ranking.findIndex(({ isRight }) => isRight))
  const within = (most: number) => ranks.filter((rank) => rank > 0 && rank <= most).length / known.length
  const high = answers.flatMap(({ shown }) => shown.filter(({ confidence }) => confidence === 'high'))
  const times = answers.map(({ milliseconds }) => milliseconds)
  return {
    questions: { withDuplicate: known.length, without: alone.length },
    fetched: within(Number.POSITIVE_INFINITY),
    ranking: {
      recallAt1: within(1),
      recallAt5: within(5),
      meanReciprocalRank: ranks.reduce((sum, rank) => sum + (rank > 0 ? 1 / rank : 0), 0) / known.length,
    },
    shown: {
      recallAt5: share(known, ({ shown }) => shown.some(({ isRight }) => isRight)),
      anyWithoutDuplicate: share(alone, ({ shown }) => shown.length > 0),
    },
    high: {
      precision: share(high, ({ isRight }) => isRight),
      shown: high.length,
      withoutDuplicate: share(alone, ({ shown }) => shown.some(({ confidence }) => confidence === 'high')),
    },
    milliseconds: { p50: quantile(times, 0.5), p99: quantile(times, 0.99) },
  }
}

export function share<T>(all: readonly T[], has: (one: T) => boolean): number {
  return all.filter(has).length / all.length
}

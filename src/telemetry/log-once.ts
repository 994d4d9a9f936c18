// Trouble that repeats is said once: that it began, every half minute how often it came again, and that it is over. A
// thousand requests against a database that is away would otherwise write a thousand lines.

import type { Logger } from 'pino'
import { isUnavailable } from '../db/faults.ts'
import { StoreUnavailable } from '../storage/store.ts'
import { errorType } from './tracing.ts'

export interface Trouble {
  /** It failed, once more. */
  failed(error: unknown): void
  /** It works. Costs nothing where nothing had failed. */
  works(): void
  close(): void
}

export interface TroubleOptions {
  logger: Pick<Logger, 'info' | 'warn'>
  /** What is said when it begins, such as "PostgreSQL does not answer". */
  failing: string
  /** What is said when it is over. Absent: nobody will say that it works, and silence ends it. */
  working?: string
}

const SUMMARY_MS = 30_000
/** Without a failure, before it counts as over: what comes and goes under load is one trouble. */
const CALM_MS = 2000

export function watchTrouble({ logger, failing, working }: TroubleOptions): Trouble {
  let since: number | null = null
  let repeats = 0
  let failures = 0
  let summaries: NodeJS.Timeout | undefined
  let calm: NodeJS.Timeout | undefined

  function begin(error: unknown): void {
    since = performance.now()
    repeats = 0
    failures = 0
    summaries = setInterval(summarise, SUMMARY_MS).unref()
    logger.warn({ err: error, code: errorType(error) }, failing)
  }

  function summarise(): void {
    if (repeats > 0) logger.warn({ repeats, seconds: secondsSince(since) }, `${failing}: ${repeats} times more`)
    else if (working === undefined) end()
    repeats = 0
  }

  function end(): void {
    clearInterval(summaries)
    clearTimeout(calm)
    calm = undefined
    since = null
  }

  function over(seconds: number): void {
    logger.info({ seconds, failures }, `${working}, after ${seconds} s`)
    end()
  }

  return {
    failed(error) {
      clearTimeout(calm)
      calm = undefined
      if (since === null) begin(error)
      else repeats += 1
      failures += 1
    },
    works() {
      if (since === null || calm !== undefined || working === undefined) return
      const seconds = secondsSince(since)
      calm = setTimeout(() => over(seconds), CALM_MS).unref()
    },
    close: end,
  }
}

const secondsSince = (start: number | null) => Math.round((performance.now() - (start ?? performance.now())) / 1000)

/** Whether a part of ours is away: that is said once, by who watches it, and not by each request that meets with it. */
export const isAway = (error: unknown): boolean => isUnavailable(error) || error instanceof StoreUnavailable

// The review as this process gives it: by a model, with the rules behind it, where one is configured; else by the rules.

import type { Logger } from 'pino'
import type { AnthropicConfig } from '../config.ts'
import type { Database } from '../db/client.ts'
import { ticketsById } from '../db/reads/tickets.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { askedOnce, makeReviewWithFallback } from './fallback.ts'
import { makeLocalReviewer } from './local.ts'
import { observed } from './observed.ts'
import type { KnownTicket } from './prompt.ts'
import { localOnly, type ReviewContext, type ReviewService } from './reviewer.ts'

export interface ReviewServiceOptions {
  database: Database
  anthropic: AnthropicConfig | null
  /** How long a review may take, in milliseconds. */
  timeoutMs: number
  logger: Logger
  telemetry: Telemetry
}

export async function makeReviewService(options: ReviewServiceOptions): Promise<ReviewService> {
  return observed(await makeService(options), options.telemetry)
}

/** The SDK is loaded only where there is a model. */
async function makeService(options: ReviewServiceOptions): Promise<ReviewService> {
  const { database, anthropic, timeoutMs, logger, telemetry } = options
  const local = makeLocalReviewer(database)
  if (anthropic === null) return localOnly(local)
  const { makeAnthropicReviewer } = await import('./anthropic.ts')
  const once = askedOnce(local)
  const readTickets = async (ids: readonly string[], { organisationId }: ReviewContext): Promise<KnownTicket[]> =>
    ticketsById(database, { side: 'customer', organisationId }, ids)
  const model = makeAnthropicReviewer({
    ...anthropic,
    timeoutMs,
    local: once,
    readTickets,
    logger,
    onUsage: telemetry.metrics.modelUsage,
    tracing: telemetry.tracing,
  })
  return makeReviewWithFallback({
    model,
    local: once,
    timeoutMs,
    onFailure(failure, err) {
      // That it is left alone now is said by the failures before.
      const level = failure === 'circuit_open' ? 'debug' : 'warn'
      logger[level]({ err, failure }, 'The model did not review a draft; the rules did')
    },
  })
}

// What is counted of reviews and of the model.

import { Counter, Histogram, type Registry } from '@prometheus-io/client'
import type { ModelUsage } from '../review/anthropic.ts'
import type { Reviewed } from '../review/reviewer.ts'
import { quality, recommendedAction } from '../review/verdict.ts'

export interface ReviewMetrics {
  review(reviewed: Reviewed, seconds: number): void
  /** A model has answered. */
  modelUsage(usage: ModelUsage): void
}

const REVIEW_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16]
const MODEL_SECONDS = [0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 16]

export function countReviews(registers: Registry[]): ReviewMetrics {
  const reviews = new Counter({
    name: 'deskwire_reviews_total',
    help: 'Reviews of drafts. model_failure: why the rules answered in place of the model; none: it did, or there is none.',
    labelNames: ['reviewer', 'model_failure', 'quality', 'recommended_action'],
    registers,
  })
  const duration = new Histogram({
    name: 'deskwire_review_duration_seconds',
    help: 'Time that a review took, in seconds.',
    labelNames: ['reviewer'],
    buckets: REVIEW_SECONDS,
    registers,
  })
  const tokens = new Counter({
    name: 'deskwire_model_tokens_total',
    help: 'Tokens of the model: read at full price (input), from and into its cache (cache_read, cache_write), output.',
    labelNames: ['kind'],
    registers,
  })
  const latency = new Histogram({
    name: 'deskwire_model_duration_seconds',
    help: 'Time from asking the model to its whole answer, in seconds.',
    buckets: MODEL_SECONDS,
    registers,
  })
  return {
    review({ verdict, reviewer: name, modelFailure }, seconds) {
      const reviewer = name === 'local' ? 'local' : 'model'
      const labels = { model_failure: modelFailure ?? 'none', quality: quality(verdict) }
      reviews.inc({ reviewer, ...labels, recommended_action: recommendedAction(verdict) })
      duration.observe({ reviewer }, seconds)
    },
    modelUsage({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, latencyMs }) {
      const kinds = {
        input: inputTokens,
        output: outputTokens,
        cache_read: cacheReadTokens,
        cache_write: cacheWriteTokens,
      }
      for (const [kind, count] of Object.entries(kinds)) tokens.inc({ kind }, Math.max(0, count))
      latency.observe(latencyMs / 1000)
    },
  }
}

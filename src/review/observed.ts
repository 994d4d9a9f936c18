// Reviews, and what the model is asked, as those see them who watch the service.

import type { Telemetry } from '../telemetry/telemetry.ts'
import type { ReviewService } from './reviewer.ts'
import { quality } from './verdict.ts'

/** Counts the reviews that come to an end, and makes each a step of its trace. */
export function observed(service: ReviewService, { metrics, tracing }: Telemetry): ReviewService {
  return {
    circuit: service.circuit,
    review: (draft, context, signal) =>
      tracing.span('review', {}, async (span) => {
        const start = performance.now()
        const reviewed = await service.review(draft, context, signal)
        metrics.review(reviewed, (performance.now() - start) / 1000)
        const { verdict, reviewer, modelFailure } = reviewed
        span.set({
          'deskwire.reviewer': reviewer,
          'deskwire.review.quality': quality(verdict),
          'deskwire.review.candidates': verdict.candidates.length,
          ...(modelFailure && { 'deskwire.model_failure': modelFailure }),
        })
        return reviewed
      }),
  }
}

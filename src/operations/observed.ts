// How an operation went, as those see it who watch the service.

import { isUnavailable } from '../db/faults.ts'
import type { Outcome } from '../telemetry/metrics.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { isProblem, Refusal } from './errors.ts'

/** Runs it as a step of its trace, or the first of one, and counts how it ended. */
export function observed<T>({ metrics, tracing }: Telemetry, name: string, run: () => Promise<T>): Promise<T> {
  return tracing.span(name, { begins: true }, async (span) => {
    const start = performance.now()
    const over = (outcome: Outcome) => {
      metrics.operation(name, outcome, (performance.now() - start) / 1000)
      span.set({ 'deskwire.outcome': outcome })
    }
    try {
      const result = await run()
      over(isProblem(result) ? 'problem' : 'ok')
      return result
    } catch (error) {
      over(outcomeOf(error))
      throw error
    }
  })
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof Refusal) return error.code === 'UNAVAILABLE' ? 'unavailable' : 'refused'
  return isUnavailable(error) ? 'unavailable' : 'error'
}

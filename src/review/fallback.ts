// A review that never fails because the model did: the local one runs beside it and answers in its place. Made once a
// process where a model is configured; operations call it.

import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen, isBrokenCircuitError } from 'cockatiel'
import {
  type CircuitState as Circuit,
  type Draft,
  ModelError,
  type ModelFailure,
  type ReviewContext,
  type ReviewDraft,
  type Reviewer,
  type ReviewService,
} from './reviewer.ts'

export interface FallbackOptions {
  model: Reviewer
  local: Reviewer
  /** How long the model may take, in milliseconds; the review is there 200 ms later at the latest. */
  timeoutMs: number
  /** Called once for each review that the model did not answer or was not asked for; not when the caller left. */
  onFailure(failure: ModelFailure, error: unknown): void
}

const FAILURES_IN_A_ROW = 5
const PAUSE_MS = 30_000
/** What the local review gets after the deadline, should the database be slow: with it, 200 ms are kept. */
const GRACE_MS = 150
/** The model stops this long before the deadline: the verdict is still to be stored, and hundreds may be at once. */
const TO_STORE_MS = 150
/**
 * What one draft brings about, and says nothing about the model. Were a refusal counted, one customer's drafts could
 * turn the model off for everybody.
 */
const OF_THE_DRAFT: ReadonlySet<ModelFailure> = new Set(['aborted', 'refusal', 'truncated'])

/** After five failures in a row the model is left alone for 30 seconds; then one review tries whether it is back. */
export function makeReviewWithFallback({ model, local, timeoutMs, onFailure }: FallbackOptions): ReviewService {
  const { askModel, circuit } = behindCircuit(model)
  return {
    circuit,
    async review(draft, context, signal) {
      signal.throwIfAborted()
      const endsAt = (context.since ?? performance.now()) + timeoutMs - Math.min(TO_STORE_MS, timeoutMs / 10)
      const fallback = local.review(draft, context, signal)
      // It is awaited only where the model fails, and may have failed long before.
      fallback.catch(() => {})
      try {
        const verdict = await askModel(draft, context, signal, endsAt)
        return { verdict, reviewer: model.name, modelFailure: null }
      } catch (error) {
        signal.throwIfAborted()
        const modelFailure = error instanceof ModelError ? error.reason : 'internal'
        onFailure(modelFailure, error)
        const verdict = await inTime(fallback, endsAt + GRACE_MS, signal)
        return { verdict, reviewer: local.name, modelFailure }
      }
    },
  }
}

type Ask = (draft: Draft, context: ReviewContext, signal: AbortSignal, endsAt: number) => Promise<ReviewDraft>

/** Asks the model unless it is known to fail. Rejects with a ModelError, or with what was our own fault. */
function behindCircuit(model: Reviewer): { askModel: Ask; circuit(): Circuit } {
  const circuit = circuitBreaker(handleWhen(isCounted), {
    breaker: new ConsecutiveBreaker(FAILURES_IN_A_ROW),
    halfOpenAfter: PAUSE_MS,
  })
  const ask: Ask = (draft, context, caller, endsAt) =>
    circuit.execute(() => {
      // The one that tries decides for all the others, so it is not given up with its caller.
      const leaving = circuit.state === CircuitState.HalfOpen ? null : caller
      return within(leftUntil(endsAt), leaving, (signal) => model.review(draft, context, signal))
    })

  const askModel: Ask = async (draft, context, caller, endsAt) => {
    // While one tries, cockatiel has the others wait for the outcome; ours are answered at once.
    if (circuit.state === CircuitState.HalfOpen) throw new ModelError('circuit_open')
    // It came late to us: that says nothing about the model.
    if (leftUntil(endsAt) === 0) throw new ModelError('timeout')
    try {
      return await within(leftUntil(endsAt + GRACE_MS), caller, () => ask(draft, context, caller, endsAt))
    } catch (error) {
      throw isBrokenCircuitError(error) ? new ModelError('circuit_open') : error
    }
  }
  return { askModel, circuit: () => STATES[circuit.state] }
}

/** In milliseconds, of performance.now(). */
const leftUntil = (time: number): number => Math.max(time - performance.now(), 0)
/** By hand it is never opened. */
const STATES = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.Isolated]: 'open',
  [CircuitState.HalfOpen]: 'half_open',
} as const

const isCounted = (error: unknown) => !(error instanceof ModelError && OF_THE_DRAFT.has(error.reason))

/** The local verdict, when it comes before `latest`; that it does not is a fault of ours and no ModelError. */
async function inTime(fallback: Promise<ReviewDraft>, latest: number, signal: AbortSignal): Promise<ReviewDraft> {
  try {
    return await within(leftUntil(latest), signal, () => fallback)
  } catch (error) {
    signal.throwIfAborted()
    throw error instanceof ModelError ? new Error('The local review took longer than a review may.') : error
  }
}

/**
 * What `run` gives, or a ModelError: 'timeout' after so many milliseconds, 'aborted' when the caller goes away. `run`
 * learns of either by its signal and is not waited for any longer.
 */
export async function within<Result>(
  milliseconds: number,
  caller: AbortSignal | null,
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  if (caller?.aborted) throw reasonOf(caller)
  const end = new AbortController()
  const ended = new Promise<never>((_, reject) => {
    end.signal.addEventListener('abort', () => reject(end.signal.reason), { once: true })
  })
  const timer = setTimeout(() => end.abort(new ModelError('timeout')), milliseconds)
  const leave = () => end.abort(caller && reasonOf(caller))
  caller?.addEventListener('abort', leave)
  try {
    return await Promise.race([ended, run(end.signal)])
  } finally {
    clearTimeout(timer)
    caller?.removeEventListener('abort', leave)
  }
}

/** Where one deadline stands inside another, the outer one's reason is the true one. */
function reasonOf({ reason }: AbortSignal): ModelError {
  return reason instanceof ModelError ? reason : new ModelError('aborted')
}

/**
 * A local reviewer that searches once for each draft (the same object), however many ask: the model begins with the
 * verdict that stands ready in its place, and both are given this one.
 */
export function askedOnce(local: Reviewer): Reviewer {
  const verdicts = new WeakMap<Draft, Promise<ReviewDraft>>()
  return {
    name: local.name,
    review(draft, context, signal) {
      const verdict = verdicts.get(draft) ?? local.review(draft, context, signal)
      verdicts.set(draft, verdict)
      return verdict
    },
  }
}

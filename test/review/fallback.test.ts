// A review is answered whatever becomes of the model: at once where it fails, and without it while it keeps failing.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { makeAnthropicReviewer } from '../../src/review/anthropic.ts'
import { askedOnce, makeReviewWithFallback } from '../../src/review/fallback.ts'
import { observed } from '../../src/review/observed.ts'
import {
  type Draft,
  localOnly,
  ModelError,
  type ModelFailure,
  type ReviewDraft,
  type Reviewer,
} from '../../src/review/reviewer.ts'
import { NO_TELEMETRY } from '../../src/telemetry/telemetry.ts'
import { fails, GOOD, KEY, type MessagesApi, plays, says, startMessagesApi } from '../support/messages-api.ts'

const CONTEXT = { organisationId: 'acme', clusterId: null, now: new Date() }
const STAYS = new AbortController().signal
const DRAFT: Draft = { subject: 'Pods', description: 'They restart.', category: null, cluster: null, answers: [] }
const NOTHING = { severity: null, category: null, flags: [], questions: [], candidates: [] }
const BY_RULES: ReviewDraft = { ...NOTHING, summary: 'What the rules say.' }
const BY_MODEL: ReviewDraft = { ...NOTHING, summary: 'What the model says.' }
const PAUSE_MS = 30_000
const TIMEOUT_MS = 2000

const local: Reviewer = { name: 'local', review: async () => BY_RULES }

/** A model that does what it is told next, and counts how often it was asked. */
function scriptedModel() {
  const model = {
    name: 'claude-test-1',
    asked: 0,
    next: (async () => BY_MODEL) as Reviewer['review'],
    review: ((draft, context, signal) => {
      model.asked++
      return model.next(draft, context, signal)
    }) as Reviewer['review'],
  }
  return model
}

const failing = (reason: ModelFailure) => async (): Promise<never> => {
  throw new ModelError(reason)
}

/** Does not answer, not even when its signal tells it to stop. */
const deaf = () => new Promise<never>(() => {})

/** An answer that comes when the test says so. */
function pending() {
  const { promise, resolve } = Promise.withResolvers<ReviewDraft>()
  const started = Promise.withResolvers<AbortSignal>()
  const review: Reviewer['review'] = (_draft, _context, signal) => {
    started.resolve(signal)
    return promise
  }
  return { review, answer: () => resolve(BY_MODEL), started: started.promise }
}

function setUp(options: { local?: Reviewer; timeoutMs?: number } = {}) {
  const model = scriptedModel()
  const failures: ModelFailure[] = []
  const onFailure = (failure: ModelFailure) => failures.push(failure)
  const made = makeReviewWithFallback({ model, local, timeoutMs: TIMEOUT_MS, onFailure, ...options })
  // As the server has it.
  const service = observed(made, NO_TELEMETRY)
  const review = (signal = STAYS) => service.review(DRAFT, CONTEXT, signal)
  return { model, service, failures, review }
}

const fromModel = { verdict: BY_MODEL, reviewer: 'claude-test-1', modelFailure: null }
const fromRules = (modelFailure: ModelFailure) => ({ verdict: BY_RULES, reviewer: 'local', modelFailure })

/** Only the calendar moves: the circuit looks at it, and timers stay real. */
function wait(milliseconds: number): void {
  const then = Date.now() + milliseconds
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(then)
}
afterEach(() => {
  vi.useRealTimers()
})

describe('a review', () => {
  it('is by the model where that answers', async () => {
    const { review, failures } = setUp()
    expect(await review()).toEqual(fromModel)
    expect(failures).toEqual([])
  })

  it.each<ModelFailure>(['overloaded', 'server', 'refusal', 'truncated', 'invalid', 'rejected', 'timeout'])(
    'is by the rules at once where the model fails: %s',
    async (reason) => {
      const { model, review, failures } = setUp()
      model.next = failing(reason)
      expect(await review()).toEqual(fromRules(reason))
      expect(failures).toEqual([reason])
    },
  )

  it('is by the rules where something of ours breaks on the way to the model', async () => {
    const { model, review } = setUp()
    model.next = async () => {
      throw new TypeError('a slip')
    }
    expect(await review()).toEqual(fromRules('internal'))
  })

  it('is by the rules at the deadline, even if the model does not listen', async () => {
    const { model, review } = setUp({ timeoutMs: 100 })
    model.next = deaf
    const started = performance.now()
    expect(await review()).toEqual(fromRules('timeout'))
    expect(performance.now() - started).toBeLessThan(300)
  })

  it('rejects when whoever called goes away, which is no failure; the model learns of it', async () => {
    const { model, review, failures } = setUp()
    const { review: next, started } = pending()
    model.next = next
    const caller = new AbortController()
    const asking = review(caller.signal)
    const signal = await started
    caller.abort(new Error('gone'))
    await expect(asking).rejects.toThrow('gone')
    expect(signal.aborted).toBe(true)
    expect(failures).toEqual([])
  })

  it('does not begin for who has gone already', async () => {
    const { model, review } = setUp()
    await expect(review(AbortSignal.abort())).rejects.toThrow('aborted')
    expect(model.asked).toBe(0)
  })

  it('is by the model where only the rules fail, and fails as they do where both do', async () => {
    const broken = async () => {
      throw new Error('database away')
    }
    const { model, review } = setUp({ local: { name: 'local', review: broken } })
    expect(await review()).toEqual(fromModel)
    model.next = failing('server')
    await expect(review()).rejects.toThrow('database away')
  })

  it('fails in time where the database hangs', async () => {
    const { model, review } = setUp({ local: { name: 'local', review: deaf }, timeoutMs: 50 })
    model.next = deaf
    const started = performance.now()
    await expect(review()).rejects.toThrow('The local review took longer than a review may.')
    expect(performance.now() - started).toBeLessThan(50 + 200)
  })

  it('searches once for both', async () => {
    let searches = 0
    const counted: Reviewer = {
      name: 'local',
      async review() {
        searches++
        return BY_RULES
      },
    }
    const once = askedOnce(counted)
    const { model, review } = setUp({ local: once })
    model.next = async (...given) => ({ ...(await once.review(...given)), severity: 'high' })
    expect(await review()).toMatchObject({ verdict: { severity: 'high' } })
    expect(searches).toBe(1)
    await once.review({ ...DRAFT }, CONTEXT, STAYS)
    expect(searches).toBe(2)
  })

  it('is by the rules where there is no model', async () => {
    const reviewed = { verdict: BY_RULES, reviewer: 'local', modelFailure: null }
    expect(await localOnly(local).review(DRAFT, CONTEXT, STAYS)).toEqual(reviewed)
  })
})

describe('after five failures in a row', () => {
  async function broken() {
    const world = setUp()
    world.model.next = failing('overloaded')
    for (let time = 0; time < 5; time++) await world.review()
    expect(world.model.asked).toBe(5)
    return world
  }

  it('the model is left alone for 30 seconds', async () => {
    const { model, review, failures } = await broken()
    wait(PAUSE_MS - 1000)
    expect(await review()).toEqual(fromRules('circuit_open'))
    expect(model.asked).toBe(5)
    expect(failures.at(-1)).toBe('circuit_open')
  })

  it('one review then tries, the others are by the rules at once, and when it answers all ask it again', async () => {
    const { model, review } = await broken()
    const trial = pending()
    model.next = trial.review
    wait(PAUSE_MS)
    const trying = review()
    expect(await Promise.all([review(), review()])).toEqual(Array(2).fill(fromRules('circuit_open')))
    expect(model.asked).toBe(6)
    trial.answer()
    expect(await trying).toEqual(fromModel)
    expect(await Promise.all([review(), review()])).toEqual([fromModel, fromModel])
  })

  it('it is left alone again when the one that tries fails', async () => {
    const { model, review } = await broken()
    wait(PAUSE_MS)
    expect(await review()).toEqual(fromRules('overloaded'))
    expect(await review()).toEqual(fromRules('circuit_open'))
    wait(PAUSE_MS)
    model.next = async () => BY_MODEL
    expect(await review()).toEqual(fromModel)
  })

  it('the one that tries goes on without whoever asked for it', async () => {
    const { model, review } = await broken()
    const trial = pending()
    model.next = trial.review
    wait(PAUSE_MS)
    const caller = new AbortController()
    const trying = review(caller.signal)
    const signal = await trial.started
    caller.abort()
    await expect(trying).rejects.toThrow('aborted')
    expect(signal.aborted).toBe(false)
    expect(await review()).toEqual(fromRules('circuit_open'))
    trial.answer()
    // The answer passes through a few promises before the circuit hears of it.
    await vi.waitFor(async () => expect(await review()).toEqual(fromModel))
  })

  it.each<ModelFailure>(['refusal', 'truncated'])(
    'of a draft itself, the model is asked for others: %s',
    async (reason) => {
      const { model, review } = setUp()
      model.next = failing(reason)
      for (let time = 0; time < 6; time++) await review()
      model.next = async () => BY_MODEL
      expect(await review()).toEqual(fromModel)
    },
  )

  it('that callers cut short, the model is asked as before', async () => {
    const { model, review } = setUp()
    for (let time = 0; time < 6; time++) {
      const { review: next, started } = pending()
      model.next = next
      const caller = new AbortController()
      const asking = review(caller.signal)
      await started
      caller.abort()
      await expect(asking).rejects.toThrow()
    }
    model.next = async () => BY_MODEL
    expect(await review()).toEqual(fromModel)
  })

  it('that came to us too late for it, the model is asked as before', async () => {
    const { model, service } = setUp()
    model.next = async () => BY_MODEL
    const longAgo = performance.now() - TIMEOUT_MS
    for (let time = 0; time < 6; time++) {
      expect(await service.review(DRAFT, { ...CONTEXT, since: longAgo }, STAYS)).toEqual(fromRules('timeout'))
    }
    expect(model.asked).toBe(0)
    expect(await service.review(DRAFT, CONTEXT, STAYS)).toEqual(fromModel)
  })

  it('means in a row: an answer in between begins the count anew', async () => {
    const { model, review } = setUp()
    for (let time = 0; time < 12; time++) {
      model.next = time % 4 === 3 ? async () => BY_MODEL : failing('server')
      await review()
    }
    expect(model.asked).toBe(12)
  })
})

describe('200 reviews at once, with a server that fails in every way in turn', () => {
  const PLAYS = [
    says(GOOD),
    fails(429, { 'retry-after-ms': '5' }),
    fails(429, { 'retry-after': '60' }),
    fails(529, { 'retry-after-ms': '5' }),
    fails(500, { 'retry-after-ms': '5' }),
    plays.silent,
    plays.stalled,
    plays.cut,
    plays.brokenJson,
    says({ ...GOOD, severity: 'catastrophic' }),
    plays.refuses,
    plays.truncated,
  ]

  function serve(api: MessagesApi) {
    const shared = askedOnce(local)
    const failures: ModelFailure[] = []
    const onFailure = (failure: ModelFailure) => failures.push(failure)
    const fixed = { apiKey: KEY, baseUrl: api.url, model: 'claude-test-1', timeoutMs: TIMEOUT_MS, local: shared }
    const model = makeAnthropicReviewer({ ...fixed, readTickets: async () => [] })
    const service = makeReviewWithFallback({ model, local: shared, timeoutMs: TIMEOUT_MS, onFailure })
    const review = async () => {
      const started = performance.now()
      const reviewed = await service.review({ ...DRAFT }, CONTEXT, STAYS)
      return { ...reviewed, took: performance.now() - started }
    }
    return { review, failures }
  }

  it('are all answered in time, the model is then left alone, and asked again once it is well', async () => {
    const api = await startMessagesApi()
    try {
      const { review, failures } = serve(api)
      let turn = 0
      api.usual = (response) => PLAYS[turn++ % PLAYS.length]?.(response)
      const reviews = await Promise.all(Array.from({ length: 200 }, review))
      expect(Math.max(...reviews.map(({ took }) => took))).toBeLessThanOrEqual(TIMEOUT_MS + 200)
      const answered = reviews.filter(({ reviewer }) => reviewer === 'claude-test-1')
      expect(answered.length).toBeGreaterThan(0)
      expect(answered.length + failures.length).toBe(200)
      const reasons = ['invalid', 'overloaded', 'refusal', 'server', 'timeout', 'truncated']
      expect([...new Set(failures)].sort()).toEqual(reasons)

      const asked = api.asked.length
      expect(await review()).toMatchObject({ verdict: BY_RULES, modelFailure: 'circuit_open' })
      expect(api.asked.length).toBe(asked)

      api.usual = says(GOOD)
      wait(PAUSE_MS)
      expect(await review()).toMatchObject({ reviewer: 'claude-test-1', modelFailure: null })
      const again = await Promise.all(Array.from({ length: 20 }, review))
      expect(new Set(again.map(({ reviewer }) => reviewer))).toEqual(new Set(['claude-test-1']))
    } finally {
      await api.stop()
    }
  })
})

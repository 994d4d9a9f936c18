import { describe, expect, it } from 'vitest'
import type { Candidate, QualityFlag } from '../../src/review/reviewer.ts'
import { candidateSummary, isDone, quality, recommendedAction, statusLabel } from '../../src/review/verdict.ts'

const NOW = new Date('2026-06-01T12:00:00Z')
const flag = (code: string): QualityFlag => ({ code, message: '' })
const candidate = (confidence: Candidate['confidence']): Candidate => ({ ticketId: 'x', confidence, evidence: [] })
const question = { id: 'exact_error', text: '' }
const nothing = { flags: [], questions: [], candidates: [] }

describe('quality', () => {
  it('is a flag for any but an informing one', () => {
    expect(quality({ flags: [] })).toBe('pass')
    expect(quality({ flags: [flag('SECRET_MASKED')] })).toBe('pass')
    expect(quality({ flags: [flag('SECRET_MASKED'), flag('EMPTY')] })).toBe('flag')
  })
})

describe('recommendedAction', () => {
  it.each([
    ['submit', nothing],
    ['submit', { ...nothing, flags: [flag('SECRET_MASKED')], candidates: [candidate('medium')] }],
    ['answer_questions', { ...nothing, questions: [question] }],
    ['revise', { ...nothing, flags: [flag('EMPTY')], questions: [question] }],
    [
      'link_duplicate',
      { flags: [flag('TOO_VAGUE')], questions: [question], candidates: [candidate('medium'), candidate('high')] },
    ],
  ])('is %s', (action, verdict) => {
    expect(recommendedAction(verdict)).toBe(action)
  })
})

describe('statusLabel', () => {
  const label = (status: Parameters<typeof statusLabel>[0]['status'], at: string | null = null) =>
    statusLabel({ status, resolvedAt: at ? new Date(at) : null, closedAt: at ? new Date(at) : null }, NOW)

  it('says the state in words, and the day when it is over', () => {
    expect(label('in_progress')).toBe('Being worked on')
    expect(label('resolved', '2026-05-03T23:59:59Z')).toBe('Resolved on 3 May')
    expect(label('closed', '2025-12-31T00:00:00Z')).toBe('Closed on 31 December 2025')
    expect(label('resolved')).toBe('Resolved')
  })

  it('has words of its own for each state', () => {
    const states = [
      'pending_review',
      'open',
      'triaging',
      'in_progress',
      'waiting_customer',
      'resolved',
      'closed',
    ] as const
    expect(new Set(states.map((state) => label(state))).size).toBe(states.length)
    expect(states.filter((status) => isDone({ status }))).toEqual(['resolved', 'closed'])
  })
})

describe('candidateSummary', () => {
  it('begins with the number and ends within 120 characters', () => {
    expect(candidateSummary({ number: 12, subject: 'Nodes  NotReady\nafter upgrade' })).toBe(
      '#12 Nodes NotReady after upgrade',
    )
    const long = candidateSummary({ number: 12, subject: 'many words '.repeat(30) })
    expect(long.length).toBeLessThanOrEqual(120)
    expect(long).toMatch(/^#12 many words .*…$/)
  })
})

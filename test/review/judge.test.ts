import { describe, expect, it } from 'vitest'
import { judge } from '../../src/review/local.ts'
import { maskSecrets } from '../../src/review/mask.ts'
import { FLAGS, INFORMING } from '../../src/review/quality.ts'
import { QUESTIONS } from '../../src/review/questions.ts'
import type { Answer, Draft } from '../../src/review/reviewer.ts'
import { quality } from '../../src/review/verdict.ts'
import { TICKETS } from './tickets.ts'

function draft(subject: string, description: string, answers: Answer[] = []): Draft {
  return { subject, description, category: null, cluster: null, answers }
}

const CRASHING = draft(
  'Pods keep restarting',
  'The pods of our payment service restart all the time, the logs are empty.',
)

describe('the labelled tickets', () => {
  it.each(TICKETS)('"$subject" gets the category, severity, flag and questions of its label', (ticket) => {
    const { category, severity, flags, questions } = judge(draft(ticket.subject, ticket.description))
    expect(flags.find(({ code }) => !INFORMING.has(code))?.code ?? null).toBe(ticket.flag)
    expect(category).toBe(ticket.category)
    expect(ticket.severity).toContain(severity)
    expect(questions.map(({ id }) => id)).toEqual(ticket.asks)
  })

  it('are varied: no constant answer is right for most of them', () => {
    const most = (values: unknown[]) =>
      Math.max(...[...new Set(values)].map((value) => values.filter((other) => other === value).length)) / values.length
    expect(most(TICKETS.map(({ category }) => category))).toBeLessThan(0.6)
    expect(TICKETS.filter(({ flag }) => flag !== null).length).toBeGreaterThanOrEqual(8)
    expect(new Set(TICKETS.flatMap(({ asks }) => asks)).size).toBe(Object.keys(QUESTIONS).length)
  })
})

describe('quality', () => {
  it('names a masked credential and lets the ticket pass', () => {
    const text = maskSecrets(
      'Login to the database fails since 10:00: error: password=hunter2 rejected for user app, all pods.',
    )
    const { flags } = judge(draft('Database login fails', text))
    expect(flags.map(({ code }) => code)).toEqual(['SECRET_MASKED'])
    expect(flags[0]?.message).toContain('password')
    expect(quality({ flags })).toBe('pass')
  })

  it('is better once the description says more', () => {
    const answers = [
      { questionId: 'exact_error', question: '', answer: 'kubelet: failed to start: no space left on device' },
    ]
    expect(
      quality(judge(draft('Our cluster', 'We have an issue with our production cluster, please have a look.'))),
    ).toBe('flag')
    expect(
      quality(
        judge(draft('Our cluster', 'We have an issue with our production cluster, please have a look.', answers)),
      ),
    ).toBe('pass')
  })

  it('has a code in capitals and a sentence for each flag', () => {
    for (const [code, message] of Object.entries(FLAGS)) {
      expect(code).toMatch(/^[A-Z]+(?:_[A-Z]+)*$/)
      expect(message).toMatch(/^[A-Z].+\.$/)
    }
  })
})

describe('questions', () => {
  const ask = (answers: Answer[]) => judge({ ...CRASHING, answers }).questions.map(({ id }) => id)

  it('are at most three, each with an id that stays', () => {
    expect(ask([])).toEqual(['exact_error', 'since_when', 'what_changed'])
  })

  it('are not repeated once answered, by id or by text, whatever the answer', () => {
    expect(ask([{ questionId: 'since_when', question: '', answer: 'no idea' }])).toEqual([
      'exact_error',
      'what_changed',
    ])
    const byText = {
      questionId: null,
      question: ` ${QUESTIONS.exact_error.toUpperCase()} `,
      answer: 'none that we know of',
    }
    expect(ask([byText])).toEqual(['since_when', 'what_changed'])
  })

  it('stay open when the answer is blank', () => {
    expect(ask([{ questionId: 'since_when', question: '', answer: '  ' }])).toContain('since_when')
  })

  it('count what an answer to another question says', () => {
    const answers = [
      { questionId: null, question: 'Anything else?', answer: 'since Monday, after we upgraded from 1.2 to 1.3' },
    ]
    expect(ask(answers)).toEqual(['exact_error'])
  })

  it('never ask what the cluster says: no version, no number of nodes', () => {
    for (const text of Object.values(QUESTIONS)) expect(text).not.toMatch(/version|how many nodes|which cluster/i)
  })
})

describe('severity', () => {
  it('counts a production cluster as production', () => {
    const cluster = {
      name: 'a',
      kind: null,
      state: 'online',
      kube_version: null,
      control_planes: 3,
      nodes: 3,
      observed_at: '',
    }
    const say = (environment: string) => judge({ ...CRASHING, cluster: { ...cluster, environment } }).severity
    expect(say('production')).toBe('high')
    expect(say('development')).toBe('medium')
  })

  it('does not take a denial for what it denies', () => {
    expect(
      judge(draft('Chart is wrong', 'The dashboard chart shows wrong values. Not urgent, no data loss, no outage.'))
        .severity,
    ).toBe('low')
  })
})

describe('summary', () => {
  it('is the subject and the first sentence that adds to it', () => {
    const { summary } = judge(
      draft('Nodes NotReady', 'Hello team,\nthree of six nodes are NotReady since 9:40. We rebooted one.'),
    )
    expect(summary).toBe('Nodes NotReady. three of six nodes are NotReady since 9:40.')
  })

  it('is never longer than 200 characters', () => {
    const { summary } = judge(draft('pods crash '.repeat(18), 'The pods of the shop crash '.repeat(300)))
    expect(summary).toMatch(/^pods crash .+…$/)
    expect(summary?.length).toBeLessThanOrEqual(200)
  })

  it('holds no log line', () => {
    const { summary } = judge(
      draft('Pull fails', '2026-05-03T10:00:00Z E0503 pull failed\nThe registry refuses all our pulls.'),
    )
    expect(summary).toBe('Pull fails. The registry refuses all our pulls.')
  })
})

describe('any text of 10,000 characters', () => {
  const TEXTS = [
    'a',
    'a ',
    'error: ',
    'please ',
    '\n- ',
    '## Environment\n',
    'not in any ',
    '?',
    'ä',
    'ノ',
    '1. ',
    '<!--',
    'test ',
  ]

  it.each(TEXTS)('of %j is judged at once', (piece) => {
    const text = piece.repeat(Math.ceil(10_000 / piece.length))
    const started = performance.now()
    judge(draft(text.slice(0, 200), text))
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})

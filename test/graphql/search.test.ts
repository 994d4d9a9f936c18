// Finding tickets: by text in any script, by number, by what they are; and how many there are.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, send, type TestApp, testApp } from '../support/app.ts'
import { file, fillTickets, makeCluster, run } from './fixtures.ts'

const CLUSTER = '018f0000-0000-7000-8000-000000000001'

let app: TestApp
let customer: Record<string, string>
let team: Record<string, string>

/** Tickets by a name that the tests call them by; each has its own words. */
const TEXTS: Record<string, { subject: string; description: string }> = {
  english: {
    subject: 'Nodes NotReady after the upgrade',
    description: 'The kubelet on worker-3 says x509: certificate has expired; see https://wiki.acme.example/runbook.',
  },
  russian: { subject: 'Узлы не готовы', description: 'После обновления кластер Ёлка недоступен, ошибка хранилища.' },
  german: {
    subject: 'Störung der Übersicht',
    description: 'Die Größe der Fläche wird falsch angezeigt, naïve Façade.',
  },
  chinese: { subject: '节点无法启动', description: '升级以后节点一直没有就绪，请帮忙看看。' },
  arabic: { subject: 'لا يعمل الخادم', description: 'الخادم لا يستجيب منذ الصباح بعد التحديث الأخير.' },
  signs: { subject: '100% of 5_000 requests fail: C:\\temp', description: 'It\'s a & b | !c :* (d) <-> "e" f\'g.' },
  emoji: { subject: 'Disk is full 🔥🔥🔥 again', description: 'Writes fail with: no space left on device.' },
  joined: {
    subject: 'Rotation on a worker',
    description:
      'In /var/lib/rotated/pki the state is <unknowable>, once ErrPull/BackingOff; see https://a.example/runs/7.',
  },
  short: { subject: 'Go k8', description: 'The CI of go modules cannot be reached from k8 jobs.' },
}
const ids: Record<string, string> = {}
const nameOf = (id: string) => Object.keys(ids).find((name) => ids[name] === id) ?? id

beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
  team = bearer(app.team.token)
  await makeCluster(app.database, app.acme.organisationId, CLUSTER, 'prod')
  for (const [name, text] of Object.entries(TEXTS)) ids[name] = await file(app, customer, text)
  await run(app, customer, 'addComment', { ticketId: ids.emoji, body: 'Der Würfel ist gefallen; volume pvc-17.' })
  await run(app, team, 'addComment', { ticketId: ids.short, body: 'A suspicious proxy, I think.', internal: true })
  await file(app, bearer(app.globex.token), TEXTS.english)
})
afterAll(() => app.close())

const LIST = `query ($filter: TicketFilter) { tickets(filter: $filter, first: 100) {
  totalCount totalCountIsExact nodes { id } } ticketStats(filter: $filter) { total } }`
interface Found {
  tickets: { totalCount: number; totalCountIsExact: boolean; nodes: { id: string }[] }
  ticketStats: { total: number }
}

/** The names of what a filter finds; the count beside the list must be that of the list. */
async function find(filter: object, headers = customer): Promise<string[]> {
  const { tickets, ticketStats } = await ask<Found, object>(app, headers, LIST, { filter })
  expect(tickets.totalCount).toBe(tickets.nodes.length)
  expect(tickets.totalCountIsExact).toBe(true)
  expect(ticketStats.total).toBe(tickets.totalCount)
  return tickets.nodes.map(({ id }) => nameOf(id)).sort()
}

const search = (q: string, headers = customer) => find({ q }, headers)

describe('q finds', () => {
  it.each([
    ['a part of the subject', 'NotRea', 'english'],
    ['the middle of a word of the subject', 'otread', 'english'],
    ['the subject to its end', 'after the upgrade', 'english'],
    ['a word of the description', 'certificate', 'english'],
    ['words of the description in any order', 'expired kubelet', 'english'],
    ['a word of the subject and one of the description', 'upgrade x509', 'english'],
    ['a name with a sign in it', 'worker-3', 'english'],
    ['a word of a path', 'rotated', 'joined'],
    ['a word beside a slash', 'BackingOff', 'joined'],
    ['a word in angle brackets', 'unknowable', 'joined'],
    ['a whole path', '/var/lib/rotated/pki', 'joined'],
    ['a whole address', 'https://a.example/runs/7', 'joined'],
    ['without minding case', 'KUBELET', 'english'],
    ['around spaces', '   kubelet   ', 'english'],
    ['Cyrillic', 'хранилища', 'russian'],
    ['a part of a Cyrillic subject in capitals', 'УЗЛЫ НЕ', 'russian'],
    ['a letter with dots by the one without', 'елка', 'russian'],
    ['umlauts', 'Störung', 'german'],
    ['umlauts without their dots', 'storung', 'german'],
    ['a part of a subject without its dots', 'bersicht', 'german'],
    ['a sharp s by two', 'grosse', 'german'],
    ['a sharp s in capitals', 'GRÖSSE', 'german'],
    ['accents that are not in the text', 'naive facade', 'german'],
    ['accents that are only in the search', 'kübélet', 'english'],
    ['accents written as signs of their own', 'Sto\u0308rung', 'german'],
    ['a part of a Chinese subject', '无法启', 'chinese'],
    ['Arabic', 'الخادم', 'arabic'],
    ['Arabic of the description', 'يستجيب', 'arabic'],
    ['emoji in the subject', '🔥🔥🔥', 'emoji'],
    ['a word beside an emoji', 'full 🔥', 'emoji'],
    ['a word of a comment', 'Würfel', 'emoji'],
    ['a word of a comment without its dots', 'wurfel', 'emoji'],
    ['a word of two letters', 'k8', 'short'],
    ['a word of two letters of the description', 'CI', 'short'],
  ])('%s', async (_, q, name) => {
    expect(await search(q)).toEqual([name])
    expect(await find({ q, organisationId: app.acme.organisationId }, team)).toEqual([name])
  })

  it('the number after a hash sign', async () => {
    const all = Object.keys(TEXTS)
    expect(await search('#2')).toEqual([all[1]])
    expect(await search(' #3 ')).toEqual([all[2]])
    for (const q of ['#0', '#999999', '#99999999999999999999', '#-1', '#']) expect(await search(q), q).toEqual([])
  })

  it('for the team, tickets of all organisations', async () => {
    expect(await search('NotRea', team)).toHaveLength(2)
    expect(await search('#1', team)).toHaveLength(2)
  })

  it('words of internal notes for the team only', async () => {
    expect(await search('suspicious', team)).toEqual(['short'])
    expect(await search('suspicious')).toEqual([])
  })

  it('nothing by words of two comments or tickets together', async () => {
    expect(await search('Würfel kubelet')).toEqual([])
  })

  it('everything when it is blank', async () => {
    expect(await search('   ')).toEqual(Object.keys(TEXTS).sort())
    expect(await search('')).toHaveLength(Object.keys(TEXTS).length)
  })
})

describe('signs of the database mean nothing in q', () => {
  it.each([
    ['100%', 'signs'],
    ['100% of', 'signs'],
    ['5_000', 'signs'],
    ['C:\\temp', 'signs'],
    ["it's", 'signs'],
  ])('%s is found as it is written', async (q, name) => {
    expect(await search(q)).toEqual([name])
  })

  it.each([
    '%',
    '_',
    '%%%',
    '___',
    'N_tReady',
    'Not%after',
    'n%',
    '\\',
    '\\\\\\',
    "'",
    "'''",
    '"',
    '""',
    '&',
    '|',
    '!',
    ':*',
    'kubele:*',
    'kubelet | Störung',
    '!kubelet & nothing',
    '(',
    ')',
    '((',
    'zebra & ',
    '<->',
    'kubelet <-> nothing',
    '*',
    '.*',
    '[a-z]+',
    '^N',
    "'; DROP TABLE tickets; --",
    '$1',
    '{q}',
    '\uFF05\uFF05\uFF05',
    '\uFE6A',
  ])('%j finds nothing that is not there', async (q) => {
    expect(await search(q)).toEqual([])
  })

  it('operators between words are no operators', async () => {
    expect(await search('kubelet & expired')).toEqual(['english'])
    expect(await search('kubelet | expired')).toEqual(['english'])
    expect(await search('kubelet !expired')).toEqual(['english'])
    expect(await search('"kubelet" (expired)')).toEqual(['english'])
  })

  it('one sign, one emoji, a mark of direction or a NUL break nothing', async () => {
    for (const q of ['🔥', '👩‍👩‍👧‍👦', '\u202e', '\u200b\u200b\u200b', '\u0301', 'ø', '\ufffd', '?']) {
      expect(await search(q), q).toEqual([])
    }
    const { errors } = await send(app, customer, LIST, { filter: { q: 'a\u0000b' } })
    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })

  it('a very long text is searched or refused, and never a fault', async () => {
    expect(await search('kubelet '.repeat(60))).toEqual(['english'])
    expect(await search('x'.repeat(500))).toEqual([])
    expect(await search('🔥'.repeat(250))).toEqual([])
    const { errors } = await send(app, customer, LIST, { filter: { q: 'x '.repeat(100_000) } })
    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT')
    expect(errors[0]?.message).toContain('500')
  })
})

describe('counts', () => {
  let crowd: string
  beforeAll(async () => {
    crowd = app.globex.organisationId
    await makeCluster(app.database, crowd, '018f0000-0000-7000-8000-000000000002', 'big')
    await fillTickets(app.database, crowd, 10_049, {
      status: "CASE WHEN n <= 10030 THEN 'resolved' ELSE 'open' END",
      category: "'billing'",
      severity: "CASE WHEN n <= 10040 THEN 'low' END",
      source: "'cli'",
      cluster_id: "'018f0000-0000-7000-8000-000000000002'::uuid",
      subject: "'Invoice ' || n",
    })
  })

  const count = async (filter?: object, headers: Record<string, string> = bearer(app.globex.token)) => {
    const document =
      'query ($filter: TicketFilter) { tickets(filter: $filter, first: 1) { totalCount totalCountIsExact } }'
    const { tickets } = await ask<Omit<Found, 'ticketStats'>, object>(app, headers, document, { filter })
    return tickets
  }

  it.each([
    ['without filter', {}, 10_050],
    ['by status', { status: ['RESOLVED'] }, 10_030],
    ['by category', { category: ['BILLING'] }, 10_049],
    ['by cluster', { clusterId: ['018f0000-0000-7000-8000-000000000002'] }, 10_049],
    ['by all three', { status: ['OPEN', 'RESOLVED'], category: ['BILLING', 'BUG'], severity: [] }, 10_049],
  ])('are exact at any size %s', async (_, filter, totalCount) => {
    expect(await count(filter)).toEqual({ totalCount, totalCountIsExact: true })
    expect(await count({ ...filter, organisationId: crowd }, team)).toEqual({ totalCount, totalCountIsExact: true })
  })

  it.each([
    ['by severity', { severity: ['LOW'] }],
    ['by source', { source: ['CLI'] }],
    ['by moment', { createdAfter: '2020-01-01T00:00:00Z' }],
    ['by text', { q: 'invoice' }],
    ['by a part of the subject', { q: 'nvoic' }],
  ])('say 10,000 and not exact where there are more %s', async (_, filter) => {
    expect(await count(filter)).toEqual({ totalCount: 10_000, totalCountIsExact: false })
  })

  it('say 10,000 and not exact over all organisations', async () => {
    expect(await count(undefined, team)).toEqual({ totalCount: 10_000, totalCountIsExact: false })
  })

  it('are exact below that, whatever the filter', async () => {
    expect(await count({ severity: [null] })).toEqual({ totalCount: 9, totalCountIsExact: true })
    expect(await count({ source: ['API'] })).toEqual({ totalCount: 1, totalCountIsExact: true })
    expect(await count({ q: 'NotRea' }, team)).toEqual({ totalCount: 2, totalCountIsExact: true })
    expect(await count({ severity: ['LOW'], status: ['OPEN'] })).toEqual({ totalCount: 10, totalCountIsExact: true })
  })

  it('are those of the statistics', async () => {
    const stats = `query ($filter: TicketFilter) { ticketStats(filter: $filter) { total } }`
    for (const [filter, total] of [
      [{}, 10_050],
      [{ status: ['RESOLVED'] }, 10_030],
      [{ severity: ['LOW'] }, 10_040],
    ]) {
      const found = await ask(app, bearer(app.globex.token), stats, { filter })
      expect(found).toEqual({ ticketStats: { total } })
    }
  })
})

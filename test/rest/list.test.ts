// The list of tickets over REST: order, pages and their figures, filters, search, and where numbered pages end.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { file, invoice, outage, problems, sentences, wish } from './drafts.ts'

let app: TestApp
let cluster: { id: string; name: string }
let made: Record<'outage' | 'invoice' | 'wish', { id: string }>

beforeAll(async () => {
  app = await testApp()
  const platform = await app.token(app.acme.organisationId, ['clusters_write'])
  const facts = { name: 'prod', state: 'online', control_planes: 3, nodes: 5 }
  cluster = (await rest(app, bearer(platform), 'PUT', '/api/v1/clusters', facts)).body
  const { token } = app.acme
  made = {
    outage: await file(app, token, { ...outage, cluster_id: cluster.id, source: 'cli', severity: 'high' }),
    invoice: await file(app, token, { ...invoice, category: 'billing', severity: 'low' }),
    wish: await file(app, token, { ...wish, source: 'agent', severity: 'low' }),
  }
  await rest(app, bearer(app.acme.token), 'POST', `${TICKETS}/${made.wish.id}/close`)
})
afterAll(() => app.close())

const list = (query = '', token = app.acme.token) => rest(app, bearer(token), 'GET', `${TICKETS}${query}`)
const found = async (query: string) =>
  (await list(query)).body.result.map(({ subject }: { subject: string }) => subject)

describe('a page', () => {
  it('shows summaries, newest first, field by field as a ticket shows them itself', async () => {
    const { status, body, headers } = await list()
    expect(status).toBe(200)
    expect(headers.get('x-total-count-exact')).toBeNull()
    expect(body.pagination).toEqual({ page: 1, page_size: 25, total_pages: 1, total_count: 3 })
    const ids = [made.wish.id, made.invoice.id, made.outage.id]
    expect(body.result.map(({ id }: { id: string }) => id)).toEqual(ids)
    for (const summary of body.result) {
      const { body: whole } = await rest(app, bearer(app.acme.token), 'GET', `${TICKETS}/${summary.id}`)
      const { description, comments, attachments, ai_summary, cluster_context, ...others } = whole
      expect(summary).toEqual(others)
    }
    expect(body.result[2]).toMatchObject({ cluster_id: cluster.id, cluster_name: 'prod' })
  })

  it('has the size that was asked for, and its figures count the whole list', async () => {
    const { body } = await list('?page=2&page_size=2')
    expect(body.result).toHaveLength(1)
    expect(body.pagination).toEqual({ page: 2, page_size: 2, total_pages: 2, total_count: 3 })
    expect((await list('?page=9&page_size=2')).body).toEqual({
      result: [],
      pagination: { page: 9, page_size: 2, total_pages: 2, total_count: 3 },
    })
    expect((await list('?q=nothingofthekind')).body).toEqual({
      result: [],
      pagination: { page: 1, page_size: 25, total_pages: 0, total_count: 0 },
    })
  })

  it('has a number and a size that make sense', async () => {
    for (const wrong of ['0', '-1', '1.5', 'two', '', '1e3', '99999999999999999999']) {
      expect(problems(await list(`?page=${wrong}`)), wrong).toEqual(['query.page: value_error'])
    }
    for (const wrong of ['0', '101', '500', '-5', 'all']) {
      expect(problems(await list(`?page_size=${wrong}`)), wrong).toEqual(['query.page_size: value_error'])
    }
  })
})

describe('filters', () => {
  it('take a repeated key for each value, and several keys for one row that has them all', async () => {
    expect(await found('?status=open')).toEqual([invoice.subject, outage.subject])
    expect(await found('?status=open&status=closed')).toHaveLength(3)
    expect(await found('?category=billing')).toEqual([invoice.subject])
    expect(await found('?severity=low&status=closed')).toEqual([wish.subject])
    expect(await found('?source=cli&source=agent')).toEqual([wish.subject, outage.subject])
    expect(await found(`?cluster_id=${cluster.id}`)).toEqual([outage.subject])
    expect(await found(`?cluster_id=${randomUUID()}`)).toEqual([])
    expect(await found('?cluster_id=prod')).toEqual([])
  })

  it('take no commas and no value that there is not', async () => {
    for (const [name, value] of [
      ['status', 'open,closed'],
      ['status', 'OPEN'],
      ['category', 'none'],
      ['severity', 'urgent'],
      ['source', 'email'],
    ]) {
      const answer = await list(`?${name}=${value}`)
      expect(problems(answer)).toEqual([`query.${name}.0: value_error`])
      expect(sentences(answer)[0]).toContain('must be one of ')
    }
  })

  it('refuse keys that the route does not document, whatever else knows them', async () => {
    const { tickets } = await ask<{ tickets: { pageInfo: { endCursor: string } } }, object>(
      app,
      bearer(app.acme.token),
      '{ tickets(first: 1) { pageInfo { endCursor } } }',
    )
    const keys = { bogus: '1', Status: 'open', pageSize: '5', after: tickets.pageInfo.endCursor, first: '1' }
    for (const [key, value] of Object.entries({ ...keys, filter: 'x', of: 'y', organisation_id: randomUUID() })) {
      const answer = await list(`?${key}=${encodeURIComponent(value)}`)
      expect(problems(answer), key).toEqual([`query.${key}: value_error`])
      expect(sentences(answer)[0]).toContain(`${key} is not a field we know.`)
    }
  })

  it('by assignee are the team’s alone', async () => {
    const path = `?assignee_id=${app.team.tess.id}`
    expect(problems(await list(path))).toEqual(['query.assignee_id: not_allowed'])
    await app.database.prisma.ticket.update({
      where: { id: made.outage.id as string },
      data: { assigneeId: app.team.tess.id },
    })
    const { body } = await list(path, app.team.token)
    expect(body.result).toMatchObject([{ id: made.outage.id }])
  })
})

describe('q', () => {
  it('finds parts of subjects, words of descriptions and comments, and numbers, without minding case', async () => {
    const { token } = app.globex
    const ticket = await file(app, token, { subject: 'Überlauf im Café-Cluster', description: 'Die Zone läuft über.' })
    await rest(app, bearer(token), 'POST', `${TICKETS}/${ticket.id}/comments`, { body: 'Seit dem Hotfix gestern.' })
    const other = await file(app, token, { subject: '100% of nodes', description: 'All nodes_of the zone are gone.' })
    for (const [q, expected] of [
      ['berlau', [ticket.id]],
      ['CAFE', [ticket.id]],
      ['läuft', [ticket.id]],
      ['HOTFIX', [ticket.id]],
      ['#2', [other.id]],
      ['  zone  ', [other.id, ticket.id]],
      ['!die & läuft | *:*', [ticket.id]],
      ['', [other.id, ticket.id]],
    ] as const) {
      const { status, body } = await list(`?q=${encodeURIComponent(q)}`, token)
      expect([q, status, body.result.map(({ id }: { id: string }) => id)]).toEqual([q, 200, expected])
    }
    for (const q of ['%', '_____', "'; DROP TABLE tickets; --", '\\', '(((', '"unclosed', '<->', ':*']) {
      expect((await list(`?q=${encodeURIComponent(q)}`, token)).status, q).toBe(200)
    }
    expect(problems(await list('?q=%00'))).toEqual(['query.q: value_error'])
    expect(problems(await list(`?q=${'x'.repeat(501)}`))).toEqual(['query.q: string_too_long'])
  })

  it('never finds what customers may not read', async () => {
    const note = `mutation ($id: ID!) { addComment(input: { ticketId: $id, body: "Ask the xylophone people", internal: true })
      { __typename } }`
    await ask(app, bearer(app.team.token), note, { id: made.outage.id })
    expect(await found('?q=xylophone')).toEqual([])
    expect((await list('?q=xylophone', app.team.token)).body.pagination.total_count).toBe(1)
  })
})

describe('the team', () => {
  it('sees all organisations, or the one that it names', async () => {
    const own = (await list('', app.acme.token)).body.pagination.total_count
    const other = (await list('', app.globex.token)).body.pagination.total_count
    expect((await list('', app.team.token)).body.pagination.total_count).toBe(own + other)
    const headers = { ...bearer(app.team.token), 'x-ankra-organisation-id': app.globex.organisationId }
    expect((await rest(app, headers, 'GET', TICKETS)).body.pagination.total_count).toBe(other)
  })
})

describe('with more than 10,000 tickets', () => {
  const TOTAL = 10_040
  let headers: Record<string, string>
  beforeAll(async () => {
    headers = await manyTickets(TOTAL)
  })
  const many = (query: string) => rest(app, headers, 'GET', `${TICKETS}${query}`)

  it('counts the whole list, a status, a category and a cluster exactly, and everything else to 10,000', async () => {
    for (const exact of ['', '&status=open', '&status=open&status=closed', '&category=bug']) {
      const answer = await many(`?page_size=1${exact}`)
      expect([exact, answer.body.pagination]).toEqual([
        exact,
        { page: 1, page_size: 1, total_pages: 10_000, total_count: TOTAL },
      ])
      expect(answer.headers.get('x-total-count-exact')).toBeNull()
    }
    const answer = await many('?page_size=100&severity=low')
    expect(answer.body.pagination).toEqual({ page: 1, page_size: 100, total_pages: 100, total_count: 10_000 })
    expect(answer.headers.get('x-total-count-exact')).toBe('false')
  })

  it('ends its numbered pages at row 10,000 and says how to go on', async () => {
    const last = await many('?page=100&page_size=100')
    expect([last.status, last.body.result.length]).toEqual([200, 100])
    for (const query of ['?page=101&page_size=100', '?page=401', '?page=2147483648']) {
      const beyond = await many(query)
      expect(problems(beyond)).toEqual(['query.page: value_error'])
      expect(sentences(beyond)[0]).toMatch(/10,000.*filters.*GraphQL/)
    }
  })
})

/** Copies of one ticket in an organisation of their own, made by the database: thousands of requests would take long. */
async function manyTickets(count: number): Promise<Record<string, string>> {
  const { prisma } = app.database
  const id = randomUUID()
  await prisma.organisation.create({ data: { id, name: 'Initech', slug: 'initech' } })
  await prisma.organisationCounters.create({ data: { organisationId: id } })
  const token = await app.token(id, ['tickets_write'])
  await file(app, token, { ...outage, category: 'bug', severity: 'low' })
  const columns = await prisma.$queryRaw<{ name: string }[]>`
    SELECT column_name AS name FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = 'tickets' AND is_generated = 'NEVER'`
  const names = columns.map(({ name }) => name)
  const other: Record<string, string> = {
    id: 'gen_random_uuid()',
    number: 'i',
    review_id: 'NULL',
    created_at: "created_at - i * interval '1 second'",
    updated_at: "updated_at - i * interval '1 second'",
  }
  await prisma.$executeRawUnsafe(`INSERT INTO tickets (${names.join(', ')})
    SELECT ${names.map((name) => other[name] ?? name).join(', ')}
    FROM tickets, generate_series(2, ${count}) AS i WHERE organisation_id = '${id}'`)
  return bearer(token)
}

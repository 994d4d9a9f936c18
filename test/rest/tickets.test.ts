// Reviews and tickets over REST, field by field as the contract lists them, and what filing makes of what was given.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { file, invoice, outage, problems, review, sentences, vague, wish } from './drafts.ts'

let app: TestApp
let cluster: Record<string, unknown>
beforeAll(async () => {
  app = await testApp()
  const platform = await app.token(app.acme.organisationId, ['clusters_write'])
  const facts = { kind: 'eks', state: 'degraded', environment: 'production', kube_version: '1.31.2' }
  const body = { name: 'prod', ...facts, control_planes: 3, nodes: 5 }
  cluster = (await rest(app, bearer(platform), 'PUT', '/api/v1/clusters', body)).body
})
afterAll(() => app.close())

const mine = () => bearer(app.acme.token)
const post = (path: string, body?: unknown, headers = mine()) => rest(app, headers, 'POST', `${TICKETS}${path}`, body)
const read = (id: string) => rest(app, mine(), 'GET', `${TICKETS}/${id}`)

const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

describe('a review', () => {
  it('of a clear and new report has these fields and nothing to ask', async () => {
    const start = Date.now()
    const { status, body } = await post('/review', outage)
    expect(status).toBe(200)
    expect(body).toEqual({
      review_id: UUID,
      revision: 1,
      enrichment: { summary: expect.stringContaining('NotReady'), severity: expect.any(String), category: 'technical' },
      quality: 'pass',
      quality_flags: [],
      clarifying_questions: [],
      duplicate_candidates: [],
      related_tickets: [],
      recommended_action: 'submit',
      reviewer: 'local',
      expires_at: TIME,
    })
    const hour = Date.parse(body.expires_at) - start
    expect(hour).toBeGreaterThanOrEqual(3_600_000)
    expect(hour).toBeLessThan(3_660_000)
  })

  it('of a vague one says what to do about it, and asks', async () => {
    const { body } = await post('/review', vague)
    expect(body).toMatchObject({ quality: 'flag', recommended_action: 'revise' })
    expect(body.quality_flags).toEqual([expect.stringMatching(/^There is too little .* Please say /)])
    expect(body.clarifying_questions.length).toBeGreaterThan(0)
    for (const question of body.clarifying_questions) expect(question).toMatch(/\?$/)
  })

  it('names the ticket that is very likely the same, to its own organisation alone, and stores none', async () => {
    const { token } = app.globex
    const ticket = await file(app, token, outage)
    const candidate = async () => (await review(app, token, outage)).duplicate_candidates
    const known = { candidate_id: ticket.id, summary: `#1 ${outage.subject}`, confidence: 'high' }
    const waiting = { status_label: 'Waiting for the support team', already_resolved: false }
    expect(await candidate()).toEqual([{ ...known, ...waiting }])
    expect((await review(app, token, outage)).recommended_action).toBe('link_duplicate')
    await post(`/${ticket.id}/close`, undefined, bearer(token))
    const closed = { status_label: expect.stringMatching(/^Closed on \d+ \w+$/), already_resolved: true }
    expect(await candidate()).toEqual([{ ...known, ...closed }])
    expect((await post('/review', outage)).body).toMatchObject({ duplicate_candidates: [], related_tickets: [] })
    expect((await rest(app, bearer(token), 'GET', TICKETS)).body.pagination.total_count).toBe(1)
  })
})

describe('a ticket', () => {
  it('has these fields when it is filed, and the same ones when it is read', async () => {
    const { review_id } = await review(app, app.acme.token, { ...outage, cluster_id: cluster.id, source: 'cli' })
    const { status, body } = await post('', { review_id, severity: 'critical' })
    expect(status).toBe(201)
    expect(body).toEqual({
      id: UUID,
      number: 1,
      organisation_id: app.acme.organisationId,
      cluster_id: cluster.id,
      cluster_name: 'prod',
      cluster_context: {
        name: 'prod',
        kind: 'eks',
        state: 'degraded',
        environment: 'production',
        kube_version: '1.31.2',
        control_planes: 3,
        nodes: 5,
        observed_at: cluster.observed_at,
      },
      source: 'cli',
      category: 'technical',
      ...outage,
      status: 'open',
      severity: 'critical',
      ai_summary: expect.any(String),
      ai_review_status: 'passed',
      linked_reports: 0,
      is_tracked_by_team: false,
      comments: [],
      attachments: [],
      version: 1,
      created_at: TIME,
      updated_at: body.created_at,
    })
    expect(await read(body.id)).toMatchObject({ status: 200, body })
  })

  it('has null for what it lacks, never a missing key', async () => {
    const body = await file(app, app.acme.token, invoice)
    expect(body).toMatchObject({ cluster_id: null, cluster_name: null, cluster_context: null })
    expect(Object.keys(body).sort()).toEqual(Object.keys((await read(body.id)).body).sort())
    await app.database.prisma.ticket.update({ where: { id: body.id }, data: { severity: null, aiSummary: null } })
    expect((await read(body.id)).body).toMatchObject({ severity: null, ai_summary: null })
  })

  it('shows its comments oldest first, without a word of internal notes', async () => {
    const ticket = await file(app, app.acme.token, wish)
    const say = (body: string, token: string) => post(`/${ticket.id}/comments`, { body }, bearer(token))
    const first = await say('  When will it be there?  ', app.acme.token)
    expect(first.status).toBe(201)
    await say('In spring.', app.team.token)
    const before = await read(ticket.id)
    await ask(app, bearer(app.team.token), NOTE, { id: ticket.id })
    const after = await read(ticket.id)
    expect(after.body).toEqual(before.body)
    expect(after.headers.get('etag')).toBe(before.headers.get('etag'))
    expect(after.body.comments).toEqual([
      {
        id: UUID,
        author_type: 'customer',
        author_label: 'Acme monitoring',
        body: 'When will it be there?',
        created_at: TIME,
      },
      { id: UUID, author_type: 'team', author_label: 'Team robot', body: 'In spring.', created_at: TIME },
    ])
    expect(after.body).toMatchObject({ version: 3, is_tracked_by_team: false })
    const teams = await rest(app, bearer(app.team.token), 'GET', `${TICKETS}/${ticket.id}`)
    expect(JSON.stringify(teams.body)).not.toContain('between us')
  })

  it('closes once and stays closed', async () => {
    const { id } = await file(app, app.acme.token, wish)
    const closed = await post(`/${id}/close`)
    expect(closed).toMatchObject({ status: 200, body: { id, status: 'closed', version: 2 } })
    expect(closed.body.comments).toMatchObject([{ author_type: 'system', body: 'Closed by Acme monitoring' }])
    expect(await post(`/${id}/close`)).toMatchObject({ status: 200, body: closed.body })
    const late = await post(`/${id}/comments`, { body: 'Are you there?' })
    expect(problems(late)).toEqual(['path.ticket_id: not_allowed'])
    expect(sentences(late)[0]).toMatch(/is closed\. Please open a new ticket/)
  })
})

const NOTE = `mutation ($id: ID!) {
  addComment(input: { ticketId: $id, body: "This stays between us.", internal: true }) { __typename }
}`

describe('filing', () => {
  it('reads "technical" and "" as nobody’s choice, anything else as a person’s', async () => {
    for (const category of ['technical', '', null, undefined]) {
      const { body } = await post('', { ...invoice, category })
      expect([category, body.category]).toEqual([category, 'billing'])
      expect((await review(app, app.acme.token, { ...invoice, category })).enrichment.category).toBe('billing')
    }
    expect((await post('', { ...invoice, category: 'other' })).body.category).toBe('other')
    expect(problems(await post('', { ...invoice, category: 'Billing' }))).toEqual(['body.category: value_error'])
  })

  it('takes the severity that was chosen, else the one suggested', async () => {
    const { enrichment } = await review(app, app.acme.token, outage)
    expect((await post('', outage)).body.severity).toBe(enrichment.severity)
    expect((await post('', { ...outage, severity: 'low' })).body.severity).toBe('low')
    expect(problems(await post('', { ...outage, severity: 'Low' }))).toEqual(['body.severity: value_error'])
  })

  it('takes the source of the request, else of the review, else api', async () => {
    const { review_id } = await review(app, app.acme.token, { ...wish, source: 'agent' })
    expect((await post('', { review_id, source: 'cli' })).body.source).toBe('cli')
    const other = await review(app, app.acme.token, { ...wish, source: 'agent' })
    expect((await post('', { review_id: other.review_id })).body.source).toBe('agent')
    expect((await post('', wish)).body.source).toBe('api')
  })

  it('of a flagged draft is 409 until acknowledged, names the stored review, and stores no ticket', async () => {
    const count = async () => (await rest(app, mine(), 'GET', TICKETS)).body.pagination.total_count
    const before = await count()
    const flagged = await post('', vague)
    expect(flagged.status).toBe(409)
    expect(flagged.body).toEqual({ detail: expect.stringContaining('There is too little to act on.'), review_id: UUID })
    expect(await post('', { review_id: flagged.body.review_id })).toMatchObject({ status: 409, body: flagged.body })
    expect(await count()).toBe(before)

    const { status, body } = await post('', { review_id: flagged.body.review_id, acknowledged: true })
    expect(status).toBe(201)
    expect(body).toMatchObject({ ...vague, ai_review_status: 'flagged' })
    expect(body.comments).toMatchObject([{ author_type: 'ai', author_label: 'AI review' }])
  })

  it('with acknowledged changes nothing where nothing was flagged', async () => {
    expect((await post('', { ...wish, acknowledged: true })).body.ai_review_status).toBe('passed')
  })

  it('carries answers to the questions, and does not ask them again', async () => {
    const { review_id, clarifying_questions } = await review(app, app.acme.token, vague)
    const [question, next] = clarifying_questions
    const answers = [
      { question, answer: 'connection refused on port 5432' },
      { question: 'Anything else?', answer: 'Only in Frankfurt.' },
    ]
    const { body } = await post('', { review_id, acknowledged: true, clarification_answers: answers })
    for (const text of [question, 'connection refused on port 5432', 'Anything else?', 'Only in Frankfurt.']) {
      expect(body.description).toContain(text)
    }
    expect(body.comments[0].body).toContain(next)
    expect(body.comments[0].body).not.toContain(question)
  })

  it('from a review uses the draft that was reviewed, not what stands beside it', async () => {
    const { review_id } = await review(app, app.acme.token, { ...outage, cluster_id: cluster.id })
    const beside = { subject: 'Something else', description: 'Not what was reviewed.', cluster_id: null }
    expect((await post('', { review_id, ...beside })).body).toMatchObject({ ...outage, cluster_id: cluster.id })
  })

  it('keeps the facts of the cluster as they were', async () => {
    const { id } = await file(app, app.acme.token, { ...outage, cluster_id: cluster.id })
    const platform = await app.token(app.acme.organisationId, ['clusters_write'])
    const gone = { name: 'PROD', state: 'offline', control_planes: 0, nodes: 0 }
    await rest(app, bearer(platform), 'PUT', '/api/v1/clusters', gone)
    const { body } = await read(id)
    expect(body.cluster_context).toMatchObject({ state: 'degraded', nodes: 5 })
  })

  it('masks a credential before anything is stored, and says so in the review', async () => {
    const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a'
    const draft = { ...outage, description: `${outage.description} We use the token ${secret}.` }
    const { quality, quality_flags, review_id } = await review(app, app.acme.token, draft)
    expect([quality, quality_flags]).toEqual(['pass', [expect.stringContaining('credential')]])
    expect(JSON.stringify((await post('', { review_id })).body)).not.toContain(secret)
  })
})

// Who may use which operation, over both transports: the table of rules.md, "Scopes and team-only things".

import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, rest, send, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { CALLERS, type Caller, type Headers, makeCallers, type Right, verdict } from './access.callers.ts'
import { draft, makeReview, makeTicket } from './concurrency.world.ts'

let app: TestApp
let callers: Record<Caller, Headers>
let ids: { ticketId: string; reviewId: string }

beforeAll(async () => {
  app = await testApp()
  callers = await makeCallers(app)
  const writer = callers['a writing token']
  ids = { ticketId: await makeTicket(app, writer), reviewId: await makeReview(app, writer) }
})
afterAll(() => app.close())

interface Use {
  name: string
  right: Right
  document: string
  variables?(): object
}

const here = () => ({ organisationId: app.acme.organisationId })
const input = (value: object) => () => ({ input: value })
const result = (field: string, type: string) =>
  `mutation ($input: ${type}!) { ${field}(input: $input) { __typename ... on Error { message } } }`

/** Everything on things that there are not, where that is possible, so that callers do not disturb each other. */
const uses: Use[] = [
  { name: 'viewer', right: 'viewer', document: '{ viewer { id name role memberships { role } apiTokens { id } } }' },
  { name: 'organisations', right: 'any token', document: '{ organisations { nodes { id } } }' },
  { name: 'clusters', right: 'any token', document: '{ clusters(first: 1) { nodes { id } } }' },
  {
    name: 'clusters of an organisation',
    right: 'any token',
    document: 'query ($organisationId: ID) { clusters(organisationId: $organisationId) { nodes { id } } }',
    variables: here,
  },
  {
    name: 'cluster',
    right: 'any token',
    document: 'query ($id: ID!) { cluster(id: $id) { id } }',
    variables: () => ({ id: uuid() }),
  },
  { name: 'attachmentLimits', right: 'any token', document: '{ attachmentLimits { maxFiles } }' },
  { name: 'teamMembers', right: 'team', document: '{ teamMembers { name } }' },
  {
    name: 'reviewReport',
    right: 'team',
    document: '{ reviewReport(from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00Z") { reviews } }',
  },
  {
    name: 'ticket',
    right: 'read',
    document: 'query ($ticketId: ID!) { ticket(id: $ticketId) { subject } }',
    variables: () => ({ ticketId: ids.ticketId }),
  },
  {
    name: 'ticketByNumber',
    right: 'read',
    document: 'query ($organisationId: ID) { ticketByNumber(number: 1, organisationId: $organisationId) { id } }',
    variables: here,
  },
  { name: 'tickets', right: 'read', document: '{ tickets(first: 1) { totalCount nodes { id } } }' },
  { name: 'ticketStats', right: 'read', document: '{ ticketStats { total } }' },
  {
    name: 'review',
    right: 'read',
    document: 'query ($reviewId: ID!) { review(id: $reviewId) { subject } }',
    variables: () => ({ reviewId: ids.reviewId }),
  },
  {
    name: 'reviewTicket',
    right: 'write',
    document: result('reviewTicket', 'ReviewTicketInput'),
    variables: () => ({ input: { ...draft('the shop'), ...here() } }),
  },
  {
    name: 'answerReview',
    right: 'write',
    document: result('answerReview', 'AnswerReviewInput'),
    variables: () => ({ input: { reviewId: uuid(), answers: [{ question: 'Why?', answer: 'Because.' }] } }),
  },
  {
    name: 'createTicket',
    right: 'write',
    document: result('createTicket', 'CreateTicketInput'),
    variables: () => ({ input: { ...draft('the shop'), ...here(), acknowledged: true } }),
  },
  {
    name: 'linkTicket',
    right: 'write',
    document: result('linkTicket', 'LinkTicketInput'),
    variables: () => ({ input: { reviewId: uuid(), ticketId: uuid() } }),
  },
  {
    name: 'addComment',
    right: 'write',
    document: result('addComment', 'AddCommentInput'),
    variables: () => ({ input: { ticketId: ids.ticketId, body: 'Hello.' } }),
  },
  {
    name: 'closeTicket',
    right: 'write',
    document: result('closeTicket', 'CloseTicketInput'),
    variables: () => ({ input: { ticketId: uuid() } }),
  },
  {
    name: 'updateTicket',
    right: 'team write',
    document: result('updateTicket', 'UpdateTicketInput'),
    variables: () => ({ input: { ticketId: ids.ticketId } }),
  },
  {
    name: 'upsertCluster',
    right: 'clusters',
    document: result('upsertCluster', 'UpsertClusterInput'),
    variables: () => ({ input: { ...here(), name: 'prod', state: 'up', controlPlanes: 1, nodes: 1 } }),
  },
  {
    name: 'createApiToken',
    right: 'admin',
    document: result('createApiToken', 'CreateApiTokenInput'),
    variables: input({ name: 'exporter', scopes: ['TICKETS_READ'] }),
  },
  {
    name: 'revokeApiToken',
    right: 'admin',
    document: 'mutation ($id: ID!) { revokeApiToken(id: $id) { __typename } }',
    variables: () => ({ id: uuid() }),
  },
]

describe.each(CALLERS)('over GraphQL, %s', (caller) => {
  it.each(uses)('and $name, which needs: $right', async ({ right, document, variables }) => {
    const { data, errors } = await send(app, callers[caller], document, variables?.())
    const codes = errors.map(({ extensions }) => extensions.code)
    expect(codes).toEqual(verdict(caller, right) === 'ok' ? [] : [verdict(caller, right)])
    if (codes.length > 0)
      expect(data === null || Object.values(data as object).every((value) => value === null)).toBe(true)
  })
})

interface RestUse {
  right: Right
  method: 'GET' | 'POST' | 'PUT'
  path: string
  body?: object
}

const CLUSTER = { name: 'prod', state: 'up', control_planes: 1, nodes: 1 }
const restUses: RestUse[] = [
  { right: 'write', method: 'POST', path: `${TICKETS}/review`, body: draft('the shop') },
  { right: 'write', method: 'POST', path: TICKETS, body: { ...draft('the shop'), acknowledged: true } },
  { right: 'read', method: 'GET', path: TICKETS },
  { right: 'read', method: 'GET', path: `${TICKETS}/TICKET` },
  { right: 'write', method: 'POST', path: `${TICKETS}/TICKET/comments`, body: { body: 'Hello.' } },
  { right: 'write', method: 'POST', path: `${TICKETS}/NONE/close` },
  { right: 'write', method: 'POST', path: `${TICKETS}/TICKET/link`, body: { review_id: uuid() } },
  { right: 'any token', method: 'GET', path: `${TICKETS}/limits` },
  { right: 'any token', method: 'GET', path: '/api/v1/clusters' },
  { right: 'clusters', method: 'PUT', path: '/api/v1/clusters', body: CLUSTER },
  { right: 'any token', method: 'GET', path: '/api/v1/org/organisation' },
]

const STATUS = { UNAUTHENTICATED: 401, FORBIDDEN: 403 }

/** People come with a cookie to the mount that takes them; what is under /api/v1 alone is for tokens. */
const mountFor = ({ cookie }: Headers, path: string) => (cookie ? path.replace(TICKETS, '/org/support/tickets') : path)

describe.each(CALLERS)('over REST, %s', (caller) => {
  it.each(restUses)('and $method $path, which needs: $right', async ({ right, method, path, body }) => {
    const who: Headers = callers[caller]
    const mounted = mountFor(who, path)
    const isTokensOnly = mounted.startsWith('/api/') && who.cookie !== undefined
    const named: Headers = caller.includes('team') ? { 'x-ankra-organisation-id': app.acme.organisationId } : {}
    const address = mounted.replace('TICKET', ids.ticketId).replace('NONE', uuid())
    const answer = await rest(app, { ...who, ...named }, method, address, body)
    const expected = isTokensOnly ? 'UNAUTHENTICATED' : verdict(caller, right)
    if (expected === 'ok') expect([200, 201, 404, 422]).toContain(answer.status)
    else expect([answer.status, typeof answer.body.detail]).toEqual([STATUS[expected], 'string'])
    if (answer.status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
  })
})

describe('who belongs nowhere', () => {
  it('is somebody, and is told what to do', async () => {
    const nemo = callers['a person who belongs nowhere']
    const query = '{ viewer { name isTeam role organisation { id } memberships { role } apiTokens { id } } }'
    expect(await ask(app, nemo, query)).toEqual({
      viewer: { name: 'Nemo', isTeam: false, role: null, organisation: null, memberships: [], apiTokens: [] },
    })
    const { errors } = await send(app, nemo, '{ tickets { totalCount } }')
    expect(errors[0]?.message).toMatch(/admin|team/)
    const { status, body } = await rest(app, nemo, 'GET', '/org/support/tickets')
    expect([status, body.detail]).toEqual([403, errors[0]?.message])
  })
})

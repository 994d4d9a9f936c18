// Many writers at once: one thing is made where one is meant, nobody waits for ever, and the log has no holes.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bearer, type TestApp, testApp } from '../support/app.ts'
import {
  atOnce,
  count,
  draft,
  expectDenseLog,
  type Headers,
  makeTicket,
  mutate,
  type Outcome,
  word,
} from './concurrency.world.ts'

let app: TestApp
let customer: Headers
let team: Headers
let organisationId: string
let tickets: number

beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
  team = bearer(app.team.token)
  organisationId = app.acme.organisationId
})
beforeEach(async () => {
  tickets = await count(app, 'tickets', organisationId)
})
afterEach(() => expectDenseLog(app, organisationId))
afterAll(() => app.close())

const madeTickets = async () => (await count(app, 'tickets', organisationId)) - tickets
const distinct = (values: unknown[]) => new Set(values).size
const words = (outcomes: Outcome[]) => outcomes.map(word).sort()

const ROUNDS = 100

describe('one idempotency key, used twice at once', () => {
  it(`makes one comment, ${ROUNDS} times`, async () => {
    const ticketId = await makeTicket(app, customer)
    const before = await count(app, 'comments', organisationId)
    for (let round = 0; round < ROUNDS; round++) {
      const input = { ticketId, body: `Round ${round}`, idempotencyKey: `round ${round}` }
      const [one, other] = await atOnce(2, () => mutate(app, customer, 'addComment', input))
      expect(one?.comment.id).toBe(other?.comment.id)
    }
    expect(await count(app, 'comments', organisationId)).toBe(before + ROUNDS)
  })

  it('makes one ticket, filed inline', async () => {
    for (let round = 0; round < 10; round++) {
      const input = { ...draft(`shop ${round}`), acknowledged: true, idempotencyKey: `inline ${round}` }
      const made = await atOnce(4, () => mutate(app, customer, 'createTicket', input))
      expect(distinct(made.map(({ ticket }) => ticket.id))).toBe(1)
      expect(made.filter(({ created }) => created)).toHaveLength(1)
    }
    expect(await madeTickets()).toBe(10)
  })

  it('makes one cluster', async () => {
    const platform = { ...bearer(await app.token(organisationId, ['clusters_write'])), 'idempotency-key': 'tell' }
    const facts = { name: 'prod', state: 'running', controlPlanes: 3, nodes: 5 }
    const told = await atOnce(5, () => mutate(app, platform, 'upsertCluster', facts))
    expect(distinct(told.map(({ cluster }) => cluster.id))).toBe(1)
  })

  it('closes and moves a ticket once', async () => {
    const ticketId = await makeTicket(app, customer)
    const move = { ...team, 'idempotency-key': 'move' }
    const moved = await atOnce(5, () => mutate(app, move, 'updateTicket', { ticketId, status: 'IN_PROGRESS' }))
    expect(moved.map(({ ticket }) => ticket.version)).toEqual([2, 2, 2, 2, 2])
    const close = { ...customer, 'idempotency-key': 'close' }
    const closed = await atOnce(5, () => mutate(app, close, 'closeTicket', { ticketId }))
    expect(closed.map(({ ticket }) => ticket.version)).toEqual([3, 3, 3, 3, 3])
  })

  it('with two inputs: one is done, the other is refused', async () => {
    const ticketId = await makeTicket(app, customer)
    for (let round = 0; round < 10; round++) {
      const said = await atOnce(2, (body) =>
        mutate(app, customer, 'addComment', { ticketId, body: `${body}`, idempotencyKey: `two ${round}` }),
      )
      expect(words(said)).toEqual(['AddCommentPayload', 'InputError idempotencyKey INVALID'])
    }
  })
})

describe('twenty writers in one organisation', () => {
  it('leave a dense log, whatever they do', async () => {
    const shared = await makeTicket(app, customer)
    const people = [app.team.tess.id, app.team.tom.id]
    await atOnce(20, async (writer) => {
      const own = await makeTicket(app, customer, `of writer ${writer}`)
      for (let turn = 0; turn < 2; turn++) {
        const ticketId = turn % 2 === 0 ? own : shared
        await mutate(app, customer, 'addComment', { ticketId, body: `${writer} says ${turn}` })
        await mutate(app, team, 'addComment', { ticketId, body: `${writer} thinks ${turn}`, internal: true })
        await mutate(app, team, 'updateTicket', { ticketId, assigneeId: people[(writer + turn) % 2], severity: 'HIGH' })
      }
      await mutate(app, customer, 'closeTicket', { ticketId: own })
    })
    expect(await madeTickets()).toBe(21)
  })

  it('file about a cluster while the platform tells of it', async () => {
    const platform = bearer(await app.token(organisationId, ['clusters_write']))
    const facts = { name: 'busy', state: 'running', controlPlanes: 3 }
    const { cluster } = await mutate(app, platform, 'upsertCluster', { ...facts, nodes: 0 })
    const done = await atOnce(20, (i) =>
      i % 2 === 0
        ? mutate(app, platform, 'upsertCluster', { ...facts, nodes: i })
        : mutate(app, customer, 'createTicket', { ...draft(`busy ${i}`), clusterId: cluster.id, acknowledged: true }),
    )
    expect(words(done)).toEqual([...Array(10).fill('CreateTicketPayload'), ...Array(10).fill('UpsertClusterPayload')])
  })

  it('at one version: one of those who expect it succeeds', async () => {
    const ticketId = await makeTicket(app, customer)
    const severities = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL']
    const { ticket } = await mutate(app, team, 'updateTicket', { ticketId, severity: null })
    const updated = await atOnce(4, (i) =>
      mutate(app, team, 'updateTicket', { ticketId, expectedTeamVersion: ticket.teamVersion, severity: severities[i] }),
    )
    expect(words(updated)).toEqual([...Array(3).fill('ConflictError'), 'UpdateTicketPayload'])
  })
})

// What a key belongs to, what burns it, and what a repeat shows; and the same over REST.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { count, draft, type Headers, makeReview, makeTicket, mutate, word } from './concurrency.world.ts'

let app: TestApp
let customer: Headers
let team: Headers

beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
  team = bearer(app.team.token)
})
afterAll(() => app.close())

const KEYED = 'idempotency-key'
let keys = 0
const newKey = () => `key ${++keys}`

describe('a key', () => {
  it('is shared by all people and tokens of the organisation', async () => {
    const input = { ticketId: await makeTicket(app, customer), body: 'Once.', idempotencyKey: newKey() }
    const first = await mutate(app, customer, 'addComment', input)
    const again = await mutate(app, await app.acme.member.signIn(), 'addComment', input)
    expect(again.comment).toEqual(first.comment)
  })

  it('of the customer and of the team are two', async () => {
    const input = { ticketId: await makeTicket(app, customer), body: 'Once each.', idempotencyKey: newKey() }
    const ids = [
      (await mutate(app, customer, 'addComment', input)).comment.id,
      (await mutate(app, team, 'addComment', input)).comment.id,
    ]
    expect(new Set(ids).size).toBe(2)
    expect((await mutate(app, team, 'addComment', input)).comment.id).toBe(ids[1])
    expect((await mutate(app, customer, 'addComment', input)).comment.id).toBe(ids[0])
  })

  it('of two operations are two', async () => {
    const key = { ...customer, [KEYED]: newKey() }
    const { ticket } = await mutate(app, key, 'createTicket', { ...draft('the shop'), acknowledged: true })
    expect(word(await mutate(app, key, 'addComment', { ticketId: ticket.id, body: 'Hello.' }))).toBe(
      'AddCommentPayload',
    )
    expect((await mutate(app, key, 'closeTicket', { ticketId: ticket.id })).ticket.status).toBe('CLOSED')
  })

  it('of two organisations are two, also where the team writes for them', async () => {
    const [globex, idempotencyKey] = [bearer(app.globex.token), newKey()]
    const input = { ...draft('the shop'), acknowledged: true, idempotencyKey }
    const ids = [
      (await mutate(app, customer, 'createTicket', input)).ticket.id,
      (await mutate(app, globex, 'createTicket', input)).ticket.id,
    ]
    for (const { organisationId } of [app.acme, app.globex]) {
      const named = { ...team, 'x-ankra-organisation-id': organisationId }
      ids.push((await mutate(app, named, 'createTicket', input)).ticket.id)
    }
    expect(new Set(ids).size).toBe(4)
    expect((await mutate(app, globex, 'createTicket', input)).ticket.id).toBe(ids[1])
  })

  it('takes an input for the same whatever the order and spelling of what is absent', async () => {
    const ticketId = await makeTicket(app, customer)
    const idempotencyKey = newKey()
    const first = await mutate(app, customer, 'addComment', { ticketId, body: 'Same.', idempotencyKey })
    const again = await mutate(app, customer, 'addComment', {
      internal: null,
      idempotencyKey,
      body: 'Same.',
      ticketId: ticketId.toUpperCase(),
    })
    expect(again.comment).toEqual(first.comment)
  })
})

describe('a repeat', () => {
  it('shows the thing as it is now', async () => {
    const input = { ...draft('the shop'), acknowledged: true, idempotencyKey: newKey() }
    const first = await mutate(app, customer, 'createTicket', input)
    await mutate(app, team, 'updateTicket', { ticketId: first.ticket.id, status: 'RESOLVED' })
    const again = await mutate(app, customer, 'createTicket', input)
    expect(again).toMatchObject({ created: false, ticket: { id: first.ticket.id, status: 'RESOLVED', version: 2 } })
  })

  it('of a comment shows the comment on the ticket as it is now, also when that is closed', async () => {
    const input = { ticketId: await makeTicket(app, customer), body: 'Once.', idempotencyKey: newKey() }
    const first = await mutate(app, customer, 'addComment', input)
    await mutate(app, customer, 'closeTicket', { ticketId: input.ticketId })
    const again = await mutate(app, customer, 'addComment', input)
    expect(again).toMatchObject({ comment: first.comment, ticket: { status: 'CLOSED' } })
  })

  it('of a move does not move the ticket again', async () => {
    const ticketId = await makeTicket(app, customer)
    const key = { ...team, [KEYED]: newKey() }
    const move = () => mutate(app, key, 'updateTicket', { ticketId, status: 'IN_PROGRESS' })
    await move()
    await mutate(app, team, 'updateTicket', { ticketId, status: 'RESOLVED' })
    expect((await move()).ticket.status).toBe('RESOLVED')
  })
})

describe('what fails burns no key', () => {
  it('an input that is refused', async () => {
    const ticketId = await makeTicket(app, customer)
    const say = (body: string, key: string) =>
      mutate(app, customer, 'addComment', { ticketId, body, idempotencyKey: key })
    const key = newKey()
    expect(word(await say('', key))).toBe('InputError body TOO_SHORT')
    expect(word(await say('Now with words.', key))).toBe('AddCommentPayload')
  })

  it('a ticket that is not there, or closed', async () => {
    const ticketId = await makeTicket(app, customer)
    const idempotencyKey = newKey()
    const say = (id: string) => mutate(app, customer, 'addComment', { ticketId: id, body: 'Hello.', idempotencyKey })
    expect(word(await say(app.acme.organisationId))).toBe('NotFoundError')
    await mutate(app, customer, 'closeTicket', { ticketId })
    expect(word(await say(ticketId))).toBe('InputError ticketId NOT_ALLOWED')
    expect(word(await say(await makeTicket(app, customer)))).toBe('AddCommentPayload')
  })

  it('a version that is another', async () => {
    const key = { ...customer, [KEYED]: newKey() }
    const ticketId = await makeTicket(app, customer)
    const close = (expectedVersion: number) => mutate(app, key, 'closeTicket', { ticketId, expectedVersion })
    expect(word(await close(9))).toBe('ConflictError')
    expect((await close(1)).ticket.status).toBe('CLOSED')
  })

  it('a draft that the review flags, inline and from a review', async () => {
    const vague = { subject: 'Help', description: 'It does not work please help' }
    const inline = { ...vague, idempotencyKey: newKey() }
    expect(word(await mutate(app, customer, 'createTicket', inline))).toBe('ReviewRequiredError')
    const filed = await mutate(app, customer, 'createTicket', { ...inline, acknowledged: true })
    expect(filed.created).toBe(true)

    const { review } = await mutate(app, customer, 'reviewTicket', vague)
    const from = { reviewId: review.id, idempotencyKey: newKey() }
    expect(word(await mutate(app, customer, 'createTicket', from))).toBe('ReviewRequiredError')
    expect((await mutate(app, customer, 'createTicket', { ...from, acknowledged: true })).created).toBe(true)
  })
})

describe('what is wrong with a key is said before anything else', () => {
  it('where a flagged draft comes under the key of another', async () => {
    const idempotencyKey = newKey()
    await mutate(app, customer, 'createTicket', { ...draft('the shop'), acknowledged: true, idempotencyKey })
    const vague = { subject: 'Help', description: 'It does not work please help' }
    const { review } = await mutate(app, customer, 'reviewTicket', vague)
    for (const from of [vague, { reviewId: review.id }]) {
      const refused = await mutate(app, customer, 'createTicket', { ...from, idempotencyKey })
      expect(word(refused)).toBe('InputError idempotencyKey INVALID')
    }
  })

  it('where header and field differ, though the review was used before', async () => {
    const two = { ...customer, [KEYED]: newKey() }
    const filed = { reviewId: await makeReview(app, customer), acknowledged: true }
    const linked = { reviewId: await makeReview(app, customer), ticketId: await makeTicket(app, customer) }
    await mutate(app, customer, 'createTicket', filed)
    await mutate(app, customer, 'linkTicket', linked)
    const idempotencyKey = newKey()
    const refused = 'InputError idempotencyKey INVALID'
    expect(word(await mutate(app, two, 'createTicket', { ...filed, idempotencyKey }))).toBe(refused)
    expect(word(await mutate(app, two, 'linkTicket', { ...linked, idempotencyKey }))).toBe(refused)
  })
})

describe('linking the same review to the same ticket again', () => {
  it.each([
    ['without a key', () => [{}, {}]],
    ['with one key', () => Array(2).fill({ idempotencyKey: newKey() })],
    ['with another key', () => [{ idempotencyKey: newKey() }, { idempotencyKey: newKey() }]],
  ])('%s succeeds and makes nothing', async (_, two) => {
    const input = { reviewId: await makeReview(app, customer), ticketId: await makeTicket(app, customer) }
    const [first, second] = two()
    const linked = await mutate(app, customer, 'linkTicket', { ...input, ...first })
    const again = await mutate(app, customer, 'linkTicket', { ...input, ...second })
    expect(again.comment.id).toBe(linked.comment.id)
    expect(again.ticket).toMatchObject({ version: 2, linkedReports: 1 })
  })
})

describe('over REST', () => {
  it('a repeat is 200 with the same ticket, another body 422 at the header', async () => {
    const keyed = { ...customer, [KEYED]: newKey() }
    const body = { ...draft('the shop'), acknowledged: true }
    const first = await rest(app, keyed, 'POST', TICKETS, body)
    const again = await rest(app, keyed, 'POST', TICKETS, body)
    expect([first.status, again.status, again.body.id]).toEqual([201, 200, first.body.id])
    const other = await rest(app, keyed, 'POST', TICKETS, { ...body, severity: 'low' })
    expect([other.status, other.body.detail[0].loc]).toEqual([422, ['header', 'Idempotency-Key']])
  })

  it('a comment, a closing, a joining and a cluster are made once', async () => {
    const ticketId = await makeTicket(app, customer)
    const reviewId = await makeReview(app, customer)
    const platform = bearer(await app.token(app.acme.organisationId, ['clusters_write']))
    const cluster = { name: 'once', state: 'running', control_planes: 3, nodes: 5 }
    const requests = [
      [customer, 'POST', `${TICKETS}/${ticketId}/comments`, { body: 'Once.' }, { body: 'Twice.' }],
      [customer, 'POST', `${TICKETS}/${ticketId}/link`, { review_id: reviewId }, null],
      [platform, 'PUT', '/api/v1/clusters', cluster, { ...cluster, nodes: 6 }],
      [customer, 'POST', `${TICKETS}/${ticketId}/close`, undefined, null],
    ] as const
    for (const [who, method, path, body, other] of requests) {
      const keyed = { ...who, [KEYED]: newKey() }
      const first = await rest(app, keyed, method, path, body)
      const again = await rest(app, keyed, method, path, body)
      expect([200, 201]).toContain(first.status)
      expect([again.status, again.body]).toEqual([200, first.body])
      if (other) expect((await rest(app, keyed, method, path, other)).status).toBe(422)
    }
  })

  it('and over GraphQL a key is the same key', async () => {
    const ticketId = await makeTicket(app, customer)
    const before = await count(app, 'comments', app.acme.organisationId)
    const keyed = { ...customer, [KEYED]: newKey() }
    await rest(app, keyed, 'POST', `${TICKETS}/${ticketId}/comments`, { body: 'Once.' })
    expect(word(await mutate(app, keyed, 'addComment', { ticketId, body: 'Once.' }))).toBe('AddCommentPayload')
    expect(await count(app, 'comments', app.acme.organisationId)).toBe(before + 1)
  })

  it.each([
    ['x'.repeat(201), 'string_too_long', 'idempotency_key must have at most 200 characters.', 'TOO_LONG'],
    ['', 'string_too_short', 'idempotency_key must have at least 1 character.', 'TOO_SHORT'],
  ])('a key that nobody can use is refused as the same field of GraphQL is: "%s"', async (key, type, msg, code) => {
    const input = { ...draft('the shop'), acknowledged: true }
    const { status, body } = await rest(app, { ...customer, [KEYED]: key }, 'POST', TICKETS, input)
    expect([status, body.detail]).toEqual([422, [{ type, msg, loc: ['header', 'Idempotency-Key'] }]])
    const refused = await mutate(app, customer, 'createTicket', { ...input, idempotencyKey: key })
    expect(word(refused)).toBe(`InputError idempotencyKey ${code}`)
  })
})

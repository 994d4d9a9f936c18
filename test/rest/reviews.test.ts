// What a review is good for over REST: one ticket, once, for an hour, for anybody of its organisation. Joining a ticket
// instead of opening one; sending the same thing twice.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { file, invoice, outage, problems, review, sentences, vague, wish } from './drafts.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app.close())

const mine = () => bearer(app.acme.token)
const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
  rest(app, { ...mine(), ...headers }, 'POST', `${TICKETS}${path}`, body)
const reviewed = async (draft: object = outage): Promise<string> => (await review(app, app.acme.token, draft)).review_id

async function expire(id: string): Promise<void> {
  await app.database.prisma.review.update({ where: { id }, data: { expiresAt: new Date(Date.now() - 1000) } })
}

/** The team moves a ticket; REST has no route for it. */
const move = (id: string, status: string) =>
  ask(
    app,
    bearer(app.team.token),
    `mutation ($id: ID!, $status: TicketStatus) {
    updateTicket(input: { ticketId: $id, status: $status }) { ... on UpdateTicketPayload { ticket { status } } } }`,
    {
      id,
      status,
    },
  )

describe('a review', () => {
  it('makes one ticket, which is shown again whoever of the organisation asks again', async () => {
    const review_id = await reviewed()
    const first = await post('', { review_id })
    const second = await post('', { review_id, severity: 'low' })
    expect([first.status, second.status]).toEqual([201, 200])
    expect(second.body).toEqual(first.body)
    const colleague = await app.acme.member.signIn()
    const third = await rest(app, colleague, 'POST', '/org/support/tickets', { review_id })
    expect([third.status, third.body.id]).toEqual([200, first.body.id])
  })

  it('makes one ticket also when it is sent many times at once', async () => {
    const review_id = await reviewed(wish)
    const answers = await Promise.all(Array.from({ length: 8 }, () => post('', { review_id })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201])
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
  })

  it('is good for an hour, but shows what it made for ever', async () => {
    const [unused, used] = [await reviewed(), await reviewed()]
    const { body: ticket } = await post('', { review_id: used })
    await Promise.all([expire(unused), expire(used)])
    const refused = [await post('', { review_id: unused }), await post(`/${ticket.id}/link`, { review_id: unused })]
    for (const answer of refused) {
      expect(problems(answer)).toEqual(['body.review_id: not_allowed'])
      expect(sentences(answer)[0]).toMatch(/expired.*Please review again\.$/)
    }
    expect(await post('', { review_id: used })).toMatchObject({ status: 200, body: { id: ticket.id } })
  })

  it('of somebody else, or of nobody, is unknown', async () => {
    const { review_id } = await review(app, app.globex.token)
    const { id } = await file(app, app.acme.token)
    for (const unknown of [review_id, randomUUID(), 'not-an-id', '']) {
      expect(problems(await post('', { review_id: unknown }))).toEqual(['body.review_id: not_found'])
      expect(problems(await post(`/${id}/link`, { review_id: unknown }))).toEqual(['body.review_id: not_found'])
    }
  })
})

describe('/link', () => {
  it('adds the report to the ticket as a comment of the reporter’s, and counts it', async () => {
    const ticket = await file(app, app.acme.token)
    const review_id = await reviewed(invoice)
    const { status, body } = await post(`/${ticket.id}/link`, { review_id })
    expect(status).toBe(200)
    expect(body).toMatchObject({ id: ticket.id, linked_reports: 1, status: 'open', version: 2 })
    expect(body.comments).toMatchObject([
      {
        author_type: 'customer',
        author_label: 'Acme monitoring',
        body: `${invoice.subject}\n\n${invoice.description}`,
      },
    ])
    expect(await post(`/${ticket.id}/link`, { review_id })).toMatchObject({ status: 200, body })
  })

  it('uses the review up: it makes no ticket and joins no other, and says which it joined', async () => {
    const [one, other] = [await file(app, app.acme.token), await file(app, app.acme.token, wish)]
    const review_id = await reviewed(invoice)
    await post(`/${one.id}/link`, { review_id })
    for (const answer of [await post('', { review_id }), await post(`/${other.id}/link`, { review_id })]) {
      expect(problems(answer)).toEqual(['body.review_id: not_allowed'])
      expect(sentences(answer)[0]).toContain(`#${one.number}`)
    }
    const filed = await reviewed(invoice)
    const { body: made } = await post('', { review_id: filed })
    const answer = await post(`/${one.id}/link`, { review_id: filed })
    expect([problems(answer), sentences(answer)[0]]).toEqual([
      ['body.review_id: not_allowed'],
      expect.stringContaining(`#${made.number}`),
    ])
  })

  it('reopens a resolved ticket only when it still happens', async () => {
    const ticket = await file(app, app.acme.token)
    await move(ticket.id, 'RESOLVED')
    const quiet = await post(`/${ticket.id}/link`, { review_id: await reviewed(), still_happening: false })
    expect(quiet.body).toMatchObject({ status: 'resolved', linked_reports: 1 })
    const loud = await post(`/${ticket.id}/link`, { review_id: await reviewed(), still_happening: true })
    expect(loud.body).toMatchObject({ status: 'in_progress', linked_reports: 2 })
    expect(loud.body.comments.slice(1)).toMatchObject([
      { author_type: 'customer' },
      { author_type: 'system', body: expect.stringMatching(/^Reopened by /) },
    ])
    const open = await file(app, app.acme.token)
    const same = await post(`/${open.id}/link`, { review_id: await reviewed(), still_happening: true })
    expect(same.body).toMatchObject({ status: 'open', linked_reports: 1 })
  })

  it('takes a flagged review too: what is vague still says that one more is affected', async () => {
    const ticket = await file(app, app.acme.token)
    const joined = await post(`/${ticket.id}/link`, { review_id: await reviewed(vague) })
    expect(joined).toMatchObject({ status: 200, body: { linked_reports: 1 } })
  })

  it('to a closed ticket is refused and leaves the review as it was', async () => {
    const ticket = await file(app, app.acme.token)
    await post(`/${ticket.id}/close`)
    const review_id = await reviewed(invoice)
    for (const still_happening of [false, true]) {
      const answer = await post(`/${ticket.id}/link`, { review_id, still_happening })
      expect(problems(answer)).toEqual(['path.ticket_id: not_allowed'])
      expect(sentences(answer)[0]).toContain(`#${ticket.number} is closed.`)
    }
    expect((await post('', { review_id })).status).toBe(201)
  })

  it('to what is not there is 404', async () => {
    const theirs = await file(app, app.globex.token)
    const review_id = await reviewed()
    for (const id of [randomUUID(), theirs.id, 'nope']) {
      expect((await post(`/${id}/link`, { review_id })).status).toBe(404)
    }
  })
})

describe('Idempotency-Key', () => {
  const key = () => ({ 'idempotency-key': randomUUID() })

  it('makes a write once and shows it again with 200', async () => {
    const filing = key()
    const [first, again] = [await post('', wish, filing), await post('', wish, filing)]
    expect([first.status, again.status, again.body]).toEqual([201, 200, first.body])
    const path = `/${first.body.id}/comments`
    const saying = key()
    const said = [await post(path, { body: 'Hello' }, saying), await post(path, { body: 'Hello' }, saying)]
    expect(said.map(({ status, body }) => [status, body.comments.length])).toEqual([
      [201, 1],
      [200, 1],
    ])
    const joining = key()
    const review_id = await reviewed()
    for (let round = 0; round < 2; round++) {
      expect((await post(`/${first.body.id}/link`, { review_id }, joining)).body.linked_reports).toBe(1)
    }
    const closing = key()
    for (let round = 0; round < 2; round++) {
      expect((await post(`/${first.body.id}/close`, undefined, closing)).body.version).toBe(4)
    }
  })

  it('makes a write once also when it is sent many times at once', async () => {
    const filing = key()
    const answers = await Promise.all(Array.from({ length: 6 }, () => post('', invoice, filing)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201])
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
  })

  it('with another body is refused, never answered with something else', async () => {
    const filing = key()
    const { body: ticket } = await post('', wish, filing)
    const saying = key()
    await post(`/${ticket.id}/comments`, { body: 'One' }, saying)
    const reused = [await post('', invoice, filing), await post(`/${ticket.id}/comments`, { body: 'Two' }, saying)]
    for (const answer of reused) {
      expect(problems(answer)).toEqual(['header.Idempotency-Key: value_error'])
      expect(sentences(answer)[0]).toMatch(/used with another input/)
    }
    expect((await post(`/${ticket.id}/comments`, { body: 'One' }, filing)).status).toBe(201)
  })

  it('belongs to one organisation, has 1 to 200 characters, and is nothing to a review', async () => {
    const shared = key()
    const ours = await post('', wish, shared)
    const theirs = await rest(app, { ...bearer(app.globex.token), ...shared }, 'POST', TICKETS, wish)
    expect([ours.status, theirs.status]).toEqual([201, 201])
    for (const [wrong, type] of [
      ['', 'string_too_short'],
      ['x'.repeat(201), 'string_too_long'],
    ] as const) {
      const answer = await post('', wish, { 'idempotency-key': wrong })
      expect(problems(answer)).toEqual([`header.Idempotency-Key: ${type}`])
    }
    const [one, two] = [await post('/review', wish, shared), await post('/review', wish, shared)]
    expect(one.body.review_id).not.toBe(two.body.review_id)
  })
})

// How much may hang on a ticket, and what an idempotency key does for an upload.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../graphql/fixtures.ts'
import { bearer, type TestApp, testApp } from '../support/app.ts'
import {
  byGraphQL,
  byRest,
  countAttachments,
  doors,
  type Headers,
  leftovers,
  type Outcome,
  ticketAt,
} from './attachments.world.ts'
import { atOnce, expectDenseLog } from './concurrency.world.ts'

let app: TestApp
let customer: Headers

beforeAll(async () => {
  const env = { ATTACHMENT_MAX_BYTES: '100', ATTACHMENT_MAX_FILES: '10', ATTACHMENT_MAX_TICKET_BYTES: '250' }
  app = await testApp({ env })
  customer = bearer(app.acme.token)
})
afterEach(async () => expect(await leftovers(app)).toEqual([]))
afterAll(async () => {
  await expectDenseLog(app, app.acme.organisationId)
  await app.close()
})

const lines = (length: number, name = 'node.log') => ({ name, bytes: 'a'.repeat(length) })
const either = (i: number) => (i % 2 === 0 ? byRest : byGraphQL)
const words = (outcomes: Outcome[]) => outcomes.map(({ is }) => is).sort()

/** A ticket that has files of these sizes (bytes) already. */
async function ticketWith(sizes: number[]): Promise<string> {
  const ticketId = await ticketAt(app)
  const outcomes = await atOnce(sizes.length, (i) => byRest(app, customer, ticketId, lines(sizes[i] as number)))
  expect(words(outcomes)).toEqual(sizes.map(() => 'attached'))
  return ticketId
}

describe.each(doors)('by $door', ({ upload }) => {
  it('a file has at most as many bytes as one may have', async () => {
    const ticketId = await ticketAt(app)
    expect((await upload(app, customer, ticketId, lines(100))).is).toBe('attached')
    const { is, message } = await upload(app, customer, ticketId, lines(101))
    expect([is, message]).toEqual(['input file TOO_LONG', 'An attachment may have 100 bytes.'])
    expect(await countAttachments(app, ticketId)).toBe(1)
  })

  it('a ticket has at most as many files as it may have', async () => {
    const ticketId = await ticketWith(Array(9).fill(5))
    expect((await upload(app, customer, ticketId, lines(5))).is).toBe('attached')
    const { is, message } = await upload(app, customer, ticketId, lines(5))
    expect([is, message]).toEqual(['input file NOT_ALLOWED', expect.stringContaining('10 attachments')])
    expect(await countAttachments(app, ticketId)).toBe(10)
  })

  it('the files of a ticket have at most so many bytes, and who asks for more hears what is left', async () => {
    const ticketId = await ticketWith([100, 100])
    const { is, message } = await upload(app, customer, ticketId, lines(51))
    expect([is, message]).toEqual(['input file NOT_ALLOWED', expect.stringMatching(/250 bytes together; 50 bytes/)])
    expect((await upload(app, customer, ticketId, lines(50))).is).toBe('attached')
    expect((await upload(app, customer, ticketId, lines(1))).message).toMatch(
      /250 bytes together; 0 (bytes|MiB) of that/,
    )
    expect(await countAttachments(app, ticketId)).toBe(3)
  })

  it('a key attaches a file once, and shows it again', async () => {
    const ticketId = await ticketAt(app)
    const headers = { ...customer, 'idempotency-key': `once for ${ticketId}` }
    const [first, again] = [
      await upload(app, headers, ticketId, lines(20)),
      await upload(app, headers, ticketId, lines(20)),
    ]
    expect([first.is, again.is, again.id]).toEqual(['attached', 'attached', first.id])
    if (upload === byRest) expect([first.status, again.status]).toEqual([201, 200])
    expect(await countAttachments(app, ticketId)).toBe(1)
  })

  it('a key is refused for another file, another name and another ticket', async () => {
    const [ticketId, other] = [await ticketAt(app), await ticketAt(app)]
    const headers = { ...customer, 'idempotency-key': `one file ${ticketId}` }
    await upload(app, headers, ticketId, lines(20))
    for (const [ticket, file] of [
      [ticketId, lines(21)],
      [ticketId, lines(20, 'other.log')],
      [other, lines(20)],
    ] as const) {
      expect((await upload(app, headers, ticket, file)).is).toBe('input idempotencyKey INVALID')
    }
    expect([await countAttachments(app, ticketId), await countAttachments(app, other)]).toEqual([1, 0])
  })

  it('a key that is too long attaches nothing', async () => {
    const ticketId = await ticketAt(app)
    const headers = { ...customer, 'idempotency-key': 'k'.repeat(201) }
    expect((await upload(app, headers, ticketId, lines(20))).is).toBe('input idempotencyKey TOO_LONG')
    expect(await countAttachments(app, ticketId)).toBe(0)
  })

  it('a key still shows its file when the ticket is full, and attaches no other', async () => {
    const ticketId = await ticketWith([100, 100])
    const headers = { ...customer, 'idempotency-key': `the last of ${ticketId}` }
    const first = await upload(app, headers, ticketId, lines(50))
    expect(await upload(app, headers, ticketId, lines(50))).toMatchObject({ is: 'attached', id: first.id })
    const next = { ...customer, 'idempotency-key': `one more for ${ticketId}` }
    expect((await upload(app, next, ticketId, lines(1))).is).toBe('input file NOT_ALLOWED')
    expect(await countAttachments(app, ticketId)).toBe(3)
  })

  it('a key still shows its file when the ticket has been closed meanwhile', async () => {
    const ticketId = await ticketAt(app)
    const headers = { ...customer, 'idempotency-key': `before the end of ${ticketId}` }
    const first = await upload(app, headers, ticketId, lines(20))
    await run(app, customer, 'closeTicket', { ticketId })
    expect(await upload(app, headers, ticketId, lines(20))).toMatchObject({ is: 'attached', id: first.id })
    expect((await upload(app, customer, ticketId, lines(20))).is).toBe('input ticketId NOT_ALLOWED')
  })

  it('twenty at once with one key attach one file', async () => {
    const ticketId = await ticketAt(app)
    const headers = { ...customer, 'idempotency-key': `all at once ${ticketId}` }
    const outcomes = await atOnce(20, () => upload(app, headers, ticketId, lines(20)))
    const kept = (await app.database.prisma.attachment.findFirstOrThrow({ where: { ticketId } })).id
    expect(outcomes.map(({ is, ids }) => [is, ids])).toEqual(Array(20).fill(['attached', [kept]]))
    if (upload === byRest) expect(outcomes.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(await countAttachments(app, ticketId)).toBe(1)
  })
})

describe('whatever the doors', () => {
  it('a key that one of them has seen is known at the other', async () => {
    const ticketId = await ticketAt(app)
    const headers = { ...customer, 'idempotency-key': `both doors ${ticketId}` }
    const first = await byRest(app, headers, ticketId, lines(20))
    expect(await byGraphQL(app, headers, ticketId, lines(20))).toMatchObject({ is: 'attached', id: first.id })
    expect(await byRest(app, headers, ticketId, lines(20))).toMatchObject({ status: 200, id: first.id })
  })

  it('of ten uploads at once to a ticket with nine files, one gets in', async () => {
    const ticketId = await ticketWith(Array(9).fill(5))
    const outcomes = await atOnce(10, (i) => either(i)(app, customer, ticketId, lines(5, `${i}.log`)))
    expect(words(outcomes)).toEqual(['attached', ...Array(9).fill('input file NOT_ALLOWED')])
    expect(await countAttachments(app, ticketId)).toBe(10)
  })

  it('of uploads at once, no more get in than have room together', async () => {
    const ticketId = await ticketAt(app)
    const outcomes = await atOnce(6, (i) => either(i)(app, customer, ticketId, lines(100, `${i}.log`)))
    expect(words(outcomes)).toEqual(['attached', 'attached', ...Array(4).fill('input file NOT_ALLOWED')])
    expect(await countAttachments(app, ticketId)).toBe(2)
  })
})

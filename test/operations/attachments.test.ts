// Attaching a file, by either door: what it does to the ticket, what is refused, and that nothing is ever left behind.

import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../graphql/fixtures.ts'
import { bearer, type TestApp, testApp } from '../support/app.ts'
import { byGraphQL, byRest, doors, type Headers, leftovers, ticketAt, ticketOf } from './attachments.world.ts'
import { atOnce, expectDenseLog } from './concurrency.world.ts'

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const log = { name: 'node.log', bytes: 'worker-3 is NotReady\n' }

let app: TestApp
let customer: Headers
let team: Headers

beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
  team = bearer(app.team.token)
})
afterEach(async () => expect(await leftovers(app)).toEqual([]))
afterAll(async () => {
  await expectDenseLog(app, app.acme.organisationId)
  await app.close()
})

const since = async (headers: Headers, ticketId: string) =>
  (await ticketOf(app, headers, ticketId)).events.nodes.slice(1).map(({ type }) => type)

describe.each(doors)('an upload by $door', ({ upload }) => {
  it('hangs on the ticket as what it is, whatever it was called', async () => {
    const ticketId = await ticketAt(app)
    const { is, id } = await upload(app, customer, ticketId, {
      name: '../../etc/shot of\u202e <prod>.png',
      bytes: PNG,
      type: 'text/html',
    })
    expect(is).toBe('attached')
    const ticket = await ticketOf(app, customer, ticketId)
    expect(ticket).toMatchObject({ status: 'OPEN', version: 2, comments: { nodes: [] } })
    expect(ticket.attachments).toEqual([
      {
        id,
        filename: 'shot of _prod_.png',
        contentType: 'image/png',
        sizeBytes: PNG.length,
        sha256: createHash('sha256').update(PNG).digest('hex'),
        url: `/api/v1/org/support/tickets/${ticketId}/attachments/${id}`,
        uploadedBy: { type: 'CUSTOMER', label: 'Acme monitoring' },
      },
    ])
    expect(ticket.events.nodes.slice(1)).toEqual([
      {
        type: 'ATTACHMENT_ADDED',
        ticketVersion: 2,
        actor: { type: 'CUSTOMER', label: 'Acme monitoring' },
        attachment: { id },
      },
    ])
  })

  it('is downloaded from the mount that its reader uses', async () => {
    const ticketId = await ticketAt(app)
    await upload(app, customer, ticketId, log)
    const session = await app.acme.member.signIn()
    for (const [headers, mount] of [
      [customer, '/api/v1/org/support/tickets/'],
      [session, '/org/support/tickets/'],
    ] as const) {
      const [attachment] = (await ticketOf(app, headers, ticketId)).attachments
      expect(attachment?.url.startsWith(mount)).toBe(true)
      const response = await fetch(`${app.url}${attachment?.url}`, { headers })
      expect([response.status, await response.text()]).toEqual([200, log.bytes])
    }
  })

  it.each([
    ['PENDING_REVIEW', 'PENDING_REVIEW', ['ATTACHMENT_ADDED']],
    ['OPEN', 'OPEN', ['ATTACHMENT_ADDED']],
    ['TRIAGING', 'TRIAGING', ['ATTACHMENT_ADDED']],
    ['IN_PROGRESS', 'IN_PROGRESS', ['ATTACHMENT_ADDED']],
    ['WAITING_CUSTOMER', 'IN_PROGRESS', ['ATTACHMENT_ADDED', 'TICKET_STATUS_CHANGED']],
    ['RESOLVED', 'IN_PROGRESS', ['COMMENT_ADDED', 'ATTACHMENT_ADDED', 'TICKET_STATUS_CHANGED']],
  ])("of a customer's moves a ticket from %s to %s, as their comment does", async (from, to, events) => {
    const ticketId = await ticketAt(app, from)
    expect((await upload(app, customer, ticketId, log)).is).toBe('attached')
    const ticket = await ticketOf(app, team, ticketId)
    expect(ticket).toMatchObject({ status: to, version: 2, teamVersion: 2 })
    expect(await since(customer, ticketId)).toEqual(events)
    const reopened = [{ body: 'Reopened by an upload', author: { type: 'SYSTEM' } }]
    expect(ticket.comments.nodes).toEqual(from === 'RESOLVED' ? reopened : [])
    expect(new Set(ticket.events.nodes.slice(1).map(({ ticketVersion }) => ticketVersion))).toEqual(new Set([2]))
  })

  it.each(['OPEN', 'WAITING_CUSTOMER', 'RESOLVED'])("of the team's leaves a ticket %s", async (status) => {
    const ticketId = await ticketAt(app, status)
    expect((await upload(app, team, ticketId, log)).is).toBe('attached')
    const ticket = await ticketOf(app, customer, ticketId)
    expect(ticket).toMatchObject({ status, version: 2, attachments: [{ uploadedBy: { type: 'TEAM' } }] })
    expect(await since(customer, ticketId)).toEqual(['ATTACHMENT_ADDED'])
  })

  it('to a closed ticket is refused, with what to do instead', async () => {
    const ticketId = await ticketAt(app, 'CLOSED')
    for (const headers of [customer, team]) {
      const { is, message } = await upload(app, headers, ticketId, log)
      expect(is).toBe('input ticketId NOT_ALLOWED')
      expect(message).toMatch(/^#\d+ is closed\. Please open a new ticket/)
    }
    expect(await ticketOf(app, customer, ticketId)).toMatchObject({ version: 1, attachments: [] })
  })

  it('to a ticket that is not there, or not theirs, finds none', async () => {
    const foreign = await ticketAt(app)
    const globex = bearer(app.globex.token)
    expect((await upload(app, globex, foreign, log)).is).toBe('not found')
    for (const ticketId of [crypto.randomUUID(), 'no-id']) {
      expect((await upload(app, customer, ticketId, log)).is).toBe('not found')
    }
    expect(await ticketOf(app, customer, foreign)).toMatchObject({ version: 1, attachments: [] })
  })

  it('needs the right to write', async () => {
    const ticketId = await ticketAt(app)
    const reader = bearer(await app.token(app.acme.organisationId, ['tickets_read']))
    const { is, message } = await upload(app, reader, ticketId, log)
    expect([is, message]).toEqual(['FORBIDDEN', expect.stringContaining('tickets:write')])
    expect((await upload(app, {}, ticketId, log)).is).toBe('UNAUTHENTICATED')
    expect((await ticketOf(app, customer, ticketId)).version).toBe(1)
  })

  it.each([
    [
      'a page in disguise',
      { name: 'shot.png', bytes: '<!doctype html><script>alert(1)</script>' },
      'INVALID',
      /not taken/,
    ],
    [
      'a program',
      { name: 'run.log', bytes: Buffer.from('\x7fELF\x02\x01\x01\0\0\0\0\0\0', 'latin1') },
      'INVALID',
      /not taken/,
    ],
    ['nothing', { name: 'empty.log', bytes: '' }, 'TOO_SHORT', /empty/],
  ])('of %s is refused with a sentence', async (_, file, code, sentence) => {
    const ticketId = await ticketAt(app)
    const { is, message } = await upload(app, customer, ticketId, file)
    expect([is, message]).toEqual([`input file ${code}`, expect.stringMatching(sentence)])
    expect(await ticketOf(app, customer, ticketId)).toMatchObject({ version: 1, attachments: [] })
  })
})

it('uploads while the ticket is being closed come before that, or not at all', async () => {
  for (let round = 0; round < 5; round++) {
    const ticketId = await ticketAt(app)
    const [outcomes] = await Promise.all([
      atOnce(6, (i) => (i % 2 === 0 ? byRest : byGraphQL)(app, customer, ticketId, { ...log, name: `${i}.log` })),
      run(app, customer, 'closeTicket', { ticketId }),
    ])
    const attached = outcomes.filter(({ is }) => is === 'attached')
    const refused = outcomes.filter(({ is }) => is === 'input ticketId NOT_ALLOWED')
    expect(attached.length + refused.length).toBe(outcomes.length)
    const ticket = await ticketOf(app, customer, ticketId)
    expect(ticket.status).toBe('CLOSED')
    expect(ticket.attachments.map(({ id }) => id).sort()).toEqual(attached.map(({ id }) => id).sort())
    const added = Array(attached.length).fill('ATTACHMENT_ADDED')
    expect(await since(customer, ticketId)).toEqual([...added, 'COMMENT_ADDED', 'TICKET_STATUS_CHANGED'])
    expect(await leftovers(app)).toEqual([])
  }
})

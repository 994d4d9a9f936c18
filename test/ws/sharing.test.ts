// Subscriptions that say the same share their events; those that only seem to say the same must not.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { asOf, type Client, comment, fileTicket, join, subscribe, type Ticket } from './sockets.ts'

let app: TestApp
let ticket: Ticket
beforeAll(async () => {
  app = await testApp()
  ticket = await fileTicket(app)
})
afterAll(() => app.close())

/** Its variable says where to begin, and also what each event reads. */
const TWICE = `subscription ($after: String) { ticketEvents(after: $after) { cursor
  ticket { events(first: 50, after: $after) { nodes { cursor } } } } }`

/** Waits for the event behind which the ticket now is, and counts what that event has read. */
async function counted(client: Client): Promise<number> {
  const cursor = await asOf(app, ticket)
  const { payload } = await client.first((m) => m.payload?.data?.ticketEvents.cursor === cursor)
  return payload.data.ticketEvents.ticket.events.nodes.length
}

it('a variable that is not only the place to begin at tells two subscriptions apart', async () => {
  const [early, late] = [await join(app, app.acme.token), await join(app, app.acme.token)]
  early.send(subscribe('1', TWICE, { after: ticket.asOf }))
  await comment(app, ticket.id)
  expect(await counted(early)).toBe(1)
  late.send(subscribe('1', TWICE, { after: await asOf(app, ticket) }))
  await comment(app, ticket.id)
  expect([await counted(early), await counted(late)]).toEqual([2, 1])
  await comment(app, ticket.id)
  expect([await counted(early), await counted(late)]).toEqual([3, 2])
})

// What each operation leaves in the log: which events, in which order, hidden or not, with which versions; and that the
// ticket says the same. Read over the API, as the team and as the customer.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { file, fillTickets, run, WELL_DESCRIBED } from '../graphql/fixtures.ts'
import { bearer, type TestApp, testApp } from '../support/app.ts'
import { history as historyOf, short, told as toldTo } from './story.ts'

let app: TestApp
let customer: Record<string, string>
let team: Record<string, string>

beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
  team = await app.team.tess.signIn()
})
afterAll(() => app.close())

const history = (id: string, headers = team) => historyOf(app, id, headers)
const told = (id: string, work: () => Promise<unknown>) => toldTo({ app, team, customer }, id, work)
const update = (ticketId: string, input: object) => run(app, team, 'updateTicket', { ticketId, ...input })
const say = (ticketId: string, headers: Record<string, string>, internal = false) =>
  run(app, headers, 'addComment', { ticketId, body: 'Something to say.', internal })

async function ticketAt(...statuses: string[]): Promise<string> {
  const id = await file(app, customer, { severity: 'LOW', category: 'TECHNICAL' })
  for (const status of statuses) await update(id, { status })
  return id
}

const BY_CUSTOMER = ['CUSTOMER Acme monitoring']
const BY_TEAM = ['TEAM Tess']

describe('filing', () => {
  const storyOf = async (id: string) => (await history(id)).events.nodes.map(short)

  it('is one event when the review has nothing to say', async () => {
    const id = await file(app, customer)
    expect(await storyOf(id)).toEqual(['CREATED'])
    expect(await history(id)).toMatchObject({ version: 1, teamVersion: 1 })
  })

  it('ends with the remark of the review when it has', async () => {
    const id = await file(app, customer, { subject: 'Ingress fails', description: 'Our ingress fails with an error.' })
    const { events, version } = await history(id)
    expect(events.nodes.map(short)).toEqual(['CREATED', 'COMMENT_ADDED AI'])
    expect(events.nodes[1]?.comment?.author).toEqual({ type: 'AI', label: 'AI review' })
    expect(events.nodes[1]?.comment?.body).toContain('?')
    expect(new Set(events.nodes.map(({ actor }) => actor.label))).toEqual(new Set(['Acme monitoring']))
    expect(version).toBe(1)
  })

  it("on a customer's behalf is the member of the team's", async () => {
    const id = await file(app, team, { organisationId: app.acme.organisationId })
    expect((await history(id)).events.nodes[0]?.actor).toEqual({ type: 'TEAM', label: 'Tess' })
    expect((await history(id, customer)).events.nodes[0]?.actor).toEqual({ type: 'TEAM', label: 'Tess' })
  })
})

describe('a comment', () => {
  it.each([
    ['by a customer', 'customer', ['COMMENT_ADDED CUSTOMER'], BY_CUSTOMER],
    ['by the team', 'team', ['COMMENT_ADDED TEAM'], BY_TEAM],
  ])('%s is one event', async (_, side, events, actors) => {
    const id = await ticketAt()
    expect(await told(id, () => say(id, side === 'team' ? team : customer))).toMatchObject({ events, actors })
  })

  it('by a customer we wait for also moves the ticket', async () => {
    const id = await ticketAt('WAITING_CUSTOMER')
    const { events, actors } = await told(id, () => say(id, customer))
    expect(events).toEqual(['COMMENT_ADDED CUSTOMER', 'STATUS_CHANGED WAITING_CUSTOMER>IN_PROGRESS'])
    expect(actors).toEqual(BY_CUSTOMER)
  })

  it('by a customer on what is resolved is announced and reopens it', async () => {
    const id = await ticketAt('RESOLVED')
    const { events, actors, comments } = await told(id, () => say(id, customer))
    expect(events).toEqual(['COMMENT_ADDED SYSTEM', 'COMMENT_ADDED CUSTOMER', 'STATUS_CHANGED RESOLVED>IN_PROGRESS'])
    expect(actors).toEqual(BY_CUSTOMER)
    expect(comments[0]).toBe('Reopened by a reply')
  })

  it('by the team on what is resolved only says something', async () => {
    const id = await ticketAt('RESOLVED')
    expect((await told(id, () => say(id, team))).events).toEqual(['COMMENT_ADDED TEAM'])
  })

  it('that is an internal note is hidden, and customers cannot tell', async () => {
    const id = await ticketAt('RESOLVED')
    expect(await told(id, () => say(id, team, true))).toMatchObject({
      events: ['[COMMENT_ADDED TEAM]'],
      actors: BY_TEAM,
    })
  })
})

describe('closing', () => {
  it('leaves a line by the service before the status', async () => {
    const id = await ticketAt()
    const byCustomer = await told(id, () => run(app, customer, 'closeTicket', { ticketId: id }))
    expect(byCustomer.events).toEqual(['COMMENT_ADDED SYSTEM', 'STATUS_CHANGED OPEN>CLOSED'])
    expect(byCustomer.comments).toEqual(['Closed by Acme monitoring'])
    expect(byCustomer.actors).toEqual(BY_CUSTOMER)
  })

  it('what is closed leaves nothing', async () => {
    const id = await ticketAt('CLOSED')
    expect((await told(id, () => run(app, customer, 'closeTicket', { ticketId: id }))).events).toEqual([])
  })
})

describe('joining a ticket', () => {
  const link = async (ticketId: string, stillHappening: boolean) => {
    const { review } = await run(app, customer, 'reviewTicket', WELL_DESCRIBED, 'review { id }')
    return run(app, customer, 'linkTicket', { reviewId: review.id, ticketId, stillHappening }, 'comment { id }')
  }

  it('is a link, then what was reported', async () => {
    const id = await ticketAt('RESOLVED')
    const { events, actors, comments } = await told(id, () => link(id, false))
    expect(events).toEqual(['LINKED', 'COMMENT_ADDED CUSTOMER'])
    expect(actors).toEqual(BY_CUSTOMER)
    expect(comments).toEqual([`${WELL_DESCRIBED.subject}\n\n${WELL_DESCRIBED.description}`])
    const linked = (await history(id)).events.nodes.find(({ type }) => type === 'TICKET_LINKED')
    expect(linked).toMatchObject({ linkedReports: 1, comment: { body: comments[0] } })
  })

  it('that is resolved and still happens reopens it with a line by the service', async () => {
    const id = await ticketAt('RESOLVED')
    const { events } = await told(id, () => link(id, true))
    // Comments stand in the order written: the rules name the reporter's first.
    expect(events).toEqual([
      'LINKED',
      'COMMENT_ADDED CUSTOMER',
      'COMMENT_ADDED SYSTEM',
      'STATUS_CHANGED RESOLVED>IN_PROGRESS',
    ])
  })

  it('that is open and still happens only adds to it', async () => {
    const id = await ticketAt()
    expect((await told(id, () => link(id, true))).events).toEqual(['LINKED', 'COMMENT_ADDED CUSTOMER'])
  })
})

describe('an update', () => {
  const TRACKED = 'IS_TRACKED_BY_TEAM false>true'

  it('of everything at once is a status, one update with all changes, and a hidden assignment', async () => {
    const id = await ticketAt()
    const all = { status: 'TRIAGING', severity: 'HIGH', category: 'BUG', assigneeId: app.team.tess.id }
    const { events, actors } = await told(id, () => update(id, all))
    expect(events).toEqual([
      'STATUS_CHANGED OPEN>TRIAGING',
      `UPDATED SEVERITY LOW>HIGH, CATEGORY TECHNICAL>BUG, ${TRACKED}`,
      '[ASSIGNED nobody>Tess]',
    ])
    expect(actors).toEqual(BY_TEAM)
  })

  it('that closes leaves a line by the service first, and does not track the ticket', async () => {
    const id = await ticketAt()
    const { events, comments } = await told(id, () => update(id, { status: 'CLOSED', severity: null }))
    expect(events).toEqual(['COMMENT_ADDED SYSTEM', 'STATUS_CHANGED OPEN>CLOSED', 'UPDATED SEVERITY LOW>null'])
    expect(comments).toEqual(['Closed by Tess'])
  })

  it.each([
    [['CLOSED'], 'OPEN', ['COMMENT_ADDED SYSTEM', 'STATUS_CHANGED CLOSED>OPEN']],
    [['RESOLVED'], 'IN_PROGRESS', ['COMMENT_ADDED SYSTEM', 'STATUS_CHANGED RESOLVED>IN_PROGRESS']],
    [['RESOLVED'], 'CLOSED', ['COMMENT_ADDED SYSTEM', 'STATUS_CHANGED RESOLVED>CLOSED']],
    [['TRIAGING'], 'RESOLVED', ['STATUS_CHANGED TRIAGING>RESOLVED']],
    [['TRIAGING'], 'OPEN', ['STATUS_CHANGED TRIAGING>OPEN']],
  ])('from %j to %s is %j', async (statuses, status, events) => {
    const id = await ticketAt(...statuses)
    expect((await told(id, () => update(id, { status }))).events).toEqual(events)
  })

  it('that takes a ticket up from open says so once', async () => {
    const id = await ticketAt()
    expect((await told(id, () => update(id, { status: 'IN_PROGRESS' }))).events).toEqual([
      'STATUS_CHANGED OPEN>IN_PROGRESS',
      `UPDATED ${TRACKED}`,
    ])
    expect((await told(id, () => update(id, { status: 'TRIAGING' }))).events).toEqual([
      'STATUS_CHANGED IN_PROGRESS>TRIAGING',
    ])
  })

  it('that assigns for the first time shows that the ticket is tracked; later ones are hidden', async () => {
    const id = await ticketAt()
    const assign = (assigneeId: string | null) => async () => (await told(id, () => update(id, { assigneeId }))).events
    expect(await assign(app.team.tess.id)()).toEqual([`UPDATED ${TRACKED}`, '[ASSIGNED nobody>Tess]'])
    expect(await assign(app.team.tom.id)()).toEqual(['[ASSIGNED Tess>Tom]'])
    expect(await assign(app.team.tom.id)()).toEqual([])
    expect(await assign(null)()).toEqual(['[ASSIGNED Tom>nobody]'])
    expect(await assign(app.team.tess.id)()).toEqual(['[ASSIGNED nobody>Tess]'])
  })

  it('that changes nothing is no event', async () => {
    const id = await ticketAt()
    const same = { status: 'OPEN', severity: 'LOW', category: 'TECHNICAL', assigneeId: null }
    expect((await told(id, () => update(id, same))).events).toEqual([])
  })

  it('that is refused is no event', async () => {
    const id = await ticketAt()
    const refused = { status: 'PENDING_REVIEW', severity: 'HIGH' }
    expect((await told(id, () => update(id, refused))).events).toEqual([])
  })
})

describe('a ticket that waits for its review', () => {
  async function pending(): Promise<string> {
    await fillTickets(app.database, app.acme.organisationId, 1, {
      status: "'pending_review'",
      ai_review_status: "'pending'",
    })
    const { id } = await app.database.prisma.ticket.findFirstOrThrow({ orderBy: { number: 'desc' } })
    return id
  }

  it('has its review completed by whoever takes it out of there', async () => {
    const opened = await pending()
    const byTeam = await told(opened, () => update(opened, { status: 'OPEN' }))
    expect(byTeam.events).toEqual(['REVIEW_COMPLETED PASSED', 'STATUS_CHANGED PENDING_REVIEW>OPEN'])
    expect(byTeam.actors).toEqual(BY_TEAM)
    const closed = await pending()
    const byCustomer = await told(closed, () => run(app, customer, 'closeTicket', { ticketId: closed }))
    expect(byCustomer.events).toEqual([
      'COMMENT_ADDED SYSTEM',
      'REVIEW_COMPLETED PASSED',
      'STATUS_CHANGED PENDING_REVIEW>CLOSED',
    ])
    expect(byCustomer.actors).toEqual(BY_CUSTOMER)
  })

  it('stays there when somebody comments or grades it', async () => {
    const id = await pending()
    expect((await told(id, () => say(id, customer))).events).toEqual(['COMMENT_ADDED CUSTOMER'])
    expect((await told(id, () => update(id, { severity: 'HIGH' }))).events).toEqual(['UPDATED SEVERITY null>HIGH'])
  })
})

// Two customers with the same things: what one is asked over GraphQL, the other is asked over REST.

import { v7 as uuid } from 'uuid'
import { fillTickets } from '../graphql/fixtures.ts'
import { vague, wish } from '../rest/drafts.ts'
import { bearer, type Customer, type TestApp } from '../support/app.ts'
import { make } from '../tenants/world.ts'
import type { Sender } from './cases.ts'

export interface World {
  app: TestApp
  customer: Customer
  other: Customer
  headers: Record<Sender, Record<string, string>>
  /** What `$name` stands for. */
  known: Record<string, string>
}

export const NOW = new Date('2026-05-03T12:00:00Z')

export async function twoWorlds(app: TestApp): Promise<[World, World]> {
  const [acme, globex] = [await world(app, app.acme, app.globex), await world(app, app.globex, app.acme)]
  for (const [own, their] of [
    [acme, globex],
    [globex, acme],
  ] as const) {
    const { ticket, cluster, usedReview, organisation } = their.known as Record<string, string>
    Object.assign(own.known, { theirTicket: ticket, theirCluster: cluster, theirReview: usedReview })
    Object.assign(own.known, { theirOrganisation: organisation })
  }
  return [acme, globex]
}

async function world(app: TestApp, customer: Customer, other: Customer): Promise<World> {
  const { organisationId, token } = customer
  const [own, team] = [bearer(token), bearer(app.team.token)]
  const headers: World['headers'] = {
    customer: own,
    reader: bearer(await app.token(organisationId, ['tickets_read'], 'Reader')),
    platform: bearer(await app.token(organisationId, ['clusters_write'], 'Platform')),
    team,
    'team for one': { ...team, 'x-ankra-organisation-id': organisationId },
    nobody: bearer('dw_nonsense'),
  }
  const facts = { organisationId, name: 'main', state: 'online', controlPlanes: 3, nodes: 5 }
  const { id: cluster } = await make(app, team, 'upsertCluster', facts)
  const made: World = {
    app,
    customer,
    other,
    headers,
    known: { cluster, organisation: organisationId, unknown: uuid() },
  }
  made.known.ticket = await ticketAt(made, 'open')
  const { id: usedReview } = await make(app, own, 'reviewTicket', wish)
  await make(app, own, 'linkTicket', { ticketId: made.known.ticket, reviewId: usedReview })
  const { id: expiredReview } = await make(app, own, 'reviewTicket', wish)
  await app.database.prisma.review.update({ where: { id: expiredReview }, data: { expiresAt: new Date(0) } })
  Object.assign(made.known, { usedReview, expiredReview })
  return made
}

/** A new ticket that stands at a status. */
export async function ticketAt({ app, customer }: World, status: string): Promise<string> {
  const { organisationId } = customer
  const over = ['resolved', 'closed'].includes(status)
  await fillTickets(app.database, organisationId, 1, {
    status: `'${status}'`,
    ai_review_status: status === 'pending_review' ? "'pending'" : "'passed'",
    resolved_at: over ? `'${NOW.toISOString()}'::timestamptz` : 'NULL::timestamptz',
    closed_at: status === 'closed' ? `'${NOW.toISOString()}'::timestamptz` : 'NULL::timestamptz',
  })
  const newest = { where: { organisationId }, orderBy: { number: 'desc' } } as const
  return (await app.database.prisma.ticket.findFirstOrThrow(newest)).id
}

/** The input with what `$name` stands for in this world; what is fresh is made for it. */
export async function filledIn(world: World, value: unknown): Promise<unknown> {
  if (typeof value === 'string' && value.startsWith('$')) return named(world, value.slice(1))
  if (Array.isArray(value)) return Promise.all(value.map((inner) => filledIn(world, inner)))
  if (typeof value !== 'object' || value === null) return value
  const entries: [string, unknown][] = []
  for (const [name, inner] of Object.entries(value)) entries.push([name, await filledIn(world, inner)])
  return Object.fromEntries(entries)
}

async function named(world: World, name: string): Promise<string> {
  const { app, customer, known } = world
  const own = bearer(customer.token)
  if (name === 'freshTicket') return ticketAt(world, 'open')
  if (name.startsWith('at ')) return ticketAt(world, name.slice(3))
  if (name === 'freshReview') return (await make(app, own, 'reviewTicket', wish)).id
  if (name === 'vagueReview') return (await make(app, own, 'reviewTicket', vague)).id
  const isUpper = name === name.toUpperCase()
  const found = known[isUpper ? name.toLowerCase() : name]
  if (found === undefined) throw new Error(`Nothing is known as $${name}.`)
  return isUpper ? found.toUpperCase() : found
}

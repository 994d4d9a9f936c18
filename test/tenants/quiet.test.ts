// What one tenant does is not noticed by another: not in any answer, not in an open stream. And the team, acting for
// one, brings nothing of another with it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ORGANISATION_HEADER } from '../../src/request.ts'
import { connect, type Following, followOverRest, followOverSse } from '../events/follow.ts'
import { send as ask, bearer, rest, TICKETS } from '../support/app.ts'
import { type Caller, verdict } from './callers.ts'
import { fingerprint, neutral, send, spelledOut, told } from './checks.ts'
import { doorsFor, isStream } from './knock.ts'
import { type Tenants, twoTenants, ways } from './setup.ts'
import { isGraphQL, type Way } from './ways.ts'
import { bustle, draftAbout, make, SHARED, WHISPER } from './world.ts'

let tenants: Tenants
beforeAll(async () => {
  tenants = await twoTenants()
})
afterAll(() => tenants.close())

const people = () => tenants.acme.callers.filter(({ side }) => side === 'tenant')

/** Those that read what is the caller's own, whatever they name. */
function reads({ of, ask, comes, makes }: Way): boolean {
  const { own, theirs } = tenants.acme.world
  const request = ask(of === null ? '' : theirs[of], own, theirs)
  const isRead = isGraphQL(request) ? !request.document.startsWith('mutation') : request.method === 'GET'
  return isRead && !makes && !isStream(request) && ['own', '200', '206'].includes(comes)
}

/** Every answer to the caller, by the name of the way, with its headers. */
async function everythingFor(caller: Caller): Promise<Record<string, string>> {
  const { world } = tenants.acme
  const answers: Record<string, string> = {}
  for (const way of ways.filter(reads)) {
    const its = way.of === null ? '' : world.theirs[way.of]
    const [door = 'post'] = doorsFor(way.ask(its, world.own, world.theirs))
    const sent = await send(world, { caller, way, door, its, natural: true }, its, world.theirs)
    answers[way.name] = neutral({ ...sent, names: [] }, { withTag: true })
  }
  return answers
}

describe('all that a tenant does', () => {
  it('changes no byte of what another reads, and comes in none of its streams', async () => {
    const { app, acme, globex } = tenants
    const before = await Promise.all(people().map(everythingFor))
    const readers = people().filter((caller) => verdict(caller, 'read') === 'ok')
    const asOf = await headOf()
    const streams = (await Promise.all(readers.map((caller) => streamsOf(caller, asOf)))).flat()

    await bustle(app, globex.customer, globex.names)
    const after = await Promise.all(people().map(everythingFor))
    for (const [index, answers] of before.entries()) expect(after[index]).toEqual(answers)

    const { ticketId } = acme.names
    await make(app, bearer(app.acme.token), 'addComment', { ticketId, body: 'A word of our own.' })
    for (const { feed, stop } of streams) {
      const events = await feed.atLeast(1)
      expect(JSON.stringify(events)).toContain('A word of our own.')
      expect(events).toHaveLength(1)
      expect(told(acme.world.marks, '', { status: 200, text: JSON.stringify(events), head: '' })).toEqual([])
      await stop()
    }
    expect(streams).toHaveLength(readers.length * 5)
  })
})

/** Behind everything that has happened to Acme. */
async function headOf(): Promise<string> {
  const { app } = tenants
  const { data } = await ask<{ tickets: { asOf: string } }, object>(app, bearer(app.acme.token), '{ tickets { asOf } }')
  return data?.tickets.asOf as string
}

const ANY = `subscription ($after: String) { ticketEvents(after: $after) { cursor type ticketId ticket { subject
  organisation { name } } ... on CommentAdded { comment { body } } } }`
const COMMENTS = `subscription ($after: String) { commentAdded(after: $after) { ticketId comment { body }
  ticket { subject } } }`

interface Open {
  feed: Following<unknown>
  stop(): Promise<void>
}

/** Over every transport, from the same place, so that nothing is missed while they begin. */
async function streamsOf({ headers }: Caller, after: string): Promise<Open[]> {
  const { app, acme } = tenants
  const mount = headers.cookie ? TICKETS.replace('/api/v1', '') : TICKETS
  const socket = await connect(app, headers, headers.cookie ? headers : {})
  const open = (feed: Following<unknown>): Open => ({ feed, stop: async () => feed.stop() })
  return [
    { feed: socket.follow(ANY, { after }), stop: async () => {} },
    { feed: socket.follow(COMMENTS, { after }), stop: () => socket.close() },
    open(await followOverSse(app, headers, ANY, { after })),
    open(await followOverRest(app, headers, `${mount}/events?after=${after}`)),
    open(await followOverRest(app, headers, `${mount}/${acme.names.ticketId}/events?after=${after}`)),
  ]
}

describe('a link to a file of their own', () => {
  it('is no good for a file of another tenant', async () => {
    const { app, acme, globex } = tenants
    const document = `mutation ($id: ID!) { createAttachmentLink(attachmentId: $id) {
      ... on CreateAttachmentLinkPayload { url } } }`
    const headers = bearer(app.acme.token)
    const variables = { id: acme.names.attachmentId }
    type Link = { createAttachmentLink: { url: string } }
    const { data } = await ask<Link, object>(app, headers, document, variables)
    const own = new URL(data?.createAttachmentLink.url as string)
    expect(await (await fetch(own)).text()).toContain(acme.names.word)

    const [claims = '', signature] = (own.searchParams.get('link') as string).split('.')
    const other = spelled(claims).replace(acme.names.attachmentId, globex.names.attachmentId)
    expect(other).toContain(globex.names.attachmentId)
    own.searchParams.set('link', `${Buffer.from(other).toString('base64url')}.${signature}`)
    const refused = await fetch(own, { headers })
    expect(refused.status).toBe(403)
    expect(spelledOut(await refused.text())).not.toContain(globex.names.word)
  })
})

const spelled = (text: string) => Buffer.from(text, 'base64url').toString()

describe('the team, acting for one tenant', () => {
  const NAMES_ALL = /organisations|the viewer/

  it('reads nothing of another', async () => {
    const { world, callers } = tenants.acme
    const marks = world.marks.filter((mark) => mark !== WHISPER)
    const header = { [ORGANISATION_HEADER]: world.own.organisationId }
    const faults: string[] = []
    for (const caller of callers.filter(({ side }) => side === 'team')) {
      const acting = { ...caller, headers: { ...caller.headers, ...header } }
      for (const way of ways.filter(reads).filter(({ of, name }) => of === null && !NAMES_ALL.test(name))) {
        const { asked, reply } = await send(world, { ...attemptBy(acting), way }, '', world.theirs)
        const found = told(marks, asked, reply)
        if (found.length > 0) faults.push(`${caller.name}, ${way.name}: tells of ${found.join(', ')}`)
      }
    }
    expect(faults).toEqual([])
  })

  const attemptBy = (caller: Caller) => ({ caller, door: 'post' as const, its: '', natural: true })

  it('takes nothing of another with it, and a thing of another tenant is as a thing of nobody', async () => {
    const { world, callers } = tenants.acme
    const { own, theirs } = world
    const caller = callers.find(({ name }) => name === 'a token of the team') as Caller
    const acting = { ...caller, headers: { ...caller.headers, [ORGANISATION_HEADER]: own.organisationId } }
    const before = await fingerprint(tenants.app, world.them)
    for (const [name, comes] of CROSSING) {
      const way = ways.find((one) => one.name === name) as Way
      const its = theirs[way.of as 'ticketId']
      const attempt = { ...attemptBy(acting), way, its }
      const [foreign, absent] = [
        await send(world, attempt, its, theirs),
        await send(world, attempt, world.nobodys(its), world.nobody),
      ]
      expect([name, foreign.word]).toEqual([name, comes])
      expect(neutral(foreign)).toBe(neutral(absent))
    }
    const facts = { organisationId: own.organisationId, name: SHARED, state: 'gone', controlPlanes: 1, nodes: 1 }
    await make(tenants.app, acting.headers, 'upsertCluster', facts)
    await rest(tenants.app, acting.headers, 'POST', TICKETS, { ...draftAbout('harbour'), acknowledged: true })
    expect(await fingerprint(tenants.app, world.them)).toBe(before)
  })

  const CROSSING = [
    ['reviewTicket, about a cluster', 'InputError clusterId NOT_FOUND'],
    ['createTicket, about a cluster', 'InputError clusterId NOT_FOUND'],
    ['createTicket, from a review', 'InputError reviewId NOT_FOUND'],
    ['createTicket, from a used review', 'InputError reviewId NOT_FOUND'],
    ['linkTicket, of a review to their own ticket', 'InputError reviewId NOT_FOUND'],
    ['linkTicket, of a used review to their own ticket', 'InputError reviewId NOT_FOUND'],
    ['updateTicket, for an assignee', 'InputError assigneeId NOT_FOUND'],
    ['REST: a review about a cluster', '422'],
    ['REST: filing from a review', '422'],
    ['REST: filing about a cluster', '422'],
    ['REST: joining with a review', '422'],
    ['REST: a file, under their own ticket', '404'],
  ] as const
})

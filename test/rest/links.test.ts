// Links by which a program that cannot send headers downloads one attachment: for ten minutes, and no longer than
// whoever made the link may read it.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createOrganisation } from '../../src/admin/organisations.ts'
import { removeMember, removeTeamMember } from '../../src/admin/people.ts'
import { createToken } from '../../src/admin/tokens.ts'
import type { Database, Tx } from '../../src/db/client.ts'
import type { TokenScope } from '../../src/generated/prisma/client.ts'
import { type Headers, ticketAt } from '../operations/attachments.world.ts'
import { ask, bearer, send, type TestApp, testApp } from '../support/app.ts'
import { testDatabase } from '../support/database.ts'
import { startProcess } from '../support/process.ts'
import { uploadByRest } from '../support/uploads.ts'
import { file } from './drafts.ts'

const TEXT = 'worker-3 is NotReady since 08:10\n'
const MINUTE = 60_000

let app: TestApp
let clock: number
let customer: Headers
let attachmentId: string

beforeAll(async () => {
  app = await testApp({ now: () => new Date(clock) })
  customer = bearer(app.acme.token)
})
beforeEach(async () => {
  clock = Date.parse('2026-11-25T12:00:00Z')
  attachmentId = await attach(app, customer, await ticketAt(app))
})
afterAll(() => app.close())

async function attach(where: { url: string }, headers: Headers, ticketId: string): Promise<string> {
  const { body } = await uploadByRest(where, headers, ticketId, { name: 'node.log', bytes: TEXT })
  return body.attachments[0].id
}

interface Made {
  createAttachmentLink: { url: string; expiresAt: string }
}

const CREATE = `mutation ($attachmentId: ID!) { createAttachmentLink(attachmentId: $attachmentId) { __typename
  ... on CreateAttachmentLinkPayload { url expiresAt } ... on Error { code message } } }`

const makeLink = async (headers: Headers, id = attachmentId, where: { url: string } = app) =>
  (await ask<Made, object>(where, headers, CREATE, { attachmentId: id })).createAttachmentLink

const write = (body: (tx: Tx) => Promise<unknown>) => app.database.write(body)
const text = async (url: string, init: RequestInit = {}) => {
  const response = await fetch(url, init)
  return [response.status, await response.text()]
}

/** Not good any more, in a sentence that shows nothing of it. */
async function expectRefused(url: string): Promise<void> {
  const response = await fetch(url)
  const body = await response.text()
  expect([response.status, JSON.parse(body)]).toEqual([403, { detail: expect.stringMatching(/link.*\.$/) }])
  expect(body).not.toContain(TEXT)
}

describe('a link', () => {
  it('gives the attachment to whoever has it, with no other credentials, for ten minutes', async () => {
    const { url, expiresAt } = await makeLink(customer)
    expect(expiresAt).toBe('2026-11-25T12:10:00.000Z')
    expect(url.startsWith(`${app.url}/`)).toBe(true)
    expect(await text(url)).toEqual([200, TEXT])
    clock += 10 * MINUTE - 1
    expect(await text(url)).toEqual([200, TEXT])
    clock += 1
    await expectRefused(url)
  })

  it('answers as the address of the attachment does', async () => {
    const { url } = await makeLink(customer)
    const whole = await fetch(url)
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      'content-disposition': expect.stringMatching(/^attachment; filename="node\.log"/),
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
    })
    const etag = whole.headers.get('etag') ?? ''
    await whole.arrayBuffer()
    expect(await text(url, { headers: { range: 'bytes=0-7' } })).toEqual([206, 'worker-3'])
    expect((await text(url, { headers: { range: 'bytes=999-' } }))[0]).toBe(416)
    expect(await text(url, { headers: { 'if-none-match': etag } })).toEqual([304, ''])
    const head = await fetch(url, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(TEXT.length)])
    const posted = await fetch(url, { method: 'POST' })
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  it('is made by who may read: program, member, admin, team', async () => {
    const reader = bearer(await app.token(app.acme.organisationId, ['tickets_read']))
    const people = [app.acme.member, app.acme.admin, app.team.tess]
    const makers = [reader, bearer(app.team.token), ...(await Promise.all(people.map((person) => person.signIn())))]
    for (const headers of makers) expect(await text((await makeLink(headers)).url)).toEqual([200, TEXT])
  })

  it('is not made by who may not read, and not of what they cannot see', async () => {
    const platform = bearer(await app.token(app.acme.organisationId, ['clusters_write']))
    const { errors } = await send(app, platform, CREATE, { attachmentId })
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN'])
    const none = { __typename: 'NotFoundError', code: 'NOT_FOUND', message: 'There is no such attachment.' }
    expect(await makeLink(bearer(app.globex.token))).toEqual(none)
    for (const id of [crypto.randomUUID(), 'no-id']) expect(await makeLink(customer, id)).toEqual(none)
  })

  it('says for whom it is, whoever else sends it', async () => {
    const { url } = await makeLink(customer)
    const { cookie = '' } = await app.globex.admin.signIn()
    for (const headers of [bearer(app.globex.token), bearer('dw_wrong'), { cookie }]) {
      expect(await text(url, { headers })).toEqual([200, TEXT])
    }
  })

  it('is good for its one attachment', async () => {
    const other = await attach(app, customer, await ticketAt(app))
    const { url } = await makeLink(customer)
    const [claims = '', signature] = (new URL(url).searchParams.get('link') ?? '').split('.')
    const changed = Buffer.from(claims, 'base64url').toString().replace(attachmentId, other)
    const link = `${Buffer.from(changed).toString('base64url')}.${signature}`
    await expectRefused(`${url.split('?')[0]}?link=${link}`)
  })

  it('is refused with any of it changed or missing, or more behind it', async () => {
    const { url } = await makeLink(customer)
    const [address = '', link = ''] = url.split('?link=')
    const dot = link.indexOf('.')
    const flip = (at: number) => `${link.slice(0, at)}${link[at] === 'A' ? 'B' : 'A'}${link.slice(at + 1)}`
    const signature = link.slice(dot + 1)
    const wrong = [
      ...[0, 1, 10, dot - 1, dot + 1, dot + 10].map(flip),
      link.slice(0, -1),
      `${link}.${signature}`,
      link.slice(0, dot),
      `${link.slice(0, dot)}.`,
      `.${signature}`,
      '.',
      '',
      'null.null',
      `${link.slice(0, dot)}A.${signature}`,
    ]
    for (const one of wrong) await expectRefused(`${address}?link=${one}`)
    await expectRefused(address)
  })
})

describe('a link ends with', () => {
  it('the token that made it', async () => {
    const token = bearer(await app.token(app.acme.organisationId, ['tickets_read'], 'A robot'))
    const { url } = await makeLink(token)
    const { url: other } = await makeLink(customer)
    await write((tx) => tx.apiToken.updateMany({ where: { name: 'A robot' }, data: { revokedAt: new Date() } }))
    await expectRefused(url)
    expect(await text(other)).toEqual([200, TEXT])
  })

  it('the session that made it', async () => {
    const session = await app.acme.member.signIn()
    const { url } = await makeLink(session)
    const { url: other } = await makeLink(await app.acme.member.signIn())
    const headers = { ...session, 'content-type': 'application/json' }
    expect((await text(`${app.url}/api/auth/sign-out`, { method: 'POST', headers, body: '{}' }))[0]).toBe(200)
    await expectRefused(url)
    expect(await text(other)).toEqual([200, TEXT])
  })

  it('the membership of who made it, in the organisation or in the team', async () => {
    const [member, tom] = [await makeLink(await app.acme.member.signIn()), await makeLink(await app.team.tom.signIn())]
    const place = { organisationId: app.acme.organisationId, userId: app.acme.member.id }
    await write((tx) => removeMember(tx, place))
    await expectRefused(member.url)
    expect(await text(tom.url)).toEqual([200, TEXT])
    await write((tx) => removeTeamMember(tx, app.team.tom.id))
    await expectRefused(tom.url)
  })

  it('the attachment itself', async () => {
    const { url } = await makeLink(customer)
    await app.database.prisma.attachment.updateMany({ where: { id: attachmentId }, data: { sizeBytes: 0 } })
    expect((await text(url))[0]).toBe(404)
    expect(await makeLink(customer)).toMatchObject({ __typename: 'NotFoundError' })
  })
})

it('no link is in the log of those who made and used it', async () => {
  const stored = await testDatabase()
  const running = await startProcess({ env: { DATABASE_URL: stored.url, DEMO: '0' } })
  try {
    const token = await newCustomer(stored.database)
    const headers = bearer(token)
    const ticket = await file(running, token)
    const { url } = await makeLink(headers, await attach(running, headers, ticket.id), running)
    expect(await text(url)).toEqual([200, TEXT])
    const link = new URL(url).searchParams.get('link') ?? ''
    const [claims = '', signature = ''] = link.split('.')
    await expectRefused(url.replace(`.${signature}`, '.wrong'))
    await expect.poll(running.output).toContain('GET /api/v1/download 403')
    expect(running.output()).toContain('GET /api/v1/download 200')
    for (const secret of [claims, signature]) expect(running.output()).not.toContain(secret)
  } finally {
    await running.stop()
    await stored.close()
  }
})

/** Gives the token of an organisation that is new. */
const newCustomer = (database: Database) =>
  database.write(async (tx) => {
    const { id: organisationId } = await createOrganisation(tx, { name: 'Initech', slug: 'initech' })
    const scopes: TokenScope[] = ['tickets_read', 'tickets_write']
    return (await createToken(tx, { organisationId, name: 'A program', scopes, expiresAt: null })).secret
  })

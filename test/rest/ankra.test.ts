// The existing command-line client against our server: what people and scripts do with it, in its own words.

import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AnkraError, type AnkraOptions, ankra } from '../support/ankra-client.ts'
import { bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { file, invoice, outage, vague, wish } from './drafts.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app.close())

const client = (options: Partial<AnkraOptions> = {}) =>
  ankra({ url: app.url, token: app.acme.token, output: 'json', ...options })

/** How a command failed: what the client prints, and what kind of failure it takes it for. */
async function failure(command: Promise<unknown>): Promise<AnkraError> {
  return command.then(
    (value) => expect.fail(`it succeeded: ${JSON.stringify(value)}`),
    (error) => error,
  )
}

const countOf = async () => (await rest(app, bearer(app.acme.token), 'GET', TICKETS)).body.pagination.total_count

describe('ankra support create', () => {
  it('files a new, well described problem without a question', async () => {
    const { value, stdout } = await client().create({ ...outage, severity: 'high' })
    expect(value).toMatchObject({
      ...outage,
      organisation_id: app.acme.organisationId,
      source: 'cli',
      category: 'technical',
      severity: 'high',
      status: 'open',
      ai_review_status: 'passed',
      is_tracked_by_team: false,
      comments: [],
    })
    expect(JSON.parse(stdout).id).toBe(value.id)
  })

  it('stops at what looks like a ticket that exists, and files it when told to', async () => {
    const stopped = await failure(client().create(outage))
    expect(stopped).toMatchObject({ kind: 'flagged', message: expect.stringContaining('possible duplicate') })
    const { value } = await client({ force: true }).create(outage)
    expect(value).toMatchObject({ subject: outage.subject, ai_review_status: 'passed' })
  })

  it('shows why a vague report is held back, stores nothing, and files it when told to', async () => {
    const before = await countOf()
    const stopped = await failure(client().create(vague))
    expect(stopped.kind).toBe('flagged')
    expect(stopped.message).toMatch(/^ticket flagged in review; retry with --force .*: There is too little to act on\./)
    expect(await countOf()).toBe(before)

    const { value } = await client({ force: true }).create(vague)
    expect(value.ai_review_status).toBe('flagged')
    expect(value.comments).toEqual([
      expect.objectContaining({ author_type: 'ai', body: expect.stringContaining('exact error message') }),
    ])
  })

  it('files a clear report with --force just as well', async () => {
    const { value } = await client({ force: true }).create({ ...wish, source: 'agent' })
    expect(value).toMatchObject({ source: 'agent', ai_review_status: 'passed' })
  })

  it('takes the category and severity that a person chose, and suggests them where nobody did', async () => {
    const command = client({ force: true }).create
    const chosen = await command({ ...invoice, category: 'account', severity: 'critical' })
    expect(chosen.value).toMatchObject({ category: 'account', severity: 'critical' })
    for (const category of [undefined, 'technical', '']) {
      const { value } = await command({ ...invoice, ...(category === undefined ? {} : { category }) })
      expect(value.category).toBe('billing')
    }
  })

  it('says which sources, categories and severities there are', async () => {
    const messages = await Promise.all(
      [{ source: 'robot' }, { category: 'nonsense' }].map((wrong) => failure(client().create({ ...wish, ...wrong }))),
    )
    for (const { message } of messages) expect(message).toContain('support request failed: status 422, body: ')
    expect(messages[0]?.message).toContain('source must be one of portal, api, cli, agent.')
    expect(messages[1]?.message).toContain('category must be one of technical, bug, feature_request, account')
    const late = await failure(client({ force: true }).create({ ...wish, severity: 'nonsense' }))
    expect(late.message).toContain('severity must be one of low, medium, high, critical.')
  })

  it('shows the sentence of a refusal before it cuts the body off', async () => {
    const long = await failure(client().create({ ...wish, subject: 'x'.repeat(20_000) }))
    expect(long.message).toContain('subject must have at most 200 characters; it has 20,000.')
    expect(long.message).not.toContain('truncated')
  })

  it('finds a cluster among 250 by its name, in any case, and attaches what is known of it', async () => {
    await manyClusters(250)
    const { value } = await client({ cluster: 'ZÜRICH-prod', force: true }).create(outage)
    expect(value.cluster_name).toBe('Zürich-Prod')
    const id = value.cluster_id as string
    expect((await client({ cluster: id, force: true }).create(outage)).value.cluster_id).toBe(id)

    const nowhere = await failure(client({ cluster: 'nowhere' }).create(outage))
    expect(nowhere.message).toBe('cluster "nowhere" not found')
    const unknown = await failure(client({ cluster: randomUUID() }).create(outage))
    expect(unknown.message).toContain('cluster_id names no cluster of this organisation.')
  })
})

/** By name, the last one stands on the third page. */
async function manyClusters(count: number): Promise<void> {
  const names = [...Array.from({ length: count - 1 }, (_, index) => `node-pool-${index}`), 'Zürich-Prod']
  const { organisationId } = app.acme
  const facts = { state: 'online', kind: 'eks', kubeVersion: '1.31.2', controlPlanes: 3, nodes: 5 }
  const data = names.map((name) => ({ organisationId, id: randomUUID(), name, ...facts, observedAt: new Date() }))
  await app.database.prisma.cluster.createMany({ data })
}

describe('ankra support list', () => {
  it('filters by several statuses and by words of the subject', async () => {
    const { token } = app.globex
    const globex = client({ token })
    const open = await file(app, token, outage)
    const closed = await file(app, token, invoice)
    const moved = await file(app, token, wish)
    await globex.close(closed.id)
    await app.database.prisma.ticket.update({ where: { id: moved.id }, data: { status: 'triaging' } })

    const { value } = await globex.list({ status: ['open', 'closed'] })
    expect(value.result?.map(({ id }) => id)).toEqual([closed.id, open.id])
    expect(value.pagination).toEqual({ page: 1, page_size: 25, total_pages: 1, total_count: 2 })
    expect((await globex.list({ q: 'NotRea' })).value.result).toMatchObject([{ id: open.id, status: 'open' }])
    expect((await globex.list({ q: 'a&b=c #1' })).value.result).toEqual([])

    const second = await globex.list({ page: 2, pageSize: 2 })
    expect(second.value.result?.map(({ id }) => id)).toEqual([open.id])
    expect(second.value.pagination).toEqual({ page: 2, page_size: 2, total_pages: 2, total_count: 3 })
  })

  it('says how long a page may be, and which statuses there are', async () => {
    const { message } = await failure(client().list({ pageSize: 500 }))
    expect(message).toMatch(/^list support tickets: support request failed: status 422, body: /)
    expect(message).toContain('page_size must be at most 100.')
    expect((await failure(client().list({ status: ['done'] }))).message).toContain('waiting_customer, resolved, closed')
  })
})

describe('ankra support get, comment and close', () => {
  it('shows a ticket, adds to it, and closes it as often as asked', async () => {
    const { value: ticket } = await client({ force: true }).create(outage)
    const { value: answered } = await client().comment(ticket.id, 'It is <back> & 100 % sure.')
    expect(answered.comments).toMatchObject([{ author_type: 'customer', body: 'It is <back> & 100 % sure.' }])
    expect((await client().get(ticket.id)).value).toEqual(answered)

    for (let round = 0; round < 2; round++) {
      expect((await client().close(ticket.id)).stdout).toBe(`Support ticket "${ticket.id}" closed.\n`)
    }
    const { value: closed } = await client().get(ticket.id)
    expect(closed).toMatchObject({ status: 'closed', comments: [{}, { author_type: 'system' }] })
    const late = await failure(client().comment(ticket.id, 'One thing more.'))
    expect(late.message).toMatch(/status 422, body: .*is closed\. Please open a new ticket/)
  })

  it('attaches a picture, a log and a script, and is told in a sentence what is not taken', async () => {
    const { value: ticket } = await client({ force: true }).create(outage)
    const folder = await mkdtemp(join(tmpdir(), 'deskwire-ankra-'))
    const write = async (name: string, bytes: string | Buffer) => {
      await writeFile(join(folder, name), bytes)
      return join(folder, name)
    }
    try {
      const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
      const paths = [
        await write('"shot".png', png),
        await write('node.log', 'NotReady'),
        await write('mend.sh', 'sync'),
      ]
      expect((await client().attach(ticket.id, paths)).value.id).toBe(ticket.id)
      const { attachments } = (await rest(app, bearer(app.acme.token), 'GET', `${TICKETS}/${ticket.id}`)).body
      type Attached = Record<'filename' | 'content_type' | 'size_bytes', unknown>
      expect(attachments.map((one: Attached) => [one.filename, one.content_type, one.size_bytes])).toEqual([
        ['_shot_.png', 'image/png', 16],
        ['node.log', 'text/plain', 8],
        ['mend.sh', 'text/plain', 4],
      ])
      const page = await failure(client().attach(ticket.id, [await write('page.png', '<html><body>Hello')]))
      expect(page.message).toMatch(/status 422, body: .*This kind of file is not taken\. Attach an image/)
      const large = await failure(client().attach(ticket.id, [await write('large.log', '\n'.repeat(30 * 1024 * 1024))]))
      expect(large.message).toMatch(/status 413, body: .*An attachment may have 25 MiB\./)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('says that a ticket is not there, whatever the id looks like, also when it is another customer’s', async () => {
    const theirs = await file(app, app.globex.token)
    for (const id of [randomUUID(), theirs.id, 'a/b #1', '..', '%2e', 'x'.repeat(500), 'ü 100%']) {
      const commands = [client().get(id), client().comment(id, 'Hello?'), client().close(id)]
      for (const { kind, message } of await Promise.all(commands.map(failure))) {
        expect({ kind, message }).toEqual({ kind: 'not found', message: `support ticket "${id}" not found` })
      }
    }
  })
})

describe('ankra with --org and tokens', () => {
  it('finds the organisation by id, slug or name', async () => {
    const ticket = await file(app, app.acme.token)
    for (const org of [app.acme.organisationId, 'acme', ' Acme ']) {
      expect((await client({ org }).get(ticket.id)).value.id).toBe(ticket.id)
    }
    for (const org of ['globex', app.globex.organisationId]) {
      expect((await failure(client({ org }).get(ticket.id))).message).toBe(`organisation not found: "${org}"`)
    }
  })

  it('lets the team file on behalf of the organisation that it names, and only so', async () => {
    const { token } = app.team
    const { value } = await client({ token, org: 'globex', force: true }).create(wish)
    expect(value.organisation_id).toBe(app.globex.organisationId)
    const { message } = await failure(client({ token }).create(wish))
    expect(message).toContain('status 422')
    expect(message).toContain('X-Ankra-Organisation-Id')
  })

  it('says to sign in again when the token is no good', async () => {
    const stranger = client({ token: 'dw_nonsense' })
    const commands = [stranger.list(), stranger.create(wish), stranger.get(randomUUID())]
    for (const { kind, message } of await Promise.all(commands.map(failure))) {
      expect(kind).toBe('unauthorised')
      expect(message).toContain('unauthorized. Run `ankra login` to re-authenticate')
    }
  })
})

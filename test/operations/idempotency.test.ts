// Sending something again with the same key: for every operation that takes one, by header and by field, over GraphQL
// (rules.md, "Idempotency"). What REST answers is in idempotency.rest.test.ts.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Prisma } from '../../src/generated/prisma/client.ts'
import { bearer, send, type TestApp, testApp } from '../support/app.ts'
import {
  count,
  draft,
  expectDenseLog,
  type Headers,
  type Mutation,
  makeReview,
  makeTicket,
  mutate,
  type Outcome,
  word,
} from './concurrency.world.ts'

let app: TestApp
let customer: Headers
let team: Headers
let platform: Headers
let organisationId: string

beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
  team = bearer(app.team.token)
  organisationId = app.acme.organisationId
  platform = bearer(await app.token(organisationId, ['clusters_write'], 'The platform'))
})
afterAll(async () => {
  await expectDenseLog(app, organisationId)
  await app.close()
})

const KEYED = 'idempotency-key'
let keys = 0
const newKey = () => `key ${++keys}`

interface Case {
  operation: Mutation
  /** Whether the input has a field for the key too. */
  field: boolean
  who(): Headers
  input(): Promise<object>
  /** The same with another meaning. */
  other(input: object): Promise<object> | object
  /** What the thing that was made is known by. */
  made(outcome: Outcome): unknown
}

const cases: Case[] = [
  {
    operation: 'createTicket',
    field: true,
    who: () => customer,
    input: async () => ({ ...draft('the shop'), acknowledged: true }),
    other: (input) => ({ ...input, severity: 'LOW' }),
    made: ({ ticket }) => ticket.id,
  },
  {
    operation: 'linkTicket',
    field: true,
    who: () => customer,
    input: async () => ({ reviewId: await makeReview(app, customer), ticketId: await makeTicket(app, customer) }),
    other: async (input) => ({ ...input, reviewId: await makeReview(app, customer) }),
    made: ({ comment }) => comment.id,
  },
  {
    operation: 'addComment',
    field: true,
    who: () => customer,
    input: async () => ({ ticketId: await makeTicket(app, customer), body: 'Worker-3 too.' }),
    other: (input) => ({ ...input, body: 'Worker-4 too.' }),
    made: ({ comment }) => comment.id,
  },
  {
    operation: 'updateTicket',
    field: false,
    who: () => team,
    input: async () => ({ ticketId: await makeTicket(app, customer), severity: 'CRITICAL' }),
    other: (input) => ({ ...input, severity: null }),
    made: ({ ticket }) => [ticket.id, ticket.teamVersion],
  },
  {
    operation: 'closeTicket',
    field: false,
    who: () => customer,
    input: async () => ({ ticketId: await makeTicket(app, customer) }),
    other: (input) => ({ ...input, expectedVersion: 7 }),
    made: ({ ticket }) => [ticket.id, ticket.version],
  },
  {
    operation: 'upsertCluster',
    field: false,
    who: () => platform,
    input: async () => ({ name: newKey(), state: 'running', controlPlanes: 3, nodes: 5 }),
    other: (input) => ({ ...input, nodes: 6 }),
    made: ({ cluster }) => cluster.id,
  },
]

/** The key goes along as the case says: by header, or in the input. */
function run({ operation, who }: Case, key: string | null, input: object, by: 'header' | 'field'): Promise<Outcome> {
  const headers = key !== null && by === 'header' ? { ...who(), [KEYED]: key } : who()
  const withKey = key !== null && by === 'field' ? { ...input, idempotencyKey: key } : input
  return mutate(app, headers, operation, withKey)
}

const ways = cases.flatMap((one) =>
  (one.field ? (['header', 'field'] as const) : (['header'] as const)).map((by) => ({ ...one, by })),
)

describe.each(ways)('$operation with a key by $by', ({ by, ...one }) => {
  it('makes one thing, and shows it again', async () => {
    const [input, key] = [await one.input(), newKey()]
    const first = await run(one, key, input, by)
    const again = await run(one, key, input, by)
    expect(word(first)).toMatch(/Payload$/)
    expect(one.made(again)).toEqual(one.made(first))
    if (one.operation === 'createTicket') expect([first.created, again.created]).toEqual([true, false])
  })

  it('refuses another input under the key, and does nothing', async () => {
    const [input, key] = [await one.input(), newKey()]
    await run(one, key, input, by)
    const other = await one.other(input)
    const before = await everything()
    const refused = await run(one, key, other, by)
    expect(word(refused)).toBe('InputError idempotencyKey INVALID')
    expect(await everything()).toEqual(before)
  })

  it('does it for a new key', async () => {
    const [input, key] = [await one.input(), newKey()]
    await run(one, newKey(), input, by)
    expect(word(await run(one, key, await one.other(input), by))).toMatch(/Payload|ConflictError|ticketId NOT_ALLOWED/)
  })

  it('forgets the key after 24 hours, and not before', async () => {
    const [input, key] = [await one.input(), newKey()]
    await run(one, key, input, by)
    const other = await one.other(input)
    await age(key, '23 hours 59 minutes')
    expect(word(await run(one, key, other, by))).toBe('InputError idempotencyKey INVALID')
    await age(key, '24 hours 1 minute')
    expect(word(await run(one, key, other, by))).not.toContain('idempotencyKey')
  })
})

/** How much the organisation has and did, so that nothing can happen unseen. */
const everything = () =>
  app.database.query(Prisma.sql`
    SELECT c.seq, c.ticket_number, c.team_revision, (SELECT count(*) FROM idempotency_keys k) AS keys
    FROM organisation_counters c WHERE c.organisation_id = ${organisationId}::uuid`)

async function age(key: string, ago: string): Promise<void> {
  await app.database.query(Prisma.sql`
    UPDATE idempotency_keys SET created_at = now() - ${ago}::interval WHERE key = ${key}`)
}

describe('header and field', () => {
  it('may say the same, and mean one key', async () => {
    const input = { ticketId: await makeTicket(app, customer), body: 'Once.', idempotencyKey: newKey() }
    const first = await mutate(app, { ...customer, [KEYED]: input.idempotencyKey }, 'addComment', input)
    const again = await mutate(app, customer, 'addComment', input)
    expect(again.comment.id).toBe(first.comment.id)
  })

  it.each(cases.filter(({ field }) => field))('that differ are refused by $operation', async ({ operation, input }) => {
    const asked = { ...(await input()), idempotencyKey: newKey() }
    const before = await everything()
    const refused = await mutate(app, { ...customer, [KEYED]: newKey() }, operation, asked)
    expect(word(refused)).toBe('InputError idempotencyKey INVALID')
    expect(await everything()).toEqual(before)
  })

  it('a key has 1 to 200 characters', async () => {
    const ticketId = await makeTicket(app, customer)
    const say = (idempotencyKey: string, headers = customer) =>
      mutate(app, headers, 'addComment', { ticketId, body: 'Hello.', idempotencyKey })
    expect(word(await say('x'.repeat(200)))).toBe('AddCommentPayload')
    expect(word(await say('x'.repeat(201)))).toMatch(/^InputError idempotencyKey /)
    expect(word(await say(''))).toMatch(/^InputError idempotencyKey /)
    const long = { ...customer, [KEYED]: 'x'.repeat(201) }
    const byHeader = await mutate(app, long, 'addComment', { ticketId, body: 'Hello.' })
    expect(word(byHeader)).toMatch(/^InputError idempotencyKey /)
  })
})

describe('a document with the header', () => {
  const two = `mutation ($a: AddCommentInput!, $b: AddCommentInput!) {
    one: addComment(input: $a) { __typename } two: addComment(input: $b) { __typename } }`
  const spread = `mutation ($a: AddCommentInput!, $b: AddCommentInput!) { ...One two: addComment(input: $b) { __typename } }
    fragment One on Mutation { one: addComment(input: $a) { __typename } }`

  it.each([
    ['side by side', two],
    ['through a fragment', spread],
  ])('and two mutations %s is 400, and nothing runs', async (_, document) => {
    const ticketId = await makeTicket(app, customer)
    const before = await everything()
    const variables = { a: { ticketId, body: 'One.' }, b: { ticketId, body: 'Two.' } }
    const { status, data, errors } = await send(app, { ...customer, [KEYED]: newKey() }, document, variables)
    expect([status, data, errors[0]?.extensions.code]).toEqual([400, null, 'BAD_USER_INPUT'])
    expect(await everything()).toEqual(before)
    expect((await send(app, customer, document, variables)).errors).toEqual([])
  })

  it('and one mutation, beside its type’s name, runs', async () => {
    const document = 'mutation ($a: AddCommentInput!) { __typename addComment(input: $a) { __typename } }'
    const variables = { a: { ticketId: await makeTicket(app, customer), body: 'One.' } }
    const { status, data } = await send(app, { ...customer, [KEYED]: newKey() }, document, variables)
    expect([status, data]).toEqual([200, { __typename: 'Mutation', addComment: { __typename: 'AddCommentPayload' } }])
  })

  it('and several queries runs', async () => {
    const document = '{ viewer { id } organisations { nodes { id } } }'
    expect((await send(app, { ...customer, [KEYED]: newKey() }, document)).errors).toEqual([])
  })
})

it('makes no ticket of its own where the count says otherwise', async () => {
  const [input, key] = [{ ...draft('the shop'), acknowledged: true }, newKey()]
  const before = await count(app, 'tickets', organisationId)
  for (let i = 0; i < 3; i++) await mutate(app, { ...customer, [KEYED]: key }, 'createTicket', input)
  expect(await count(app, 'tickets', organisationId)).toBe(before + 1)
})

// What the tests of concurrency and idempotency send, and the check that an organisation's log has no holes.

import { expect } from 'vitest'
import { Prisma } from '../../src/generated/prisma/client.ts'
import { send, type TestApp } from '../support/app.ts'

export type Headers = Record<string, string>

const FRAGMENTS = `__typename ... on Error { code message } ... on InputError { fields { path code } }`
const TICKET = 'id number status version subject'

const DOCUMENTS = {
  reviewTicket: `mutation ($input: ReviewTicketInput!) { reviewTicket(input: $input) { ${FRAGMENTS}
    ... on ReviewTicketPayload { review { id revision ticket { id } } } } }`,
  answerReview: `mutation ($input: AnswerReviewInput!) { answerReview(input: $input) { ${FRAGMENTS}
    ... on ReviewTicketPayload { review { id revision ticket { id } } } } }`,
  createTicket: `mutation ($input: CreateTicketInput!) { createTicket(input: $input) { ${FRAGMENTS}
    ... on CreateTicketPayload { created ticket { ${TICKET} } }
    ... on ReviewRequiredError { review { id } } } }`,
  linkTicket: `mutation ($input: LinkTicketInput!) { linkTicket(input: $input) { ${FRAGMENTS}
    ... on LinkTicketPayload { comment { id } ticket { ${TICKET} linkedReports } } } }`,
  addComment: `mutation ($input: AddCommentInput!) { addComment(input: $input) { ${FRAGMENTS}
    ... on AddCommentPayload { comment { id body } ticket { ${TICKET} } } } }`,
  closeTicket: `mutation ($input: CloseTicketInput!) { closeTicket(input: $input) { ${FRAGMENTS}
    ... on CloseTicketPayload { ticket { ${TICKET} } } } }`,
  updateTicket: `mutation ($input: UpdateTicketInput!) { updateTicket(input: $input) { ${FRAGMENTS}
    ... on UpdateTicketPayload { ticket { ${TICKET} teamVersion severity } } } }`,
  upsertCluster: `mutation ($input: UpsertClusterInput!) { upsertCluster(input: $input) { ${FRAGMENTS}
    ... on UpsertClusterPayload { cluster { id nodes } } } }`,
} as const

export type Mutation = keyof typeof DOCUMENTS

/** What a mutation gives: a payload or an error that is data. */
export interface Outcome {
  __typename: string
  code?: string
  message?: string
  fields?: { path: string[]; code: string }[]
  created?: boolean
  ticket: { id: string; number: number; status: string; version: number; teamVersion: number; linkedReports: number }
  comment: { id: string; body: string }
  cluster: { id: string; nodes: number }
  review: { id: string; revision: number; ticket: { id: string } | null }
}

/** Runs a mutation by name; an error outside the data fails the test. */
export async function mutate(app: TestApp, who: Headers, name: Mutation, input: object): Promise<Outcome> {
  const { data, errors } = await send<Record<string, Outcome>, object>(app, who, DOCUMENTS[name], { input })
  expect(errors).toEqual([])
  return data?.[name] as Outcome
}

/** An outcome in a word: `InputError idempotencyKey INVALID`. */
export const word = ({ __typename, fields = [] }: Outcome): string =>
  [__typename, ...fields.map(({ path, code }) => `${path.join('.')} ${code}`)].join(' ')

const OOM = 'restart with "OOMKilled" and exit code 137 since 08:10. To reproduce: scale the deployment to 3 replicas.'

/** A draft that passes the review. */
export const draft = (subject: string) => ({ subject, description: `All pods of ${subject} ${OOM}` })

export async function makeTicket(app: TestApp, who: Headers, subject = 'the shop'): Promise<string> {
  const filed = await mutate(app, who, 'createTicket', { ...draft(subject), acknowledged: true })
  return filed.ticket.id
}

export async function makeReview(app: TestApp, who: Headers, subject = 'the shop'): Promise<string> {
  return (await mutate(app, who, 'reviewTicket', draft(subject))).review.id
}

/** The same work `times` times at once. */
export const atOnce = <T>(times: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: times }, (_, index) => work(index)))

interface EventPlace {
  seq: bigint
  publicSeq: bigint | null
  ticketId: string
  ticketVersion: number
  teamVersion: number
  type: string
}

interface TicketPlace {
  id: string
  number: number
  version: number
  teamVersion: number
  lastSeq: bigint
  lastPublicSeq: bigint
}

const upTo = (length: number) => Array.from({ length }, (_, index) => index + 1)
const distinct = (values: number[]) => [...new Set(values)].sort((a, b) => a - b)

/** Numbers, places and versions of an organisation count 1, 2, 3 … and agree with each other. */
export async function expectDenseLog({ database }: TestApp, organisationId: string): Promise<void> {
  const events = await database.query<EventPlace>(Prisma.sql`
    SELECT seq, public_seq AS "publicSeq", ticket_id AS "ticketId", ticket_version AS "ticketVersion",
      team_version AS "teamVersion", type::text FROM ticket_events WHERE organisation_id = ${organisationId}::uuid ORDER BY seq`)
  const tickets = await database.query<TicketPlace>(Prisma.sql`
    SELECT id, number, version, team_version AS "teamVersion", last_seq AS "lastSeq", last_public_seq AS "lastPublicSeq"
    FROM tickets WHERE organisation_id = ${organisationId}::uuid ORDER BY number`)
  const open = events.filter(({ publicSeq }) => publicSeq !== null)
  expect(events.map(({ seq }) => Number(seq))).toEqual(upTo(events.length))
  expect(open.map(({ publicSeq }) => Number(publicSeq))).toEqual(upTo(open.length))
  expect(tickets.map(({ number }) => number)).toEqual(upTo(tickets.length))
  const [counters] = await database.query(Prisma.sql`
    SELECT seq, public_seq AS "publicSeq", ticket_number AS "ticketNumber" FROM organisation_counters
    WHERE organisation_id = ${organisationId}::uuid`)
  expect(counters).toEqual({
    seq: BigInt(events.length),
    publicSeq: BigInt(open.length),
    ticketNumber: tickets.length,
  })
  for (const ticket of tickets) expectDenseTicket(ticket, events)
  await expectCommentsAtTheirEvents(database, organisationId)
}

function expectDenseTicket({ id, version, teamVersion, lastSeq, lastPublicSeq }: TicketPlace, all: EventPlace[]): void {
  const events = all.filter(({ ticketId }) => ticketId === id)
  const open = events.filter(({ publicSeq }) => publicSeq !== null)
  expect(events[0]?.type).toBe('ticket_created')
  expect(distinct(events.map((event) => event.teamVersion))).toEqual(upTo(teamVersion))
  expect(distinct(open.map((event) => event.ticketVersion))).toEqual(upTo(version))
  expect(events.map((event) => event.teamVersion)).toEqual(events.map((event) => event.teamVersion).toSorted(ascending))
  expect([lastSeq, lastPublicSeq]).toEqual([events.at(-1)?.seq, open.at(-1)?.publicSeq])
}

const ascending = (a: number, b: number) => a - b

async function expectCommentsAtTheirEvents(database: TestApp['database'], organisationId: string): Promise<void> {
  const of = (places: Prisma.Sql) => database.query<{ seq: bigint; id: string }>(places)
  const comments = await of(Prisma.sql`
    SELECT seq, id::text FROM comments WHERE organisation_id = ${organisationId}::uuid ORDER BY seq`)
  const added = await of(Prisma.sql`
    SELECT seq, payload->>'commentId' AS id FROM ticket_events
    WHERE organisation_id = ${organisationId}::uuid AND type = 'comment_added' ORDER BY seq`)
  expect(comments).toEqual(added)
}

/** How many tickets or comments an organisation has. */
export async function count(app: TestApp, table: 'tickets' | 'comments' | 'clusters', organisationId: string) {
  const [row] = await app.database.query<{ n: bigint }>(Prisma.sql`
    SELECT count(*) AS n FROM ${Prisma.raw(table)} WHERE organisation_id = ${organisationId}::uuid`)
  return Number(row?.n)
}

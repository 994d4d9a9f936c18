// What tests of lists and histories start from: many tickets at once, written as the log would have written them, and
// single ones filed over the API.

import type { Database } from '../../src/db/client.ts'
import { ask, type TestApp } from '../support/app.ts'

/** SQL expressions over `n` (1 to count) for columns of tickets; what is left out is the same for all. */
export type Columns = Partial<Record<string, string>>

const COLUMNS = {
  id: 'gen_random_uuid()',
  number: 'place.number + n',
  version: '1',
  team_version: '1',
  last_seq: 'place.seq + n',
  last_public_seq: 'place.public_seq + n',
  subject: "'Report ' || n",
  description: "'Something does not work as it should.'",
  source: "'api'",
  category: "'technical'",
  category_chosen: 'false',
  severity: 'NULL',
  severity_chosen: 'false',
  status: "'open'",
  ai_summary: 'NULL',
  ai_review_status: "'passed'",
  cluster_id: 'NULL::uuid',
  assignee_id: 'NULL::uuid',
  created_by_type: "'customer'",
  created_by_id: 'NULL::uuid',
  created_by_label: "'Ada'",
  created_at: "'2026-03-01T12:00:00Z'::timestamptz + n * interval '1 minute'",
  updated_at: "'2026-03-01T12:00:00Z'::timestamptz + n * interval '1 minute'",
  first_response_at: 'NULL::timestamptz',
  resolved_at: 'NULL::timestamptz',
  closed_at: 'NULL::timestamptz',
}

const ENUMS: Record<string, string> = {
  source: 'ticket_source',
  category: 'ticket_category',
  severity: 'ticket_severity',
  status: 'ticket_status',
  ai_review_status: 'ai_review_status',
  created_by_type: 'author_type',
}

/** Tickets of an organisation, each with its TICKET_CREATED. */
export async function fillTickets(database: Database, organisationId: string, count: number, columns: Columns = {}) {
  const all: Columns = { ...COLUMNS, ...columns }
  const values = Object.entries(all).map(([name, sql]) => (ENUMS[name] ? `(${sql})::${ENUMS[name]}` : sql))
  await database.prisma.$executeRawUnsafe(
    `WITH place AS (
       UPDATE organisation_counters
       SET ticket_number = ticket_number + $2, seq = seq + $2, public_seq = public_seq + $2
       WHERE organisation_id = $1::uuid
       RETURNING organisation_id, ticket_number - $2 AS number, seq - $2 AS seq, public_seq - $2 AS public_seq
     ), made AS (
       INSERT INTO tickets (organisation_id, ${Object.keys(all).join(', ')})
       SELECT place.organisation_id, ${values.join(', ')} FROM place, generate_series(1, $2::int) n RETURNING *
     )
     INSERT INTO ticket_events (organisation_id, seq, public_seq, pos, xid, type, ticket_id, ticket_version,
       team_version, actor_type, actor_label, payload, created_at)
     SELECT organisation_id, last_seq, last_public_seq, pg_current_xact_id()::text::bigint,
       pg_current_xact_id()::text::bigint, 'ticket_created', id, 1, 1, 'customer', 'Ada', '{"status": "open"}', created_at
     FROM made`,
    organisationId,
    count,
  )
}

export interface Fill {
  /** Comments on every ticket of the organisation. */
  perTicket: number
  /** An SQL condition over `k` (1 to perTicket): which of them are internal notes. */
  internal?: string
}

/** Comments "Comment k" by the team on every ticket of an organisation, each with its COMMENT_ADDED. */
export async function fillComments(database: Database, organisationId: string, { perTicket, internal }: Fill) {
  await database.prisma.$executeRawUnsafe(
    `WITH listed AS (
       SELECT t.id AS ticket_id, gen_random_uuid() AS id, k, (${internal ?? 'false'}) AS internal,
         row_number() OVER w AS n, count(*) FILTER (WHERE NOT (${internal ?? 'false'})) OVER w AS m
       FROM tickets t, generate_series(1, $2::int) k WHERE t.organisation_id = $1::uuid
       WINDOW w AS (ORDER BY k, t.number)
     ), place AS (
       UPDATE organisation_counters
       SET seq = seq + (SELECT max(n) FROM listed), public_seq = public_seq + (SELECT max(m) FROM listed)
       WHERE organisation_id = $1::uuid
       RETURNING organisation_id, seq - (SELECT max(n) FROM listed) AS seq,
         public_seq - (SELECT max(m) FROM listed) AS public_seq
     ), made AS (
       INSERT INTO comments (organisation_id, id, ticket_id, seq, author_type, author_label, body, internal, created_at)
       SELECT organisation_id, id, ticket_id, seq + n, 'team', 'Tess', 'Comment ' || k, internal, now()
       FROM listed, place
     ), told AS (
       INSERT INTO ticket_events (organisation_id, seq, public_seq, pos, xid, type, ticket_id, ticket_version,
         team_version, actor_type, actor_label, payload, created_at)
       SELECT organisation_id, seq + n, CASE WHEN NOT internal THEN public_seq + m END,
         pg_current_xact_id()::text::bigint, pg_current_xact_id()::text::bigint, 'comment_added', ticket_id,
         1 + k, 1 + k, 'team', 'Tess', jsonb_build_object('commentId', id), now()
       FROM listed, place
     )
     UPDATE tickets t SET version = 1 + $2::int, team_version = 1 + $2::int, last_seq = last.seq,
       last_public_seq = last.public_seq
     FROM (SELECT ticket_id, max(seq + n) AS seq, max(public_seq + m) AS public_seq
       FROM listed, place GROUP BY ticket_id) last
     WHERE t.id = last.ticket_id`,
    organisationId,
    perTicket,
  )
}

/** Attachments without bytes on every ticket of an organisation, as old as the ticket. */
export async function fillAttachments(database: Database, organisationId: string) {
  await database.prisma.$executeRaw`
    INSERT INTO attachments (organisation_id, id, ticket_id, seq, filename, content_type, size_bytes, sha256,
      storage_key, uploaded_by_type, uploaded_by_label, created_at)
    SELECT organisation_id, gen_random_uuid(), id, last_seq, 'kubelet.log', 'text/plain', 5, repeat('0', 64),
      id::text, 'customer', 'Ada', created_at
    FROM tickets WHERE organisation_id = ${organisationId}::uuid`
}

export async function makeCluster(database: Database, organisationId: string, id: string, name: string) {
  const facts = { state: 'running', controlPlanes: 1, nodes: 3, observedAt: new Date('2026-03-01T08:00:00Z') }
  await database.prisma.cluster.create({ data: { organisationId, id, name, ...facts } })
}

/** So well described that the review asks nothing, and so leaves no comment. */
export const WELL_DESCRIBED = {
  subject: 'Nodes of prod go NotReady after the upgrade to 1.31.2',
  description:
    'Since 08:10 this morning three of five workers of prod are NotReady. It began with the upgrade from 1.30.6 ' +
    'to 1.31.2. The kubelet says: "failed to run Kubelet: unable to determine runtime API version". To reproduce: ' +
    'restart the kubelet on worker-3. All 40 pods of the shop are pending.',
}

/** What a mutation of the tests answers with: any of the union's members. */
export interface Outcome {
  code?: string
  message?: string
  fields?: { path: string[]; code: string; message: string }[]
  // biome-ignore lint/suspicious/noExplicitAny: tests look into tickets of every selection
  ticket?: any
  // biome-ignore lint/suspicious/noExplicitAny: as above
  [field: string]: any
}

/** Runs `mutation ($input: <Name>Input!) { name(input: $input) { … } }`; `payload` is what to select on success. */
export async function run(
  app: TestApp,
  headers: Record<string, string>,
  name: string,
  input: object,
  payload = 'ticket { id number status version updatedAt }',
): Promise<Outcome> {
  const Name = `${name[0]?.toUpperCase()}${name.slice(1)}`
  const result = Name === 'AnswerReview' ? 'ReviewTicket' : Name
  const document = `mutation ($input: ${Name}Input!) { outcome: ${name}(input: $input) {
    ... on ${result}Payload { ${payload} }
    ... on Error { code message }
    ... on InputError { fields { path code message } }
    ${CONFLICTS.has(name) ? '... on ConflictError { current { id status version teamVersion } }' : ''}
    ${name === 'createTicket' ? '... on ReviewRequiredError { review { id quality qualityFlags { code } } }' : ''} } }`
  return (await ask<{ outcome: Outcome }, object>(app, headers, document, { input })).outcome
}

const CONFLICTS = new Set(['createTicket', 'linkTicket', 'addComment', 'closeTicket', 'updateTicket'])

/** Files a ticket over the API and gives its id. */
export async function file(app: TestApp, headers: Record<string, string>, input: object = {}): Promise<string> {
  const { ticket, message } = await run(app, headers, 'createTicket', {
    ...WELL_DESCRIBED,
    acknowledged: true,
    ...input,
  })
  if (!ticket) throw new Error(`not filed: ${message}`)
  return ticket.id
}

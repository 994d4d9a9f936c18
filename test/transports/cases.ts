// What is sent through both transports: for each operation a good input, and from its input's schema every way in which
// one field of it can be bad, or good in another way.

import { z } from 'zod'
import { operations } from '../../src/operations/registry.ts'
import { wish } from '../rest/drafts.ts'
import { ON_ONE_TRANSPORT } from './differences.ts'

type Json = Record<string, unknown>

/**
 * An input by the operation's own names, enum values as the database writes them. A text that begins with `$` stands
 * for something of the world that it is sent to: `$ticket`, `$theirTicket`, `$freshReview`.
 */
export interface Case {
  name: string
  operation: string
  input: Json
  as: Sender
}

export const SENDERS = ['customer', 'reader', 'platform', 'team', 'team for one', 'nobody'] as const
export type Sender = (typeof SENDERS)[number]

const facts = { name: 'prod', state: 'online', controlPlanes: 3, nodes: 5 }
const file = { ticketId: '$ticket', name: 'node.log', bytes: 'NotReady' }

interface Good {
  input: Json
  as: Sender
}

/** Of each mutation that both transports have. */
export const GOOD: Record<string, Good> = {
  reviewTicket: { input: wish, as: 'customer' },
  createTicket: { input: { ...wish, acknowledged: true }, as: 'customer' },
  linkTicket: { input: { ticketId: '$ticket', reviewId: '$freshReview' }, as: 'customer' },
  addComment: { input: { ticketId: '$ticket', body: 'Hello.' }, as: 'customer' },
  closeTicket: { input: { ticketId: '$freshTicket' }, as: 'customer' },
  upsertCluster: { input: facts, as: 'platform' },
  uploadAttachment: { input: file, as: 'customer' },
}

/** A JSON schema, as zod writes the input of an operation. */
interface Schema {
  type?: string | string[]
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  enum?: string[]
  format?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  maxItems?: number
}

const schemaOf = (operation: string): Schema => {
  const found = Object.values(operations).find(({ name }) => name === operation)
  if (!found) throw new Error(`There is no operation ${operation}.`)
  return z.toJSONSchema(found.input as z.ZodType, { io: 'input', unrepresentable: 'any' }) as Schema
}

export const fieldsOf = (operation: string) => Object.keys(schemaOf(operation).properties ?? {})

/** null stands in a list of types, or of schemas. */
function withoutNull(schema: Schema): Schema {
  const [only] = schema.anyOf?.filter(({ type }) => type !== 'null') ?? []
  if (only) return withoutNull(only)
  const type = Array.isArray(schema.type) ? schema.type.filter((name) => name !== 'null')[0] : schema.type
  return type === undefined ? schema : { ...schema, type }
}

const MARGIN = ['\u0000', '\ud800', 'é', '😀']
/** What a text may be made of, or not, as long as it should be. */
const textsOf = ({ minLength: min = 0, maxLength: max = 100 }: Schema): unknown[] => [
  ...['', ' '.repeat(min + 1), 'x'.repeat(max + 1), '😀'.repeat(max + 1)],
  ...(min > 1 ? ['x'.repeat(min - 1)] : []),
  ...['x'.repeat(Math.max(min, 1)), 'x'.repeat(max), '😀'.repeat(max), `  ${'x'.repeat(max)}  `],
  ...MARGIN.map((odd) => `${'x'.repeat(min)}${odd}`),
  ...['Bearer dw_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG is our token', "<b>&amp;</b> %00 $1 \\ '; --"],
  ...[5, true, ['x'], { x: 1 }],
]

const IDS = [
  '$theirTicket',
  '$theirCluster',
  '$theirReview',
  '$unknown',
  '$organisation',
  'nope',
  '',
  5,
  true,
  ['x'],
  {},
]

/** Values of a field, good and bad. */
function valuesOf(name: string, asked: Schema): unknown[] {
  const schema = withoutNull(asked)
  if (schema.format === 'uuid') return [...IDS, ...(OWN[name] ?? [])]
  if (schema.enum) return [...schema.enum, 'nonsense', '', ' ', 5, ['x']]
  if (schema.type === 'array') return [[], {}, 'x', [null], ...listsOf(name, schema)]
  if (schema.type === 'integer')
    return [schema.minimum, (schema.minimum ?? 0) - 1, (schema.maximum ?? 0) + 1, 1.5, '3', []]
  if (schema.type === 'boolean') return [true, false, 'yes', 1, '']
  if (schema.type === 'object') return ENVIRONMENTS
  return textsOf(schema)
}

/** Good ids of each field, in either case. */
const OWN: Record<string, string[]> = {
  ticketId: ['$freshTicket', '$TICKET', '$at closed'],
  clusterId: ['$cluster', '$CLUSTER'],
  reviewId: ['$freshReview', '$usedReview', '$expiredReview', '$vagueReview'],
  organisationId: ['$ORGANISATION', '$theirOrganisation'],
}

function listsOf(name: string, { items = {}, maxItems = 100 }: Schema): unknown[][] {
  const base = Object.fromEntries((items.required ?? []).map((field) => [field, 'Since Monday.']))
  const good = { question: 'Since when?', ...base }
  const single = Object.entries(items.properties ?? {}).flatMap(([field, schema]) =>
    [...valuesOf(field, schema).filter(isShort), null].map((value) => [{ ...good, [field]: value }]),
  )
  return [
    [good],
    [base],
    [good, { ...good, question: `${name}?` }],
    Array(maxItems + 1).fill(good),
    [{ ...good, x: 1 }],
    ...single,
  ]
}

/** Of a thing in a list, one text that is too long will do. */
const isShort = (value: unknown) => typeof value !== 'string' || value.length < 200 || /^x{1001}$|^x{5001}$/.test(value)

const deep = (levels: number): unknown => (levels === 0 ? 'end' : { in: deep(levels - 1) })

const ENVIRONMENTS = [
  ...[{}, { os: 'linux', nested: { list: [1, null] } }, { password: 'hunter2hunter2' }],
  ...[[], 'text', 5, { text: 'x'.repeat(17_000) }, { nul: 'a\u0000b' }, { 'a\u0000b': 1 }, { odd: '\ud800' }],
  ...[deep(19), deep(30)],
]

/** In REST they stand in the address or in a header, where there is nothing but text. */
const IN_ADDRESS = new Set(['ticketId', 'organisationId'])

/** The cases of one operation: its good input by everybody, then one field at a time. */
export function casesOf(operation: string): Case[] {
  const { input, as } = GOOD[operation] as Good
  const { properties = {} } = schemaOf(operation)
  const one = (name: string, changed: Json, by = as): Case => ({
    name: `${operation}, ${name}`,
    operation,
    input: changed,
    as: by,
  })
  const { length: bodyFields } = Object.keys(input).filter((field) => !IN_ADDRESS.has(field))
  const hasBody = bodyFields > 0 && operation !== 'uploadAttachment'
  const without = (field: string) => Object.fromEntries(Object.entries(input).filter(([name]) => name !== field))
  const fields = Object.entries(properties).filter(([field]) => !ON_ONE_TRANSPORT[`${operation}.${field}`])
  return [
    ...SENDERS.map((sender) => one(`by ${sender}`, input, sender)),
    ...(hasBody ? ['nonsense', 'Subject'].map((name) => one(`with ${name}`, { ...input, [name]: 'x' })) : []),
    ...(hasBody ? Object.keys(without('ticketId')).map((field) => one(`without ${field}`, without(field))) : []),
    ...fields.flatMap(([field, schema], index) =>
      [...(isLike(schema, fields.slice(0, index)) ? ['', 'a\u0000b', 5] : valuesOf(field, schema)), null]
        .filter((value) => !IN_ADDRESS.has(field) || (typeof value === 'string' && value !== ''))
        .map((value) => one(`${field}: ${shown(value)}`, { ...input, [field]: value })),
    ),
    ...(EXTRA[operation] ?? []).map((extra) => one(shown(extra), { ...input, ...extra })),
  ]
}

/** A text of the same bounds as one before it is not tried in every way again. */
function isLike(schema: Schema, before: [string, Schema][]): boolean {
  const { type, format, enum: values } = withoutNull(schema)
  const isText = type === 'string' && format === undefined && values === undefined
  return isText && before.some(([, other]) => JSON.stringify(other) === JSON.stringify(schema))
}

const shown = (value: unknown) => {
  const text = JSON.stringify(value) ?? 'absent'
  return text.length <= 60 ? text : `${text.slice(0, 57)}… (${text.length})`
}

const flagged = { subject: 'Help', description: 'it does not work' }

/** What no schema says: flags, files, and several fields at once. */
const EXTRA: Record<string, Json[]> = {
  reviewTicket: [
    flagged,
    { subject: '', description: '' },
    { clusterId: '$cluster', category: 'billing', source: 'agent' },
  ],
  createTicket: [
    { ...flagged, acknowledged: false },
    { ...flagged, acknowledged: true },
    { subject: 'No', description: 'x', category: 'nonsense' },
    { reviewId: '$freshReview', severity: 'low', category: 'account', source: 'cli', environment: { os: 'linux' } },
    { reviewId: '$freshReview', subject: 'Not used', description: 'Nor is this one', clusterId: '$cluster' },
    { reviewId: '$vagueReview', acknowledged: false },
    { clusterId: '$cluster', clarificationAnswers: [{ question: 'Since when?', answer: 'Since Monday.' }] },
  ],
  linkTicket: [
    { ticketId: '$at closed' },
    { ticketId: '$at resolved', stillHappening: true },
    { ticketId: '$theirTicket', reviewId: '$theirReview' },
  ],
  addComment: [{ ticketId: '$at closed' }, { ticketId: '$at resolved' }, { ticketId: '$at waiting_customer' }],
  closeTicket: [{ ticketId: '$at resolved' }, { ticketId: '$at waiting_customer' }, { ticketId: '$at pending_review' }],
  upsertCluster: [{ name: 'PROD', kind: 'eks', description: 'The shop', environment: 'live', kubeVersion: '1.31' }],
  uploadAttachment: [
    { bytes: '' },
    { bytes: 'x'.repeat(2000) },
    { name: '' },
    { name: '../../etc/passwd' },
    { name: 'x'.repeat(400) },
    { name: 'shot.png', bytes: '<!doctype html><script>alert(1)</script>' },
    { ticketId: '$at resolved' },
    { ticketId: '$at waiting_customer' },
  ],
}

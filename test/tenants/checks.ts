// What must hold whoever knocks: nothing of another tenant is told, nothing of it changes, and a thing of theirs is as a
// thing of nobody. For the tests of tenants.

import { v7 as uuid } from 'uuid'
import { Prisma } from '../../src/generated/prisma/client.ts'
import { ORGANISATION_HEADER } from '../../src/request.ts'
import type { Customer, TestApp } from '../support/app.ts'
import { type Caller, verdict } from './callers.ts'
import { addressOf, type Door, type makeDoors, type Reply, said } from './knock.ts'
import { isGraphQL, type Request, type Way } from './ways.ts'
import { type Headers, type Names, WHISPER } from './world.ts'

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

/** The rows of an organisation in every table that has such, as one text. A token's last use is noted beside requests. */
async function rowsOf(app: TestApp, organisationId: string, shown: Prisma.Sql): Promise<string> {
  const tables = await app.database.query<{ name: string }>(Prisma.sql`
    SELECT table_name::text AS name FROM information_schema.columns
    WHERE column_name = 'organisation_id' AND table_schema = current_schema() ORDER BY 1`)
  const each = tables.map(({ name }) => {
    const table = Prisma.raw(name)
    return Prisma.sql`SELECT ${`${name} `} || (to_jsonb(x) - 'last_used_at')::text AS row FROM ${table} x
      WHERE x.organisation_id = ${organisationId}::uuid`
  })
  const own = Prisma.sql`SELECT to_jsonb(o)::text AS row FROM organisations o WHERE o.id = ${organisationId}::uuid`
  const [found] = await app.database.query<{ text: string }>(Prisma.sql`
    SELECT ${shown} AS text FROM (${own} UNION ALL ${Prisma.join(each, ' UNION ALL ')}) rows`)
  return found?.text ?? ''
}

const ALL = Prisma.sql`string_agg(row, E'\n' ORDER BY row)`

/** A digest of all that an organisation has: the same as long as nothing of it changes. */
export const fingerprint = (app: TestApp, { organisationId }: Customer) =>
  rowsOf(app, organisationId, Prisma.sql`md5(${ALL})`)

/** Ids that are in the rows of `theirs` and not in those of `own`. */
export async function idsOf(app: TestApp, theirs: Customer, own: Customer): Promise<string[]> {
  const [all, shared] = await Promise.all([theirs, own].map(({ organisationId }) => rowsOf(app, organisationId, ALL)))
  const known = new Set(shared?.match(UUID))
  return [...new Set(all?.match(UUID))].filter((id) => !known.has(id))
}

/** By which whatever is told of an organisation is recognised. */
export async function marksOf(app: TestApp, theirs: Customer, own: Customer, names: Names): Promise<string[]> {
  const name = theirs.admin.email.split('@')[1]?.split('.')[0] ?? ''
  const rows = await rowsOf(app, theirs.organisationId, ALL)
  const texts = [...rows.matchAll(/"(?:sha256|prefix|hash)": ?"([^"]{8,})"/g)].map(([, text]) => text as string)
  return [names.word, name, WHISPER, ...texts, ...(await idsOf(app, theirs, own))].map((mark) => mark.toLowerCase())
}

/** Cursors and links are base64url: what they hold is told, too. */
export function spelledOut(text: string): string {
  const parts = text.match(/[A-Za-z0-9_-]{16,}/g) ?? []
  return [text, ...parts.map((part) => Buffer.from(part, 'base64url').toString())].join('\n').toLowerCase()
}

/** The marks that an answer has and its request had not. */
export function told(marks: readonly string[], request: string, { text, head }: Reply): string[] {
  const [answer, asked] = [spelledOut(text + head), spelledOut(request)]
  return marks.filter((mark) => answer.includes(mark) && !asked.includes(mark))
}

export interface World {
  app: TestApp
  doors: ReturnType<typeof makeDoors>
  own: Names
  theirs: Names
  /** The same names of nobody. */
  nobody: Names
  nobodys(name: string): string
  marks: readonly string[]
  them: Customer
}

/** Gives each name one of the same form that belongs to nobody, also inside cursors; `life` is part of every cursor. */
export function namesOfNobody(life: string) {
  const made = new Map([[life, life]])
  const other = (id: string) => made.get(id) ?? (made.set(id, uuid()).get(id) as string)
  return (name: string): string => {
    if (name.match(UUID)) return name.replace(UUID, other)
    const small = name.toLowerCase()
    if (small.match(UUID)) return small.replace(UUID, other).toUpperCase()
    const inside = Buffer.from(name, 'base64url').toString()
    if (inside.match(UUID)) return Buffer.from(inside.replace(UUID, other)).toString('base64url')
    return name.startsWith('#') ? '#999999' : `nowhere-${name}`
  }
}

export interface Attempt {
  caller: Caller
  way: Way
  door: Door
  /** What stands in the place of the way's own name. */
  its: string
  /** It is the way's own name. */
  natural: boolean
  /** Beside it, the header that chooses the organisation: theirs. */
  withHeader?: boolean
}

/** All that is wrong with what an attempt comes to, in sentences. */
export async function faultsOf(world: World, attempt: Attempt): Promise<string[]> {
  const { way, caller, its } = attempt
  const named = (faults: string[]) => faults.map((fault) => `${caller.name}, ${way.name}, ${attempt.door}: ${fault}`)
  // The team may see and do it.
  if (caller.side === 'team')
    return named(judged(attempt, await send(world, attempt, world.nobodys(its), world.nobody)))
  const foreign = await send(world, attempt, its, world.theirs)
  const faults = [...judged(attempt, foreign), ...telling(world, foreign)]
  if (caller.side === 'tenant') {
    const absent = await send(world, attempt, world.nobodys(its), world.nobody)
    faults.push(...differing(way, foreign, absent))
  }
  return named(faults)
}

function telling(world: World, { asked, reply }: Sent): string[] {
  const marks = told(world.marks, asked, reply)
  return marks.length === 0 ? [] : [`tells of ${marks.join(', ')}: ${reply.text}`]
}

function differing({ makes }: Way, foreign: Sent, absent: Sent): string[] {
  const alike = [foreign, absent].map((sent) => (makes ? sent.word : neutral(sent)))
  return alike[0] === alike[1] ? [] : [`is not answered as a thing of nobody:\n${alike.join('\n')}`]
}

interface Sent {
  request: Request
  asked: string
  /** Those of the tenant's names that the request has. */
  names: [string, string][]
  reply: Reply
  word: string
}

export async function send(world: World, attempt: Attempt, its: string, names: Names): Promise<Sent> {
  const { caller, way, door } = attempt
  const plain = way.ask(its, world.own, names)
  const header: Headers = attempt.withHeader ? { [ORGANISATION_HEADER]: names.organisationId } : {}
  const request = { ...plain, headers: { ...plain.headers, ...header } }
  const reply = await world.doors.knock(caller.headers, request, door)
  const asked = JSON.stringify(request)
  const known = [['its', its], ...Object.entries(names)] as [string, string][]
  const used = known.filter(([, value]) => value !== '' && asked.includes(value))
  return { request, asked, names: used, reply, word: said(request, reply) }
}

const STATUS: Record<string, string> = { UNAUTHENTICATED: '401', FORBIDDEN: '403', 'not theirs': '404' }

/** Whether a caller gets what the rules give them. */
function judged(attempt: Attempt, { request, word, reply }: Sent): string[] {
  const expected = expectedOf(attempt, request)
  if (expected === null) {
    const refused = ['UNAUTHENTICATED', '401'].includes(word) || reply.status >= 500 || word.includes('INTERNAL')
    return refused ? [`came to ${word}, though it may: ${reply.text}`] : []
  }
  const wanted = wordFor(expected, attempt, request)
  return word === wanted
    ? []
    : [`came to ${word}, not to ${wanted} (${attempt.way.right}): ${reply.text.slice(0, 600)}`]
}

/** A websocket is closed to who may not come in at all; REST says 404 of an organisation that is not theirs. */
function wordFor(expected: string, { door }: Attempt, request: Request): string {
  if (door === 'websocket' && ['UNAUTHENTICATED', 'not theirs'].includes(expected)) return 'closed 4403'
  if (isGraphQL(request)) return expected.replace('not theirs', 'FORBIDDEN')
  return STATUS[expected] ?? expected
}

/** Null: whatever a thing of nobody comes to. */
function expectedOf({ caller, way, withHeader, natural, door }: Attempt, request: Request): string | null {
  const given = verdict(caller, way.right)
  const isTokensOnly = !isGraphQL(request) && addressOf(caller.headers, request).startsWith('/api/')
  const isUnknown = verdict(caller, 'viewer') === 'UNAUTHENTICATED' || (isTokensOnly && caller.headers.cookie)
  if (isUnknown && (way.right !== 'nothing' || door === 'websocket')) return 'UNAUTHENTICATED'
  if (way.right === 'nothing') return way.comes
  if (withHeader || (way.chooses && caller.side !== 'team')) return 'not theirs'
  if (given !== 'ok') return given
  return caller.side === 'team' || !natural ? null : way.comes
}

/**
 * An answer without what differs between any two: what was asked for, the request's own id, when a token was last used.
 * `withTag`: with its ETag, which follows from its body.
 */
export function neutral({ reply, names }: Pick<Sent, 'reply' | 'names'>, { withTag = false } = {}): string {
  const { status, text, head } = reply
  const kept = (JSON.parse(head || '[]') as [string, string][]).filter(
    ([name]) => name !== 'content-length' && (withTag || name !== 'etag'),
  )
  const own = text.replace(/"(requestId|lastUsedAt)":(?:null|"[^"]*")/g, '"$1":""')
  const all = `${status} ${JSON.stringify(kept)} ${own}`
  return names.reduce((known, [name, value]) => known.replaceAll(value, `<${name}>`), all)
}

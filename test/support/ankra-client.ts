// Stands in for the `ankra` command line in tests of the bearer-token REST routes. It mirrors the documented behaviour
// of that client's `support` commands as a script runs them (`-o json`, `--yes`): the same requests, answers read as
// strictly as Go reads them, the same words in errors but for the finer ones of Go's decoder. No prompts, no tables.

import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Agent, type IncomingMessage, request } from 'node:http'
import { basename } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'

/** `org`: an organisation's id, slug or name. `cluster`: the default for create. `force`: submit what was flagged. */
export interface AnkraOptions {
  url: string
  token: string
  org?: string
  cluster?: string
  force?: boolean
  output?: 'json'
}

type Optional = Partial<Record<'category' | 'severity' | 'source' | 'cluster', string>>
export type NewTicket = { subject: string; description: string } & Optional

/** A command that failed; `message` is what the client prints after `Error: `. */
export class AnkraError extends Error {
  readonly kind: 'unauthorised' | 'not found' | 'flagged' | 'failed'

  constructor(message: string, kind: AnkraError['kind'] = 'failed') {
    super(message)
    this.kind = kind
  }
}

/** The commands of `ankra support`. Each resolves to what is printed and what was read, or throws an AnkraError. */
export function ankra(options: AnkraOptions) {
  const onTicket = (id: string, doing: string, [method, path, payload]: Ask, say = json) =>
    run(options, say, (session) => {
      const answer = support(session, [method, `/${inPath(id)}${path}`, payload])
      return called(doing, parsed(TICKET, answer), id)
    })

  return {
    create: ({ subject, description, category = 'technical', severity, source = 'cli', cluster }: NewTicket) =>
      run(options, json, async (session) => {
        const name = cluster ?? options.cluster
        const cluster_id = name ? await clusterId(session, name) : undefined
        const asked = jsonBody({ subject, description, category, cluster_id, source })
        const review = await called(
          'review support ticket',
          parsed(REVIEW, support(session, ['POST', '/review', asked])),
        )
        const acknowledged = options.force ?? false
        if (!acknowledged) refuseFlagged(review)
        const chosen = { review_id: review.review_id, severity: severity || undefined, source, acknowledged }
        return called('create support ticket', parsed(TICKET, support(session, ['POST', '', jsonBody(chosen)])))
      }),
    list: ({ page = 1, pageSize = 25, q = '', status = [] as string[] } = {}) =>
      run(options, json, (session) => {
        const words = [['q', q], ...status.map((one) => ['status', one])].filter(([, word]) => word)
        const figures = Object.entries({ page, page_size: pageSize }).filter(([, figure]) => figure > 0)
        const query = [...figures, ...words].map(([key, value]) => `${key}=${inQuery(String(value))}`).join('&')
        return called('list support tickets', parsed(TICKETS, support(session, ['GET', query && `?${query}`])))
      }),
    get: (id: string) => onTicket(id, 'get support ticket', ['GET', '']),
    comment: (id: string, body: string) =>
      onTicket(id, 'comment on support ticket', ['POST', '/comments', jsonBody({ body })]),
    close: (id: string) =>
      onTicket(id, 'close support ticket', ['POST', '/close'], () => `Support ticket ${quoted(id)} closed.\n`),
    attach: (id: string, paths: string[]) =>
      run(options, json, async (session) => {
        let ticket = TICKET.parse(null)
        for (const path of paths) {
          ticket = await called(`attach ${quoted(path)}`, parsed(TICKET, upload(session, id, path)), id)
        }
        return ticket
      }),
  }
}

// ---- One command, and the names it looks up
type Session = AnkraOptions & { agent: Agent; base: URL; organisation: string }

async function run<T>(options: AnkraOptions, say: (value: T) => string, go: (session: Session) => Promise<T>) {
  const agent = new Agent({ keepAlive: true })
  const session = { ...options, agent, base: new URL(options.url), organisation: '' }
  try {
    if (options.org) session.organisation = await organisationId(session, options.org)
    const value = await go(session)
    return { stdout: say(value), value }
  } finally {
    agent.destroy()
  }
}

/** Says what was being done when it failed, as the client does: a missing ticket is named, a flag stands alone. */
function called<T>(doing: string, work: Promise<T>, id?: string): Promise<T> {
  return work.catch((error) => {
    if (!(error instanceof AnkraError) || (error.kind === 'flagged' && doing.startsWith('create'))) throw error
    const missing = error.kind === 'not found' && id !== undefined
    throw new AnkraError(missing ? `support ticket ${quoted(id)} not found` : `${doing}: ${error.message}`, error.kind)
  })
}

const NOT_SIGNED_IN = 'unauthorized. Run `ankra login` to re-authenticate'
const FLAGGED = 'ticket flagged in review; retry with --force to submit anyway'

function refuseFlagged({ quality, quality_flags, duplicate_candidates }: z.output<typeof REVIEW>) {
  const flags = quality_flags?.join('; ') || 'flagged as too vague or low quality'
  const reason = quality === 'flag' ? flags : 'possible duplicate of an existing ticket'
  if (quality === 'flag' || duplicate_candidates?.length) throw new AnkraError(`${FLAGGED}: ${reason}`, 'flagged')
}

async function organisationId(session: Session, org: string): Promise<string> {
  const all = (await called(`resolving --org ${quoted(org)}`, lookUp(session, ORGANISATIONS, 'org/organisation'))) ?? []
  const matching = (name: 'slug' | 'name') => all.filter((one) => folded(one[name] ?? '') === folded(org))
  const byId = all.filter((one) => one.organisation_id === org.trim())
  const [found, ...more] = [byId, matching('slug'), matching('name')].find((matches) => matches.length) ?? []
  if (!found) throw new AnkraError(`organisation not found: ${quoted(org)}`)
  if (more.length) throw new AnkraError(`multiple organisations match ${quoted(org)}; pass the organisation ID instead`)
  return found.organisation_id
}

async function clusterId(session: Session, name: string): Promise<string> {
  if (name.length === 36 && name.split('-').length === 5) return name
  for (let page = 1; page <= 50; page++) {
    const answer = lookUp(session, CLUSTERS, `clusters?page=${page}&page_size=100`)
    const { result, pagination } = await called('listing clusters', answer)
    const found = result?.find((one) => one.name.toLowerCase() === name.toLowerCase())
    if (found) return found.id
    if (pagination.total_pages <= page || !result?.length) break
  }
  throw new AnkraError(`cluster ${quoted(name)} not found`)
}

// ---- Requests, header by header as Go's net/http writes them
type Payload = { type: string; bytes: Buffer }
type Ask = [method: string, path: string, payload?: Payload]

async function lookUp<S extends z.ZodType>(session: Session, schema: S, path: string) {
  const { status, reason, body } = await send(session, ['GET', `/api/v1/${path}`])
  if (status === 401) throw new AnkraError(NOT_SIGNED_IN, 'unauthorised')
  if (status !== 200) throw new AnkraError(`unexpected status: ${status} ${reason}`)
  return parse(schema, body)
}

/** An upload alone takes no 204 for a success and no 409 for a flag. */
async function support(session: Session, [method, path, payload]: Ask, uploading = false) {
  const sent = send(session, [method, `/api/v1/org/support/tickets${path}`, payload])
  const { status, body } = await called('request failed', sent)
  if (status === 200 || status === 201 || (status === 204 && !uploading)) return body
  if (status === 401) throw new AnkraError(NOT_SIGNED_IN, 'unauthorised')
  if (status === 404) throw new AnkraError('support ticket not found', 'not found')
  if (status === 409 && !uploading) throw new AnkraError(`${FLAGGED}: ${detailOf(body)}`, 'flagged')
  const doing = uploading ? 'attachment upload' : 'support request'
  throw new AnkraError(`${doing} failed: status ${status}, body: ${shown(body, 500)}`)
}

async function upload(session: Session, id: string, path: string) {
  const boundary = randomBytes(30).toString('hex')
  const filename = basename(path).replace(/[\\"]/g, '\\$&').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  const part = `Content-Disposition: form-data; name="file"; filename="${filename}"`
  const head = Buffer.from(`--${boundary}\r\n${part}\r\nContent-Type: application/octet-stream\r\n\r\n`)
  const body = Buffer.concat([head, await readFile(path), Buffer.from(`\r\n--${boundary}--\r\n`)])
  const payload = { type: `multipart/form-data; boundary=${boundary}`, bytes: body }
  return support(session, ['POST', `/${inPath(id)}/attachments`, payload], true)
}

/** Asks up to three times where that is safe. Follows no redirect: Go would repeat a POST as a GET. */
async function send(session: Session, ask: Ask) {
  const [method, path] = ask
  for (let attempt = 1; ; attempt++) {
    const last = method === 'POST' || attempt === 3
    try {
      const answer = await exchange(session, ask)
      if (last || ![502, 503, 504].includes(answer.status)) return answer
    } catch (error) {
      if (last) throw new AnkraError(`${method === 'GET' ? 'Get' : 'Post'} "${session.url}${path}": ${error}`)
    }
    await pause(attempt * 1000)
  }
}

/** An answer that is not whole within 30 seconds is none; the client waits that long for its headers. */
async function exchange({ base, agent, token, organisation }: Session, [method, path, payload]: Ask) {
  const headers = ['Host', base.host, 'User-Agent', 'Go-http-client/1.1']
  if (method === 'POST') headers.push('Content-Length', String(payload?.bytes.length ?? 0))
  headers.push('Authorization', `Bearer ${token}`)
  if (payload) headers.push('Content-Type', payload.type)
  if (organisation) headers.push('X-Ankra-Organisation-Id', organisation)
  headers.push('Accept-Encoding', 'gzip')
  const target = { hostname: base.hostname, port: base.port, path: base.pathname.replace(/\/+$/, '') + path }
  const terms = { agent, signal: AbortSignal.timeout(30_000), setDefaultHeaders: false }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request({ ...target, ...terms, method, headers }, resolve)
    sent.on('error', reject).end(payload?.bytes)
  })
  const raw = Buffer.concat(await response.toArray())
  const zipped = raw.length > 0 && response.headers['content-encoding']?.toLowerCase() === 'gzip'
  const body = (zipped ? gunzipSync(raw) : raw).subarray(0, 10 * 1024 * 1024)
  return { status: response.statusCode ?? 0, reason: response.statusMessage, body }
}

// ---- Go's ways of writing
const folded = (text: string) => text.trim().toLowerCase()
const quoted = (text: string) => JSON.stringify(text)
const percent = (mark: string) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`
const escaped = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, percent)
const inQuery = (text: string) => escaped(text).replaceAll('%20', '+')
const inPath = (text: string) => escaped(text).replace(/%(24|26|2B|3A|3D|40)/g, decodeURIComponent)
const unicode = (mark: string) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`
const goJson = (value: unknown, tab = 0) => JSON.stringify(value, null, tab).replace(/[<>&\u2028\u2029]/g, unicode)
const goTime = (time: string) => time.replace(/\.0+(?=\D)|(\.\d*[1-9])0+(?=\D)/, '$1').replace(/[+-]00:00$/, 'Z')
const json = (value: unknown) => `${goJson(value, 2)}\n`
const jsonBody = (value: object) => ({ type: 'application/json', bytes: Buffer.from(goJson(value)) })

// ---- What an error shows of a body: keys in order, secrets struck out, the rest cut by bytes
const SECRET = /token|secret|passw(or)?d|authorization|(private|api|access|consumer)_?key|session|cookie|credential/i

function tidy(key: string, value: unknown): unknown {
  if (value !== null && SECRET.test(key)) return '<redacted>'
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
}

function shown(body: Buffer, limit: number): string {
  let text = body.toString()
  try {
    if (/^\s*[{[]/.test(text)) text = JSON.stringify(JSON.parse(text, tidy))
  } catch {}
  const bytes = Buffer.from(text)
  return bytes.length > limit ? `${bytes.subarray(0, limit)}... (truncated)` : text
}

function detailOf(body: Buffer): string {
  try {
    const { detail } = parse(struct({ detail: text }), body)
    if (detail) return detail
  } catch {}
  return shown(body, 300)
}

// ---- Reading JSON as Go does: unknown keys are nothing, names match in any case, null is the empty value, a wrong
// type spoils the whole answer, an integer is written as one (not `1.0`), a time is RFC 3339 with a zone

const or = <S extends z.ZodType, T>(schema: S, empty: T) => schema.nullish().transform((value) => value ?? empty)
const text = or(z.string(), '')
const maybe = or(z.string(), undefined)
const bool = or(z.boolean(), false)
const int = or(z.int(), 0)
const instant = z.iso.datetime({ offset: true }).regex(/T\d\d:\d\d:\d\d/)
const time = or(instant, '0001-01-01T00:00:00Z').transform(goTime)
const list = <S extends z.ZodType>(item: S) => or(z.array(item), null)
const struct = <F extends z.ZodRawShape>(fields: F) => z.preprocess((value) => value ?? {}, z.object(fields))

function asGo(_: string, value: unknown, { source }: { source: string }): unknown {
  if (typeof value === 'number') return /^-?\d+$/.test(source) ? value : Number.NaN
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key.toLowerCase(), child]))
}

function parse<S extends z.ZodType>(schema: S, body: Buffer): z.output<S> {
  if (!body.length) throw new AnkraError('unexpected end of JSON input')
  try {
    return schema.parse(JSON.parse(body.toString(), asGo as (key: string, value: unknown) => unknown))
  } catch (error) {
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined
    throw new AnkraError(issue ? `json: cannot unmarshal ${issue.path.join('.')}: ${issue.message}` : String(error))
  }
}

const parsed = <S extends z.ZodType>(schema: S, answer: Promise<Buffer>) =>
  answer.then((body) => called('parse response', (async () => parse(schema, body))()))

const pages = struct({ page: int, page_size: int, total_pages: int, total_count: int })
const named = { id: text, cluster_id: maybe, cluster_name: maybe, source: text, category: text, subject: text }
const state = { status: text, severity: maybe, ai_review_status: text, is_tracked_by_team: bool }
const times = { created_at: time, updated_at: time }
const comment = struct({ id: text, author_type: text, author_label: text, body: text, created_at: time })
const thread = { description: text, organisation_id: text, ai_summary: maybe, comments: list(comment) }
const TICKET = struct({ ...named, ...state, ...thread, ...times })
const TICKETS = struct({ result: list(struct({ ...named, ...state, ...times })), pagination: pages })

const candidate = { candidate_id: text, summary: text, status_label: text, confidence: text, already_resolved: bool }
const duplicates = list(struct(candidate))
const advice = { quality_flags: list(text), clarifying_questions: list(text), duplicate_candidates: duplicates }
const enrichment = struct({ summary: maybe, severity: maybe, category: maybe })
const verdict = { quality: text, recommended_action: text, expires_at: time }
const REVIEW = struct({ review_id: text, enrichment, ...verdict, ...advice })

const about = { name: text, state: text, description: text, environment: text, kube_version: text, kind: text }
const since = { created_at: text, operational_at: maybe, slated_for_deletion_at: maybe, deleted_at: maybe }
const cluster = struct({ id: text, organisation_id: text, ...about, control_planes: int, nodes: int, ...since })
const CLUSTERS = struct({ result: list(cluster), pagination: pages })
const member = { name: maybe, slug: maybe, user_current: bool, status: maybe, role: maybe }
const ORGANISATIONS = list(struct({ organisation_id: text, ...member }))

// A whole server in this process, on a database of its own, with two customers and the team: what most tests talk to.

import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import type { Logger } from 'pino'
import { createOrganisation } from '../../src/admin/organisations.ts'
import { addMember, addTeamMember, createPerson, setPassword } from '../../src/admin/people.ts'
import { createToken } from '../../src/admin/tokens.ts'
import { loadConfig } from '../../src/config.ts'
import type { Database, Tx } from '../../src/db/client.ts'
import type { TokenScope } from '../../src/generated/prisma/client.ts'
import { makeLogger } from '../../src/logger.ts'
import { startServer } from '../../src/server.ts'
import type { AttachmentStore } from '../../src/storage/store.ts'
import type { Tracing } from '../../src/telemetry/tracing.ts'
import { testDatabase } from './database.ts'
import { testStore } from './store.ts'

export interface TestApp {
  url: string
  life: string
  database: Database
  /** The database's own address. */
  listenUrl: string
  store: AttachmentStore
  /** Where the store keeps its objects and its spool. */
  storeFolder: string
  acme: Customer
  globex: Customer
  team: Team
  /** How many statements went to the database while `work` ran, without BEGIN and COMMIT of reads. */
  statements<T>(work: () => Promise<T>): Promise<{ result: T; statements: string[] }>
  /** A further token; organisationId null: the team's. */
  token(organisationId: string | null, scopes: TokenScope[], name?: string): Promise<string>
  close(): Promise<void>
}

export interface Customer {
  organisationId: string
  /** Bearer tokens: this one reads and writes tickets. */
  token: string
  admin: Person
  member: Person
}

export interface Team {
  token: string
  /** Two people, for assignments. */
  tess: Person
  tom: Person
}

export interface Person {
  id: string
  name: string
  email: string
  /** Signs in, and gives the headers of a request from our own page: cookie and origin. */
  signIn(): Promise<Record<string, string>>
}

export interface AppOptions {
  /** Variables of the configuration: { SIGN_UP: 'open' }. */
  env?: Record<string, string>
  /** The clock of operations. */
  now?: () => Date
  /** Traces, of the server and its database. */
  tracing?: Tracing
  /** Absent: one of its own, silent unless LOG_LEVEL is set. */
  logger?: Logger
}

export const PASSWORD = 'a long enough password'

export async function testApp({ env = {}, now, tracing, logger: own }: AppOptions = {}): Promise<TestApp> {
  const seen: string[] = []
  const traced = tracing ? { tracing } : {}
  const onStatement = (text: string) => seen.push(text)
  const { database, life, close, url: listenUrl } = await testDatabase({ onStatement, ...traced })
  const config = loadConfig({ PORT: '0', RATE_LIMITS: 'off', ...env })
  const logger = own ?? makeLogger({ level: config.logLevel, pretty: false })
  if (!own) logger.level = env.LOG_LEVEL ?? 'silent'
  const secret = 'the root of all secrets of this test'
  const { store, folder, remove } = await testStore()
  const options = { config, database, store, logger, life, secret, listenUrl, ...traced, ...(now ? { now } : {}) }
  const server = await startServer(options)
  const people = peopleOf(server.url)
  const world = await database.write(async (tx) => ({
    acme: await customer(tx, 'Acme', people),
    globex: await customer(tx, 'Globex', people),
    team: await team(tx, people),
  }))
  return {
    url: server.url,
    life,
    database,
    listenUrl,
    store,
    storeFolder: folder,
    ...world,
    async statements(work) {
      seen.length = 0
      const result = await work()
      return { result, statements: [...seen] }
    },
    token: (organisationId, scopes, name = 'A program') =>
      database.write(async (tx) => (await createToken(tx, { organisationId, name, scopes, expiresAt: null })).secret),
    close: async () => {
      await server.stop()
      await close()
      await remove()
    },
  }
}

type MakePerson = (tx: Tx, name: string, email: string) => Promise<Person>

function peopleOf(url: string): MakePerson {
  return async (tx, name, email) => {
    const { id } = await createPerson(tx, { email, name })
    await setPassword(tx, id, PASSWORD)
    return { id, name, email, signIn: () => signIn(url, email) }
  }
}

async function customer(tx: Tx, name: string, make: MakePerson): Promise<Customer> {
  const slug = name.toLowerCase()
  const { id: organisationId } = await createOrganisation(tx, { name, slug })
  const admin = await make(tx, `Ada of ${name}`, `ada@${slug}.example`)
  const member = await make(tx, `Max of ${name}`, `max@${slug}.example`)
  await addMember(tx, { organisationId, userId: admin.id, role: 'admin' })
  await addMember(tx, { organisationId, userId: member.id, role: 'member' })
  const scopes: TokenScope[] = ['tickets_read', 'tickets_write']
  const { secret } = await createToken(tx, { organisationId, name: `${name} monitoring`, scopes, expiresAt: null })
  return { organisationId, token: secret, admin, member }
}

async function team(tx: Tx, make: MakePerson): Promise<Team> {
  const tess = await make(tx, 'Tess', 'tess@deskwire.example')
  const tom = await make(tx, 'Tom', 'tom@deskwire.example')
  await addTeamMember(tx, tess.id)
  await addTeamMember(tx, tom.id)
  const scopes: TokenScope[] = ['tickets_read', 'tickets_write', 'clusters_write']
  const { secret } = await createToken(tx, { organisationId: null, name: 'Team robot', scopes, expiresAt: null })
  return { token: secret, tess, tom }
}

async function signIn(url: string, email: string): Promise<Record<string, string>> {
  const response = await fetch(`${url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email, password: PASSWORD }),
  })
  if (response.status !== 200) throw new Error(`sign-in of ${email}: ${response.status} ${await response.text()}`)
  const cookie = response.headers.getSetCookie().map((one) => one.split(';')[0])
  return { cookie: cookie.join('; '), origin: url }
}

/** Headers of a program's request. */
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

export interface GraphQLAnswer<Data> {
  status: number
  data: Data | null
  errors: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[]
}

/** Sends a document as text or as one that codegen has typed; `headers` say who asks. */
export async function send<Data, Variables>(
  { url }: { url: string },
  headers: Record<string, string>,
  document: TypedDocumentNode<Data, Variables> | string,
  variables?: Variables,
): Promise<GraphQLAnswer<Data>> {
  const query = typeof document === 'string' ? document : print(document)
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  })
  const { data = null, errors = [] } = (await response.json()) as {
    data?: Data
    errors?: GraphQLAnswer<Data>['errors']
  }
  return { status: response.status, data, errors }
}

/** As send(), for what must succeed. */
export async function ask<Data, Variables>(
  app: { url: string },
  headers: Record<string, string>,
  document: TypedDocumentNode<Data, Variables> | string,
  variables?: Variables,
): Promise<Data> {
  const { data, errors } = await send(app, headers, document, variables)
  if (data === null || errors.length > 0) throw new Error(`GraphQL failed: ${JSON.stringify(errors)}`)
  return data
}

export interface RestAnswer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into JSON of every shape
  body: any
}

export const TICKETS = '/api/v1/org/support/tickets'

/** A JSON request; `path` begins with a slash. */
export async function rest(
  { url }: { url: string },
  headers: Record<string, string>,
  method: string,
  path: string,
  body?: unknown,
): Promise<RestAnswer> {
  const json: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  const text = body === undefined ? null : JSON.stringify(body)
  const response = await fetch(`${url}${path}`, { method, headers: { ...json, ...headers }, body: text })
  const answer = await response.text()
  return { status: response.status, headers: response.headers, body: answer === '' ? null : JSON.parse(answer) }
}

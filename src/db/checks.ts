// Whether a PostgreSQL server can be used at all, and the plain sentence for each way in which it cannot.

import type pg from 'pg'
import { StartError } from '../config.ts'

const OLDEST_VERSION = 15
const CREATE_DATABASE =
  "CREATE DATABASE deskwire TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'und' LOCALE 'C.UTF-8'"

/** Codes of the socket and of PostgreSQL (SQLSTATE), and what they mean to whoever set DATABASE_URL. */
const PROBLEMS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOENT: 'there is no such socket',
  ENOTFOUND: 'its host name is not known',
  EAI_AGAIN: 'its host name cannot be looked up',
  EHOSTUNREACH: 'its host cannot be reached',
  ENETUNREACH: 'its network cannot be reached',
  ETIMEDOUT: 'it does not answer',
  ECONNRESET: 'it broke the connection off',
  EPIPE: 'it broke the connection off',
  '28P01': 'it refuses the password',
  '28000': 'it refuses the user',
  '3D000': 'there is no such database',
  '53300': 'it has no connection to spare',
  '57P01': 'it is shutting down',
  '57P03': 'it is starting up or shutting down',
  '42501': 'the user may not make tables and extensions there',
}

/** The StartError for an error that says that the database cannot be reached or used, or null for any other error. */
export function connectProblem(error: unknown, databaseUrl: string): StartError | null {
  if (error instanceof StartError) return error
  const { code, message = '' } = error as { code?: string; message?: string }
  const reason = PROBLEMS[code ?? ''] ?? reasonInWords(message)
  if (!reason) return null
  return new StartError(`The database ${describe(databaseUrl)} cannot be used: ${reason}.`, { cause: error })
}

/** node-postgres has no code for some of what goes wrong. */
function reasonInWords(message: string): string | null {
  if (/timeout expired|connection timeout/i.test(message)) return 'it does not answer'
  if (/terminated unexpectedly/i.test(message)) return 'it broke the connection off'
  if (/does not support SSL/i.test(message)) return 'it offers no TLS, which DATABASE_URL asks for'
  if (/certificate/i.test(message)) return `its certificate is not trusted (${message})`
  if (/password must be a string/i.test(message)) return 'it wants a password, and DATABASE_URL has none'
  return null
}

/** `name at host:port`, without user or password. */
function describe(databaseUrl: string): string {
  const url = URL.parse(databaseUrl.replace('@/', '@localhost/'))
  if (!url) return 'of DATABASE_URL'
  const host = url.searchParams.get('host') ?? `${url.hostname || 'localhost'}:${url.port || 5432}`
  return `"${decodeURIComponent(url.pathname.slice(1)) || url.username}" at ${host}`
}

/** Refuses a server that is too old, and a database that does not store Unicode. */
export async function checkServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: string; number: number; encoding: string }>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
       current_setting('server_encoding') AS encoding`,
  )
  const [server] = rows
  if (!server) throw new Error('The server told no version.')
  if (server.number < OLDEST_VERSION * 10_000) {
    throw new StartError(`Deskwire needs PostgreSQL ${OLDEST_VERSION} or newer; this server is ${server.version}.`)
  }
  if (server.encoding !== 'UTF8') {
    throw new StartError(
      `The database must store UTF8, and this one stores ${server.encoding}: make one with\n  ${CREATE_DATABASE};`,
    )
  }
}

/** What to tell the operator when search in this database would miss words, or null. Needs the extension pg_trgm. */
export async function searchWarning(client: pg.Client): Promise<string | null> {
  const { rows } = await client.query<{ folds: boolean; splits: boolean }>(
    `SELECT lower('Ü') = 'ü' AS folds, cardinality(public.show_trgm('привет')) > 0 AS splits`,
  )
  if (rows[0]?.folds && rows[0].splits) return null
  return (
    'In this database search does not find umlauts in another case, or words in Cyrillic and other scripts, ' +
    `because of its locale. To make one that does: ${CREATE_DATABASE};`
  )
}

// What can be seen of a pool of connections from outside: who waits for one, whether the server can be reached, and the
// statements that go out. client.ts puts it around its own.

import type pg from 'pg'
import type { Tracing } from '../telemetry/tracing.ts'
import type { Watcher } from './client.ts'

type Connected = (error: Error | undefined, client?: pg.PoolClient, release?: () => void) => void
type Connect = (done?: Connected) => Promise<pg.PoolClient> | undefined

/** Those who are told; one may be added at any time. */
export function watchPool(pool: pg.Pool): Set<Watcher> {
  const watchers = new Set<Watcher>()
  const failed = (error: Error) => {
    for (const watcher of watchers) watcher.failed?.(error)
  }
  const waited = (seconds: number) => {
    for (const watcher of watchers) watcher.waited?.(seconds)
  }
  const lost = new WeakSet<pg.PoolClient>()
  // A client that is being handed out has no listener for a moment: its loss then would end the process. Whoever uses
  // it hears of it from the statement.
  pool.on('connect', (client) =>
    client.on('error', (error) => {
      lost.add(client)
      failed(error)
    }),
  )
  // Idle ones, of which the client has told us already; without a listener this would end the process too.
  pool.on('error', () => {})
  pool.on('release', (error, client) => {
    if (!error && !lost.has(client)) for (const watcher of watchers) watcher.works?.()
  })
  const connect = pool.connect.bind(pool) as Connect
  pool.connect = timed(connect, () => pool.idleCount > pool.waitingCount, waited, failed) as typeof pool.connect
  return watchers
}

/** With a connection at hand it costs a comparison. */
function timed(
  connect: Connect,
  isAtHand: () => boolean,
  waited: (seconds: number) => void,
  failed: (error: Error) => void,
): Connect {
  return (done) => {
    if (isAtHand()) return connect(done)
    const start = performance.now()
    const over = (error: Error | undefined) => {
      waited((performance.now() - start) / 1000)
      if (error) failed(error)
    }
    if (!done) {
      const connected = connect()
      connected?.then(() => over(undefined), over)
      return connected
    }
    return connect((error, client, release) => {
      over(error)
      done(error, client, release)
    })
  }
}

export function reportStatements(client: pg.PoolClient, onStatement: (text: string) => void): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown
  client.query = ((...args: [string | { text: string }, ...unknown[]]) => {
    onStatement(typeof args[0] === 'string' ? args[0] : args[0].text)
    return query(...args)
  }) as typeof client.query
}

/** A step of the trace for each statement, the pool's own and those of transactions. */
export function traceStatements(pool: pg.Pool, tracing: Tracing): void {
  pool.on('connect', (client) => traceClient(client, tracing))
  // The pool's own would ask in the name of whoever has just given the connection back.
  pool.query = (async (...args: [unknown]) => {
    const client = await pool.connect()
    let failure: Error | undefined
    try {
      return await (client.query as (...args: unknown[]) => Promise<unknown>)(...args)
    } catch (error) {
      failure = error as Error
      throw error
    } finally {
      client.release(failure)
    }
  }) as typeof pool.query
}

function traceClient(client: pg.PoolClient, tracing: Tracing): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown
  client.query = ((...args: [string | { text: string }, ...unknown[]]) => {
    // With a callback it is the driver's own.
    if (typeof args.at(-1) === 'function') return query(...args)
    const { name, attributes } = described(typeof args[0] === 'string' ? args[0] : args[0].text)
    return tracing.span(name, { kind: 'client', attributes }, async () => query(...args))
  }) as typeof client.query
}

const VERB = /^\s*(?:WITH\b[\s\S]*?\)\s*(?=(?:SELECT|INSERT|UPDATE|DELETE)\b))?([A-Z]+)/i
const TABLE = /\b(?:FROM|INTO|UPDATE|JOIN|TABLE)\s+(?:ONLY\s+)?"?(?:public"?\."?)?([a-z_]+)"?/i

/** By verb and table, such as "SELECT tickets": never the text, which may hold values. */
export function described(text: string): { name: string; attributes: Record<string, string> } {
  const verb = (VERB.exec(text)?.[1] ?? 'statement').toUpperCase()
  const table = TABLE.exec(text)?.[1]?.toLowerCase()
  const name = table && HAS_TABLE.has(verb) ? `${verb} ${table}` : verb
  return {
    name,
    attributes: { 'db.system.name': 'postgresql', 'db.operation.name': verb, 'db.query.summary': name },
  }
}

const HAS_TABLE = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'LOCK'])

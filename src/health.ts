// What is asked of the service besides tickets: whether it lives and can serve, and who signs in.

import type { IncomingMessage } from 'node:http'
import { Hono } from 'hono'
import type { Logger } from 'pino'
import { BASE_PATH } from './auth/handler.ts'
import { SET_PASSWORD_PATH } from './auth/set-password.ts'
import type { Database } from './db/client.ts'
import { isUnavailable } from './db/faults.ts'
import { type Life, restoredSentence } from './db/life.ts'
import { isMigrated } from './db/migrate.ts'

/** The paths that peopleAndHealth answers. */
export const OTHER_PATHS = new RegExp(`^(/|/healthz|/readyz|${SET_PASSWORD_PATH}|${BASE_PATH}/.*)$`)

type Handler = (request: Request, address: string) => Promise<Response>

export interface PeopleAndHealthOptions {
  database: Database
  life: Life
  addressOf(req: IncomingMessage): string
  auth: Handler
  setPassword: Handler
}

export function peopleAndHealth({ database, life, addressOf, auth, setPassword }: PeopleAndHealthOptions) {
  const app = new Hono<{ Bindings: { req: IncomingMessage; logger: Logger } }>()
  app.get('/', (c) => c.redirect('/graphql', 302))
  app.get('/healthz', (c) => c.json({ status: 'alive' }))
  app.get('/readyz', async (c) => {
    const reason = await unreadyReason(database, life)
    return reason === null ? c.json({ status: 'ready' }) : c.json({ status: 'not ready', detail: reason }, 503)
  })
  for (const path of ['/', '/healthz', '/readyz']) {
    app.all(path, (c) => c.json({ detail: 'Use GET, HEAD.' }, 405, { allow: 'GET, HEAD' }))
  }
  app.notFound((c) => c.json({ detail: `There is nothing at ${c.req.path}.` }, 404))
  app.all(SET_PASSWORD_PATH, (c) => setPassword(c.req.raw, addressOf(c.env.req)))
  app.all(`${BASE_PATH}/*`, (c) => auth(c.req.raw, addressOf(c.env.req)))
  app.onError((error, c) => {
    const status = isUnavailable(error) ? 503 : 500
    c.env.logger[status === 503 ? 'debug' : 'error']({ err: error }, 'A fault of ours')
    return c.json({ detail: 'Something went wrong on our side. Please try again.' }, status)
  })
  return app
}

/** Null when requests can be served. */
async function unreadyReason(database: Database, { restored }: Life): Promise<string | null> {
  try {
    if (!(await isMigrated(database))) return 'The database lacks migrations of this version: restart to apply them.'
    return restored === null ? null : restoredSentence(restored)
  } catch {
    return 'The database cannot be reached.'
  }
}

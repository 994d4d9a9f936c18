// The parts of a server under watch: what is counted of them, and the trouble that is said once.

import type { Logger } from 'pino'
import { openBacklog } from '../db/backlog.ts'
import type { Database } from '../db/client.ts'
import { type Trouble, watchTrouble } from './log-once.ts'
import { type Metrics, makeMetrics, type Sources } from './metrics.ts'

export interface Watch {
  metrics: Metrics
  storeTrouble: Trouble
  close(): Promise<void>
}

export interface WatchOptions {
  database: Database
  /** Of the server itself, past a pooler. */
  listenUrl: string
  logger: Logger
}

export function watchParts(options: WatchOptions, sources: Omit<Sources, 'pool' | 'backlog'>): Watch {
  const { database, listenUrl, logger } = options
  const backlog = openBacklog(listenUrl)
  const metrics = makeMetrics({ ...sources, pool: database.connections, backlog: backlog.read })
  const databaseTrouble = watchTrouble({
    logger,
    failing: 'The database cannot be reached',
    working: 'The database can be reached again',
  })
  const storeTrouble = watchTrouble({
    logger,
    failing: 'The store of attachments cannot be used',
    working: 'The store of attachments works again',
  })
  const { failed, works } = databaseTrouble
  const unwatch = database.watch({ waited: metrics.connectionWait, failed, works })
  return {
    metrics,
    storeTrouble,
    async close() {
      unwatch()
      databaseTrouble.close()
      storeTrouble.close()
      metrics.stop()
      await backlog.close()
    },
  }
}

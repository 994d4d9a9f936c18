// What the stories of the demonstration are told with: the real parts over one transaction, and a context for each act.

import { pino } from 'pino'
import { v7 as uuid } from 'uuid'
import type { z } from 'zod'
import type { DownloadLinks } from '../../auth/download-links.ts'
import type { Context, Services, Viewer } from '../../context.ts'
import { makeEventLog } from '../../events/log.ts'
import { freshLoaders } from '../../operations/access.ts'
import { isProblem } from '../../operations/errors.ts'
import { execute, type Operation } from '../../operations/execute.ts'
import { NO_RATES } from '../../rates/book.ts'
import { makeLocalReviewer } from '../../review/local.ts'
import { localOnly } from '../../review/reviewer.ts'
import type { AttachmentStore } from '../../storage/store.ts'
import { NO_TELEMETRY } from '../../telemetry/telemetry.ts'
import type { Tx } from '../client.ts'
import type { Cast } from './cast.ts'
import type { Who } from './people.ts'
import { databaseWithin } from './transaction.ts'

export interface Stage {
  tx: Tx
  services: Services
  cast: Cast
}

/** No story uploads anything. */
const NO_ATTACHMENTS = { maxFileBytes: 0, maxFiles: 0, maxTicketBytes: 0 }
const NO_STORE: AttachmentStore = { spoolDir: '', put: noFiles, read: noFiles, remove: noFiles }
const NO_LINKS: DownloadLinks = { make: noFiles, open: noFiles }
const REVIEW_TIMEOUT_MS = 10_000
const SILENT = pino({ level: 'silent' })
const NEVER_ABORTED = new AbortController().signal

export function makeStage(tx: Tx, life: string, cast: Cast): Stage {
  const database = databaseWithin(tx)
  const services = {
    database,
    log: makeEventLog(life),
    reviewer: localOnly(makeLocalReviewer(database)),
    store: NO_STORE,
    downloadLinks: NO_LINKS,
    limits: NO_ATTACHMENTS,
    now: noTime,
    reviewTimeoutMs: REVIEW_TIMEOUT_MS,
    telemetry: NO_TELEMETRY,
  }
  return { tx, services, cast }
}

function noFiles(): never {
  throw new Error('no story uploads anything')
}

function noTime(): never {
  throw new Error('every act of the demonstration has its own time')
}

/** A new one for every act, as for every request: its loaders remember nothing of the one before. */
export function contextOf({ services, cast }: Stage, by: Who, at: Date): Context & { viewer: Viewer } {
  const viewer = cast.viewers[by]
  return {
    ...services,
    now: () => at,
    requestId: uuid(),
    logger: SILENT,
    viewer,
    tokenRefused: false,
    idempotencyKey: null,
    signal: NEVER_ABORTED,
    startedAt: performance.now(),
    loaders: freshLoaders({ database: services.database, viewer }),
    rates: NO_RATES,
  }
}

/** Runs an operation. A story that the rules refuse is a mistake in the story, so it throws. */
export async function act<Input extends z.ZodType, Output>(
  context: Context,
  operation: Operation<Input, Output>,
  input: z.input<Input>,
): Promise<Output> {
  const result = await execute(context, operation, input)
  if (isProblem(result)) throw new Error(`${operation.name} in the demonstration: ${result.message}`)
  return result
}

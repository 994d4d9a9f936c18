// What every operation is given: who asks, and the parts it may use. Made once per request; a test makes its own.

import type { Logger } from 'pino'
import type { DownloadLinks } from './auth/download-links.ts'
import type { Database } from './db/client.ts'
import type { Loaders } from './db/reads/loaders.ts'
import type { EventLog } from './events/log.ts'
import type { AuthorType, Role, TokenScope } from './generated/prisma/client.ts'
import type { RateBook } from './rates/book.ts'
import type { ReviewService } from './review/reviewer.ts'
import type { AttachmentStore } from './storage/store.ts'
import type { Telemetry } from './telemetry/telemetry.ts'

interface Caller {
  /** A person with a cookie session, or a program with a bearer token. */
  via: 'session' | 'token'
  /** The session's or the token's id: what may be ended or revoked while a stream is open. */
  credentialId: string
  /** The person's or the token's id: the author of what they write. */
  id: string
  /** The person's or the token's name: the label of what they write. */
  name: string
  scopes: ReadonlySet<TokenScope>
  /** The person's own organisations, oldest membership first; empty for tokens. */
  memberships: readonly Membership[]
}

export interface Membership {
  organisationId: string
  role: Role
}

/** Acts in one organisation; null when they belong nowhere. */
export interface CustomerViewer extends Caller {
  side: 'customer'
  organisationId: string | null
  /** Null for tokens, and for who belongs nowhere. */
  role: Role | null
}

/** Sees every organisation; organisationId is the one they chose for this request, if any. */
export interface TeamViewer extends Caller {
  side: 'team'
  organisationId: string | null
}

export type Viewer = CustomerViewer | TeamViewer

/** Who did something, as it is written beside what they did. `id` is null for the AI review and the service itself. */
export interface Actor {
  type: AuthorType
  id: string | null
  label: string
}

/** The parts behind the operations, made once a process. */
export interface Services {
  database: Database
  log: EventLog
  reviewer: ReviewService
  store: AttachmentStore
  downloadLinks: DownloadLinks
  limits: AttachmentLimits
  now: () => Date
  /** How long a caller waits for a review, in milliseconds. */
  reviewTimeoutMs: number
  telemetry: Telemetry
}

export interface AttachmentLimits {
  maxFileBytes: number
  maxFiles: number
  maxTicketBytes: number
}

export interface Context extends Services {
  requestId: string
  logger: Logger
  /** Null when the request carried no valid credentials. */
  viewer: Viewer | null
  /** Whether it carried a token that is not good. */
  tokenRefused: boolean
  /** The `Idempotency-Key` header, where the transport has one. */
  idempotencyKey: string | null
  /** When the request came, or a document's next mutation began, by performance.now(): patience begins there. */
  startedAt: number
  /** Aborted when the caller goes away. */
  signal: AbortSignal
  loaders: Loaders
  /** What this request may still do, and has done. */
  rates: RateBook
}

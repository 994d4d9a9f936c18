// From a request to the Context of its operations: who asks, in which organisation. GraphQL and REST both come here.

import type { IncomingMessage } from 'node:http'
import type { Logger } from 'pino'
import { isSameOrigin, mayUseCookie, type TrustedOrigins } from './auth/origin.ts'
import { type Authenticator, chooseOrganisation, type Identity } from './auth/viewer.ts'
import type { RightsWatch } from './auth/watch.ts'
import type { Connections } from './connections.ts'
import type { Context, Services, Viewer } from './context.ts'
import type { Feeds } from './events/hub.ts'
import { freshLoaders } from './operations/access.ts'
import { RateLimited, Refusal } from './operations/errors.ts'
import { type BookOptions, makeRateBook, NO_RATES, spendAnonymous } from './rates/book.ts'
import type { Limiter } from './rates/limiter.ts'

/** What the process has, beside its services, to judge a request. */
export interface Gate {
  services: Services
  authenticator: Authenticator
  /** What subscriptions and event streams follow, and what ends them. */
  feeds: Feeds
  rights: RightsWatch
  connections: Connections
  limiter: Limiter
  /** The address that a request counts for. */
  addressOf(req: IncomingMessage): string
  trusted: TrustedOrigins
}

export interface Arrival {
  method: string
  headers: Headers
  requestId: string
  logger: Logger
  signal: AbortSignal
  /** What came over the network: for whom it counts where nobody is named. */
  req: IncomingMessage
  onSpent?: BookOptions['onSpent']
  /**
   * Whether a session cookie counts: never; only on requests that our own pages sent; or also on reads that no page
   * sent (a typed address, a download).
   */
  cookies: 'never' | 'own pages' | 'own pages and plain reads'
}

/** The header that chooses the organisation for a member of several; the existing client sends it. */
export const ORGANISATION_HEADER = 'x-ankra-organisation-id'

/**
 * @throws Refusal FORBIDDEN for a cookie from another site's page, or an organisation that is not theirs; RATE_LIMITED
 * for an address that sends too much without credentials.
 */
export async function contextOf(gate: Gate, arrival: Arrival): Promise<Context> {
  const startedAt = performance.now()
  const viewer = await viewerOf(gate, arrival)
  if (viewer === null) await requireFew(gate, arrival)
  return contextAs(gate, arrival, viewer, startedAt)
}

/** For who is known already; else contextOf finds out. */
export function contextAs(
  { services, limiter }: Gate,
  arrival: Arrival,
  viewer: Viewer | null,
  startedAt = performance.now(),
): Context {
  const { headers, requestId, logger, signal, onSpent } = arrival
  return {
    ...services,
    requestId,
    logger,
    signal,
    startedAt,
    viewer,
    tokenRefused: viewer === null && headers.has('authorization'),
    idempotencyKey: headers.get('idempotency-key'),
    loaders: freshLoaders({ database: services.database, viewer }),
    rates: viewer === null ? NO_RATES : makeRateBook({ limiter, viewer, onSpent }),
  }
}

/** @throws RateLimited for an address that has sent too much without credentials, or with wrong ones. */
export async function requireFew(
  { limiter, addressOf }: Gate,
  { req, onSpent }: Pick<Arrival, 'req' | 'onSpent'>,
): Promise<void> {
  const spent = await spendAnonymous(limiter, addressOf(req))
  if (spent === null) return
  onSpent?.(new Map([[spent.policy, spent]]))
  if (!spent.allowed) throw new RateLimited(spent)
}

async function viewerOf(gate: Gate, arrival: Arrival): Promise<Viewer | null> {
  const identity = await gate.authenticator.identify(arrival.headers, { cookies: arrival.cookies !== 'never' })
  if (!identity) return null
  requireOwnPage(gate, arrival, identity)
  const named = arrival.headers.get(ORGANISATION_HEADER)
  const viewer = await chooseOrganisation(gate.services.database, identity, named)
  if (viewer) return viewer
  throw new Refusal('FORBIDDEN', `You do not belong to an organisation ${named}.`, { hidden: true })
}

function requireOwnPage({ trusted }: Gate, arrival: Arrival, { via }: Identity): void {
  if (via !== 'session') return
  const allowed = arrival.cookies === 'own pages' ? isSameOrigin(arrival, trusted) : mayUseCookie(arrival, trusted)
  if (allowed) return
  throw new Refusal(
    'FORBIDDEN',
    'A session cookie is only taken from our own pages. Programs send an API token as "Authorization: Bearer …".',
  )
}

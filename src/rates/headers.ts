// What an HTTP answer says of rate limits: draft-ietf-httpapi-ratelimit-headers-11, and Retry-After (RFC 9110, 10.2.3).

import type { Spent } from './limiter.ts'

/** RateLimit-Policy, q in w seconds, and RateLimit, r left and t seconds until more are: one item for each policy. */
export function rateHeaders(spent: Iterable<Spent>): Record<string, string> {
  const all = [...spent]
  if (all.length === 0) return {}
  return {
    'ratelimit-policy': all.map(({ policy: { name, max, window } }) => `"${name}";q=${max};w=${window}`).join(', '),
    ratelimit: all.map((one) => `"${one.policy.name}";r=${one.remaining};t=${one.resetSeconds}`).join(', '),
  }
}

export const retryAfter = ({ resetSeconds }: Spent) => ({ 'retry-after': String(resetSeconds) })

// The headers that every answer has, whoever writes it: what a browser may do with it. Pages bring a policy of their own.

import type { ServerResponse } from 'node:http'

/** An answer that is no page loads nothing, runs nothing and stands in no frame. */
const NO_PAGE = "default-src 'none'; frame-ancestors 'none'"
const YEAR_SECONDS = 365 * 24 * 60 * 60

const ALWAYS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': NO_PAGE,
  // For browsers that know no frame-ancestors.
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'cross-origin-opener-policy': 'same-origin',
  // Pages of ALLOWED_ORIGINS ask by CORS, which this does not touch.
  'cross-origin-resource-policy': 'same-origin',
  // Nearly everything here is somebody's; what is not says otherwise.
  'cache-control': 'no-store',
}

/** @param publicUrl only who is reached over https may say that it always will be; null: plain http. */
export function securityHeaders(publicUrl: string | null): Record<string, string> {
  const isHttps = publicUrl?.startsWith('https:') === true
  return isHttps ? { ...ALWAYS, 'strict-transport-security': `max-age=${YEAR_SECONDS}` } : ALWAYS
}

/** Defaults: what is set afterwards wins. */
export function setHeaders(res: ServerResponse, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
}

/** A whole answer as bytes, where no request was made of what came: Node cannot answer then. */
export function rawAnswer(status: string, detail: string, headers: Record<string, string>): string {
  const body = JSON.stringify({ detail })
  const all = { ...headers, connection: 'close', 'content-type': 'application/json' }
  const lines = Object.entries({ ...all, 'content-length': String(Buffer.byteLength(body)) })
  return `HTTP/1.1 ${status}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}

// Whether a request that carries a cookie was sent by a page that may use it. A browser sends cookies along whichever
// site asks (as far as SameSite allows), so a cookie alone proves nothing about who asks.

export interface OriginRequest {
  method: string
  headers: Headers
}

export interface TrustedOrigins {
  /** PUBLIC_URL; null: plain HTTP under whatever name the `Host` header says. */
  publicUrl?: string | null
  allowedOrigins: readonly string[]
}

/**
 * True only where the browser says so: `Sec-Fetch-Site: same-origin`, or an `Origin` that is the request's own host or
 * an allowed one. What says neither is refused, also a typed address (`Sec-Fetch-Site: none`). For /graphql, its
 * sockets and streams, and every write.
 */
export function isSameOrigin({ headers }: OriginRequest, trusted: TrustedOrigins): boolean {
  if (headers.get('sec-fetch-site') === 'same-origin') return true
  const origin = headers.get('origin')
  if (origin === null) return false
  return trusted.allowedOrigins.includes(origin) || isOwn(origin, headers.get('host'), trusted.publicUrl ?? null)
}

/**
 * For REST: as isSameOrigin, and also a read that no other site asked for, such as a typed address, a bookmark, a
 * download, or a program without a browser. Such a read changes nothing and no other site's page sees its answer.
 */
export function mayUseCookie(request: OriginRequest, trusted: TrustedOrigins): boolean {
  if (isSameOrigin(request, trusted)) return true
  const { method, headers } = request
  const isRead = method === 'GET' || method === 'HEAD'
  const site = headers.get('sec-fetch-site')
  return isRead && headers.get('origin') === null && (site === null || site === 'none')
}

/** By the `Host` header, since one server may have several names; by the scheme of PUBLIC_URL, which alone knows it. */
function isOwn(origin: string, host: string | null, publicUrl: string | null): boolean {
  const own = publicUrl === null ? null : new URL(publicUrl)
  if (own?.origin === origin) return true
  if (host === null) return false
  return URL.parse(`${own?.protocol ?? 'http:'}//${host}`)?.origin === origin
}

// Where a request comes from, as limits count it.

import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/**
 * The peer's address; with TRUST_PROXY the last one in X-Forwarded-For, which the proxy in front has written itself.
 * What stands before it in the header is hearsay.
 */
export function addressOf(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  trustProxy: boolean,
): string {
  const forwarded = trustProxy ? [headers['x-forwarded-for']].flat().join(',').split(',').at(-1)?.trim() : undefined
  return counted(forwarded && isIP(forwarded) !== 0 ? forwarded : (socket.remoteAddress ?? ''))
}

/** IPv4 as such, also written as IPv6; of IPv6 the first 64 bits, since a household or a rented server has them all. */
export function counted(address: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? []
  if (mapped !== undefined || isIP(address) !== 6) return mapped ?? address
  // In its one spelling: lower case, the longest run of zeros as two colons.
  const [withoutZone = ''] = address.split('%')
  const spelled = new URL(`http://[${withoutZone}]`).hostname.slice(1, -1)
  const [head = '', tail] = spelled.split('::')
  const [before, after] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean)) as [string[], string[]]
  const zeros = Array(tail === undefined ? 0 : 8 - before.length - after.length).fill('0')
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`
}

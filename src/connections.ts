// How many connections somebody may hold open at once, websockets and event streams together: each takes a place.

import type { Viewer } from './context.ts'

export const MAX_CONNECTIONS = 2000
export const TOO_MANY = `At most ${MAX_CONNECTIONS} connections at once.`

export type ConnectionKind = 'websocket' | 'event_stream'

export interface Connections {
  /** What gives the place back, once however often it is called. Null when there is none left for this person or token. */
  take(viewer: Viewer, kind: ConnectionKind): (() => void) | null
  /** How many are open, whoever they belong to. */
  count(kind: ConnectionKind): number
}

/** @param limited off for load tests. */
export function makeConnections(limited: boolean): Connections {
  const open = new Map<string, Set<object>>()
  const counts: Record<ConnectionKind, number> = { websocket: 0, event_stream: 0 }
  return {
    count: (kind) => counts[kind],
    take({ id }, kind) {
      const own = open.get(id) ?? new Set()
      if (limited && own.size >= MAX_CONNECTIONS) return null
      const place = {}
      open.set(id, own.add(place))
      counts[kind] += 1
      return () => {
        if (own.delete(place)) counts[kind] -= 1
        if (own.size === 0) open.delete(id)
      }
    },
  }
}

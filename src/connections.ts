// How many connections somebody may hold open at once, websockets and event streams together: each takes a place.

import type { Viewer } from './context.ts'

export const MAX_CONNECTIONS = 2000
export const TOO_MANY = `At most ${MAX_CONNECTIONS} connections at once.`

export interface Connections {
  /** What gives the place back, once however often it is called. Null when there is none left for this person or token. */
  take(viewer: Viewer): (() => void) | null
}

/** @param limited off for load tests. */
export function makeConnections(limited: boolean): Connections {
  const open = new Map<string, Set<object>>()
  return {
    take({ id }) {
      const own = open.get(id) ?? new Set()
      if (limited && own.size >= MAX_CONNECTIONS) return null
      const place = {}
      open.set(id, own.add(place))
      return () => {
        own.delete(place)
        if (own.size === 0) open.delete(id)
      }
    },
  }
}

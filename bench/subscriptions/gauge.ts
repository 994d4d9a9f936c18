// What a server spends: its processor time, the longest hold of its event loop, its memory. Runs inside the server.

import { monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION_MS = 1
const NANOSECONDS_A_MS = 1e6

export interface Spent {
  cpuMicros: number
  /** The longest time for which nothing else could run. */
  holdMs: number
}

export interface Memory {
  rss: number
  heap: number
}

/** One measurement at a time. */
export interface Gauge {
  begin(): void
  end(): Spent
  /** After a full collection, where Node runs with --expose-gc. */
  memory(): Memory
}

export function makeGauge(): Gauge {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  let cpu = process.cpuUsage()
  return {
    begin() {
      delay.enable()
      delay.reset()
      cpu = process.cpuUsage()
    },
    end() {
      const { user, system } = process.cpuUsage(cpu)
      const holdMs = Math.max(0, delay.max / NANOSECONDS_A_MS - RESOLUTION_MS)
      delay.disable()
      return { cpuMicros: user + system, holdMs }
    },
    memory() {
      globalThis.gc?.()
      const { rss, heapUsed, external } = process.memoryUsage()
      return { rss, heap: heapUsed + external }
    },
  }
}

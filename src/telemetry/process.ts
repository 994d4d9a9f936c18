// How the process itself does, by the names that every Node.js dashboard knows. The client library has these too, but
// what it starts for them (a timer ten times a second, an observer of the garbage collector) it never stops.

import { readdir, readFile } from 'node:fs/promises'
import { constants, monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks'
import { Counter, Gauge, Histogram, type Registry } from '@prometheus-io/client'

const RESOLUTION_MS = 20
const GC_BUCKETS = [0.001, 0.01, 0.1, 1]
const GC_KINDS: Record<number, string> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
}

/** Returns what stops all of it. */
export function collectProcess(registry: Registry): () => void {
  const registers = [registry]
  cpuTime(registers)
  memory(registers)
  files(registers)
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'When the process started, in seconds since 1970.',
    registers,
  }).set(performance.timeOrigin / 1000)
  const version = new Gauge({
    name: 'nodejs_version_info',
    help: 'The version of Node.js.',
    labelNames: ['version'],
    registers,
  })
  version.set({ version: process.version }, 1)
  const stops = [eventLoop(registers), garbageCollection(registers)]
  return () => {
    for (const stop of stops) stop()
  }
}

function cpuTime(registers: Registry[]): void {
  let last = process.cpuUsage()
  const system = new Counter({
    name: 'process_cpu_system_seconds_total',
    help: 'Processor time of the process in the kernel, in seconds.',
    registers,
  })
  const user = new Counter({
    name: 'process_cpu_user_seconds_total',
    help: 'Processor time of the process outside the kernel, in seconds.',
    registers,
  })
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the process, in seconds.',
    registers,
    collect() {
      const now = process.cpuUsage()
      const [inUser, inSystem] = [(now.user - last.user) / 1e6, (now.system - last.system) / 1e6]
      last = now
      user.inc(inUser)
      system.inc(inSystem)
      this.inc(inUser + inSystem)
    },
  })
}

function memory(registers: Registry[]): void {
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers })
  const total = gauge('nodejs_heap_size_total_bytes', 'What the heap of JavaScript takes, in bytes.')
  const used = gauge('nodejs_heap_size_used_bytes', 'What of it is in use, in bytes.')
  const external = gauge('nodejs_external_memory_bytes', 'Memory of buffers and the like, in bytes.')
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'The memory of the process that is in RAM, in bytes.',
    registers,
    collect() {
      const now = process.memoryUsage()
      this.set(now.rss)
      total.set(now.heapTotal)
      used.set(now.heapUsed)
      external.set(now.external)
    },
  })
}

/** Where the system tells: Linux. */
function files(registers: Registry[]): void {
  if (process.platform !== 'linux') return
  new Gauge({
    name: 'process_open_fds',
    help: 'Open files and sockets.',
    registers,
    async collect() {
      // Reading the folder opens one more.
      const open = await readdir('/proc/self/fd').catch(() => null)
      if (open) this.set(open.length - 1)
    },
  })
  new Gauge({
    name: 'process_max_fds',
    help: 'How many files and sockets may be open.',
    registers,
    async collect() {
      const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '')
      const most = /^Max open files\s+(\d+)/m.exec(limits)?.[1]
      if (most) this.set(Number(most))
    },
  })
}

function eventLoop(registers: Registry[]): () => void {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `nodejs_eventloop_lag_${name}seconds`, help, registers })
  const mean = gauge('mean_', 'The mean delay of the event loop since the last scrape, in seconds.')
  const max = gauge('max_', 'The longest delay of the event loop since the last scrape, in seconds.')
  const p99 = gauge('p99_', 'The delay that one in a hundred exceeded since the last scrape, in seconds.')
  let last = performance.eventLoopUtilization()
  new Gauge({
    name: 'nodejs_eventloop_utilization_ratio',
    help: 'The share of time since the last scrape in which the event loop was busy: 1 is all of it.',
    registers,
    collect() {
      const now = performance.eventLoopUtilization()
      this.set(performance.eventLoopUtilization(now, last).utilization)
      last = now
      // Of no time at all there is no mean.
      mean.set(Number.isFinite(delays.mean) ? delays.mean / 1e9 : 0)
      max.set(delays.max / 1e9)
      p99.set(delays.percentile(99) / 1e9)
      delays.reset()
    },
  })
  return () => void delays.disable()
}

function garbageCollection(registers: Registry[]): () => void {
  const seconds = new Histogram({
    name: 'nodejs_gc_duration_seconds',
    help: 'Time that the garbage collector took, in seconds.',
    labelNames: ['kind'],
    buckets: GC_BUCKETS,
    registers,
  })
  for (const kind of Object.values(GC_KINDS)) seconds.zero({ kind })
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { detail } = entry as PerformanceEntry & { detail?: { kind?: number } }
      seconds.observe({ kind: GC_KINDS[detail?.kind ?? 0] ?? 'other' }, entry.duration / 1000)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  return () => observer.disconnect()
}

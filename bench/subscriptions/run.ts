// What subscriptions cost, against the limit that ws itself sets: node bench/subscriptions/run.ts [options]. The clients
// and the writer are processes of their own; the runs alternate, so that only the ratios of one run are to be compared.

import { writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { withDatabase } from './database.ts'
import { median, quantile, type Round, type Summary, summary, table } from './figures.ts'
import type { Memory } from './gauge.ts'
import * as measure from './measure.ts'
import { makeWriter, type Writer } from './writer.ts'

const { values: options } = parseArgs({
  options: {
    /** A role that may create databases; without it, an embedded PostgreSQL. */
    database: { type: 'string', default: process.env.TEST_DATABASE_URL },
    sockets: { type: 'string', default: '1000,5000' },
    /** Rounds of limit, shared, resumed and own, one after the other. */
    rounds: { type: 'string', default: '5' },
    /** A round at 1,000 sockets; with more of them there are fewer. */
    events: { type: 'string', default: '30' },
    /** Of commit to delivery on an idle server. */
    idle: { type: 'string', default: '200' },
    variants: { type: 'string', default: 'limit,shared,resumed,own' },
    json: { type: 'string' },
    /** A folder for the CPU profile of the server. */
    profile: { type: 'string' },
  },
})

const nodeOptions = options.profile ? ['--cpu-prof', `--cpu-prof-dir=${options.profile}`] : []
const IDLE_SECONDS = 10
const LEAST_EVENTS = 6

interface Size {
  sockets: number
  variants: Partial<Record<measure.Variant, Summary>>
  memory: { bare: Memory; deskwire: Memory }
  idleStatements: string[]
}

interface Outcome {
  processors: string
  load: number[]
  idle: { p50: number; p99: number }
  sizes: Size[]
}

const say = (text: string) => process.stdout.write(`${text}\n`)

async function measureSize(bench: measure.Bench, sockets: number): Promise<Size> {
  const memory = await measure.connect(bench, sockets)
  const idleStatements = await measure.idleStatements(bench, IDLE_SECONDS)
  const variants = (options.variants as string).split(',') as measure.Variant[]
  const events = Math.max(LEAST_EVENTS, Math.round((Number(options.events) * 1000) / sockets))
  const rounds: Partial<Record<measure.Variant, Round[]>> = {}
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const variant of variants) {
      const measured = await measureRound(bench, variant, events, sockets)
      rounds[variant] = [...(rounds[variant] ?? []), measured]
    }
  }
  const summaries = variants.map((variant) => [variant, summary(rounds[variant] ?? [], rounds.limit ?? [])])
  return { sockets, variants: Object.fromEntries(summaries), memory, idleStatements }
}

async function measureRound(bench: measure.Bench, variant: measure.Variant, events: number, sockets: number) {
  if (variant === 'limit') {
    const text = await bench.deskwire.clients.call('sample')
    return measure.limitRound(bench, text, events, sockets)
  }
  await measure.prepare(bench, variant)
  return measure.deskwireRound(bench, events, sockets)
}

const NAMES: Record<measure.Variant, string> = {
  limit: 'ws, the same bytes',
  shared: 'the same operation',
  resumed: 'just resumed',
  own: 'an operation each',
}
const HEAD = ['', 'sockets', 'µs', 'ratio', 'hold ms', 'worst', 'p50 ms', 'p99 ms', 'statements']

function rowsOf({ sockets, variants }: Size): string[][] {
  return Object.entries(variants).map(([name, { micros, ratio, holdMs, worstHoldMs, p50, p99, statements }]) => [
    NAMES[name as measure.Variant],
    String(sockets),
    ...[micros, ratio].map((value) => value.toFixed(2)),
    ...[holdMs, worstHoldMs, p50, p99, statements].map((value) => value.toFixed(1)),
  ])
}

function memoryLine({ sockets, memory: { bare, deskwire } }: Size): string {
  const kb = ({ rss, heap }: Memory) => `${(rss / 1024).toFixed(1)} KB resident, ${(heap / 1024).toFixed(1)} KB heap`
  return `A connection of ${sockets}: ${kb(deskwire)} (bare ws: ${kb(bare)}).`
}

function idleLine({ sockets, idleStatements }: Size): string {
  const kinds = Object.entries(Object.groupBy(idleStatements, (text) => text.trim().slice(0, 40)))
  const counts = kinds.map(([text, all]) => `${all?.length} × ${text.replaceAll(/\s+/g, ' ')}…`).join(', ')
  return `${sockets} idle subscriptions, ${IDLE_SECONDS} s: ${idleStatements.length} statements (${counts}).`
}

function report({ idle, sizes, load, processors }: Outcome): void {
  say(table([HEAD, ...sizes.flatMap(rowsOf)]))
  say('')
  for (const size of sizes) say(memoryLine(size))
  for (const size of sizes) say(idleLine(size))
  say(`Commit to delivery, idle server: p50 ${idle.p50.toFixed(1)} ms, p99 ${idle.p99.toFixed(1)} ms.`)
  say(`${processors}, load ${load.map((one) => one.toFixed(1)).join(' ')}.`)
}

/** A server of its own for each measurement: what one leaves in memory says nothing about the next. */
async function withServers<Result>(writer: Writer, url: string, work: (bench: measure.Bench) => Promise<Result>) {
  const bench = await measure.open(writer, url, nodeOptions)
  return work(bench).finally(bench.close)
}

async function run(url: string): Promise<void> {
  const before = loadavg()[0] ?? 0
  const writer = await makeWriter(url)
  try {
    const times = await withServers(writer, url, (bench) => measure.idleDelivery(bench, Number(options.idle)))
    const idle = { p50: median(times), p99: quantile(times, 0.99) }
    const sizes: Size[] = []
    for (const count of (options.sockets as string).split(',')) {
      sizes.push(await withServers(writer, url, (bench) => measureSize(bench, Number(count))))
    }
    const processors = `${cpus().length} × ${cpus()[0]?.model}`
    const outcome: Outcome = { processors, load: [before, ...loadavg()], idle, sizes }
    report(outcome)
    if (options.json) await writeFile(options.json, `${JSON.stringify(outcome, null, 2)}\n`)
  } finally {
    await writer.close()
  }
}

await withDatabase(options.database, run)

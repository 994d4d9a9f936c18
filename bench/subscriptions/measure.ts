// One measurement each: what a number of subscribers costs, an idle server, idle subscriptions, memory.

import type { BareApi } from './bare.ts'
import { type Remote, start } from './channel.ts'
import type { ClientsApi, From } from './clients.ts'
import type { DeskwireApi } from './deskwire.ts'
import type { Round } from './figures.ts'
import type { Memory } from './gauge.ts'
import type { Writer, Written } from './writer.ts'

export interface Side<ServerApi extends BareApi | DeskwireApi> {
  server: Remote<ServerApi>
  clients: Remote<ClientsApi>
  url: string
}

export interface Bench {
  writer: Writer
  bare: Side<BareApi>
  deskwire: Side<DeskwireApi>
  /** Of the last ones written, the latest last. */
  written: Written[]
  close(): Promise<void>
}

/** The same for everyone; `event:` is what makes a document somebody's own. */
const DOCUMENT = `subscription Follow($after: String) {
  event: ticketEvents(after: $after) {
    __typename cursor at ticketId ticketVersion actor { label }
    ... on CommentAdded { comment { body createdAt } }
  }
}`

/** From how many places the subscribers resume. */
const PLACES = 10

/** @param nodeOptions for the server under test. */
export async function open(writer: Writer, databaseUrl: string, nodeOptions: string[]): Promise<Bench> {
  const bare = start<BareApi>('bare.ts', ['--expose-gc'])
  const deskwire = start<DeskwireApi>('deskwire.ts', ['--expose-gc', ...nodeOptions])
  const [bareClients, clients] = [start<ClientsApi>('clients.ts'), start<ClientsApi>('clients.ts')]
  const bench: Bench = {
    writer,
    bare: { server: bare, clients: bareClients, url: await bare.call('open') },
    deskwire: { server: deskwire, clients, url: await deskwire.call('open', databaseUrl) },
    written: [],
    close: async () => {
      await Promise.all([bareClients.stop(), clients.stop()])
      await Promise.all([bare.stop(), deskwire.stop()])
    },
  }
  for (let count = 0; count <= PLACES; count++) await write(bench)
  return bench
}

async function write(bench: Bench): Promise<Written> {
  const written = await bench.writer.write()
  bench.written = [...bench.written.slice(-PLACES), written]
  return written
}

/** Everybody subscribes after one of the given events, and has caught up. */
async function follow({ deskwire, written }: Bench, from: From[], own: boolean): Promise<void> {
  const head = written.at(-1) as Written
  await deskwire.clients.call('follow', DOCUMENT, from, own)
  await deskwire.clients.call('arrived', head.number)
}

export type Variant = 'limit' | 'shared' | 'resumed' | 'own'

/** How everybody comes to follow before the events that are measured. */
export async function prepare(bench: Bench, variant: Exclude<Variant, 'limit'>): Promise<void> {
  const last = bench.written.slice(-2, -1)
  if (variant === 'resumed') await follow(bench, bench.written.slice(0, PLACES), false)
  else await follow(bench, last, variant === 'own')
  // Just after a mass resume is what is asked for; the others have settled.
  if (variant !== 'resumed') await deliver(bench)
}

async function deliver(bench: Bench): Promise<number[]> {
  const { at, number } = await write(bench)
  const times = await bench.deskwire.clients.call('arrived', number)
  return times.map((time) => time - at)
}

export async function deskwireRound(bench: Bench, events: number, sockets: number): Promise<Round> {
  const { server } = bench.deskwire
  const delivery: number[][] = []
  await server.call('statements')
  await server.call('begin')
  for (let count = 0; count < events; count++) delivery.push(await deliver(bench))
  const { cpuMicros, holdMs } = await server.call('end')
  const statements = ofEvents(await server.call('statements')).length / events
  return { micros: cpuMicros / events / sockets, holdMs, delivery: delivery.flat(), statements }
}

/** Without what goes out by the clock: the poll and the check of rights. */
const ofEvents = (statements: string[]) => statements.filter((text) => !BY_THE_CLOCK.test(text))
const BY_THE_CLOCK = /^\s*SELECT (organisation_id AS id, seq, pos FROM|c\.i FROM unnest)/

export async function limitRound({ bare }: Bench, text: string, events: number, sockets: number): Promise<Round> {
  const { server, clients } = bare
  const number = Number(/Event (\d+) /.exec(text)?.[1])
  const delivery: number[][] = []
  await server.call('begin')
  for (let count = 0; count < events; count++) {
    await clients.call('expect', number)
    const at = await server.call('broadcast', text)
    delivery.push((await clients.call('arrived', number)).map((time) => time - at))
  }
  const { cpuMicros, holdMs } = await server.call('end')
  return { micros: cpuMicros / events / sockets, holdMs, delivery: delivery.flat(), statements: 0 }
}

/** Bytes a connection takes, of a server that has `count` of them and follows something on each. */
export async function connect(bench: Bench, count: number): Promise<{ bare: Memory; deskwire: Memory }> {
  const { bare, deskwire, writer } = bench
  // The first connections make what all share: code compiled, pools filled.
  for (const [{ clients, url }, token] of [
    [bare, null],
    [deskwire, writer.token],
  ] as const) {
    await clients.call('connect', url, 1, token)
  }
  await prepare(bench, 'shared')
  const before = { bare: await bare.server.call('memory'), deskwire: await deskwire.server.call('memory') }
  await bare.clients.call('connect', bare.url, count - 1, null)
  await deskwire.clients.call('connect', deskwire.url, count - 1, writer.token)
  await prepare(bench, 'shared')
  const after = { bare: await bare.server.call('memory'), deskwire: await deskwire.server.call('memory') }
  const each = (side: 'bare' | 'deskwire'): Memory => ({
    rss: (after[side].rss - before[side].rss) / (count - 1),
    heap: (after[side].heap - before[side].heap) / (count - 1),
  })
  return { bare: each('bare'), deskwire: each('deskwire') }
}

/** Commit to delivery with one subscriber, event after event. */
export async function idleDelivery(bench: Bench, events: number): Promise<number[]> {
  await bench.deskwire.clients.call('connect', bench.deskwire.url, 1, bench.writer.token)
  await prepare(bench, 'shared')
  const times: number[] = []
  for (let count = 0; count < events; count++) times.push(...(await deliver(bench)))
  return times
}

/** What goes to the database while everybody follows and nothing happens. */
export async function idleStatements({ deskwire }: Bench, seconds: number): Promise<string[]> {
  await deskwire.server.call('statements')
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  return deskwire.server.call('statements')
}

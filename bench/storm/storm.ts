// The storm: two server processes on one database, writers, late writers and subscribers, while processes are killed,
// connections cut and wake-ups silenced. Afterwards every subscriber must have received exactly what it may see.

import { type Database, openDatabase } from '../../src/db/client.ts'
import { makeApi } from './api.ts'
import { type Outside, openOutside } from './database.ts'
import { type Figures, figuresOf } from './figures.ts'
import { comment, runLateWriter } from './late.ts'
import { checkLog } from './log-checks.ts'
import { seeded } from './random.ts'
import { type Replicas, startReplicas } from './replicas.ts'
import { makeSubscribers, runSubscriber, type Subscriber } from './subscribers.ts'
import { makeTally, type Tally } from './tally.ts'
import { makeTrouble } from './trouble.ts'
import { difference, expectedOf, type Logged, readLog } from './verdict.ts'
import { makeWorld, type World } from './world.ts'
import { type Book, createTicket, pause, runWriter, type WriterOptions } from './writers.ts'

export interface StormOptions {
  /** A migrated, empty database that nobody else uses. */
  url: string
  seed: string
  /** How long it rages, and how long at most where `least` is not reached by then; starting and judging come on top. */
  seconds: number
  longestSeconds: number
  organisations: number
  writers: number
  lateWriters: number
  subscribers: number
  /** The longest pauses of a writer and between two troubles, in milliseconds. */
  writerPauseMs: number
  troublePauseMs: number
  /** How long a subscriber follows before it drops, in milliseconds. */
  longestFollowMs: number
  /** With fewer it was no storm. */
  least: Record<'kills' | 'resumes elsewhere' | 'late commits', number>
  /** Ends it early, with everything stopped all the same. */
  interrupted?: AbortSignal
}

export interface Report {
  figures: Figures
  /** None: everything is as it must be. */
  faults: string[]
}

/** How long subscribers have to catch up when all is calm. */
const CATCH_UP_MS = 30_000

/** @throws Interrupted */
export async function storm(options: StormOptions): Promise<Report> {
  const tally = makeTally()
  const outside = await openOutside(options.url)
  try {
    const database = openDatabase(options.url)
    try {
      const world = await makeWorld(database, options.organisations)
      const replicas = await startReplicas(options.url, tally)
      try {
        return await rage({ ...options, tally, outside, database, world, replicas })
      } finally {
        await replicas.stop()
      }
    } finally {
      await database.close()
    }
  } finally {
    await outside.close()
  }
}

type Parts = StormOptions & {
  tally: Tally
  outside: Outside
  database: Database
  world: World
  replicas: Replicas
}

/** Each ends a part of it: first the writing and the trouble, then the dropping by choice, at last everything. */
const makeSignals = () => ({ over: new AbortController(), calm: new AbortController(), gone: new AbortController() })

async function rage(parts: Parts): Promise<Report> {
  const signals = makeSignals()
  const running: Promise<unknown>[] = []
  const interruption = new Promise<never>((_, reject) => {
    const interrupt = () => reject(new Interrupted('The storm was interrupted.'))
    parts.interrupted?.addEventListener('abort', interrupt)
    if (parts.interrupted?.aborted) interrupt()
  })
  try {
    return await Promise.race([wholeStorm(parts, signals, running), interruption])
  } finally {
    for (const signal of Object.values(signals)) signal.abort()
    await Promise.allSettled(running)
  }
}

/** Somebody pressed Ctrl-C. */
export class Interrupted extends Error {}

async function wholeStorm(parts: Parts, signals: Signals, running: Promise<unknown>[]): Promise<Report> {
  const { tally, outside } = parts
  const { over, calm } = signals
  const cast = await setOut(parts, signals, running)
  // Nobody ends before, unless by a fault of the storm itself.
  await Promise.race([longEnough(parts, over.signal), Promise.all(running)])
  over.abort()
  await Promise.all(cast.writing)
  calm.abort()
  await caughtUp(cast, await readLog(outside), outside)
  // What came twice has come before this.
  await lastWord(parts)
  const log = await readLog(outside)
  await caughtUp(cast, log, outside)
  await judge(parts, cast, log)
  return { figures: figuresOf({ ...cast, tally, log, swallowed: await outside.swallowed() }), faults: tally.faults() }
}

/** A slow machine gets more time to be a storm. */
async function longEnough({ seconds, longestSeconds, least, tally }: Parts, over: AbortSignal): Promise<void> {
  const until = Date.now() + longestSeconds * 1000
  await pause(seconds * 1000, over)
  while (Date.now() < until && !over.aborted && missing(least, tally).length > 0) await pause(250, over)
}

/** What there was too little of. */
const missing = (least: StormOptions['least'], tally: Tally): string[] =>
  Object.entries(least).flatMap(([name, count]) =>
    tally.of(name) < count ? [`${name}: ${tally.of(name)}, fewer than ${count}`] : [],
  )

type Signals = ReturnType<typeof makeSignals>
type Arrivals = ReturnType<typeof makeArrivals>

interface Cast {
  book: Book
  subscribers: Subscriber[]
  /** Writers and trouble, until they have ended. */
  writing: Promise<unknown>[]
  arrivals: Arrivals
  delays: { desk: number[]; others: number[] }
}

/** Subscribers begin in the middle of writing: where they start is the asOf of what they have just read. */
async function setOut(parts: Parts, { over, calm, gone }: Signals, running: Promise<unknown>[]): Promise<Cast> {
  const { tally, outside, world, longestFollowMs } = parts
  const replicas = parts.replicas.all
  const random = seeded(parts.seed)
  const api = makeApi(replicas, tally, gone.signal)
  const book: Book = { sent: [], moved: [] }
  for (const place of world.organisations) await createTicket({ api, random, tally, book }, place, `of ${place.id}`)

  const writing = startWriters(parts, { world, api, tally, book, stopped: over.signal })
  running.push(...writing)
  const cast = { book, writing, arrivals: makeArrivals(), delays: { desk: [], others: [] } }
  const subscribers = await makeSubscribers(world, api, random.of('subscribers'), parts.subscribers)
  const follow = { replicas, tally, longestFollowMs, calm: calm.signal, stopped: gone.signal, delays: cast.delays }
  for (const subscriber of subscribers) {
    const dice = random.of(subscriber.name)
    running.push(runSubscriber({ ...follow, subscriber, random: dice, onEvent: cast.arrivals.one }))
  }
  const trouble = { replicas, outside, tally, random: random.of('trouble'), pauseMs: parts.troublePauseMs }
  const troubled = makeTrouble({ ...trouble, stopped: over.signal })
  writing.push(troubled)
  running.push(troubled)
  return { ...cast, subscribers }
}

type Common = Pick<WriterOptions, 'world' | 'api' | 'tally' | 'book' | 'stopped'>

function startWriters(parts: Parts, common: Common): Promise<void>[] {
  const { seed, database, outside, writers, lateWriters } = parts
  const notify = (organisationId: string) =>
    outside.query(`SELECT pg_notify('deskwire_events', $1)`, [`storm:${organisationId}`])
  return [
    ...names('w', writers).map((name) =>
      runWriter({ ...common, name, random: seeded(`${seed} ${name}`), pauseMs: parts.writerPauseMs }),
    ),
    ...names('late ', lateWriters).map((name) =>
      runLateWriter({ ...common, database, notify, random: seeded(`${seed} ${name}`) }),
    ),
  ]
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n + 1}`)

/** Tells when an event has arrived anywhere. */
function makeArrivals() {
  const waiting: (() => void)[] = []
  return {
    one() {
      for (const wake of waiting.splice(0)) wake()
    },
    /** True when one came within `ms`. */
    next: (ms: number) =>
      new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), ms)
        waiting.push(() => {
          clearTimeout(timer)
          resolve(true)
        })
      }),
  }
}

/** Returns when everybody has as much as they must have, or nothing more comes for them. */
async function caughtUp({ subscribers, arrivals }: Cast, log: Logged[], outside: Outside): Promise<void> {
  const counts = await Promise.all(subscribers.map(async (one) => (await expectedOf(one, log, outside)).length))
  const until = Date.now() + CATCH_UP_MS
  const isBehind = () => subscribers.some(({ received }, n) => received.length < (counts[n] as number))
  while (isBehind() && Date.now() < until) await arrivals.next(until - Date.now())
}

/** One more event on every ticket that somebody follows. */
async function lastWord({ database, world }: Parts): Promise<void> {
  for (const { id, tickets } of world.organisations) {
    await database.write((tx) => comment(tx, id, tickets[0] as string, false))
  }
}

async function judge({ tally, outside, least }: Parts, { subscribers, book }: Cast, log: Logged[]) {
  for (const subscriber of subscribers) {
    const wrong = difference(subscriber, await expectedOf(subscriber, log, outside))
    if (wrong) tally.fault('A subscriber did not receive exactly what it may see', wrong)
  }
  for (const wrong of await checkLog(outside, book)) tally.fault(wrong)
  for (const few of missing(least, tally)) tally.fault('It was no storm', few)
}

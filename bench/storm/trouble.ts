// What happens to the servers while everybody writes and follows: kills, cut connections, silent wake-ups.

import type { Outside } from './database.ts'
import type { Random } from './random.ts'
import type { Replica } from './replicas.ts'
import type { Tally } from './tally.ts'
import { pause } from './writers.ts'

export interface TroubleOptions {
  replicas: readonly [Replica, Replica]
  outside: Outside
  random: Random
  tally: Tally
  /** The longest time between two of them, in milliseconds. */
  pauseMs: number
  stopped: AbortSignal
}

type Trouble = (options: TroubleOptions) => Promise<unknown>

/** In rounds: all of them in a random order, then again. */
const ROUND: Trouble[] = [kill, kill, kill, killBoth, silence, cutAll, cutHalf, cutListeners]

/** Begins with a kill. Returns with both processes started and the wake-ups on. */
export async function makeTrouble(options: TroubleOptions): Promise<void> {
  const { random, stopped, pauseMs } = options
  // While a process is down or starts, the next trouble comes to the other one.
  const pending: Promise<unknown>[] = []
  let left: Trouble[] = []
  for (
    let next: Trouble | undefined = kill;
    !stopped.aborted;
    [next] = left.splice(random.between(0, left.length - 1), 1)
  ) {
    pending.push(next?.(options) ?? Promise.resolve())
    await pause(random.between(pauseMs / 4, pauseMs), stopped)
    if (left.length === 0) left = [...ROUND]
  }
  await Promise.all(pending)
}

async function kill({ replicas, random }: TroubleOptions): Promise<void> {
  await random.pick(replicas).kill(random.between(0, 1500))
}

async function killBoth({ replicas, random }: TroubleOptions): Promise<void> {
  await Promise.all(replicas.map((replica) => replica.kill(random.between(0, 500))))
}

async function silence({ outside, random, pauseMs, stopped, tally }: TroubleOptions): Promise<void> {
  await outside.wakeUps(false)
  tally.add('silences')
  await pause(random.between(pauseMs, 3 * pauseMs), stopped)
  await outside.wakeUps(true)
}

async function cutAll({ outside, tally }: TroubleOptions): Promise<void> {
  tally.add('connections cut', await outside.cut('all'))
}

async function cutHalf({ outside, tally }: TroubleOptions): Promise<void> {
  tally.add('connections cut', await outside.cut('half'))
}

/** Again and again, for a while. */
async function cutListeners({ outside, random, pauseMs, stopped, tally }: TroubleOptions): Promise<void> {
  const until = Date.now() + random.between(pauseMs, 2 * pauseMs)
  while (Date.now() < until && !stopped.aborted) {
    tally.add('connections cut', await outside.cut('listen'))
    await pause(random.between(50, 400), stopped)
  }
}

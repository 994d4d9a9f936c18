// What the storm was like, in figures for people to read.

import type { Subscriber } from './subscribers.ts'
import { quantile, type Tally } from './tally.ts'
import type { Logged } from './verdict.ts'

export type Figures = [name: string, value: string][]

export interface Measured {
  tally: Tally
  subscribers: Subscriber[]
  log: Logged[]
  delays: { desk: number[]; others: number[] }
  swallowed: number
}

const COUNTED = [
  'kills',
  'resumes',
  'resumes elsewhere',
  'late commits',
  'held commits',
  'rollbacks',
  'late transactions cut',
  'connections cut',
  'silences',
  'acknowledged',
  'refused',
]

export function figuresOf({ tally, subscribers, log, delays, swallowed }: Measured): Figures {
  const deliveries = subscribers.reduce((sum, { received }) => sum + received.length, 0)
  const hidden = log.filter(({ publicSeq }) => publicSeq === null).length
  return [
    ...COUNTED.map((name): [string, string] => [name, String(tally.of(name))]),
    ['wake-ups swallowed', String(swallowed)],
    ['events', `${log.length}, ${hidden} of them hidden`],
    ['deliveries', String(deliveries)],
    ['delivery, organisations and tickets', delay(delays.others)],
    ['delivery, desk', delay(delays.desk)],
    ['streams ended by', grouped(tally, 'stream: ')],
    ['requests sent again after', grouped(tally, 'request: ')],
  ]
}

/** From the writer's clock to the subscriber, on connections that were open: with kills and silences in between. */
const delay = (ms: number[]) =>
  `p50 ${quantile(ms, 0.5) ?? '-'} ms, p99 ${quantile(ms, 0.99) ?? '-'} ms (${ms.length} live)`

const grouped = (tally: Tally, prefix: string) =>
  tally
    .group(prefix)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || '-'

/** One figure a line. */
export function print(figures: Figures): string {
  const width = Math.max(...figures.map(([name]) => name.length))
  return figures.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n')
}

// How good the review is, and how fast: `npm run eval -- [PATH] [options]`. Without PATH, how well labelled tickets are
// judged (labels.ts). PATH is a file with one report a line, {id, subject, description, group}: each is asked for with
// itself left out, and the duplicates found are compared with its group.

import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { rankTickets, shownOf } from '../../src/review/duplicates.ts'
import { table } from '../subscriptions/figures.ts'
import { type Answer, type Figures, figuresOf } from './figures.ts'
import { withDatabase } from './kept.ts'
import { accuracyOf, HALVES, judgeLabelled, readLabelled } from './labels.ts'
import { type Half, type Question, questionsOf, readReports } from './reports.ts'
import { fill, type World } from './world.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** A role that may create databases; without it, an embedded PostgreSQL. */
    database: { type: 'string', default: process.env.TEST_DATABASE_URL },
    /** The name of a database that is not made anew in every run, nor dropped. */
    keep: { type: 'string' },
    /** How many of the reports without a duplicate are asked for. */
    limit: { type: 'string', default: 'Infinity' },
    /** Of the groups: a, b or all. */
    half: { type: 'string', default: 'all' },
    /** Made-up ones are added up to this number. */
    tickets: { type: 'string', default: '0' },
    json: { type: 'string' },
  },
})

const say = (text: string) => process.stdout.write(`${text}\n`)
const percent = (share: number) => `${(share * 100).toFixed(1)} %`
const WARM_UP = 20

async function measure(database: Database, path: string): Promise<Answer[]> {
  const reports = readReports(path)
  const questions = questionsOf(reports, options.half as Half, Number(options.limit))
  const world = await fill(database, reports, Number(options.tickets))
  for (const question of questions.slice(0, WARM_UP)) await ask(database, world, question)
  const answers: Answer[] = []
  // One after the other: what is measured is a review on an idle server.
  for (const question of questions) answers.push(await ask(database, world, question))
  return answers
}

async function ask(database: Database, world: World, { report, right }: Question): Promise<Answer> {
  const leftOut = world.ticketOf.get(report.id) ?? null
  const context = { organisationId: world.organisationId, clusterId: null, leftOut }
  const before = performance.now()
  const ranking = await rankTickets(database, report, context)
  const milliseconds = performance.now() - before
  const named = (ticketId: string) => {
    const id = world.reportOf.get(ticketId) ?? null
    return { report: id, isRight: id !== null && right.has(id) }
  }
  return {
    report: report.id,
    hasDuplicate: right.size > 0,
    ranking: ranking.map(({ ticketId, score, confidence }) => ({ ...named(ticketId), score, confidence })),
    shown: shownOf(ranking).map(({ ticketId, confidence }) => ({ ...named(ticketId), confidence })),
    milliseconds,
  }
}

function rowsOf({ questions, fetched, ranking, shown, high, milliseconds }: Figures): string[][] {
  return [
    ['asked for, with a duplicate', String(questions.withDuplicate)],
    ['asked for, without one', String(questions.without)],
    ['the right one fetched', percent(fetched)],
    ['ranking: recall@1', percent(ranking.recallAt1)],
    ['ranking: recall@5', percent(ranking.recallAt5)],
    ['ranking: MRR', ranking.meanReciprocalRank.toFixed(3)],
    ['shown: recall@5', percent(shown.recallAt5)],
    ['shown: any, where there is none', percent(shown.anyWithoutDuplicate)],
    ['high: precision', percent(high.precision)],
    ['high: shown', String(high.shown)],
    ['high: any, where there is none', percent(high.withoutDuplicate)],
    ['ms, p50', milliseconds.p50.toFixed(1)],
    ['ms, p99', milliseconds.p99.toFixed(1)],
  ]
}

function accuracyTable(): string {
  const halves = Object.entries(HALVES).map(([name, file]) => ({
    name,
    ...accuracyOf(readLabelled(file).map(judgeLabelled)),
  }))
  const row = (title: string, tell: (half: (typeof halves)[number]) => string) => [title, ...halves.map(tell)]
  return table([
    row('labelled tickets', ({ name }) => name),
    row('tickets', ({ tickets }) => String(tickets)),
    row('the right category', ({ category }) => percent(category)),
    row('a severity that makes sense', ({ severity }) => percent(severity)),
    row('held back, of those that are to be', ({ flagged }) => percent(flagged)),
    row('held back in vain', ({ flaggedInVain }) => percent(flaggedInVain)),
    row('asked, of what has to be', ({ asked }) => percent(asked)),
    row('asked in vain, of the questions', ({ askedInVain }) => percent(askedInVain)),
  ])
}

say(`${accuracyTable()}\n`)
const [path] = positionals
if (!path) {
  say('For duplicates: npm run eval -- PATH [--database URL] [--limit N] [--tickets N] [--json FILE]')
  process.exit()
}
await withDatabase(options.database, options.keep, async (url) => {
  const database = openDatabase(url)
  const answers = await measure(database, path).finally(() => database.close())
  const figures = figuresOf(answers)
  say(table(rowsOf(figures)))
  if (options.json) await writeFile(options.json, JSON.stringify({ figures, answers }))
})

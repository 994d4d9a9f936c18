// Sends a case to both worlds, one over each transport, and says in what they differ.

import type { Outcome } from '../rest/transports.ts'
import type { TestApp } from '../support/app.ts'
import type { Case } from './cases.ts'
import { DIFFERENCES, withoutDefaultCategory } from './differences.ts'
import { overGraphQL, overRest } from './doors.ts'
import { masked, moment, storedSince } from './state.ts'
import { filledIn, type World } from './worlds.ts'

type Json = Record<string, unknown>

export interface Compared {
  /** What is not the same, in sentences. */
  faults: string[]
  graphql: Outcome
  /** The known difference that they have. */
  excuse: string | null
}

export async function compare(app: TestApp, worlds: readonly [World, World], asked: Case): Promise<Compared> {
  const [own, other] = worlds
  const [input, otherInput] = (await Promise.all(worlds.map((world) => filledIn(world, asked.input)))) as [Json, Json]
  const before = await moment(app)
  const graphql = await overGraphQL(own, asked, withoutDefaultCategory(input))
  const rest = await overRest(other, asked, otherInput)
  const stored = await Promise.all(worlds.map((world) => storedSince(world, before)))
  const [made, otherMade] = stored.map((rows) => rows.join('\n'))
  const [said, otherSaid] = [graphql, rest].map((outcome) => masked(JSON.stringify(sorted(outcome))))
  const faults = made === otherMade ? [] : [`stores\n${made}\nand\n${otherMade}`]
  if (graphql.kind !== 'done' && made !== '' && !leavesAReview(graphql)) faults.push(`is refused, and stores\n${made}`)
  let excuse: string | null = null
  if (said !== otherSaid) {
    const known = DIFFERENCES.find(({ excuses }) => excuses(asked, input, graphql, rest))
    if (known) excuse = known.what
    else faults.push(`says\n${said}\nand\n${otherSaid}`)
  }
  return { faults: faults.map((fault) => `${asked.name}: ${fault}`), graphql, excuse }
}

/** A flagged draft is kept, so that it can be looked at. */
const leavesAReview = ({ kind }: Outcome) => kind === 'review_required'

/** The order of an object's fields says nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]))
}

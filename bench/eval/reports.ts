// The reports that the search is measured by, and which of them are asked for.

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { seeded } from '../storm/random.ts'

export interface Report {
  id: string
  subject: string
  description: string
  /** Reports of one group are duplicates of each other; null where it has none. */
  group: string | null
}

/** A report to ask for, and the ones that are right to name. */
export interface Question {
  report: Report
  right: ReadonlySet<string>
}

/** Halves of the groups, so that what is tuned on one can be confirmed on the other. */
export type Half = 'all' | 'a' | 'b'

const LINE = z.object({
  id: z.coerce.string(),
  subject: z.string(),
  description: z.string(),
  group: z.union([z.string(), z.number()]).nullable(),
})

/** @throws where a line is not of the shape above, with its number. */
export function readReports(path: string): Report[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.flatMap((line, at) => (line.trim() === '' ? [] : [reportOf(line, at + 1)]))
}

function reportOf(line: string, number: number): Report {
  try {
    const { group, ...report } = LINE.parse(JSON.parse(line))
    return { ...report, group: group === null ? null : String(group) }
  } catch (error) {
    throw new Error(`Line ${number} is no report.`, { cause: error })
  }
}

/** All reports of a half that have a duplicate, and so many of those that have none: the same ones each time. */
export function questionsOf(reports: readonly Report[], half: Half, withoutDuplicate: number): Question[] {
  const groups = Map.groupBy(reports, groupOf)
  const all = reports
    .filter((report) => half === 'all' || half === halfOf(groupOf(report)))
    .map((report) => ({ report, right: othersOf(report, groups.get(groupOf(report)) ?? []) }))
  const { known = [], alone = [] } = Object.groupBy(all, ({ right }) => (right.size > 0 ? 'known' : 'alone'))
  return [...known, ...sample(alone, withoutDuplicate)]
}

/** A report without a group is one of its own. */
const groupOf = ({ id, group }: Report) => (group === null ? `alone ${id}` : `group ${group}`)

const halfOf = (group: string): Half => (seeded(group).chance(0.5) ? 'a' : 'b')

function othersOf({ id }: Report, group: readonly Report[]): Set<string> {
  return new Set(group.map((other) => other.id).filter((other) => other !== id))
}

function sample<T>(all: readonly T[], size: number): T[] {
  const random = seeded('sample')
  const drawn = all.map((one) => ({ one, at: random.next() })).sort((a, b) => a.at - b.at)
  return drawn.slice(0, size).map(({ one }) => one)
}

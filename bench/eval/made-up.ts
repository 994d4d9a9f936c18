// Tickets that nobody wrote, to see how fast the search is among many: the reports, a third of their words exchanged.

import { seeded } from '../storm/random.ts'
import type { Report } from './reports.ts'

const EXCHANGED = 1 / 3
const LONGEST = 4000

/** Words come as often as the reports hold them, so that common ones stay common and rare ones rare. */
export function* makeUp(reports: readonly Report[], count: number): Iterable<Pick<Report, 'subject' | 'description'>> {
  const random = seeded('made up')
  const all = reports.flatMap(({ subject, description }) => `${subject} ${description}`.match(/\w+/g) ?? [])
  const vary = (text: string) =>
    text.slice(0, LONGEST).replace(/\w+/g, (word) => (random.chance(EXCHANGED) ? random.pick(all) : word))
  for (let made = 0; made < count; made++) {
    const { subject, description } = random.pick(reports)
    yield { subject: vary(subject).slice(0, 200), description: vary(description) }
  }
}

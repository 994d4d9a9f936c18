// What a draft is about, by rules: weights of the cues in its clauses (cues-*.ts) are added up, and its form (a wish, a
// question, a report of trouble) decides between what can be repaired and what can be told.

import type { TicketCategory } from '../generated/prisma/client.ts'
import type { Clause, Zone } from './classify-reading.ts'
import { find, type Hit, vocabulary } from './cues.ts'
import { FORMS, type Form } from './cues-forms.ts'
import { FORMS_ELSEWHERE, SUBJECTS_ELSEWHERE, UNSPACED } from './cues-languages.ts'
import { SUBJECTS, type Subject } from './cues-subjects.ts'

const SUBJECT_CUES = vocabulary<Subject>(SUBJECTS, SUBJECTS_ELSEWHERE)
const FORM_CUES = vocabulary<Form>(FORMS, FORMS_ELSEWHERE)

/** A subject line says it shortest; a log mostly says that there is a log. */
const ZONES: Record<Zone, number> = { subject: 2.5, prose: 1, pasted: 0.3 }
/** What stands beside the trouble told is what is in trouble. */
const IN_TROUBLE = 1.5
/** What a subject names first is mostly what it is about. */
const HEAD = 1.4
/** Each further cue of a concept adds less: ten names of machines are not ten reasons. */
const FADES = 0.75

export type Points = Record<Subject | Form, number>

/** The sums a draft's category is decided by. */
export function pointsOf(clauses: readonly Clause[], text: string): Points {
  const forms = clauses.map((clause) => find(FORM_CUES, clause.words))
  const inTrouble = new Set(clauses.filter((_, at) => forms[at]?.some(isTrouble)).map(({ sentence }) => sentence))
  const best = new Map<string, { concept: Subject | Form; points: number }>()
  clauses.forEach((clause, at) => {
    const about = find(SUBJECT_CUES, clause.words)
    const isDismissed = DISMISSED.test(clause.words.join(' '))
    const more = inTrouble.has(clause.sentence) && clause.zone !== 'pasted' ? IN_TROUBLE : 1
    about.forEach((hit, nth) => {
      const head = clause.zone === 'subject' && nth === 0 && clause.sentence === 1 ? HEAD : 1
      keep(best, hit, ZONES[clause.zone] * head * (isDismissed ? 0 : more))
    })
    for (const hit of forms[at] ?? []) keep(best, hit, hit.negated ? 0 : ZONES[clause.zone])
  })
  return summed([...best.values()], text)
}

/** "Not a payment thing", "no technical help needed": named only to be ruled out. */
const DISMISSED =
  /^(?:it is |this is |its )?(?:not|no|nobody)\b.*\b(?:thing|problem|question|needed|issue|overcharged|help)\b|\b(?:settled|all correct|is correct|are right|is closed)$/

function isTrouble({ concept, negated }: Hit<Form>): boolean {
  return !negated && (concept === 'vague' || concept === 'trouble' || concept === 'fault' || concept === 'wrong')
}

function keep<Concept extends Subject | Form>(
  best: Map<string, { concept: Subject | Form; points: number }>,
  hit: Hit<Concept>,
  factor: number,
): void {
  const points = hit.weight * factor
  const key = `${hit.concept} ${hit.cue}`
  if (points > (best.get(key)?.points ?? 0)) best.set(key, { concept: hit.concept, points })
}

function summed(all: { concept: Subject | Form; points: number }[], text: string): Points {
  const points = { money: 0, access: 0, product: 0, cluster: 0, office: 0 } as Points
  Object.assign(points, { wish: 0, plea: 0, how: 0, vague: 0, trouble: 0, fault: 0, wrong: 0 })
  const seen: Partial<Record<Subject | Form, number>> = {}
  for (const { concept, points: more } of all.toSorted((a, b) => b.points - a.points)) {
    const before = seen[concept] ?? 0
    points[concept] += more * FADES ** before
    seen[concept] = before + 1
  }
  for (const [concept, script] of Object.entries(UNSPACED) as [Subject | Form, RegExp][])
    points[concept] += 3 * Math.min(3, new Set(text.match(script)).size)
  const subject = text.slice(0, text.indexOf('\n'))
  for (const [concept, inSubject, inBody, shape] of SHAPES)
    points[concept] += shape.test(subject) ? inSubject : shape.test(text) ? inBody : 0
  return points
}

/** What no word says: a request to the platform's own API, the trace of a command-line client. */
const SHAPES: [concept: Subject | Form, inSubject: number, inBody: number, shape: RegExp][] = [
  ['plea', 6, 0, /^(?:add|enable|offer|provide|protect|introduce|include|extend|allow) /],
  ['wish', 5, 0, /^(?:show|display|let|allow|make|sort|group|hide|remember|support (?:for|of)|ability|option to) /],
  ['product', 16, 8, /\b(?:get|post|put|patch|delete) \/[a-z]/],
  ['product', 16, 8, /\bgoroutine \d+ \[running\]|\bmain\.\S{1,80}\(/],
]

/** Fewer points say nothing. */
const FEWEST = 2.5

/** So much of the platform's own parts beside trouble, and it is theirs, whatever the page is about. */
const CLEARLY = 8

/** Trouble of any kind; a state of machines counts as much as a complaint. */
export function troubleIn({ vague, trouble, fault, wrong }: Points): number {
  return vague + trouble + fault + wrong
}

/** `other` when the text is understood and about nothing we repair; null when it is not, so that nobody is misled. */
export function suggestCategory(points: Points, understood: boolean): TicketCategory | null {
  const { money, access, product, cluster, office, wish, plea, how } = points
  const trouble = troubleIn(points)
  const about = Math.max(money, access, product, cluster)
  if (office >= 6 && office > trouble * 1.5 && office >= about * 0.6) return 'other'
  if (wish >= 4 && wish * 1.2 >= trouble && wish * 1.5 >= how) return 'feature_request'
  if (about < FEWEST) {
    if (trouble >= 2 && trouble > how) return 'technical'
    return wish + plea >= 3 ? 'feature_request' : understood ? 'other' : null
  }
  const isTheirs = product >= CLEARLY && product >= (cluster === about ? 0.9 : 0.8) * about
  if (isTheirs && trouble >= FEWEST && trouble >= how) return 'bug'
  if (money === about) return 'billing'
  if (access === about) return 'account'
  if (plea + wish > trouble && plea + wish > how) return 'feature_request'
  if (how > trouble) return money >= 2 * FEWEST ? 'billing' : 'other'
  if (product === about) return wish + plea > 0 && trouble < 2 ? 'feature_request' : 'bug'
  return 'technical'
}

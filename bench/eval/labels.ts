// How well drafts are judged: against tickets that were labelled by hand, test/fixtures/README.md says how.

import { readFileSync } from 'node:fs'
import type { TicketCategory, TicketSeverity } from '../../src/generated/prisma/client.ts'
import { judge } from '../../src/review/local.ts'
import { maskSecrets } from '../../src/review/mask.ts'
import { INFORMING } from '../../src/review/quality.ts'
import type { ClusterContext, ReviewDraft } from '../../src/review/reviewer.ts'
import { share } from './figures.ts'

export interface Labelled {
  id: string
  subject: string
  description: string
  cluster: ClusterContext | null
  category: TicketCategory
  severity: (TicketSeverity | null)[]
  flag: string | null
  mayAsk: string[]
  mustAsk: string[]
  language: string
}

export interface Judged {
  ticket: Labelled
  said: Omit<ReviewDraft, 'candidates'>
  /** What holds it back, or null. */
  flag: string | null
}

/** Shares from 0 to 1. */
export interface Accuracy {
  tickets: number
  /** Of those that must pass: a flagged ticket is about nothing. Saying nothing counts as wrong. */
  category: number
  /** Of those that must pass, one of the levels that make sense. */
  severity: number
  /** Of those that must pass, the ones held back in vain. */
  flaggedInVain: number
  /** Of those to hold back, the ones that are. */
  flagged: number
  /** Of the questions asked, those that make no sense or whose answer stands in the text. */
  askedInVain: number
  /** Of the questions that nobody should leave out. */
  asked: number
}

export const HALVES = { seen: 'test/fixtures/tickets-seen.jsonl', unseen: 'test/fixtures/tickets-unseen.jsonl' }

/** What the weights of words are learned from (learn.ts): never the unseen ones. */
export const LEARNED_FROM = [HALVES.seen, 'test/fixtures/tickets-learned.jsonl']

export function readLabelled(path: string): Labelled[] {
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  return lines.map((line) => JSON.parse(line) as Labelled)
}

/** As it comes to the reviewer: masked, and with nothing chosen. */
export function judgeLabelled(ticket: Labelled): Judged {
  const { cluster } = ticket
  const [subject, description] = [maskSecrets(ticket.subject), maskSecrets(ticket.description)]
  const said = judge({ subject, description, category: null, cluster, answers: [] })
  return { ticket, said, flag: said.flags.find(({ code }) => !INFORMING.has(code))?.code ?? null }
}

export function accuracyOf(judged: readonly Judged[]): Accuracy {
  const { pass = [], flag = [] } = Object.groupBy(judged, ({ ticket }) => (ticket.flag === null ? 'pass' : 'flag'))
  const asked = judged.flatMap(({ ticket, said }) => said.questions.map(({ id }) => ticket.mayAsk.includes(id)))
  const musts = judged.flatMap(({ ticket, said }) =>
    ticket.mustAsk.map((id) => said.questions.some((question) => question.id === id)),
  )
  return {
    tickets: judged.length,
    category: share(pass, ({ ticket, said }) => said.category === ticket.category),
    severity: share(pass, ({ ticket, said }) => ticket.severity.includes(said.severity)),
    flaggedInVain: share(pass, (one) => one.flag !== null),
    flagged: share(flag, (one) => one.flag !== null),
    askedInVain: share(asked, (makesSense) => !makesSense),
    asked: share(musts, (one) => one),
  }
}

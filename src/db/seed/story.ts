// The shape of what is told in the demonstration: a ticket as somebody filed it, and what happened to it after.

import type {
  Prisma,
  TicketCategory,
  TicketSeverity,
  TicketSource,
  TicketStatus,
} from '../../generated/prisma/client.ts'
import type { When } from './clock.ts'
import type { ClusterName, Facts } from './clusters.ts'
import type { PEOPLE, Person, Who } from './people.ts'

export interface Story {
  at: When
  by: Who
  subject: string
  description: string
  /** Named by who filed it. */
  cluster?: ClusterName
  /** What the platform told of that cluster then, where it is another now. */
  clusterThen?: Partial<Facts>
  /** Chosen by who filed it; absent: as the review suggests. */
  category?: TicketCategory
  severity?: TicketSeverity
  /** Absent: portal for people, api for programs. */
  source?: TicketSource
  environment?: Prisma.JsonObject
  /** Questions that were answered before it was filed. */
  answers?: { question: string; answer: string }[]
  /** The review flagged it, and it was filed all the same. */
  acknowledged?: true
  /** It was filed while the model did not answer, so its review is still to come. */
  reviewPending?: true
  /** In the order of time. */
  after?: Step[]
}

export type Step = { at: When; by: Who } & Deed

type Deed =
  | { say: string }
  /** Only the team sees it. */
  | { note: string }
  | { update: Update }
  | { close: true }
  /** They were about to file this, and joined the ticket instead. */
  | { join: { subject: string; description: string; stillHappening?: true } }

export interface Update {
  status?: TicketStatus
  category?: TicketCategory
  severity?: TicketSeverity | null
  assignee?: TeamPerson | null
}

export type TeamPerson = { [P in Person]: (typeof PEOPLE)[P]['of'] extends 'team' ? P : never }[Person]

/** Text as it stands in the source, without its indentation; a backslash at the end of a line joins the next. */
export function text(strings: TemplateStringsArray): string {
  const raw = String.raw(strings).replace(/\\\n\s*/g, '')
  const lines = raw.replace(/^\n|\n\s*$/g, '').split('\n')
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/))
  const indent = Math.min(...indents)
  return lines.map((line) => line.slice(indent)).join('\n')
}

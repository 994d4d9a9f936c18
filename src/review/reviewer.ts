// The port of the AI review: what a reviewer is given and what it says. Operations call it before their transaction.

import type { TicketCategory, TicketSeverity } from '../generated/prisma/client.ts'

/** What somebody is about to file. Secrets are masked already. */
export interface Draft {
  subject: string
  description: string
  /** What the person chose, or null. */
  category: TicketCategory | null
  /** What the platform knows of the cluster; what it says is not asked again. */
  cluster: ClusterContext | null
  answers: readonly Answer[]
}

/** A cluster as it was at one moment: the keys are the wire's (REST contract, `cluster_context`). */
export interface ClusterContext {
  name: string
  kind: string | null
  state: string
  kube_version: string | null
  control_planes: number
  nodes: number
  environment: string | null
  /** RFC 3339. */
  observed_at: string
}

/** A question that was asked, or one that the person answered unasked (`questionId` null). */
export interface Answer {
  questionId: string | null
  question: string
  answer: string
}

/** What a reviewer may look at besides the draft. */
export interface ReviewContext {
  organisationId: string
  clusterId: string | null
  now: Date
}

export type Confidence = 'low' | 'medium' | 'high'

export interface QualityFlag {
  /** One of the codes listed in quality.ts. */
  code: string
  /** One sentence that says what to do about it. */
  message: string
}

export interface Question {
  id: string
  text: string
}

/** A ticket of the same organisation that may be about the same thing. Only ids and words of the draft itself. */
export interface Candidate {
  ticketId: string
  confidence: Confidence
  /** Why: "the same error line: …", "the same cluster", … */
  evidence: string[]
}

/** What a reviewer says of a draft. Stored as it is; never holds another ticket's text. */
export interface ReviewDraft {
  summary: string | null
  severity: TicketSeverity | null
  category: TicketCategory | null
  flags: QualityFlag[]
  /** At most three, none that was answered. */
  questions: Question[]
  /** Best first; low ones left out. At most five. */
  candidates: Candidate[]
}

export interface Reviewer {
  /** Shown as `reviewer`: "local", or the model's id. */
  name: string
  /** Never longer than the signal allows; rejects when it is aborted. */
  review(draft: Draft, context: ReviewContext, signal: AbortSignal): Promise<ReviewDraft>
}

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
  /** When whoever waits began to, by performance.now(): deadlines count from there. Absent: from now. */
  since?: number
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

/** One way to review: with rules (local.ts) or with a model (anthropic.ts). */
export interface Reviewer {
  /** Shown as `reviewer`: "local", or the model's id. */
  name: string
  /** Never longer than the signal allows; rejects when it is aborted. A model's rejects with a ModelError. */
  review(draft: Draft, context: ReviewContext, signal: AbortSignal): Promise<ReviewDraft>
}

/** Why a model did not answer. */
export type ModelFailure =
  /** Not in time. */
  | 'timeout'
  /** It said that it is too busy (429, 529). */
  | 'overloaded'
  /** It answered 5xx, or the connection failed. */
  | 'server'
  /** It refused to judge this draft. */
  | 'refusal'
  /** Its answer was cut at the most that it may say. */
  | 'truncated'
  /** Its answer is not what it was asked for. */
  | 'invalid'
  /** Key, model or request are not accepted (400, 401, 403, 404). */
  | 'rejected'
  /** Whoever called went away. */
  | 'aborted'
  /** It was not asked, since it has failed repeatedly just now. */
  | 'circuit_open'
  /** A fault of ours: what it is asked with could not be read, for one. */
  | 'internal'

/** A model did not answer. The message may be logged: it holds neither the key nor anybody's text. */
export class ModelError extends Error {
  readonly reason: ModelFailure

  constructor(reason: ModelFailure, detail?: string) {
    super(`The model did not answer: ${reason}${detail ? ` (${detail})` : ''}.`)
    this.name = 'ModelError'
    this.reason = reason
  }
}

export interface Reviewed {
  verdict: ReviewDraft
  /** "local" or the model's id. */
  reviewer: string
  /** Why the model did not answer; null when it did, or when there is none. */
  modelFailure: ModelFailure | null
}

/** What operations ask for a review: it answers in time, whatever becomes of the model. */
export interface ReviewService {
  /**
   * `signal` is the caller's own, aborted when they go away: then it rejects. The deadline is the service's. Rejects
   * otherwise only when the local review does, as without a database.
   */
  review(draft: Draft, context: ReviewContext, signal: AbortSignal): Promise<Reviewed>
  /** Whether the model is asked just now; null where there is none. */
  circuit(): CircuitState | null
}

/** `open`: it is left alone; `half_open`: one review tries whether it is back. */
export type CircuitState = 'closed' | 'open' | 'half_open'

/** The service where no model is configured. */
export function localOnly(local: Reviewer): ReviewService {
  return {
    review: async (draft, context, signal) => ({
      verdict: await local.review(draft, context, signal),
      reviewer: local.name,
      modelFailure: null,
    }),
    circuit: () => null,
  }
}

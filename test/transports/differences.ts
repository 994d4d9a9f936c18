// All that the two transports are known and meant to differ in. What is not listed here must be the same.

import type { Outcome } from '../rest/transports.ts'
import type { Case } from './cases.ts'
import { isRefusedByTypes } from './doors.ts'
import { masked } from './state.ts'

type Json = Record<string, unknown>

export interface Difference {
  what: string
  /** Whether the two outcomes may differ in this way. */
  excuses(asked: Case, input: Json, graphql: Outcome, rest: Outcome): boolean
}

interface Refusal {
  code: string
  message: string
}

export const DIFFERENCES: Difference[] = [
  {
    what: 'GraphQL checks types by itself, in words of its own: BAD_USER_INPUT, where REST says 422',
    excuses: (asked, input, graphql, rest) =>
      isRefusedByTypes(asked, input) && (graphql.body as Refusal).code === 'BAD_USER_INPUT' && rest.kind === 'input',
  },
  {
    what: 'GraphQL takes a number for an id, which then is not found; in a body of REST an id is a text',
    excuses: (_, input, graphql, rest) =>
      hasNumberForId(input) && ['input', 'not_found'].includes(graphql.kind) && rest.kind === 'input',
  },
  {
    what: 'An organisation that is not theirs is FORBIDDEN in GraphQL, and 404 in REST, in the same words',
    excuses: (_, input, graphql, rest) =>
      'organisationId' in input &&
      (graphql.body as Refusal).code === 'FORBIDDEN' &&
      rest.kind === 'not_found' &&
      masked(String(rest.body)) === masked((graphql.body as Refusal).message),
  },
]

/** In the input itself, or in a thing within it. */
const hasNumberForId = (input: object): boolean =>
  Object.entries(input).some(
    ([name, value]) =>
      (/Id$/.test(name) && typeof value === 'number') ||
      (typeof value === 'object' && value !== null && hasNumberForId(value)),
  )

/** The REST contract: "REST reads category `technical` and the empty text as absent". So GraphQL is asked here. */
export function withoutDefaultCategory({ category, ...input }: Json): Json {
  const isDefault = category === undefined || category === 'technical' || category === ''
  return isDefault ? input : { ...input, category }
}

/** Fields that one transport alone has: a case that is made of them has nothing to be compared with. */
export const ON_ONE_TRANSPORT: Record<string, string> = {
  'reviewTicket.clarificationAnswers': 'REST: GraphQL answers a review with answerReview',
  'addComment.internal': 'GraphQL: notes of the team are not written over REST',
  'closeTicket.expectedVersion': 'GraphQL: closing over REST has no body',
  'uploadAttachment.file': 'is no JSON: the bad files are in EXTRA',
  // REST says it in a header, which has tests of its own.
  'createTicket.idempotencyKey': 'a field in GraphQL, a header in REST',
  'linkTicket.idempotencyKey': 'a field in GraphQL, a header in REST',
  'addComment.idempotencyKey': 'a field in GraphQL, a header in REST',
  'closeTicket.idempotencyKey': 'a header in both',
  'upsertCluster.idempotencyKey': 'a header in both',
  'uploadAttachment.idempotencyKey': 'a header in both',
}

// And in what they show, which doors.ts, reads.ts and test/rest/transports.ts put into the same words:
// - names in snake case and enum values in lower case in REST;
// - duplicate_candidates has those of high confidence, related_tickets the medium ones, where GraphQL has one list;
// - notes of the team are in no answer of REST but its event streams;
// - REST pages by number, GraphQL by cursor; what is absent is 404 there, and null here;
// - created is the status 201 or 200 in REST.

// What fields cost where it is not one for each row: a table to read beside cost.ts.

/** Instead of 1 for something with fields, or of 0 for a value. Long texts weigh, since they bound an answer's bytes. */
const WEIGHTS: Record<string, number> = {
  'Comment.body': 4,
  'Ticket.description': 4,
  'Ticket.environment': 4,
  'Ticket.clusterContext': 1,
  'ReviewResult.description': 4,
  // A statement of its own.
  'TicketConnection.totalCount': 1,
  'CommentConnection.totalCount': 1,
  // They read many rows to make a few numbers.
  'Query.ticketStats': 20,
  'Query.reviewReport': 50,
  'Mutation.reviewTicket': 50,
  'Mutation.answerReview': 50,
  'Mutation.createTicket': 50,
}
/** A transaction, and an event that goes to everybody who follows. */
const MUTATION = 10

export const weightOf = (type: string, field: string): number | undefined =>
  WEIGHTS[`${type}.${field}`] ?? (type === 'Mutation' ? MUTATION : undefined)

/** How long lists without pages are taken to be. */
export const LIST_SIZES: Record<string, number> = {
  'Query.teamMembers': 50,
  'Viewer.apiTokens': 50,
  'ReviewResult.duplicateCandidates': 5,
  'ReviewResult.qualityFlags': 5,
  'ReviewResult.clarifyingQuestions': 5,
}
export const LIST_SIZE = 10

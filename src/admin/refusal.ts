// The two ways in which the operator's commands say no. Both are told in one sentence, without a stack.

/** What was asked cannot be done with what the database holds; undoes the transaction. Exit code 1. */
export class Refusal extends Error {}

/** The command line itself is wrong, whatever the database holds. Exit code 2. */
export class UsageError extends Error {}

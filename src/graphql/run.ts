// How fields call operations: queries, whose wrong arguments are top-level errors, and mutations, whose problems are data.

import type { z } from 'zod'
import type { Context } from '../context.ts'
import { freshLoaders } from '../operations/access.ts'
import { isProblem, Refusal } from '../operations/errors.ts'
import { execute, type Operation } from '../operations/execute.ts'

/**
 * Runs an operation that changes something; what the document then reads is read anew. A Problem is a member of every
 * result's union, told apart by memberOf, so the types here name the payload alone.
 */
export async function mutate<Input extends z.ZodType, Output>(
  context: Context,
  operation: Operation<Input, Output>,
  input: unknown,
): Promise<Output> {
  context.loaders = freshLoaders(context)
  try {
    return (await execute(context, operation, input)) as Output
  } finally {
    context.loaders = freshLoaders(context)
    // The next of a document's mutations begins only now.
    context.startedAt = performance.now()
  }
}

/** Runs an operation that reads. A wrong argument is a top-level error, something absent is null. */
export async function query<Input extends z.ZodType, Output>(
  context: Context,
  operation: Operation<Input, Output>,
  input: unknown,
): Promise<Output | null> {
  const outcome = await execute(context, operation, input)
  if (!isProblem(outcome)) return outcome
  if (outcome.problem === 'not_found') return null
  throw new Refusal('BAD_USER_INPUT', outcome.message)
}

/** As query(), where something absent would be a fault. */
export async function list<Input extends z.ZodType, Output>(
  context: Context,
  operation: Operation<Input, Output>,
  input: unknown,
): Promise<Output> {
  const outcome = await query(context, operation, input)
  if (outcome === null) throw new Error(`${operation.name} found nothing to list`)
  return outcome
}

// What an operation is, and the one way in. execute() asks for credentials, role and scope, validates the input, and
// runs the operation; transports call nothing else.

import type { z } from 'zod'
import type { Actor, Context, Viewer } from '../context.ts'
import type { Tx } from '../db/client.ts'
import type { Scope } from '../db/reads/scope.ts'
import type { RateClass } from '../rates/policies.ts'
import { type Access, requireAccess, scopeOf } from './access.ts'
import { isProblem, type Problem, problemOfZod, RateLimited, Refusal } from './errors.ts'
import { observed } from './observed.ts'

export interface Operation<Input extends z.ZodType = z.ZodType, Output = unknown> {
  name: string
  input: Input
  access: Access
  /** Which of the caller's limits it counts against; a function where that depends on what came from outside. */
  rate: RateClass | ((raw: unknown) => RateClass)
  run(call: Call, input: z.output<Input>): Promise<Output | Problem>
}

/** A context whose viewer may do what they ask. */
export interface Call extends Context {
  viewer: Viewer
  /** Who the rows say did it. */
  actor: Actor
  /** What the viewer may read. */
  scope: Scope
  /**
   * One transaction. A Problem that `body` returns rolls it back. Nothing in it may wait for the network or use another
   * connection.
   */
  write<T>(body: (tx: Tx) => Promise<T | Problem>): Promise<T | Problem>
}

export const operation = <Input extends z.ZodType, Output>(definition: Operation<Input, Output>) => definition

/**
 * @param raw what came from outside, with the operation's own names; never trusted.
 * @returns what the operation gives, or a Problem for the caller.
 * @throws Refusal when the caller may not use the operation, or has used such too often.
 */
export function execute<Input extends z.ZodType, Output>(
  context: Context,
  operation: Operation<Input, Output>,
  raw: unknown,
): Promise<Output | Problem> {
  return observed(context.telemetry, operation.name, () => runOperation(context, operation, raw))
}

async function runOperation<Input extends z.ZodType, Output>(
  context: Context,
  { access, rate, input, run }: Operation<Input, Output>,
  raw: unknown,
): Promise<Output | Problem> {
  const { viewer } = context
  if (!viewer) throw unauthenticated(context)
  requireAccess(viewer, access)
  const spent = await context.rates.spend(rateOf({ rate }, raw))
  if (spent?.allowed === false) throw new RateLimited(spent)
  const parsed = input.safeParse(raw, { reportInput: true })
  if (!parsed.success) return problemOfZod(parsed.error)
  return run(makeCall(context, viewer), parsed.data)
}

export const rateOf = ({ rate }: Pick<Operation, 'rate'>, raw: unknown): RateClass =>
  typeof rate === 'function' ? rate(raw) : rate

/** For who carries no credentials, or none that are good. */
export function unauthenticated({ tokenRefused }: Pick<Context, 'tokenRefused'>): Refusal {
  return tokenRefused
    ? new Refusal(
        'UNAUTHENTICATED',
        'This token is not valid: mistyped, expired or revoked. Send a good one as "Authorization: Bearer …".',
      )
    : new Refusal('UNAUTHENTICATED', 'Sign in, or send an API token as "Authorization: Bearer …".')
}

function makeCall(context: Context, viewer: Viewer): Call {
  const actor: Actor = { type: viewer.side, id: viewer.id, label: viewer.name }
  const write: Call['write'] = (body) => writeUnlessProblem(context, body)
  return { ...context, viewer, actor, scope: scopeOf(viewer), write }
}

class RolledBack extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super('rolled back')
    this.problem = problem
  }
}

async function writeUnlessProblem<T>(context: Context, body: (tx: Tx) => Promise<T | Problem>) {
  let written: Tx | undefined
  try {
    const result = await context.database.write(async (tx) => {
      written = tx
      const result = await body(tx)
      if (isProblem(result)) throw new RolledBack(result)
      return result
    })
    if (written) context.log.committed(written)
    return result
  } catch (error) {
    if (error instanceof RolledBack) return error.problem
    throw error
  }
}

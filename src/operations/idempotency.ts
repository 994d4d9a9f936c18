// Sending something twice makes it once. The key is claimed by the first statement of the writing transaction and
// remembers what was made; whoever loses on it is shown the winner's thing as it is now.

import { createHash } from 'node:crypto'
import { v7 as uuid } from 'uuid'
import { z } from 'zod'
import type { Tx } from '../db/client.ts'
import { type Claim, type ClaimedKey, claimKey, findKey, resettleKey } from '../db/keys.ts'
import { inputProblem, type Problem, problemOfZod } from './errors.ts'
import type { Call } from './execute.ts'
import { idempotencyKey } from './input.ts'

export interface Once<T> {
  operation: string
  /** The key of the input; the request's header must agree with it. */
  key: string | undefined
  /** The whole input: another one under the same key is refused. */
  input: object
  /** What says the organisation: its id, or the ticket that the team acts on. */
  of: { organisationId: string } | { ticketId: string }
  /** The id of what is made, where it is known before; absent: a new one. */
  id?: string
  /** Makes the thing under the given id. `settle` names another id where it turns out to exist already. */
  first(tx: Tx, id: string, settle: (id: string) => Promise<void>): Promise<T | Problem>
  /** Shows the thing that was made before. */
  again(id: string): Promise<T | Problem>
}

const keyInput = z.object({ idempotencyKey })

class KeyTaken extends Error {}

export async function once<T>(call: Call, options: Once<T>): Promise<T | Problem> {
  const key = keyOf(call, options.key)
  if (key !== null && typeof key !== 'string') return key
  const id = options.id ?? uuid()
  if (key === null) return call.write((tx) => options.first(tx, id, async () => {}))

  const claim: Claim = { ...claimOf(call, options, key), resultId: id, hash: hashOf(options.input) }
  try {
    return await call.write(async (tx) => {
      if (!(await claimKey(tx, claim))) throw new KeyTaken()
      return options.first(tx, id, (other) => resettleKey(tx, claim, other))
    })
  } catch (error) {
    if (!(error instanceof KeyTaken)) throw error
    const taken = await findKey(call.database, claim)
    // The key of a ticket that the caller cannot see is never claimed.
    if (!taken) return call.write((tx) => options.first(tx, id, async () => {}))
    return shownAgain(taken, claim, options)
  }
}

/**
 * What is decided without writing anything still goes by the rules of keys: one used with another input is refused, and
 * a success (`id` says of what) is remembered.
 */
export async function decided<T>(
  call: Call,
  options: Omit<Once<T>, 'first'>,
  outcome: T | Problem,
  id: string | null = null,
): Promise<T | Problem> {
  if (keyOf(call, options.key) === null) return outcome
  return once(call, { ...options, ...(id === null ? {} : { id }), first: async () => outcome })
}

/** What an earlier request with this key made, before the work of making it again; null: nothing yet. */
export async function madeBefore<T>(call: Call, options: Omit<Once<T>, 'first'>): Promise<T | Problem | null> {
  const key = keyOf(call, options.key)
  if (typeof key !== 'string') return key
  const claim = { ...claimOf(call, options, key), hash: hashOf(options.input) }
  const taken = await findKey(call.database, claim)
  return taken && shownAgain(taken, claim, options)
}

function keyOf(call: Call, field: string | undefined): string | Problem | null {
  const header = call.idempotencyKey
  if (header !== null && field !== undefined && header !== field) {
    return inputProblem('idempotencyKey', 'INVALID', 'idempotencyKey and the header Idempotency-Key differ: send one.')
  }
  const key = field ?? header
  if (key === null) return null
  // The header has not been looked at yet.
  const checked = keyInput.safeParse({ idempotencyKey: key }, { reportInput: true })
  return checked.success ? key : problemOfZod(checked.error)
}

const claimOf = (call: Call, { operation, of }: Pick<Once<unknown>, 'operation' | 'of'>, key: string) => ({
  scope: call.scope,
  of,
  operation,
  key,
})

function shownAgain<T>(taken: ClaimedKey, { hash }: { hash: Buffer }, options: Pick<Once<T>, 'again'>) {
  if (Buffer.compare(taken.hash, hash) === 0) return options.again(taken.resultId)
  return inputProblem(
    'idempotencyKey',
    'INVALID',
    'This idempotency key was used with another input. Use a new key for a new request.',
  )
}

/** SHA-256 of the input in one canonical form: keys sorted, absent ones left out, the key itself not part of it. */
function hashOf(input: object): Buffer {
  const { idempotencyKey, ...rest } = input as Record<string, unknown>
  const canonical = JSON.stringify(rest, (_, value) => (isPlainObject(value) ? sorted(value) : value))
  return createHash('sha256').update(canonical).digest()
}

/** Dates are text already when JSON.stringify asks. */
const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const sorted = (value: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))

// Runs a subscription over its feed. Those who send the same document with the same variables and rights share one
// execution an event.

import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute as executeDocument,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  getOperationAST,
  Kind,
  print,
  type SelectionSetNode,
} from 'graphql'
import { getArgumentValues, getVariableValues } from 'graphql/execution/values.js'
import type { Context } from '../context.ts'
import { isUnavailable } from '../db/faults.ts'
import type { Feed } from '../events/feed.ts'
import type { TicketEvent } from '../generated/prisma/client.ts'
import { freshLoaders, rightsOf } from '../operations/access.ts'
import { isProblem, Refusal } from '../operations/errors.ts'
import { execute } from '../operations/execute.ts'
import { type FeedPlan, followFeed } from '../operations/feeds.ts'
import type { Gate } from '../request.ts'
import { requireCost } from './costs.ts'
import { asGraphQLError, withRequestId } from './faults.ts'
import { TYPES_OF_FIELD } from './subscriptions.ts'

export async function subscribeToFeed(
  gate: Gate,
  args: ExecutionArgs,
): Promise<Feed<ExecutionResult> | ExecutionResult> {
  const context = args.contextValue as Context
  try {
    const { field, values, errors } = rootField(args)
    if (errors) return { errors }
    requireCost(args)
    const plan = await planOf(context, field, values)
    return follow(gate, args, context, plan, field)
  } catch (error) {
    return { errors: [asGraphQLError(error)] }
  }
}

interface RootField {
  field: FieldNode
  values: Record<string, unknown>
  errors?: readonly GraphQLError[]
}

const CONDITIONS = ['skip', 'include']

/** Validation has seen to it that there is one. */
function rootField({ schema, document, operationName, variableValues }: ExecutionArgs): RootField {
  const operation = getOperationAST(document, operationName)
  const field = operation && firstField(operation.selectionSet, document)
  const definition = field && schema.getSubscriptionType()?.getFields()[field.name.value]
  const isConditional = field?.directives?.some(({ name }) => CONDITIONS.includes(name.value))
  if (isConditional) throw new Refusal('BAD_USER_INPUT', 'The field of a subscription cannot be skipped.')
  if (!operation || !field || !definition) throw new Refusal('BAD_USER_INPUT', 'There is no subscription to run.')
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {})
  if (!coerced) return { field, values: {}, errors: errors ?? [] }
  return { field, values: getArgumentValues(definition, field, coerced) }
}

function firstField(set: SelectionSetNode, document: DocumentNode): FieldNode | null {
  const [selection] = set.selections
  if (selection === undefined || selection.kind === Kind.FIELD) return selection ?? null
  if (selection.kind === Kind.INLINE_FRAGMENT) return firstField(selection.selectionSet, document)
  const fragment = document.definitions.find(
    (one): one is FragmentDefinitionNode =>
      one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === selection.name.value,
  )
  return fragment ? firstField(fragment.selectionSet, document) : null
}

async function planOf(context: Context, field: FieldNode, values: Record<string, unknown>): Promise<FeedPlan> {
  const types = TYPES_OF_FIELD[field.name.value]
  const plan = await execute(context, followFeed, types ? { ...values, types } : values)
  if (isProblem(plan)) throw new Refusal('BAD_USER_INPUT', plan.message)
  return plan
}

function follow(
  { feeds, rights }: Gate,
  args: ExecutionArgs,
  context: Context,
  plan: FeedPlan,
  field: FieldNode,
): Feed<ExecutionResult> {
  const feed = feeds.subscribe<ExecutionResult>({
    ...plan,
    render: (event, cursor) => run(args, context, { ...event, cursor }),
    sharedBy: sharedKey(args, context, field),
  })
  const viewer = context.viewer as NonNullable<Context['viewer']>
  const stopWatching = rights.add(viewer, () => void feed.return())
  const { next, each } = feed
  return {
    each: (take) => each(take).finally(stopWatching),
    async next() {
      const step = await next()
      if (step.done) stopWatching()
      return step
    },
    async return() {
      stopWatching()
      return feed.return()
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/** One event through the document. Rejects when the database is away: the event must not be lost for that. */
async function run(args: ExecutionArgs, context: Context, event: TicketEvent & { cursor: string }) {
  const contextValue = { ...context, loaders: freshLoaders(context) }
  const result = await executeDocument({ ...args, rootValue: event, contextValue })
  const away = result.errors?.find(({ originalError }) => isUnavailable(originalError))
  if (away) throw away.originalError
  if (!result.errors) return result
  return { ...result, errors: result.errors.map((error) => withRequestId(asGraphQLError(error), context)) }
}

/**
 * What those share who are sent the same: the document, its variables without `after`, and the rights. Null where the
 * answer depends on the person.
 */
function sharedKey({ document, operationName, variableValues }: ExecutionArgs, { viewer }: Context, field: FieldNode) {
  const after = field.arguments?.find(({ name }) => name.value === 'after')?.value
  const variables = { ...variableValues }
  const text = printed(document)
  if (after?.kind === Kind.VARIABLE && isUsedOnce(after.name.value, text)) delete variables[after.name.value]
  if (viewer === null || text.includes(PERSONAL) || JSON.stringify(variables).includes(PERSONAL)) return null
  return JSON.stringify([text, operationName ?? null, sorted(variables), rightsOf(viewer)])
}

/** Once where it is declared, and once more. */
const isUsedOnce = (name: string, text: string) => text.split(new RegExp(`\\$${name}\\b`)).length === 3

/** The filter whose meaning depends on who asks. */
const PERSONAL = 'createdByMe'

const texts = new WeakMap<DocumentNode, string>()

function printed(document: DocumentNode): string {
  const known = texts.get(document) ?? print(document)
  texts.set(document, known)
  return known
}

const sorted = (variables: Record<string, unknown>) => Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1))

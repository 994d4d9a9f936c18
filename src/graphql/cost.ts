// What a document costs, counted before it runs: roughly the rows it can bring, from its lists, their pages and its
// variables. Counted once for each document, so that a request only fills its variables in.

import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  isAbstractType,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'
import { LARGEST_PAGE, PAGE_SIZE } from '../operations/input.ts'
import { LIST_SIZE, LIST_SIZES, weightOf } from './weights.ts'

export const MAX_COST = 10_000

type Variables = Readonly<Record<string, unknown>>
/** A number where no variable matters. */
type Cost = number | ((variables: Variables) => number)

const known = new WeakMap<DocumentNode, Map<string, Cost>>()

export interface CostOptions {
  schema: GraphQLSchema
  /** Validated: so it names what there is, and its fragments end. */
  document: DocumentNode
  operationName?: string | null | undefined
  variableValues?: Variables | null | undefined
}

export function costOf({ schema, document, operationName, variableValues }: CostOptions): number {
  const operations = known.get(document) ?? new Map<string, Cost>()
  known.set(document, operations)
  const name = operationName ?? ''
  const cost = operations.get(name) ?? countDocument(schema, document, operationName)
  operations.set(name, cost)
  return filledIn(cost, variableValues ?? {})
}

const filledIn = (cost: Cost, variables: Variables) => (typeof cost === 'number' ? cost : cost(variables))

/** Of numbers a number, at once; else what will be one when the variables are there. */
function combine(costs: readonly Cost[], how: (values: readonly number[]) => number): Cost {
  if (costs.every((cost) => typeof cost === 'number')) return how(costs)
  return (variables) => how(costs.map((cost) => filledIn(cost, variables)))
}

const add = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** What is fixed is added up beforehand. */
function sum(costs: readonly Cost[]): Cost {
  const fixed = add(costs.filter((cost) => typeof cost === 'number'))
  const open = costs.filter((cost) => typeof cost !== 'number')
  return open.length === 0 ? fixed : combine([fixed, ...open], add)
}

const product = (a: Cost, b: Cost) => combine([a, b], ([x = 0, y = 0]) => x * y)
const most = (costs: readonly Cost[]) => combine(costs, (values) => Math.max(0, ...values))

function countDocument(schema: GraphQLSchema, document: DocumentNode, operationName: string | null | undefined): Cost {
  const operation = getOperationAST(document, operationName)
  const root = operation && schema.getRootType(operation.operation)
  return root ? counter(schema, document, operation)(operation.selectionSet, root, null) : 0
}

/** @param page of the connection whose own fields are counted; null outside of one. */
type Count = (set: SelectionSetNode, type: GraphQLNamedType, page: Cost | null) => Cost

function counter(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Count {
  const fragments = new Map(document.definitions.filter(isFragment).map((one) => [one.name.value, one]))
  const defaults = new Map(
    (operation.variableDefinitions ?? []).map(({ variable, defaultValue }) => [variable.name.value, defaultValue]),
  )

  /** Of fragments on several types at most one comes true: the dearest counts. */
  function ofSet(set: SelectionSetNode, type: GraphQLNamedType, page: Cost | null): Cost {
    const always: Cost[] = []
    const either = new Map<string, Cost[]>()
    for (const selection of set.selections) {
      const condition = conditionOf(selection)
      const on = condition === null ? type : (schema.getType(condition) ?? type)
      const cost = ofSelection(selection, on, page)
      if (isAbstractType(type) && isObjectType(on)) either.set(on.name, [...(either.get(on.name) ?? []), cost])
      else always.push(cost)
    }
    return sum([...always, most([...either.values()].map(sum))])
  }

  function conditionOf(selection: SelectionNode): string | null {
    if (selection.kind === Kind.FIELD) return null
    if (selection.kind === Kind.INLINE_FRAGMENT) return selection.typeCondition?.name.value ?? null
    return fragments.get(selection.name.value)?.typeCondition.name.value ?? null
  }

  function ofSelection(selection: SelectionNode, type: GraphQLNamedType, page: Cost | null): Cost {
    if (selection.kind === Kind.FIELD) return ofField(selection, type, page)
    if (selection.kind === Kind.INLINE_FRAGMENT) return ofSet(selection.selectionSet, type, page)
    const fragment = fragments.get(selection.name.value)
    return fragment ? ofSet(fragment.selectionSet, type, page) : 0
  }

  function ofField(node: FieldNode, parent: GraphQLNamedType, page: Cost | null): Cost {
    const field = 'getFields' in parent ? parent.getFields()[node.name.value] : undefined
    // Introspection reads no row, and a rule of GraphQL's own bounds its depth.
    if (!field) return node.name.value === '__typename' ? 0 : 1
    const type = getNamedType(field.type)
    const weight = weightOf(parent.name, field.name)
    if (!node.selectionSet || !isCompositeType(type)) return weight ?? 0
    if (type.name.endsWith('Connection')) return sum([weight ?? 1, ofSet(node.selectionSet, type, pageOf(node))])
    const one = ofSet(node.selectionSet, type, null)
    // A page holds its edges, and these their nodes: only the latter are rows.
    const each =
      page !== null && field.name === 'edges' ? one : sum([weight ?? (type.name === 'PageInfo' ? 0 : 1), one])
    if (!isListType(getNullableType(field.type))) return each
    return product(page ?? LIST_SIZES[`${parent.name}.${field.name}`] ?? LIST_SIZE, each)
  }

  /** What is no page is refused when it runs: the most it could be will do here. */
  function pageOf({ arguments: given = [] }: FieldNode): Cost {
    const sizes = ['first', 'last'].flatMap((name) => given.filter((one) => one.name.value === name))
    const costs = sizes.map(({ value }) => sizeOf(value))
    return costs.length === 0 ? PAGE_SIZE : combine(costs, (values) => values.find((n) => n >= 0) ?? PAGE_SIZE)
  }

  function sizeOf(value: ValueNode): Cost {
    if (value.kind === Kind.INT) return sized(Number(value.value))
    if (value.kind !== Kind.VARIABLE) return ABSENT
    const name = value.name.value
    const fallback = defaults.get(name)
    const byDefault = fallback?.kind === Kind.INT ? sized(Number(fallback.value)) : ABSENT
    return (variables) => (variables[name] === undefined ? byDefault : sized(variables[name]))
  }

  return ofSet
}

const ABSENT = -1

const sized = (value: unknown) => (typeof value === 'number' ? Math.min(Math.max(value, 0), LARGEST_PAGE) : ABSENT)

const isFragment = (one: { kind: string }): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION

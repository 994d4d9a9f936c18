// What one document may ask for. A validation rule, so that an excessive one is refused before anything runs.

import {
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type OperationDefinitionNode,
  type ParseOptions,
  parse,
  type SelectionSetNode,
  type Source,
  type ValidationContext,
} from 'graphql'

/** Tokens of a document: the parser stops there, long before its stack ends. */
const MAX_TOKENS = 1000
const MAX_DEPTH = 20
/** Fields after fragments are spread out, so that few fragments cannot stand for many fields. */
const MAX_FIELDS = 1000
const MAX_ALIASES = 50
const MAX_DIRECTIVES = 50
const MAX_MUTATIONS = 10

export function parseWithin(source: string | Source, options?: ParseOptions): DocumentNode {
  return parse(source, { ...options, maxTokens: MAX_TOKENS })
}

interface Size {
  depth: number
  fields: number
  aliases: number
  directives: number
}

export function documentLimits(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      const found = excess(sizeOf(operation.selectionSet, fragmentSizes(context)), operation, context)
      if (found) context.reportError(tooMuch(found, operation))
    },
  }
}

interface Excess {
  requested: number
  limit: number
  /** "is 24 levels deep" */
  says: string
}

function excess(size: Size, operation: OperationDefinitionNode, context: ValidationContext): Excess | null {
  const { depth, fields, aliases, directives } = size
  if (depth > MAX_DEPTH) return { requested: depth, limit: MAX_DEPTH, says: `is ${depth} levels deep` }
  if (fields > MAX_FIELDS) return { requested: fields, limit: MAX_FIELDS, says: `asks for ${number(fields)} fields` }
  if (aliases > MAX_ALIASES) return { requested: aliases, limit: MAX_ALIASES, says: `has ${aliases} aliases` }
  if (directives > MAX_DIRECTIVES) {
    return { requested: directives, limit: MAX_DIRECTIVES, says: `has ${directives} directives` }
  }
  // Few fields by now: they can be counted one by one.
  const roots = operation.operation === 'mutation' ? rootFields(operation, (name) => context.getFragment(name)) : 0
  return roots > MAX_MUTATIONS ? { requested: roots, limit: MAX_MUTATIONS, says: `has ${roots} mutations` } : null
}

function tooMuch({ requested, limit, says }: Excess, operation: OperationDefinitionNode): GraphQLError {
  const message = `The document ${says}; the limit is ${number(limit)}.`
  return new GraphQLError(message, { nodes: operation, extensions: { code: 'COST_LIMIT', requested, limit } })
}

const number = (value: number) => value.toLocaleString('en')

type SizeOfFragment = (name: string) => Size

const NOTHING: Size = { depth: 0, fields: 0, aliases: 0, directives: 0 }

/** Each fragment is measured once; one that contains itself is refused by a rule of GraphQL's own. */
function fragmentSizes(context: ValidationContext): SizeOfFragment {
  const known = new Map<string, Size>()
  const sizeOfFragment: SizeOfFragment = (name) => {
    const size = known.get(name)
    if (size) return size
    known.set(name, NOTHING)
    const fragment: FragmentDefinitionNode | null | undefined = context.getFragment(name)
    const measured = fragment ? sizeOf(fragment.selectionSet, sizeOfFragment) : NOTHING
    known.set(name, measured)
    return measured
  }
  return sizeOfFragment
}

function sizeOf(set: SelectionSetNode, sizeOfFragment: SizeOfFragment): Size {
  const total = { ...NOTHING }
  for (const selection of set.selections) {
    const isField = selection.kind === 'Field'
    const inner =
      selection.kind === 'FragmentSpread'
        ? sizeOfFragment(selection.name.value)
        : selection.selectionSet
          ? sizeOf(selection.selectionSet, sizeOfFragment)
          : NOTHING
    total.depth = Math.max(total.depth, inner.depth + (isField ? 1 : 0))
    total.fields += inner.fields + (isField ? 1 : 0)
    total.aliases += inner.aliases + (isField && selection.alias ? 1 : 0)
    total.directives += inner.directives + (selection.directives?.length ?? 0)
  }
  return total
}

/** How many fields of the root an operation names, through its fragments; __typename costs nothing. */
function rootFields(
  operation: OperationDefinitionNode,
  fragmentOf: (name: string) => FragmentDefinitionNode | null | undefined,
): number {
  const count = (set: SelectionSetNode, spread: readonly string[]): number =>
    set.selections.reduce((sum, selection) => {
      if (selection.kind === 'Field') return sum + (selection.name.value === '__typename' ? 0 : 1)
      if (selection.kind === 'InlineFragment') return sum + count(selection.selectionSet, spread)
      const name = selection.name.value
      const fragment = spread.includes(name) ? null : fragmentOf(name)
      return sum + (fragment ? count(fragment.selectionSet, [...spread, name]) : 0)
    }, 0)
  return count(operation.selectionSet, [])
}

export function rootFieldsOf({ definitions }: DocumentNode, operation: OperationDefinitionNode): number {
  return rootFields(operation, (name) =>
    definitions.find(
      (one): one is FragmentDefinitionNode => one.kind === 'FragmentDefinition' && one.name.value === name,
    ),
  )
}

// The committed schema.graphql keeps every name that clients rely on; contract.graphql lists them.

import { readFileSync } from 'node:fs'
import {
  buildSchema,
  type DefinitionNode,
  type FieldDefinitionNode,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type InputValueDefinitionNode,
  type InterfaceTypeDefinitionNode,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isScalarType,
  isUnionType,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
} from 'graphql'
import { describe, expect, it } from 'vitest'

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'))
const contract = parse(readFileSync('test/graphql/contract.graphql', 'utf8')).definitions

interface Named {
  readonly name: { readonly value: string }
}
const names = (nodes: readonly Named[] = []) => nodes.map(({ name }) => name.value).sort()
const namesOf = (things: readonly { name: string }[]) => things.map(({ name }) => name).sort()

/** What the schema says otherwise than the contract, in sentences; none when they agree. */
function differences(expected: DefinitionNode, actual: GraphQLNamedType | undefined): string[] {
  if (!('name' in expected) || !expected.name) return ['the contract holds something without a name']
  const name = expected.name.value
  if (!actual) return [`${name} is missing`]
  switch (expected.kind) {
    case Kind.SCALAR_TYPE_DEFINITION:
      return isScalarType(actual) ? [] : [`${name} is no scalar`]
    case Kind.ENUM_TYPE_DEFINITION:
      return isEnumType(actual) ? listed(name, names(expected.values), namesOf(actual.getValues())) : [`${name}: kind`]
    case Kind.UNION_TYPE_DEFINITION:
      return isUnionType(actual) ? listed(name, names(expected.types), namesOf(actual.getTypes())) : [`${name}: kind`]
    case Kind.INTERFACE_TYPE_DEFINITION:
      return isInterfaceType(actual) ? memberDifferences(name, expected, actual) : [`${name}: kind`]
    case Kind.OBJECT_TYPE_DEFINITION:
      return isObjectType(actual) ? memberDifferences(name, expected, actual) : [`${name}: kind`]
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      if (!isInputObjectType(actual)) return [`${name}: kind`]
      return inputDifferences(name, expected.fields, Object.values(actual.getFields()), isRequiredInputField)
    default:
      return [`${name} is of a kind that this test does not know`]
  }
}

function memberDifferences(
  name: string,
  { fields = [], interfaces }: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode,
  actual: GraphQLObjectType | GraphQLInterfaceType,
): string[] {
  const wrong = fields.flatMap((field) => fieldDifferences(name, field, actual.getFields()[field.name.value]))
  return [...listed(name, names(interfaces), namesOf(actual.getInterfaces())), ...wrong]
}

/** Clients switch over enums and unions: what stands there is neither more nor less. */
function listed(name: string, expected: string[], actual: string[]): string[] {
  return expected.join() === actual.join() ? [] : [`${name} is ${actual.join()}, not ${expected.join()}`]
}

interface ActualField {
  type: { toString(): string }
  args: readonly GraphQLArgument[]
}

function fieldDifferences(owner: string, expected: FieldDefinitionNode, actual: ActualField | undefined): string[] {
  const name = `${owner}.${expected.name.value}`
  if (!actual) return [`${name} is missing`]
  const wanted = print(expected.type)
  const ofType = String(actual.type) === wanted ? [] : [`${name} is ${actual.type}, not ${wanted}`]
  return [...ofType, ...inputDifferences(name, expected.arguments, actual.args, isRequiredArgument)]
}

/** Further arguments are welcome where nobody has to give them. */
function inputDifferences<Given extends GraphQLArgument | GraphQLInputField>(
  owner: string,
  expected: readonly InputValueDefinitionNode[] = [],
  actual: readonly Given[],
  isRequired: (given: Given) => boolean,
): string[] {
  const wanted = new Map(expected.map((node) => [node.name.value, print(node.type)]))
  const wrong = [...wanted].flatMap(([name, type]) => {
    const given = actual.find((one) => one.name === name)
    if (!given) return [`${owner}(${name}) is missing`]
    return String(given.type) === type ? [] : [`${owner}(${name}) is ${given.type}, not ${type}`]
  })
  const demanded = actual.filter((one) => !wanted.has(one.name) && isRequired(one))
  return [...wrong, ...demanded.map(({ name }) => `${owner}(${name}) must be given`)]
}

describe('schema.graphql', () => {
  it.each(contract.map((definition) => [(definition as unknown as Named).name.value, definition] as const))(
    'has %s as clients know it',
    (name, definition) => {
      expect(differences(definition, schema.getType(name))).toEqual([])
    },
  )

  it('describes every argument of the lists that a newcomer could get wrong', () => {
    const { first, last, before } = Object.fromEntries(
      (schema.getQueryType()?.getFields().tickets?.args ?? []).map((arg) => [arg.name, arg.description]),
    )
    expect([first, last, before].every((text) => (text?.length ?? 0) > 20)).toBe(true)
  })

  it('has no node(id)', () => {
    expect(schema.getQueryType()?.getFields()).not.toHaveProperty('node')
  })
})

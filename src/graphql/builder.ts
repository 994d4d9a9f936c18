// The schema builder and its scalars. Objects of the hot read path are prismaObjects for their types only: the Prisma
// plugin has no client to query with, so a field that would make it fall back to queries of its own fails.

import SchemaBuilder from '@pothos/core'
import PrismaPlugin from '@pothos/plugin-prisma'
import { GraphQLError, Kind, type ValueNode, valueFromASTUntyped } from 'graphql'
import type { FileUpload } from 'graphql-upload-minimal'
import { z } from 'zod'
import type { Context } from '../context.ts'
import type PrismaTypes from '../generated/pothos.ts'
import { getDatamodel } from '../generated/pothos.ts'

export const builder = new SchemaBuilder<{
  Context: Context
  PrismaTypes: PrismaTypes
  DefaultFieldNullability: false
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: Date; Output: Date }
    JSON: { Input: unknown; Output: unknown }
    Upload: { Input: Promise<FileUpload>; Output: never }
  }
}>({
  plugins: [PrismaPlugin],
  defaultFieldNullability: false,
  prisma: {
    client: () => {
      throw new Error('A field of a hot type queries through the Prisma plugin: resolve it with a loader.')
    },
    dmmf: getDatamodel(),
    onUnusedQuery: 'error',
  },
})

builder.queryType({})
builder.mutationType({})

const rfc3339 = z.iso.datetime({ offset: true })

function parseTime(value: unknown): Date {
  const parsed = rfc3339.safeParse(typeof value === 'string' ? value.toUpperCase() : value)
  if (parsed.success) return new Date(parsed.data)
  throw new GraphQLError('A DateTime is RFC 3339 text with a zone, such as "2026-05-03T09:30:00Z".')
}

builder.scalarType('DateTime', {
  description: 'A moment as RFC 3339 text, in UTC and with milliseconds: "2026-05-03T09:30:00.000Z".',
  serialize: (date) => (date as Date).toISOString(),
  parseValue: parseTime,
  parseLiteral: (node: ValueNode) => parseTime(node.kind === Kind.STRING ? node.value : null),
})

builder.scalarType('JSON', {
  description: 'Any JSON value.',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node: ValueNode, variables) => valueFromASTUntyped(node, variables),
})

/** An enum that is upper case here and lower case everywhere else (database, operations, REST). */
export function upperCaseEnum<const Value extends string>(
  name: string,
  values: readonly Value[],
  description: string,
  descriptions: Partial<Record<Value, string>> = {},
) {
  const entries = values.map((value) => [value.toUpperCase(), { value, description: descriptions[value] }] as const)
  return builder.enumType(name, {
    description,
    values: Object.fromEntries(entries) as Record<string, { value: Value }>,
  })
}

export const Node = builder.interfaceRef<{ id: string }>('Node').implement({
  description: 'Whatever has an id of its own: a UUID (version 7), the same here and in REST.',
  fields: (t) => ({ id: t.exposeID('id') }),
})

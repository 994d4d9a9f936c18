// What the ways try, found by reading their requests, and what there is to be tried: for the test that nothing is left
// out.

import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isCompositeType,
  isInputObjectType,
  isObjectType,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { schema } from '../../src/graphql/schema.ts'
import { snakeCase } from '../../src/rest/errors.ts'
import { routes } from '../../src/rest/routes.ts'
import { makeRest } from '../../src/rest/server.ts'
import { TICKETS } from '../support/app.ts'
import { addressOf } from './knock.ts'
import { type GraphQLRequest, isGraphQL, type RestRequest, type Way } from './ways.ts'
import type { Names } from './world.ts'

/** Stands in the requests for a name of another tenant; in REST's addresses for one that needs no escape. */
const ITS = { graphql: '#4711', rest: '4711' }
const names = new Proxy({} as Names, { get: () => '#1' })
const plainNames = new Proxy({} as Names, { get: () => 'own' })

const ofGraphQL = (ways: readonly Way[]) => ways.map(({ ask }) => ask(ITS.graphql, names, names)).filter(isGraphQL)
const ofRest = (ways: readonly Way[]) =>
  ways.map(({ ask }) => ask(ITS.rest, plainNames, plainNames)).filter((one): one is RestRequest => !isGraphQL(one))

const isNamed = (value: unknown) => JSON.stringify(value ?? '').includes('4711')

/** Fields by `Type.field`, arguments by `Type.field(argument)`, input fields by `Type.field`. */
export interface Reached {
  fields: Set<string>
  /** Where a name of another tenant stood. */
  places: Set<string>
}

export function reachedByGraphQL(ways: readonly Way[]): Reached {
  const reached: Reached = { fields: new Set(), places: new Set() }
  for (const request of ofGraphQL(ways)) readDocument(request, reached)
  return reached
}

function readDocument({ document, variables }: GraphQLRequest, { fields, places }: Reached): void {
  const types = new TypeInfo(schema)
  const inField: string[] = []
  const visitor = {
    Field: () => {
      const [parent, field] = [types.getParentType(), types.getFieldDef()]
      if (parent && field && isObjectType(parent)) fields.add(nameOf(parent, field.name))
      else fields.add(`${parent?.name}.${field?.name}`)
    },
    ObjectField: {
      enter: ({ name }: { name: { value: string } }) => void inField.push(`${parentInput(types)}.${name.value}`),
      leave: () => void inField.pop(),
    },
    Variable: ({ name }: { name: { value: string } }) => {
      const argument = types.getArgument()
      if (!argument || !isNamed(variables[name.value])) return
      places.add(inField.at(-1) ?? `${types.getParentType()?.name}.${types.getFieldDef()?.name}(${argument.name})`)
      readInput(argument.type, variables[name.value], places)
    },
  }
  visit(parse(document), visitWithTypeInfo(types, visitor))
}

/** Within a field of an input object its parent is the object that it is of. */
const parentInput = (types: TypeInfo) => getNamedType(types.getParentInputType() as GraphQLInputType)?.name

function readInput(type: GraphQLInputType, value: unknown, places: Set<string>): void {
  const named = getNamedType(type)
  for (const one of [value].flat()) {
    if (!isInputObjectType(named) || typeof one !== 'object' || one === null) continue
    for (const [field, inner] of Object.entries(one)) {
      if (isNamed(inner)) places.add(`${named.name}.${field}`)
      const definition = named.getFields()[field]
      if (definition) readInput(definition.type, inner, places)
    }
  }
}

const objectTypes = () =>
  Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
  )

/** A field that an interface has is that field, whichever type is asked for it. */
function nameOf(type: GraphQLObjectType, field: string): string {
  const shared = type.getInterfaces().find((one) => field in one.getFields())
  return `${(shared ?? type).name}.${field}`
}

const NAMING = new Set(['after', 'before', 'q', 'idempotencyKey'])

/** Whether something of another tenant can be named there. */
const takesName = ({ name, type }: GraphQLArgument | GraphQLInputField) =>
  NAMING.has(name) || getNamedType(type).name === 'ID'

/** Arguments and input fields that take an id, a cursor, a word to search for or a key. */
export function placesOfGraphQL(): string[] {
  const inFields = objectTypes().flatMap((type) =>
    Object.values(type.getFields()).flatMap((field) =>
      field.args.filter(takesName).map(({ name }) => `${type.name}.${field.name}(${name})`),
    ),
  )
  const inputs = Object.values(schema.getTypeMap()).filter(isInputObjectType)
  const inInputs = inputs.flatMap((type) =>
    Object.values(type.getFields())
      .filter(takesName)
      .map(({ name }) => `${type.name}.${name}`),
  )
  return [...inFields, ...inInputs]
}

/** Fields of the root, and all that lead from one thing to another; results and edges are only wrapped around those. */
export function fieldsOfGraphQL(): string[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  return objectTypes().flatMap((type) =>
    Object.values(type.getFields())
      .filter((field) => roots.includes(type) || isCompositeType(getNamedType(field.type)))
      .map((field) => nameOf(type, field.name)),
  )
}

/** Every route that there is, streams and downloads included: `GET /api/v1/clusters`. */
export function routesOfRest(): string[] {
  const app = makeRest({ trusted: { allowedOrigins: [] } } as never, 'http://127.0.0.1')
  return app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`)
}

const COOKIE = { cookie: 'a session' }

/** Those that some request goes to, over either mount. */
export function reachedByRest(ways: readonly Way[]): Set<string> {
  const known = routesOfRest()
  return new Set(ofRest(ways).flatMap((request) => [{}, COOKIE].map((headers) => routeOf(known, request, headers))))
}

/** The first that fits is the one that answers. */
function routeOf(known: readonly string[], request: RestRequest, headers: Record<string, string>): string {
  const { pathname } = new URL(addressOf(headers, request), 'http://127.0.0.1')
  const asked = `${request.method} ${pathname}`
  return known.find((route) => new RegExp(`^${route.replace(/:\w+/g, '[^/]+')}$`).test(asked)) ?? asked
}

/** A route of the table, as routesOfRest has it. */
function fullName({ method, path, mount }: (typeof routes)[number]): string {
  const prefix = mount === 'api' ? '/api/v1' : TICKETS
  return `${method.toUpperCase()} ${prefix}${path.replace(/\{(\w+)\}/g, ':$1')}`
}

export const operationOf = (route: string): string | undefined =>
  routes.find((one) => fullName(one) === route)?.operation.name

/** Parameters and body fields of the routes that name something: `POST /api/v1/org/support/tickets review_id`. */
export function placesOfRest(): string[] {
  return routes.flatMap((route) =>
    [...(route.body ?? []).map(snakeCase), ...Object.keys(route.query ?? {})]
      .filter((name) => /_id$|^q$|_name$/.test(name))
      .map((name) => `${fullName(route)} ${name}`),
  )
}

export function placesReachedByRest(ways: readonly Way[]): Set<string> {
  const known = routesOfRest()
  const reached = ofRest(ways).flatMap((request) => {
    const { searchParams } = new URL(addressOf({}, request), 'http://127.0.0.1')
    const fields = [...Object.entries(request.body ?? {}), ...searchParams].filter(([, value]) => isNamed(value))
    return fields.map(([name]) => `${routeOf(known, request, {})} ${name}`)
  })
  return new Set(reached)
}

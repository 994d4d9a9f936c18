// No operation, field, route or place where something can be named is without a way in tenants.test.ts.

import { describe, expect, it } from 'vitest'
import { operations } from '../../src/operations/registry.ts'
import {
  fieldsOfGraphQL,
  operationOf,
  placesOfGraphQL,
  placesOfRest,
  placesReachedByRest,
  reachedByGraphQL,
  reachedByRest,
  routesOfRest,
} from './coverage.ts'
import { ways } from './setup.ts'
import { RIGHT_OF } from './ways.ts'

const missing = (all: Iterable<string>, reached: Set<string>) => [...all].filter((one) => !reached.has(one))

describe('the ways to another tenant', () => {
  it('try every operation of the registry, and the rules say of each what it needs', () => {
    const names = Object.values(operations).map(({ name }) => name)
    const overGraphQL = [...reachedByGraphQL(ways).fields].map((field) => field.split('.')[1] as string)
    const overRest = [...reachedByRest(ways)].map((route) => operationOf(route) ?? DOWNLOADS[route] ?? route)
    expect(missing(names, new Set([...overGraphQL, ...overRest]))).toEqual([])
    expect(missing(names, new Set(Object.keys(RIGHT_OF)))).toEqual([])
  })

  it('try every field of the roots, and go over every field that leads from one thing to another', () => {
    expect(missing(fieldsOfGraphQL(), reachedByGraphQL(ways).fields)).toEqual([])
  })

  it('put a name of another tenant wherever GraphQL takes an id, a cursor, a word or a key', () => {
    expect(missing(placesOfGraphQL(), reachedByGraphQL(ways).places)).toEqual([])
  })

  it('try every route of REST, by cookie and by token', () => {
    expect(missing(routesOfRest(), reachedByRest(ways))).toEqual([])
  })

  it('put a name of another tenant into every parameter and field of REST that takes one', () => {
    expect(missing(placesOfRest(), placesReachedByRest(ways))).toEqual([])
  })

  it('have names of their own', () => {
    expect(new Set(ways.map(({ name }) => name)).size).toBe(ways.length)
  })
})

/** It answers with bytes, and so has no entry in the table of routes. */
const DOWNLOADS: Record<string, string> = {
  'GET /api/v1/org/support/tickets/:ticket_id/attachments/:attachment_id': 'downloadAttachment',
}

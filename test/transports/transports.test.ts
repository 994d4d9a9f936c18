// The same cases, good and bad, over GraphQL and over REST: the same is said, the same is stored, and the same events
// come of it. Acme is asked over GraphQL, Globex over REST.

import type { GraphQLObjectType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { schema } from '../../src/graphql/schema.ts'
import { operations } from '../../src/operations/registry.ts'
import { routes } from '../../src/rest/routes.ts'
import { wish } from '../rest/drafts.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { casesOf, fieldsOf, GOOD } from './cases.ts'
import { compare } from './compare.ts'
import { DIFFERENCES, ON_ONE_TRANSPORT } from './differences.ts'
import { overGraphQL, overRest } from './doors.ts'
import { READS } from './reads.ts'
import { NOW, twoWorlds, type World } from './worlds.ts'

let app: TestApp
let worlds: [World, World]
beforeAll(async () => {
  app = await testApp({ now: () => NOW, env: { ATTACHMENT_MAX_BYTES: '1000', ATTACHMENT_MAX_FILES: '500' } })
  worlds = await twoWorlds(app)
})
afterAll(() => app.close())

const excused = new Set<string | null>()

describe.each(Object.keys(GOOD))('%s', (operation) => {
  it('comes to the same over both transports, whatever it is given', async () => {
    const faults: string[] = []
    for (const asked of casesOf(operation)) {
      const compared = await compare(app, worlds, asked)
      faults.push(...compared.faults)
      excused.add(compared.excuse)
    }
    expect(faults).toEqual([])
  }, 120_000)
})

describe('the one difference of meaning', () => {
  it.each(['technical', ''])('is the category "%s", which is nobody’s choice over REST', async (category) => {
    const asked = { name: 'a default', operation: 'createTicket', input: {}, as: 'customer' as const }
    const input = { ...wish, acknowledged: true, category }
    const [graphql, rest] = [await overGraphQL(worlds[0], asked, input), await overRest(worlds[1], asked, input)]
    expect(rest.body).toMatchObject({ body: { category: 'feature_request' } })
    if (category === '') expect(graphql.body).toMatchObject({ code: 'BAD_USER_INPUT' })
    else expect(graphql.body).toMatchObject({ body: { category: 'technical' } })
  })
})

describe('the comparison', () => {
  const both = routes
    .map(({ operation }) => operation.name)
    .filter((name) => [...fieldsOfType('Query'), ...fieldsOfType('Mutation')].includes(name))

  it('leaves out no operation that both transports have', () => {
    expect([...Object.keys(GOOD), ...READS].toSorted()).toEqual(both.toSorted())
    for (const name of both) expect(Object.values(operations).map((one) => one.name)).toContain(name)
  })

  it('leaves out no field of their inputs but those that one transport alone has', () => {
    for (const operation of Object.keys(GOOD)) {
      const compared = new Set(casesOf(operation).flatMap(({ input }) => Object.keys(input)))
      const left = fieldsOf(operation).filter((field) => !compared.has(field))
      expect(left.filter((field) => !ON_ONE_TRANSPORT[`${operation}.${field}`])).toEqual([])
    }
  })

  it('knows of no difference that there is not', () => {
    expect(DIFFERENCES.map(({ what }) => what).filter((what) => !excused.has(what))).toEqual([])
  })
})

function fieldsOfType(name: string): string[] {
  return Object.keys((schema.getType(name) as GraphQLObjectType).getFields())
}

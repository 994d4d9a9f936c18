// Two tenants with one of everything, and everybody who may knock at either: what the tests of tenants start from.

import { type Customer, type TestApp, testApp } from '../support/app.ts'
import { type Caller, callersOf } from './callers.ts'
import { idsOf, marksOf, namesOfNobody, type World } from './checks.ts'
import { makeDoors } from './knock.ts'
import { mutations } from './ways.mutations.ts'
import { otherRoutes } from './ways.platform.ts'
import { queries } from './ways.queries.ts'
import { ticketRoutes } from './ways.rest.ts'
import { subscriptions } from './ways.streams.ts'
import type { Way } from './ways.ts'
import { fill, type Names } from './world.ts'

/** First those that make nothing. */
export const ways: readonly Way[] = [...queries, ...subscriptions, ...mutations, ...ticketRoutes, ...otherRoutes].sort(
  (a, b) => Number(a.makes ?? false) - Number(b.makes ?? false),
)

export interface Tenant {
  customer: Customer
  names: Names
  /** Its people and programs, the team, and those outside. */
  callers: Caller[]
  /** What these see of the other tenant. */
  world: World
  /** Ids that only the other tenant's rows have. */
  theirIds: string[]
}

export interface Tenants {
  app: TestApp
  acme: Tenant
  globex: Tenant
  close(): Promise<void>
}

export async function twoTenants(): Promise<Tenants> {
  const app = await testApp({ env: { ATTACHMENT_MAX_FILES: '1000' } })
  const doors = makeDoors(app)
  const globex = await fill(app, app.globex, { word: 'zanzibar', severity: 'CRITICAL', number: 70 })
  const acme = await fill(app, app.acme, { word: 'lighthouse', severity: 'HIGH', number: 30 })
  const close = async () => {
    await doors.close()
    await app.close()
  }
  const tenant = async (own: [Customer, Names], theirs: [Customer, Names]): Promise<Tenant> => {
    const [customer, names] = own
    const nobodys = namesOfNobody(app.life)
    const nobody = Object.fromEntries(Object.entries(theirs[1]).map(([name, value]) => [name, nobodys(value)]))
    const marks = await marksOf(app, theirs[0], customer, theirs[1])
    const callers = await callersOf(app, customer, theirs[0])
    const seen = { own: names, theirs: theirs[1], nobody: nobody as unknown as Names, nobodys, marks, them: theirs[0] }
    const theirIds = await idsOf(app, theirs[0], customer)
    return { customer, names, callers, world: { app, doors, ...seen }, theirIds }
  }
  return {
    app,
    acme: await tenant([app.acme, acme], [app.globex, globex]),
    globex: await tenant([app.globex, globex], [app.acme, acme]),
    close,
  }
}

// Every operation, by every way there is into another tenant's things, tried by everybody: what the rules give is what
// comes, nothing of the other tenant is told or changed, and a thing of theirs is as a thing of nobody.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Caller, verdict, WHO, type Who } from './callers.ts'
import { faultsOf, fingerprint, send } from './checks.ts'
import { CURSORS, drawMany } from './draw.ts'
import { doorsFor, isStream } from './knock.ts'
import { type Tenants, twoTenants, ways } from './setup.ts'
import type { Way } from './ways.ts'

let tenants: Tenants
beforeAll(async () => {
  tenants = await twoTenants()
})
afterAll(() => tenants.close())

/** So many at once, as long as nobody makes anything. */
const AT_ONCE = 8

async function faultsOfAll(caller: Caller): Promise<string[]> {
  const { world } = tenants.acme
  const faults: string[] = []
  const attempt = async (way: Way) => {
    const its = way.of === null ? '' : world.theirs[way.of]
    const [door = 'post'] = doorsFor(way.ask(its, world.own, world.theirs))
    faults.push(...(await faultsOf(world, { caller, way, door, its, natural: true })))
  }
  const [reading, making] = [ways.filter(({ makes }) => !makes), ways.filter(({ makes }) => makes)]
  for (let at = 0; at < reading.length; at += AT_ONCE) await Promise.all(reading.slice(at, at + AT_ONCE).map(attempt))
  for (const way of making) await attempt(way)
  return faults
}

const callerOf = (who: Who) => tenants.acme.callers.find(({ name }) => name === who) as Caller

describe('every way to the things of another tenant', () => {
  it.each(WHO)('is tried by %s', async (who) => {
    const before = await fingerprint(tenants.app, tenants.app.globex)
    expect(await faultsOfAll(callerOf(who))).toEqual([])
    expect(await fingerprint(tenants.app, tenants.app.globex)).toBe(before)
  })
})

describe('whoever, by whichever way', () => {
  it('gets at nothing of another tenant', () => drawMany(tenants), 600_000)
})

describe('the same ways, in the hands of the tenant itself', () => {
  it('lead to something: a thing of nobody is answered otherwise', async () => {
    const { world } = tenants.acme
    const itself = { ...world, own: world.theirs }
    const idle: string[] = []
    for (const way of ways.filter(leadsSomewhere)) {
      const caller = tenants.globex.callers
        .toSorted(tokensFirst)
        .find((one) => verdict(one, way.right) === 'ok') as Caller
      const its = world.theirs[way.of as 'ticketId']
      const [door = 'post'] = doorsFor(way.ask(its, world.theirs, world.theirs))
      const attempt = { caller, way, door, its, natural: true }
      const found = await send(itself, attempt, its, world.theirs)
      const absent = await send(itself, attempt, world.nobodys(its), world.nobody)
      if (found.reply.text === absent.reply.text) idle.push(`${way.name}, by ${caller.name}: ${found.reply.text}`)
    }
    expect(idle).toEqual([])
  })
})

/** Streams, which would stay open, have a test of their own. */
function leadsSomewhere({ of, makes, always, ask }: Way): boolean {
  const { own, theirs } = tenants.acme.world
  return of !== null && !CURSORS.includes(of) && !makes && !always && !isStream(ask(theirs[of], own, theirs))
}

/** Some doors are theirs alone. */
const tokensFirst = (a: Caller, b: Caller) => Number('cookie' in a.headers) - Number('cookie' in b.headers)

// Whoever, by whichever way and door, with whatever name of another tenant, drawn at random. A failure prints the seed
// and the path that lead to it again, as DRAW_SEED and DRAW_PATH; DRAW_RUNS draws more.

import fc from 'fast-check'
import { type Caller, WHO } from './callers.ts'
import { faultsOf, fingerprint } from './checks.ts'
import { doorsFor } from './knock.ts'
import { type Tenant, type Tenants, ways } from './setup.ts'
import type { Way } from './ways.ts'
import type { Names } from './world.ts'

const SEED = Number(process.env.DRAW_SEED ?? 20_260_503)
const PATH = process.env.DRAW_PATH
const RUNS = Number(process.env.DRAW_RUNS ?? 400)

const draw = fc.record({
  as: fc.constantFrom('acme' as const, 'globex' as const),
  // Those who belong somewhere have the most ways to go wrong.
  who: fc.oneof(fc.constantFrom(...WHO), fc.constantFrom(...WHO.slice(0, 5))),
  way: fc.constantFrom(...ways.map(({ name }) => name)),
  door: fc.nat(3),
  /** Null: the name that the way is for. */
  its: fc.option(fc.nat(200)),
  upperCase: fc.boolean(),
  withHeader: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
})

/** A place in a list is no more than that: behind it everybody finds their own. */
export const CURSORS: (keyof Names)[] = [
  'listCursor',
  'updatedCursor',
  'severityCursor',
  'clusterCursor',
  'organisationCursor',
]
const PLACES: (keyof Names)[] = [...CURSORS, 'commentCursor', 'eventCursor', 'asOf', 'listAsOf']
const TEXTS: (keyof Names)[] = ['key', 'word', 'clusterName', 'numbered']

/** Names of theirs that can stand where the way has one: any id for an id, any cursor for a cursor. */
function namesFor({ world, theirIds }: Tenant, { of }: Way): string[] {
  if (of === null) return ['']
  if (TEXTS.includes(of)) return [world.theirs[of]]
  return PLACES.includes(of) ? PLACES.map((place) => world.theirs[place]) : theirIds
}

type Drawn = typeof draw extends fc.Arbitrary<infer Value> ? Value : never

async function faultsOfDraw(tenants: Tenants, drawn: Drawn): Promise<string[]> {
  const { as, who, way: name, door, its, upperCase, withHeader } = drawn
  const tenant = tenants[as]
  const { world } = tenant
  const caller = tenant.callers.find((one) => one.name === who) as Caller
  const way = ways.find((one) => one.name === name) as Way
  const known = namesFor(tenant, way)
  const own = way.of === null ? '' : world.theirs[way.of]
  const chosen = its === null ? own : (known[its % known.length] as string)
  const doors = doorsFor(way.ask(chosen, world.own, world.theirs))
  const before = await fingerprint(tenants.app, world.them)
  const faults = await faultsOf(world, {
    ...{ caller, way, door: doors[door % doors.length] ?? 'post', natural: its === null },
    its: upperCase && isId(chosen) ? chosen.toUpperCase() : chosen,
    withHeader: withHeader && way.right !== 'nothing',
  })
  const changed = (await fingerprint(tenants.app, world.them)) !== before
  return changed ? [...faults, `${who}, ${name}: changes something of theirs`] : faults
}

const isId = (name: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name)

/** @throws what fast-check has to say when something comes that the rules do not give. */
export function drawMany(tenants: Tenants): Promise<void> {
  const property = fc.asyncProperty(draw, async (drawn) => {
    const faults = await faultsOfDraw(tenants, drawn)
    if (faults.length > 0) throw new Error(faults.join('\n'))
  })
  return fc.assert(property, { seed: SEED, numRuns: RUNS, ...(PATH === undefined ? {} : { path: PATH }) })
}

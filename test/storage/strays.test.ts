// What uploads that fail leave in the store: nothing, at once or when the sweep comes by, and never at the cost of one
// that succeeds.

import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { claimObject, forgetStray, giveUpStray, giveUpStrays, writeDown } from '../../src/db/strays.ts'
import { Prisma } from '../../src/generated/prisma/client.ts'
import { removeStray, sweepStrays } from '../../src/storage/strays.ts'
import { doors, type Headers, leftovers, type Outcome, ticketAt, ticketOf } from '../operations/attachments.world.ts'
import { atOnce } from '../operations/concurrency.world.ts'
import { bearer, type TestApp, testApp } from '../support/app.ts'
import { filesIn, newKey, spooled } from './files.ts'

const HOUR_MS = 60 * 60 * 1000
const log = { name: 'node.log', bytes: 'worker-3 is NotReady\n' }

let app: TestApp
let customer: Headers
let ticketId: string
/** How many objects there were before the test. */
let before: number

beforeAll(async () => {
  app = await testApp()
  customer = bearer(app.acme.token)
})
beforeEach(async () => {
  ticketId = await ticketAt(app)
  before = (await objects()).length
})
afterEach(async () => {
  expect(await leftovers(app)).toEqual([])
})
afterAll(() => app.close())

interface Stray {
  key: string
  removed: boolean
}

const strays = () => app.database.query<Stray>(Prisma.sql`SELECT key, removed FROM stray_objects ORDER BY since, key`)
const keysOf = async () => (await strays()).map(({ key }) => key)
const objects = () => filesIn(join(app.storeFolder, 'objects'))
const isStored = async (key: string) => (await objects()).includes(join(app.storeFolder, 'objects', key))

async function age(key: string, ms: number): Promise<void> {
  await app.database.query(Prisma.sql`
    UPDATE stray_objects SET since = now() - ${ms}::float8 * interval '1 millisecond' WHERE key = ${key}`)
}

/** An object that an upload has put there, and not come further. */
async function abandon(ageMs = 0): Promise<string> {
  const key = newKey()
  await writeDown(app.database, key)
  await app.store.put(key, await spooled(app.store.spoolDir, log.bytes))
  await age(key, ageMs)
  return key
}

/** Holds an upload between the put and its attachment, while `meanwhile` has the key of its object. */
async function heldUpload(
  upload: () => Promise<Outcome>,
  meanwhile: (key: string) => Promise<unknown>,
  atLast = Prisma.sql`SELECT 1`,
): Promise<Outcome> {
  let outcome: Promise<Outcome> | undefined
  await app.database.write(async (tx) => {
    await tx.$queryRaw`SELECT FROM tickets WHERE id = ${ticketId}::uuid FOR NO KEY UPDATE`
    outcome = upload()
    await expect.poll(waiting).toBe(1)
    const [key] = await keysOf()
    await meanwhile(key as string)
    await tx.$executeRaw(atLast)
  })
  return outcome as Promise<Outcome>
}

/** How many transactions wait for a lock. */
async function waiting(): Promise<number> {
  const [row] = await app.database.query<{ n: bigint }>(Prisma.sql`
    SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
  return Number(row?.n)
}

describe.each(doors)('an upload by $door that has put its object', ({ upload }) => {
  const send = () => upload(app, customer, ticketId, log)

  it('is known as a stray until it is attached, and no longer', async () => {
    let known: Stray[] = []
    const { is } = await heldUpload(send, async () => {
      known = await strays()
    })
    expect(is).toBe('attached')
    expect(known).toEqual([{ key: expect.stringMatching(app.acme.organisationId), removed: false }])
    expect(await strays()).toEqual([])
    const { storageKey } = await app.database.prisma.attachment.findFirstOrThrow({ where: { ticketId } })
    expect(known[0]?.key).toBe(storageKey)
  })

  it('and then finds its ticket closed leaves no object and no row', async () => {
    const close = Prisma.sql`UPDATE tickets SET status = 'closed', resolved_at = now(), closed_at = now()
      WHERE id = ${ticketId}::uuid`
    let stored = false
    const { is } = await heldUpload(
      send,
      async (key) => {
        stored = await isStored(key)
      },
      close,
    )
    expect([stored, is]).toEqual([true, 'input ticketId NOT_ALLOWED'])
    expect(await objects()).toHaveLength(before)
    expect(await strays()).toEqual([])
  })

  it('keeps it while the sweep comes by', async () => {
    const { is } = await heldUpload(send, () => sweepStrays(app))
    expect(is).toBe('attached')
    expect(await ticketOf(app, customer, ticketId)).toMatchObject({ attachments: [{ filename: 'node.log' }] })
  })

  it('is refused, and attaches nothing, when the sweep was faster', async () => {
    const { is, message } = await heldUpload(send, () => sweepStrays(app, 0))
    expect([is, message]).toEqual(['UNAVAILABLE', expect.stringContaining('try again')])
    expect(await ticketOf(app, customer, ticketId)).toMatchObject({ version: 1, attachments: [] })
    expect((await send()).is).toBe('attached')
  })

  it('is refused as well while its object is just being removed', async () => {
    const { is } = await heldUpload(send, (key) => giveUpStray(app.database, key))
    expect(is).toBe('UNAVAILABLE')
    expect(await ticketOf(app, customer, ticketId)).toMatchObject({ version: 1, attachments: [] })
    expect(await objects()).toHaveLength(before)
  })
})

describe('the sweep', () => {
  const claim = (key: string) => app.database.write((tx) => claimObject(tx, key))

  it('removes what is an hour old, and leaves what is younger', async () => {
    const [old, young] = [await abandon(HOUR_MS + 1000), await abandon(HOUR_MS - 60_000)]
    await sweepStrays(app)
    expect([await isStored(old), await isStored(young)]).toEqual([false, true])
    expect(await strays()).toEqual([{ key: young, removed: false }])
    await age(young, 2 * HOUR_MS)
    await sweepStrays(app)
    expect([await isStored(young), await strays()]).toEqual([false, []])
  })

  it('removes more than it takes at once', async () => {
    await app.database.query(Prisma.sql`
      INSERT INTO stray_objects (key)
      SELECT gen_random_uuid() || '/' || gen_random_uuid() FROM generate_series(1, 250)`)
    expect(await strays()).toHaveLength(250)
    await sweepStrays(app, 0)
    expect(await strays()).toEqual([])
  })

  it('leaves what was claimed, however old it is', async () => {
    const key = await abandon(2 * HOUR_MS)
    expect(await claim(key)).toBe(true)
    await sweepStrays(app, 0)
    await removeStray(app, key)
    expect(await isStored(key)).toBe(true)
    await app.store.remove(key)
  })

  it('takes what a claim that was rolled back has left', async () => {
    const key = await abandon(2 * HOUR_MS)
    const rolledBack = app.database.write(async (tx) => {
      expect(await claimObject(tx, key)).toBe(true)
      throw new Error('rolled back')
    })
    await expect(rolledBack).rejects.toThrow('rolled back')
    await sweepStrays(app)
    expect([await isStored(key), await strays()]).toEqual([false, []])
  })

  it('does not wait for a claim that is under way, nor take its object', async () => {
    const [claimed, other] = [await abandon(2 * HOUR_MS), await abandon(2 * HOUR_MS)]
    await app.database.write(async (tx) => {
      await claimObject(tx, claimed)
      await sweepStrays(app)
    })
    expect([await isStored(claimed), await isStored(other)]).toEqual([true, false])
    await app.store.remove(claimed)
  })

  it('goes on where one before it broke off', async () => {
    const key = await abandon(2 * HOUR_MS)
    expect(await giveUpStrays(app.database, HOUR_MS)).toEqual([key])
    expect(await strays()).toEqual([{ key, removed: true }])
    expect(await claim(key)).toBe(false)
    await sweepStrays(app)
    expect([await isStored(key), await strays()]).toEqual([false, []])
  })

  it('forgets nothing that was not given up', async () => {
    const key = await abandon()
    await forgetStray(app.database, key)
    expect(await keysOf()).toEqual([key])
    await removeStray(app, key)
  })

  it('may come from several sides at once', async () => {
    const keys = await Promise.all(Array.from({ length: 30 }, () => abandon(2 * HOUR_MS)))
    const young = await abandon()
    await atOnce(4, () => sweepStrays(app))
    expect(await keysOf()).toEqual([young])
    expect(await Promise.all(keys.map(isStored))).toEqual(keys.map(() => false))
    await removeStray(app, young)
  })

  it('of one claimed and given up at the same moment, lets one win', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => abandon(2 * HOUR_MS)))
    const [claims] = await Promise.all([Promise.all(keys.map(claim)), sweepStrays(app)])
    expect(await Promise.all(keys.map(isStored))).toEqual(claims)
    await Promise.all(keys.map((key) => app.store.remove(key)))
    expect(await strays()).toEqual([])
  })

  it('clears the spool of what is old, and of nothing else', async () => {
    const [old, young] = [await spooled(app.store.spoolDir, 'old\n'), await spooled(app.store.spoolDir, 'young\n')]
    const then = new Date(Date.now() - HOUR_MS - 1000)
    await utimes(old.path, then, then)
    await sweepStrays(app)
    expect(await filesIn(app.store.spoolDir)).toEqual([young.path])
    await young.remove()
  })
})

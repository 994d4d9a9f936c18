// What PostgreSQL says of itself, in the words of each layer: away for now, in another's way, or a fault of ours.

import { DriverAdapterError } from '@prisma/driver-adapter-utils'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Tx } from '../../src/db/client.ts'
import { isConflict, isUnavailable } from '../../src/db/faults.ts'
import { Prisma } from '../../src/generated/prisma/client.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'

let test: TestDatabase
beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.close())

const lost = {
  code: '57P02',
  originalCode: '57P02',
  severity: 'FATAL',
  detail: undefined,
  column: undefined,
  hint: undefined,
}
const organisation = (slug: string) => ({ id: uuid(), name: slug, slug })
const inserted = (slug: string) =>
  Prisma.sql`INSERT INTO organisations (id, name, slug) VALUES (${uuid()}::uuid, ${slug}, ${slug})`

/** Inserting an organisation fails with this SQLSTATE, `times` times. */
async function failing(sqlState: string, times = 1_000_000): Promise<void> {
  await test.database.prisma.$executeRawUnsafe(`CREATE SEQUENCE IF NOT EXISTS failures`)
  await test.database.prisma.$executeRawUnsafe(`ALTER SEQUENCE failures RESTART`)
  await test.database.prisma.$executeRawUnsafe(`
    CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('failures') <= ${times} THEN RAISE EXCEPTION 'as asked' USING ERRCODE = '${sqlState}'; END IF;
      RETURN NEW;
    END $$`)
  await test.database.prisma.$executeRawUnsafe(
    'CREATE OR REPLACE TRIGGER fail BEFORE INSERT ON organisations FOR EACH ROW EXECUTE FUNCTION fail()',
  )
}

const layers: [name: string, insert: () => Promise<unknown>][] = [
  ["Prisma's models", () => test.database.write((tx) => tx.organisation.create({ data: organisation('a') }))],
  ["Prisma's raw statements", () => test.database.write((tx) => tx.$executeRaw(inserted('a')))],
  ['prepared statements', () => test.database.query(inserted('a'))],
]

describe.each(layers)('an error of %s', (_, insert) => {
  it.each([
    ['a full disk', '53100', true],
    ['no memory', '53200', true],
    ['too many connections', '53300', true],
    ['a lock that was not to be had', '55P03', true],
    ['a statement that took too long', '57014', true],
    ['a server that shuts down', '57P01', true],
    ['a broken disk', '58030', true],
    ['a replica', '25006', true],
    ['a lost connection', '08006', true],
    ['a deadlock', '40P01', true],
    ['a value that is there already', '23505', false],
    ['a division by zero', '22012', false],
  ])('says %s', async (_, sqlState, isAway) => {
    await failing(sqlState)
    const error = await insert().catch((error: unknown) => error)
    expect(error).toBeInstanceOf(Error)
    expect(isUnavailable(error)).toBe(isAway)
    expect(isConflict(error)).toBe(sqlState === '40P01')
  })
})

it('is told by a connection that is lost within a transaction, too', async () => {
  await failing('23505', 0)
  const error = await test.database
    .write(async (tx) => {
      const [own] = await tx.$queryRaw<[{ pid: number }]>`SELECT pg_backend_pid() AS pid`
      await test.database.query(Prisma.sql`SELECT pg_terminate_backend(${own.pid})`)
      await tx.$executeRaw(inserted('never'))
    })
    .catch((error: unknown) => error)
  expect(isUnavailable(error)).toBe(true)
  // Not every loss comes in Prisma's own words: one in the middle of a statement is the driver's.
  const message = 'terminating connection due to unexpected postmaster exit'
  expect(isUnavailable(new DriverAdapterError({ kind: 'postgres', ...lost, message }))).toBe(true)
})

describe('a transaction', () => {
  it.each(['40001', '40P01'])(
    'that was ended in favour of another (%s) is made again, from its beginning',
    async (state) => {
      await failing(state, 3)
      let runs = 0
      const made = await test.database.write((tx) => {
        runs++
        return tx.organisation.create({ data: organisation(`again-${state.toLowerCase()}`) })
      })
      expect(made.slug).toBe(`again-${state.toLowerCase()}`)
      expect(runs).toBe(4)
    },
  )

  it('in a real deadlock succeeds, as the other one does', async () => {
    await failing('23505', 0)
    const [one, two] = [organisation('one'), organisation('two')]
    await test.database.prisma.organisation.createMany({ data: [one, two] })
    const rename = (tx: Tx, id: string, name: string) => tx.organisation.update({ where: { id }, data: { name } })
    const bothLocked = Promise.withResolvers<void>()
    let waiting = 0
    const renameBoth = (first: string, second: string, name: string) =>
      test.database.write(async (tx) => {
        await rename(tx, first, name)
        if (++waiting === 2) bothLocked.resolve()
        await bothLocked.promise
        await rename(tx, second, name)
      })
    await Promise.all([renameBoth(one.id, two.id, 'there'), renameBoth(two.id, one.id, 'back')])
    const names = await test.database.prisma.organisation.findMany({ where: { id: { in: [one.id, two.id] } } })
    expect(new Set(names.map(({ name }) => name)).size).toBe(1)
    expect(waiting).toBe(3)
  })
})

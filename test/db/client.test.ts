// The door to PostgreSQL: the same moment comes back, whatever time zone the server is in.

import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDatabase } from '../../src/db/client.ts'
import { Prisma } from '../../src/generated/prisma/client.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'

let test: TestDatabase
beforeAll(async () => {
  test = await testDatabase()
  const name = new URL(test.url).pathname.slice(1)
  await test.database.prisma.$executeRawUnsafe(`ALTER DATABASE ${name} SET TimeZone TO 'Europe/Berlin'`)
})
afterAll(() => test.close())

it('writes and reads the same moment through Prisma and through statements of its own', async () => {
  const database = openDatabase(`${test.url}${test.url.includes('?') ? '&' : '?'}options=-c%20work_mem%3D8MB`)
  try {
    const createdAt = new Date('2026-05-03T12:00:00.123Z')
    const id = uuid()
    await database.prisma.organisation.create({ data: { id, name: 'Acme', slug: 'acme', createdAt } })
    const [row] = await database.query<{ createdAt: Date; age: number; workMem: string }>(Prisma.sql`
      SELECT created_at AS "createdAt", extract(epoch FROM now() - ${new Date()})::float8 AS age,
        current_setting('work_mem') AS "workMem" FROM organisations WHERE id = ${id}::uuid`)
    expect(row?.createdAt).toEqual(createdAt)
    expect((await database.prisma.organisation.findUnique({ where: { id } }))?.createdAt).toEqual(createdAt)
    expect(Math.abs(row?.age ?? Number.NaN)).toBeLessThan(60)
    expect(row?.workMem).toBe('8MB')
  } finally {
    await database.close()
  }
})

// Objects in the store of attachments that belong to none. Written down before they are put there, so that whatever
// fails or crashes behind that leaves no bytes for good, and no bucket need ever be listed.

import { Prisma } from '../generated/prisma/client.ts'
import type { Database, Tx } from './client.ts'

/** Committed at once: the object may be put from now on. */
export async function writeDown(database: Database, key: string): Promise<void> {
  await database.query(Prisma.sql`INSERT INTO stray_objects (key) VALUES (${key})`)
}

/** The object belongs to what this transaction writes. False when it has been given up meanwhile. */
export async function claimObject(tx: Tx, key: string): Promise<boolean> {
  const rows = await tx.$executeRaw`DELETE FROM stray_objects WHERE key = ${key} AND NOT removed`
  return rows > 0
}

/** Up to a hundred that are older than `ageMs`, which nobody can claim from now on. */
export async function giveUpStrays(database: Database, ageMs: number): Promise<string[]> {
  const rows = await database.query<{ key: string }>(Prisma.sql`
    UPDATE stray_objects SET removed = true WHERE key IN (
      SELECT key FROM stray_objects WHERE since <= now() - ${ageMs}::float8 * interval '1 millisecond'
      ORDER BY since LIMIT 100 FOR UPDATE SKIP LOCKED)
    RETURNING key`)
  return rows.map(({ key }) => key)
}

/** One that nobody can claim from now on; false when it was claimed. */
export async function giveUpStray(database: Database, key: string): Promise<boolean> {
  const rows = await database.query(Prisma.sql`
    UPDATE stray_objects SET removed = true WHERE key = ${key} RETURNING key`)
  return rows.length > 0
}

/** The object is gone. */
export async function forgetStray(database: Database, key: string): Promise<void> {
  await database.query(Prisma.sql`DELETE FROM stray_objects WHERE key = ${key} AND removed`)
}

/** What the object belonged to is no longer: from the commit on anybody removes it, at once. */
export async function abandonObject(tx: Tx, key: string): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO stray_objects (key, since, removed) VALUES (${key}, 'epoch', true)
    ON CONFLICT (key) DO UPDATE SET since = 'epoch', removed = true`
}

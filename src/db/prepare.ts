// What a migrated database holds before anything is served from it: the name of its life, and the root of all secrets.

import { randomBytes, randomUUID } from 'node:crypto'
import { Prisma } from '../generated/prisma/client.ts'
import type { Database } from './client.ts'
import { giveLife, readLife } from './life.ts'

/** The id of this life of the database, a part of every cursor; made by whoever asks first. */
export async function ensureLife(database: Database): Promise<string> {
  const known = await readLife(database)
  if (known) return known.id
  await giveLife(database, randomUUID())
  const life = await readLife(database)
  if (!life) throw new Error('The row of database_life is gone right after it was written.')
  return life.id
}

/** The secret that all keys are derived from: 32 random bytes in base64url, the same for all replicas. */
export async function ensureSecret(database: Database): Promise<string> {
  await database.query(Prisma.sql`
    INSERT INTO server_secrets (name, value) VALUES ('root', ${randomBytes(32).toString('base64url')})
    ON CONFLICT DO NOTHING`)
  const [secret] = await database.query<{ value: string }>(
    Prisma.sql`SELECT value FROM server_secrets WHERE name = 'root'`,
  )
  if (!secret) throw new Error('The row of server_secrets is gone right after it was written.')
  return secret.value
}

// What a migrated database holds before anything is served from it: the name of its life, and the root of all secrets.

import { randomBytes, randomUUID } from 'node:crypto'
import { Prisma } from '../generated/prisma/client.ts'
import type { Database } from './client.ts'

/** Where the server does not let us ask which cluster it is. */
const UNKNOWN_SYSTEM = 'unknown'

/** The id of this life of the database, a part of every cursor; made by whoever asks first. */
export async function ensureLife(database: Database): Promise<string> {
  const known = await readLife(database)
  if (known) return known
  const system = await systemIdentifier(database)
  await database.query(Prisma.sql`
    INSERT INTO database_life (life, system_identifier, database_oid)
    SELECT ${randomUUID()}::uuid, ${system}, oid::bigint FROM pg_database WHERE datname = current_database()
    ON CONFLICT DO NOTHING`)
  const life = await readLife(database)
  if (!life) throw new Error('The row of database_life is gone right after it was written.')
  return life
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

async function readLife(database: Database): Promise<string | null> {
  const [row] = await database.query<{ life: string }>(Prisma.sql`SELECT life FROM database_life`)
  return row?.life ?? null
}

/** The number that initdb gave the cluster: a copy on another server has another. */
async function systemIdentifier(database: Database): Promise<string> {
  const [may] = await database.query<{ ask: boolean }>(
    Prisma.sql`SELECT has_function_privilege('pg_control_system()', 'execute') AS ask`,
  )
  if (!may?.ask) return UNKNOWN_SYSTEM
  const [system] = await database.query<{ id: string }>(
    Prisma.sql`SELECT system_identifier::text AS id FROM pg_control_system()`,
  )
  return system?.id ?? UNKNOWN_SYSTEM
}

// Fills an empty database with the demonstration: two customers, the support team, and what they wrote to each other.
// main.ts calls it at the first start.

import { randomBytes } from 'node:crypto'
import { hashPassword } from 'better-auth/crypto'
import type { Database, Tx } from './client.ts'
import { makeCast } from './seed/cast.ts'
import { observeClusters } from './seed/clusters.ts'
import { PEOPLE } from './seed/people.ts'
import { stories } from './seed/stories.ts'
import { tell } from './seed/tell.ts'

/** What somebody needs to look around: written to demo.json. */
export interface Demo {
  /** Bearer tokens; acme and globex are customers. */
  tokens: { acme: string; globex: string; team: string }
  /** Who may sign in: an admin and members of Acme, and the support team. */
  people: { email: string; password: string; role: 'admin' | 'member' | 'team' }[]
}

export interface SeedOptions {
  database: Database
  /** Which life of the database this is. */
  life: string
  /** Everything is made to have happened before this moment. */
  now: Date
  /** Called when all is written, just before the commit; when it fails, the database stays empty. */
  onReady(demo: Demo): Promise<void>
}

/** Any fixed number: who holds it fills the database. Advisory locks count per database. */
const LOCK = 5_207_310_412
const PASSWORD_BYTES = 12
/** demo.json promises an admin and members of Acme; Globex has a token, and its people have no password yet. */
const WHO_MAY_SIGN_IN = Object.values(PEOPLE).filter(({ of }) => of !== 'globex')

/** All of it in one transaction. Returns false, changing nothing, when there is an organisation already. */
export async function seedDemo({ database, life, now, onReady }: SeedOptions): Promise<boolean> {
  if (await isTaken(database.prisma)) return false
  // Hashing is slow on purpose, so before the transaction, and only where somebody will need it.
  const secrets = await makePasswords()
  return database.write(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${LOCK}::bigint)`
    if (await isTaken(tx)) return false
    const { cast, tokens } = await makeCast(tx, now, (email) => secrets.get(email)?.hash ?? null)
    await tell(tx, { life, now, cast, stories })
    await observeClusters(tx, cast, now)
    await onReady({ tokens, people: whoMaySignIn(secrets) })
    return true
  })
}

async function isTaken(tx: Pick<Tx, 'organisation'>): Promise<boolean> {
  return (await tx.organisation.count({ take: 1 })) > 0
}

type Secrets = Map<string, { password: string; hash: string }>

/** New ones each time: a password that everybody knows would be a way in. */
async function makePasswords(): Promise<Secrets> {
  const made = WHO_MAY_SIGN_IN.map(async ({ email }) => {
    const password = randomBytes(PASSWORD_BYTES).toString('base64url')
    return [email, { password, hash: await hashPassword(password) }] as const
  })
  return new Map(await Promise.all(made))
}

function whoMaySignIn(secrets: Secrets): Demo['people'] {
  return WHO_MAY_SIGN_IN.map(({ email, role }) => ({ email, password: secrets.get(email)?.password ?? '', role }))
}

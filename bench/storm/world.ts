// Who there is when the storm begins: organisations with a customer's token each, and the team.

import { createOrganisation } from '../../src/admin/organisations.ts'
import { addTeamMember, createPerson } from '../../src/admin/people.ts'
import { createToken } from '../../src/admin/tokens.ts'
import type { Database } from '../../src/db/client.ts'

export interface Place {
  id: string
  /** Of a customer's program: reads and writes tickets. */
  token: string
  /** Its tickets as far as the storm has made them; the first is the one that subscribers follow. */
  tickets: string[]
}

export interface World {
  organisations: readonly Place[]
  teamToken: string
  /** Whom tickets are assigned to. */
  people: readonly string[]
}

const SCOPES = ['tickets_read', 'tickets_write'] as const

export function makeWorld(database: Database, count: number): Promise<World> {
  return database.write(async (tx) => {
    const token = async (organisationId: string | null) =>
      (await createToken(tx, { organisationId, name: 'A program', scopes: SCOPES, expiresAt: null })).secret
    const organisations: Place[] = []
    for (let n = 1; n <= count; n++) {
      const { id } = await createOrganisation(tx, { name: `Customer ${n}`, slug: `customer-${n}` })
      organisations.push({ id, token: await token(id), tickets: [] })
    }
    const people: string[] = []
    for (const name of ['Tess', 'Tom', 'Tim']) {
      const { id } = await createPerson(tx, { email: `${name}@deskwire.example`, name })
      await addTeamMember(tx, id)
      people.push(id)
    }
    return { organisations, teamToken: await token(null), people }
  })
}

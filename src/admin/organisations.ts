// Organisations: how the operator (and the demonstration) makes and finds them.

import { v7 as uuid } from 'uuid'
import type { Tx } from '../db/client.ts'
import { raiseRevisions } from '../events/revisions.ts'
import type { Organisation } from '../generated/prisma/client.ts'
import { Refusal } from './refusal.ts'

export const SLUG_MAX = 50
export const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

/** With its counters: an organisation without them could not have a ticket. Throws a Refusal when the slug is taken. */
export async function createOrganisation(
  tx: Tx,
  { name, slug }: { name: string; slug: string },
): Promise<Organisation> {
  const taken = await tx.organisation.findUnique({ where: { slug } })
  if (taken) throw new Refusal(`The slug "${slug}" is taken by ${taken.name}: give another one with --slug.`)
  const organisation = await tx.organisation.create({ data: { id: uuid(), name, slug } })
  await tx.organisationCounters.create({ data: { organisationId: organisation.id } })
  return organisation
}

/** Throws a Refusal when there is none of that slug. */
export async function findOrganisation(tx: Tx, slug: string): Promise<Organisation> {
  const organisation = await tx.organisation.findUnique({ where: { slug } })
  if (organisation) return organisation
  throw new Refusal(`There is no organisation "${slug}": "npm run admin -- organisation list" shows them all.`)
}

/** A slug for a name, such as `zoe-co` for "Zoë & Co"; empty when the name has no letter from a to z, nor digit. */
export function slugFrom(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_MAX)
    .replaceAll(/^-|-$/g, '')
}

/** For changes that touch several organisations: locks in the order of their ids, as everywhere. */
export async function raiseAllRevisions(tx: Tx, organisationIds: readonly string[]): Promise<void> {
  for (const id of [...new Set(organisationIds)].sort()) await raiseRevisions(tx, id)
}

// Tickets as tests of the search for duplicates file them: straight into the database, without a review.

import { randomUUID } from 'node:crypto'
import type { Database } from '../../src/db/client.ts'

export interface Told {
  subject: string
  description: string
}

const NOW = new Date('2026-06-01T12:00:00Z')

/** An organisation without tickets; its id. */
export async function makeOrganisation({ prisma }: Database): Promise<string> {
  const id = randomUUID()
  await prisma.organisation.create({ data: { id, name: 'Acme', slug: id } })
  await prisma.organisationCounters.create({ data: { organisationId: id } })
  return id
}

/** Files a ticket with the organisation's next number; its id. */
export async function fileTicket({ prisma }: Database, organisationId: string, told: Told): Promise<string> {
  const id = randomUUID()
  const { ticketNumber } = await prisma.organisationCounters.update({
    where: { organisationId },
    data: { ticketNumber: { increment: 1 } },
  })
  await prisma.ticket.create({
    data: {
      ...{ organisationId, id, number: ticketNumber, version: 1, teamVersion: 1, lastSeq: 1n, lastPublicSeq: 1n },
      ...{ ...told, source: 'api', category: 'technical', categoryChosen: false, severityChosen: false },
      ...{ status: 'open', aiReviewStatus: 'passed', createdByType: 'customer', createdByLabel: 'Ada' },
      ...{ createdAt: NOW, updatedAt: NOW },
    },
  })
  return id
}

// Makes the events: a ticket of an organisation of its own, and numbered comments on it, committed by a process that
// serves nobody, so that what a server spends is delivery alone.

import { v7 as uuid } from 'uuid'
import { createOrganisation } from '../../src/admin/organisations.ts'
import { createToken } from '../../src/admin/tokens.ts'
import type { Actor } from '../../src/context.ts'
import { openDatabase } from '../../src/db/client.ts'
import { lockTicket } from '../../src/db/locks.ts'
import { ensureLife } from '../../src/db/prepare.ts'
import { type NewTicket, TicketChange } from '../../src/events/change.ts'
import { makeEventLog } from '../../src/events/log.ts'
import { postgresWakeUps } from '../../src/events/wakeup.ts'
import { makeLogger } from '../../src/logger.ts'
import { now } from './channel.ts'
import type { From } from './clients.ts'

export interface Written extends From {
  /** When the database had committed it; nobody had been told yet. */
  at: number
}

export interface Writer {
  token: string
  write(): Promise<Written>
  close(): Promise<void>
}

/** About as long as a comment of two sentences. */
const TEXT = 'The node came back after the upgrade, but the pods of the ingress stay pending. Shall we drain it again?'
const ACTOR: Actor = { type: 'team', id: null, label: 'Tess of the support team' }

export async function makeWriter(databaseUrl: string): Promise<Writer> {
  const database = openDatabase(databaseUrl)
  const wakeUps = postgresWakeUps(databaseUrl, makeLogger({ level: 'warn', pretty: false }))
  const log = makeEventLog(await ensureLife(database), wakeUps)
  const organisation = await database.write((tx) => createOrganisation(tx, { name: 'Acme', slug: 'acme' }))
  const organisationId = organisation.id
  const { secret } = await database.write((tx) =>
    createToken(tx, { organisationId, name: 'Subscribers', scopes: ['tickets_read'], expiresAt: null }),
  )
  const { ticket } = await database.write((tx) =>
    log.commit(tx, TicketChange.create(newTicket(organisationId), ACTOR, new Date())),
  )
  let number = 0

  return {
    token: secret,
    async write() {
      const next = ++number
      const written = await database.write(async (tx) => {
        const locked = await lockTicket(tx, { side: 'team', organisationId: null }, ticket.id)
        if (!locked) throw new Error('The ticket is gone.')
        const change = TicketChange.of(locked, ACTOR, new Date())
        change.comment(`Event ${next} ${TEXT}`)
        return { tx, committed: await log.commit(tx, change) }
      })
      const at = now()
      log.committed(written.tx)
      return { number: next, at, cursor: log.asOf('customer', written.committed.ticket) }
    },
    async close() {
      await wakeUps.close()
      await database.close()
    },
  }
}

function newTicket(organisationId: string): NewTicket {
  const at = new Date()
  return {
    organisationId,
    id: uuid(),
    subject: 'Pods stay pending',
    description: TEXT,
    source: 'api',
    category: 'technical',
    categoryChosen: true,
    severity: null,
    severityChosen: false,
    status: 'open',
    aiSummary: null,
    aiReviewStatus: 'passed',
    reviewId: null,
    clusterId: null,
    clusterContext: null,
    environment: null,
    isTrackedByTeam: false,
    assigneeId: null,
    linkedReports: 0,
    createdByType: ACTOR.type,
    createdById: ACTOR.id,
    createdByLabel: ACTOR.label,
    createdAt: at,
    updatedAt: at,
    firstResponseAt: null,
    resolvedAt: null,
    closedAt: null,
  }
}

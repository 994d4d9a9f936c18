// DataLoaders over the reads: a nested document costs one statement a kind of thing and set of arguments, whatever the
// number of rows. Made anew for each request, each mutation field and each event, so that nothing stale is shown.

import DataLoader from 'dataloader'
import type {
  Attachment,
  Cluster,
  Comment,
  Organisation,
  Review,
  Ticket,
  TicketEvent,
} from '../../generated/prisma/client.ts'
import type { Database } from '../client.ts'
import * as directory from './directory.ts'
import type { Page } from './keyset.ts'
import type { Scope } from './scope.ts'
import * as threads from './threads.ts'
import { type TicketListParent, type TicketListRequest, type TicketPage, ticketPages, ticketsById } from './tickets.ts'

type ById<Row> = DataLoader<string, Row | null>

export interface Loaders {
  ticket: ById<Ticket>
  comment: ById<Comment>
  attachment: ById<Attachment>
  cluster: ById<Cluster>
  organisation: ById<Organisation>
  review: ById<Review>
  teamMember: ById<directory.TeamMember>
  attachments: DataLoader<Ticket, Attachment[]>
  commentCount: DataLoader<Ticket, number>
  comments(ticket: Ticket, request: threads.ThreadRequest<string>): Promise<threads.ThreadPage<Comment>>
  events(ticket: Ticket, request: threads.ThreadRequest<bigint>): Promise<threads.ThreadPage<TicketEvent>>
  tickets(parent: TicketListParent, request: TicketListRequest): Promise<TicketPage>
  /** `organisationId` null: the clusters of all organisations. */
  clusters(of: { organisationId: string | null }, request: directory.NamePage): Promise<Page<Cluster>>
}

export function makeLoaders(database: Database, scope: Scope): Loaders {
  const ticket = byId((ids) => ticketsById(database, scope, ids))
  return {
    ticket,
    comment: byId((ids) => threads.commentsById(database, scope, ids)),
    attachment: byId((ids) => threads.attachmentsById(database, scope, ids)),
    cluster: byId((ids) => directory.clustersById(database, scope, ids)),
    organisation: byId((ids) => directory.organisationsById(database, ids)),
    review: byId((ids) => directory.reviewsById(database, scope, ids)),
    teamMember: byId((ids) => directory.teamMembersById(database, ids)),
    attachments: new DataLoader((tickets) => threads.attachmentsOf(database, tickets)),
    commentCount: new DataLoader((tickets) => threads.commentCounts(database, scope, tickets)),
    comments: byRequest((tickets, request) => threads.commentPages(database, scope, tickets, request)),
    events: byRequest((tickets, request) => threads.eventPages(database, scope, tickets, request)),
    tickets: byRequest(async (parents, request) => {
      const pages = await ticketPages(database, scope, parents, request)
      for (const row of pages.flatMap(({ rows }) => rows)) ticket.prime(row.id, row)
      return pages
    }),
    clusters: byRequest((parents, request) => {
      const ids = parents.map(({ organisationId }) => organisationId)
      return directory.clusterPages(database, ids, request)
    }),
  }
}

function byId<Row extends { id: string }>(load: (ids: readonly string[]) => Promise<Row[]>): ById<Row> {
  return new DataLoader(async (ids) => {
    const rows = new Map((await load(ids)).map((row) => [row.id, row]))
    return ids.map((id) => rows.get(id) ?? null)
  })
}

/** Fields with arguments: one loader for each set of arguments that the document uses. */
function byRequest<Parent, Request, Result>(
  load: (parents: readonly Parent[], request: Request) => Promise<Result[]>,
): (parent: Parent, request: Request) => Promise<Result> {
  const loaders = new Map<string, DataLoader<Parent, Result>>()
  return (parent, request) => {
    const key = JSON.stringify(request, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
    const loader = loaders.get(key) ?? new DataLoader((parents: readonly Parent[]) => load(parents, request))
    loaders.set(key, loader)
    return loader.load(parent)
  }
}

// Comments: what people, the AI review and the service itself say on a ticket.

import type { Context } from '../context.ts'
import { decodePlace, encodePlace, isId } from '../db/reads/keyset.ts'
import type { Comment as CommentRow, Ticket as TicketRow } from '../generated/prisma/client.ts'
import { Refusal } from '../operations/errors.ts'
import { NOT_A_CURSOR } from '../operations/tickets.ts'
import { Actor } from './actor.ts'
import { builder } from './builder.ts'
import { connectionType, type Listed } from './connection.ts'
import { longText } from './long-text.ts'
import { type PageArgs, pageOf } from './paging.ts'
import { Comment, Ticket } from './refs.ts'

builder.prismaObjectFields(Comment, (t) => ({
  ticket: t.field({
    type: Ticket,
    resolve: ({ ticketId }, _, { loaders }) => loaders.ticket.load(ticketId) as Promise<TicketRow>,
  }),
  author: t.field({
    type: Actor,
    resolve: ({ authorType, authorId, authorLabel }) => ({ type: authorType, id: authorId, label: authorLabel }),
  }),
  body: t.string({ resolve: ({ body }, _, context) => longText(body, context) }),
  internal: t.exposeBoolean('internal', { description: 'A note that only the support team sees.' }),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
}))

export interface CommentPage extends Listed<CommentRow> {
  ticket: TicketRow
}

export const CommentConnection = connectionType<CommentRow, CommentPage>('Comment', Comment)

builder.objectField(CommentConnection, 'totalCount', (t) =>
  t.int({ resolve: ({ ticket }, _, { loaders }) => loaders.commentCount.load(ticket) }),
)

/** The cursor holds the comment's id: a place in the log would betray the notes between two comments. */
const ORDER = 'comments'

function idAt(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const [id] = decodePlace(ORDER, [isId], cursor) ?? []
  if (id !== undefined) return String(id)
  throw new Refusal('BAD_USER_INPUT', NOT_A_CURSOR)
}

export async function commentPage(ticket: TicketRow, args: PageArgs, { loaders }: Context): Promise<CommentPage> {
  const { after, before, ...rest } = pageOf(args)
  const page = await loaders.comments(ticket, { ...rest, after: idAt(after), before: idAt(before) })
  if (page === null) throw new Refusal('BAD_USER_INPUT', NOT_A_CURSOR)
  return { ...page, ticket, cursorOf: ({ id }) => encodePlace(ORDER, [id]) }
}

// Attachments of a ticket, and what may be attached.

import type { AttachmentLimits as Limits } from '../context.ts'
import type { Ticket as TicketRow } from '../generated/prisma/client.ts'
import { getAttachmentLimits } from '../operations/organisations.ts'
import { Actor } from './actor.ts'
import { builder } from './builder.ts'
import { Attachment, Ticket } from './refs.ts'
import { list } from './run.ts'

builder.prismaObjectFields(Attachment, (t) => ({
  ticket: t.field({
    type: Ticket,
    resolve: ({ ticketId }, _, { loaders }) => loaders.ticket.load(ticketId) as Promise<TicketRow>,
  }),
  filename: t.exposeString('filename'),
  contentType: t.exposeString('contentType', { description: 'As found by looking into the file.' }),
  sizeBytes: t.exposeInt('sizeBytes'),
  sha256: t.exposeString('sha256', { description: 'SHA-256 of the bytes, in hexadecimal.' }),
  url: t.string({
    description: "Where to download it, on this host. It needs the caller's own token, as any route does.",
    resolve: ({ id, ticketId }) => `/api/v1/org/support/tickets/${ticketId}/attachments/${id}`,
  }),
  uploadedBy: t.field({
    type: Actor,
    resolve: (file) => ({ type: file.uploadedByType, id: file.uploadedById, label: file.uploadedByLabel }),
  }),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
}))

const AttachmentLimits = builder.objectRef<Limits & { contentTypes: readonly string[] }>('AttachmentLimits').implement({
  description: 'How large and how many attachments may be.',
  fields: (t) => ({
    maxFileBytes: t.exposeInt('maxFileBytes', { description: 'Of one file.' }),
    maxFiles: t.exposeInt('maxFiles', { description: 'Of one ticket.' }),
    maxTicketBytes: t.exposeInt('maxTicketBytes', { description: 'Of all files of one ticket together.' }),
    contentTypes: t.stringList({
      description: 'The types that are taken.',
      resolve: ({ contentTypes }) => [...contentTypes],
    }),
  }),
})

builder.queryField('attachmentLimits', (t) =>
  t.field({ type: AttachmentLimits, resolve: (_, __, context) => list(context, getAttachmentLimits, {}) }),
)

// Attachments of a ticket: what they are, what may be attached, attaching, and links to download them.

import type { AttachmentLimits as Limits } from '../context.ts'
import type { Ticket as TicketRow } from '../generated/prisma/client.ts'
import {
  type Attached,
  createAttachmentLink,
  getAttachmentLimits,
  uploadAttachment,
} from '../operations/attachments.ts'
import { Actor } from './actor.ts'
import { builder } from './builder.ts'
import { InputError, memberOf, NotFoundError } from './errors.ts'
import { Attachment, Ticket } from './refs.ts'
import { list, mutate } from './run.ts'
import { withFile } from './uploads.ts'

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
    description:
      "Where to download it, on this host. It needs the caller's own token or cookie, as any route does; " +
      'createAttachmentLink makes an address that does not.',
    resolve: ({ id, ticketId }, _, { viewer }) =>
      `${viewer?.via === 'session' ? '' : '/api/v1'}/org/support/tickets/${ticketId}/attachments/${id}`,
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

const UploadAttachmentPayload = builder.objectRef<Attached>('UploadAttachmentPayload').implement({
  fields: (t) => ({
    attachment: t.field({ type: Attachment, resolve: ({ attachment }) => attachment }),
    ticket: t.field({ type: Ticket, resolve: ({ ticket }) => ticket }),
  }),
})

const UploadAttachmentResult = builder.unionType('UploadAttachmentResult', {
  types: [UploadAttachmentPayload, InputError, NotFoundError],
  resolveType: memberOf('UploadAttachmentPayload'),
})

interface Link {
  url: string
  expiresAt: Date
}

const CreateAttachmentLinkPayload = builder.objectRef<Link>('CreateAttachmentLinkPayload').implement({
  fields: (t) => ({
    url: t.exposeString('url', { description: 'Whoever has it can download the attachment: a secret.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
  }),
})

const CreateAttachmentLinkResult = builder.unionType('CreateAttachmentLinkResult', {
  types: [CreateAttachmentLinkPayload, NotFoundError],
  resolveType: memberOf('CreateAttachmentLinkPayload'),
})

builder.mutationFields((t) => ({
  uploadAttachment: t.field({
    type: UploadAttachmentResult,
    description:
      "A customer's upload moves a ticket as their comment does. Sent as the GraphQL multipart request specification " +
      'says, one file a request; the header Idempotency-Key keeps it from being attached twice.',
    args: { ticketId: t.arg.id({ required: true }), file: t.arg({ type: 'Upload', required: true }) },
    resolve: (_, { ticketId, file }, context) =>
      withFile(file, (arrived) => mutate(context, uploadAttachment, { ticketId, file: arrived })),
  }),
  createAttachmentLink: t.field({
    type: CreateAttachmentLinkResult,
    description: 'A link for ten minutes, for programs that cannot send headers. It ends with the rights of its maker.',
    args: { attachmentId: t.arg.id({ required: true }) },
    resolve: (_, args, context) => mutate(context, createAttachmentLink, args),
  }),
}))

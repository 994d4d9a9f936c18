// Attachments: what may be hung on a ticket, putting it there, and getting it back.

import type { Readable } from 'node:stream'
import { v7 as uuid } from 'uuid'
import { z } from 'zod'
import type { AttachmentLimits } from '../context.ts'
import type { Tx } from '../db/client.ts'
import { lockTicket } from '../db/locks.ts'
import { type AttachedSize, attachedSize, lockedAttachedSize } from '../db/reads/attached.ts'
import { claimObject, writeDown } from '../db/strays.ts'
import { TicketChange } from '../events/change.ts'
import type { Attachment, Ticket } from '../generated/prisma/client.ts'
import { CONTENT_TYPES, TYPE_REFUSED } from '../storage/content-type.ts'
import { cleanFilename } from '../storage/filename.ts'
import { type Refused, type SpooledFile, spool } from '../storage/spool.ts'
import { type ByteRange, StoreUnavailable, unavailable } from '../storage/store.ts'
import { removeStray } from '../storage/strays.ts'
import { freshLoaders, member, reader, writer } from './access.ts'
import { inputProblem, isProblem, notAllowed, notFound, type Problem, Refusal } from './errors.ts'
import { type Call, operation } from './execute.ts'
import { madeBefore, once } from './idempotency.ts'
import { id, idempotencyKey, optional } from './input.ts'
import { announceReopening, closedTicket, statusAfterReply } from './lifecycle.ts'

export const getAttachmentLimits = operation({
  name: 'attachmentLimits',
  access: member,
  rate: 'read',
  input: z.strictObject({}),
  run: async (call) => ({ ...call.limits, contentTypes: CONTENT_TYPES }),
})

/** A file on its way to us. Whoever hands it over lets go of the stream when the operation has ended. */
export interface ArrivingFile {
  /** As the client calls it. */
  filename: string
  stream: Readable
  /** Settles once all that came with the file is there; rejects where it was not as it should be. */
  complete: Promise<unknown>
}

/** `created` is false when this key had attached it before. */
export interface Attached {
  ticket: Ticket
  attachment: Attachment
  created: boolean
}

/** What is checked early is checked again under the ticket's lock: of two uploads at once, one may be too many. */
export const uploadAttachment = operation({
  name: 'uploadAttachment',
  access: writer,
  rate: 'upload',
  input: z.strictObject({
    ticketId: id,
    file: z.custom<ArrivingFile>((value) => typeof value === 'object' && value !== null, { error: 'is required.' }),
    idempotencyKey: optional(idempotencyKey),
  }),

  async run(call, { ticketId, file, idempotencyKey: key }): Promise<Attached | Problem> {
    const ticket = await call.loaders.ticket.load(ticketId)
    if (!ticket) return notFound('ticket')
    const before = await attachedSize(call.database, ticket)
    const refuse = (bytes: number) => {
      // With a key it may be one that is there already.
      if (hasKey(call, key)) return null
      return ticket.status === 'closed' ? closedTicket(ticket.number) : fullTicket(before, bytes, call.limits)
    }
    return refuse(1) ?? orUnavailable(() => receive(call, ticket, { file, key, refuse }))
  },
})

interface Upload {
  file: ArrivingFile
  key: string | undefined
  /** Why a file of so many bytes cannot be attached, as far as is known without a lock. */
  refuse(bytes: number): Problem | null
}

async function receive(call: Call, ticket: Ticket, { file, key, refuse }: Upload): Promise<Attached | Problem> {
  const filename = cleanFilename(file.filename)
  const { maxFileBytes: maxBytes } = call.limits
  const spooled = await spool(call.store.spoolDir, file.stream, { maxBytes, filename }).catch(async (error) => {
    // Where the stream has failed, this says why.
    if (!(error instanceof StoreUnavailable)) await file.complete
    throw error
  })
  if ('refused' in spooled) return refusal(spooled, call.limits)
  try {
    await file.complete
    return refuse(spooled.sizeBytes) ?? (await attach(call, ticket, { filename, spooled, key }))
  } finally {
    await spooled.remove()
  }
}

interface Arrived {
  filename: string
  spooled: SpooledFile
  key: string | undefined
}

async function attach(call: Call, ticket: Ticket, { filename, spooled, key }: Arrived): Promise<Attached | Problem> {
  const { sizeBytes, sha256, contentType } = spooled
  const attachmentId = uuid()
  const ticketId = ticket.id
  const storageKey = `${ticket.organisationId}/${attachmentId}`
  const file = { id: attachmentId, filename, contentType, sizeBytes, sha256, storageKey }
  const claim = {
    operation: 'uploadAttachment',
    key,
    input: { ticketId, filename, sha256 },
    of: { ticketId },
    id: attachmentId,
    again: (known: string) => attachedBefore(call, known),
  }
  const made = await madeBefore(call, claim)
  if (made !== null) return made

  await writeDown(call.database, storageKey)
  let attached: Attached | Problem | null = null
  try {
    await call.store.put(storageKey, spooled)
    attached = await once<Attached>(call, { ...claim, first: (tx) => write(call, tx, ticketId, file) })
    return attached
  } finally {
    const isKept = attached !== null && !isProblem(attached) && attached.created
    // Where that fails, the sweep comes by.
    if (!isKept) await removeStray(call, storageKey).catch((error) => warn(call, error))
  }
}

const warn = ({ logger }: Call, err: unknown) =>
  logger.warn({ err }, 'What a failed upload has left could not be removed yet')

type File = Parameters<TicketChange['attach']>[0]

async function write(call: Call, tx: Tx, ticketId: string, file: File): Promise<Attached | Problem> {
  const ticket = await lockTicket(tx, call.scope, ticketId)
  if (!ticket) return notFound('ticket')
  if (ticket.status === 'closed') return closedTicket(ticket.number)
  const full = fullTicket(await lockedAttachedSize(tx, ticket), file.sizeBytes, call.limits)
  if (full) return full
  if (!(await claimObject(tx, file.storageKey))) throw unavailable(new Error('the upload took too long'))

  const change = TicketChange.of(ticket, call.actor, call.now())
  const next = statusAfterReply(ticket.status, call.viewer.side)
  announceReopening(change, next, 'an upload')
  change.attach(file)
  change.status(next)
  const committed = await call.log.commit(tx, change)
  return { ticket: committed.ticket, attachment: committed.attachment as Attachment, created: true }
}

/** As it is now: what was read before the upload is old. */
async function attachedBefore(call: Call, attachmentId: string): Promise<Attached | Problem> {
  const loaders = freshLoaders(call)
  const attachment = await loaders.attachment.load(attachmentId)
  const ticket = attachment && (await loaders.ticket.load(attachment.ticketId))
  return attachment && ticket ? { ticket, attachment, created: false } : notFound('ticket')
}

const hasKey = (call: Call, field: string | undefined) => (field ?? call.idempotencyKey) !== null

/** Null when `bytes` more in one file more may be attached. */
function fullTicket({ files, bytes: had }: AttachedSize, bytes: number, limits: AttachmentLimits): Problem | null {
  const { maxFiles, maxTicketBytes } = limits
  if (files >= maxFiles) return notAllowed('file', `This ticket has ${maxFiles} attachments, and may not have more.`)
  if (had + bytes <= maxTicketBytes) return null
  const left = maxTicketBytes - had
  return notAllowed(
    'file',
    `The attachments of a ticket may have ${words(maxTicketBytes)} together; ${words(left)} of that are left.`,
  )
}

function refusal({ refused }: Refused, limits: AttachmentLimits): Problem {
  if (refused === 'too_large') return tooLarge(limits)
  if (refused === 'empty') return inputProblem('file', 'TOO_SHORT', 'This file is empty.')
  return inputProblem('file', 'INVALID', TYPE_REFUSED)
}

export const tooLarge = ({ maxFileBytes }: AttachmentLimits): Problem =>
  inputProblem('file', 'TOO_LONG', `An attachment may have ${words(maxFileBytes)}.`)

const MIB = 1024 * 1024

const words = (bytes: number) =>
  bytes > 0 && bytes % MIB === 0 ? `${bytes / MIB} MiB` : `${Math.max(0, bytes).toLocaleString('en-GB')} bytes`

/** An attachment, and its bytes as often as they are asked for. Without `ticketId`: on whatever ticket it is. */
export const downloadAttachment = operation({
  name: 'downloadAttachment',
  access: reader,
  rate: 'read',
  input: z.strictObject({ ticketId: optional(id), attachmentId: id }),

  async run(call, { ticketId, attachmentId }) {
    const attachment = await call.loaders.attachment.load(attachmentId)
    const isThere = attachment && (ticketId === undefined || attachment.ticketId === ticketId)
    // What was redacted is listed still, and there is nothing of it.
    if (!isThere || attachment.sizeBytes === 0) return notFound('attachment')
    return { attachment, read: (range?: ByteRange) => bytesOf(call, attachment, range) }
  },
})

/** @throws Refusal UNAVAILABLE, also where the store has lost it. */
const bytesOf = ({ store, logger }: Call, { id, storageKey }: Attachment, range?: ByteRange): Promise<Readable> =>
  orUnavailable(async () => {
    const stream = await store.read(storageKey, range)
    if (stream !== null) return stream
    logger.error({ attachmentId: id }, 'The store has lost an attachment')
    throw unavailable(new Error(`There is no object ${storageKey}.`))
  })

async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof StoreUnavailable)) throw cause
    throw new Refusal('UNAVAILABLE', 'Attachments cannot be stored or read just now. Please try again.', { cause })
  }
}

/** A link for programs that cannot send headers. */
export const createAttachmentLink = operation({
  name: 'createAttachmentLink',
  access: reader,
  rate: 'read',
  input: z.strictObject({ attachmentId: id }),

  async run(call, { attachmentId }): Promise<{ url: string; expiresAt: Date } | Problem> {
    const attachment = await call.loaders.attachment.load(attachmentId)
    if (!attachment || attachment.sizeBytes === 0) return notFound('attachment')
    return call.downloadLinks.make(call.viewer, attachmentId, call.now())
  },
})

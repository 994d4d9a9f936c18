// Column lists for hand-written SQL, from the Prisma schema, so that rows come out as Prisma's own types.

import { Prisma } from '../../generated/prisma/client.ts'

export const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** `casts`: what the driver would not read as Prisma does. */
function columns(alias: string, fields: Record<string, string>, casts: Record<string, string> = {}): Prisma.Sql {
  return Prisma.raw(
    Object.keys(fields)
      .map((field) => `${alias}.${snakeCase(field)}${casts[field] ?? ''} AS "${field}"`)
      .join(', '),
  )
}

/** Of `tickets t`. */
export const ticketColumns = columns('t', Prisma.TicketScalarFieldEnum)
/** Of `comments c`. */
export const commentColumns = columns('c', Prisma.CommentScalarFieldEnum)
/** Of `attachments a`. */
export const attachmentColumns = columns('a', Prisma.AttachmentScalarFieldEnum)
/** Of `ticket_events e`. */
export const eventColumns = columns('e', Prisma.TicketEventScalarFieldEnum)
/** Of `clusters cl`. */
export const clusterColumns = columns('cl', Prisma.ClusterScalarFieldEnum)
/** Of `organisations o`. */
export const organisationColumns = columns('o', Prisma.OrganisationScalarFieldEnum)
/** Of `reviews r`. */
export const reviewColumns = columns('r', Prisma.ReviewScalarFieldEnum)
/** Of `api_tokens k`. */
export const tokenColumns = columns('k', Prisma.ApiTokenScalarFieldEnum, { scopes: '::text[]' })

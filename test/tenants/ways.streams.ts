// Ways by subscriptions: each must be refused when it begins, over websockets and as server-sent events.

import { rightOf, type Way } from './ways.ts'
import type { Name, Names } from './world.ts'

const EVENT = `{ cursor type at ticketId ticketVersion internal actor { id label } ticket { id subject description
  cluster { name } organisation { name } comments { nodes { body } } } }`

const FIELDS = ['ticketEvents', 'ticketStatusChanged', 'commentAdded']

function way(field: string, name: string, of: Name, args: string, comes: string, own?: Name): Way {
  const declared = own === undefined ? '$x: XTYPE' : '$x: XTYPE, $own: ID!'
  const type = args.includes('after: $x') ? 'String' : 'ID'
  const document = `subscription (${declared.replace('XTYPE', type)}) { ${field}(${args}) ${EVENT} }`
  const ask = (x: string, names: Names) => ({
    document,
    variables: own === undefined ? { x } : { x, own: names[own] },
  })
  return { name: `${field} ${name}`, right: rightOf(field), of, comes, ask }
}

export const subscriptions: Way[] = FIELDS.flatMap((field) => [
  way(field, 'of a ticket', 'ticketId', 'ticketId: $x', 'NOT_FOUND'),
  way(field, 'of an organisation', 'organisationId', 'organisationId: $x', 'FORBIDDEN'),
  way(field, 'after a place', 'eventCursor', 'after: $x', 'RESYNC_REQUIRED'),
  way(field, 'after a state', 'listAsOf', 'after: $x', 'RESYNC_REQUIRED'),
  way(field, 'of their own ticket, after a place', 'asOf', 'ticketId: $own, after: $x', 'RESYNC_REQUIRED', 'ticketId'),
  way(
    field,
    'of their own ticket, in an organisation',
    'organisationId',
    'ticketId: $own, organisationId: $x',
    'FORBIDDEN',
    'ticketId',
  ),
])

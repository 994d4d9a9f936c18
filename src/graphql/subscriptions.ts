// The subscriptions: what each follows. How they run, shared among those who follow the same, is in subscribe.ts.

import type { TicketEvent as EventRow, TicketEventType as EventType } from '../generated/prisma/client.ts'
import { builder } from './builder.ts'
import { TicketEventType } from './enums.ts'
import { CommentAdded, TicketEvent, TicketStatusChanged } from './events.ts'

builder.subscriptionType({
  description:
    'Nothing is lost and nothing comes twice: resume with `after`, the cursor of the last event that came, or begin ' +
    'with the `asOf` of what was read.',
})

/** subscribe.ts takes the place of graphql-js's own way to a source of events. */
const fromFeed = (): AsyncIterable<EventRow> => {
  throw new Error('A subscription runs through its feed (subscribe.ts).')
}

const TICKET = 'One ticket.'
const ORGANISATION = "One organisation: a customer's own by default. The team follows all unless it names one."
const AFTER = 'A cursor of an event, or an asOf: what comes after it is sent first. Absent: from now on.'

const feedArgs = () =>
  builder.args((t) => ({
    ticketId: t.id({ description: TICKET }),
    organisationId: t.id({ description: ORGANISATION }),
    after: t.string({ description: AFTER }),
  }))

builder.subscriptionField('ticketEvents', (t) =>
  t.field({
    type: TicketEvent,
    description: 'Everything that happens.',
    args: { ...feedArgs(), types: t.arg({ type: [TicketEventType], description: 'Only these.' }) },
    subscribe: fromFeed,
    resolve: (event) => event,
  }),
)

builder.subscriptionField('ticketStatusChanged', (t) =>
  t.field({
    type: TicketStatusChanged,
    args: feedArgs(),
    subscribe: fromFeed,
    resolve: (event) => event,
  }),
)

builder.subscriptionField('commentAdded', (t) =>
  t.field({
    type: CommentAdded,
    args: feedArgs(),
    subscribe: fromFeed,
    resolve: (event) => event,
  }),
)

/** The events that a field's type can be; absent: what its argument `types` says. */
export const TYPES_OF_FIELD: Record<string, EventType[] | undefined> = {
  ticketStatusChanged: ['ticket_status_changed'],
  commentAdded: ['comment_added'],
}

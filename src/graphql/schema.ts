// The schema: importing the files defines the types. schema.graphql is printed from here (scripts/generate.ts).

import { builder } from './builder.ts'
import './attachment.ts'
import './cluster.ts'
import './comment.ts'
import './events.ts'
import './mutations.ts'
import './organisation.ts'
import './review-report.ts'
import './review.ts'
import './subscriptions.ts'
import './ticket-list.ts'
import './ticket.ts'
import './viewer.ts'

export const schema = builder.toSchema()

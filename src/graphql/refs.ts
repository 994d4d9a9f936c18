// The objects that refer to each other, before their fields: each file of this folder adds the fields of its own.

import type { TeamMember as Person } from '../db/reads/directory.ts'
import { builder, Node } from './builder.ts'

export const Ticket = builder.prismaObject('Ticket', {
  description: 'What a customer reported, and what has come of it.',
  interfaces: [Node],
})

export const Comment = builder.prismaObject('Comment', {
  description: 'Something said on a ticket.',
  interfaces: [Node],
})

export const Attachment = builder.prismaObject('Attachment', {
  description: 'A file on a ticket.',
  interfaces: [Node],
})

export const Cluster = builder.prismaObject('Cluster', {
  description: 'A cluster of an organisation, as the platform last told of it.',
  interfaces: [Node],
})

export const Organisation = builder.prismaObject('Organisation', {
  description: 'A customer of the platform. Its tickets are seen by its members and by the support team.',
  interfaces: [Node],
})

export const ReviewResult = builder.prismaObject('Review', {
  name: 'ReviewResult',
  description: 'A draft and what the review says of it. Good for an hour, for any member, and once.',
  interfaces: [Node],
})

export const ApiToken = builder.prismaObject('ApiToken', {
  description: 'A bearer token of a program, without its secret. It writes under its own name.',
  interfaces: [Node],
})

export const TeamMember = builder.objectRef<Person>('TeamMember').implement({
  description: 'A person of the support team.',
  interfaces: [Node],
  fields: (t) => ({ name: t.exposeString('name') }),
})

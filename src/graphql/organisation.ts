// Organisations, and who is of the support team.

import { encodeNamePlace } from '../db/reads/directory.ts'
import type { Organisation as OrganisationRow } from '../generated/prisma/client.ts'
import { listOrganisations, listTeamMembers } from '../operations/organisations.ts'
import { builder } from './builder.ts'
import { ClusterConnection, clusterPage } from './cluster.ts'
import { connectionType, forwardArgs } from './connection.ts'
import { Organisation, TeamMember } from './refs.ts'
import { list } from './run.ts'
import { TicketConnection, ticketListArgs, ticketPage } from './ticket-list.ts'

builder.prismaObjectFields(Organisation, (t) => ({
  name: t.exposeString('name'),
  slug: t.exposeString('slug', { description: 'Its short name in addresses and commands; unique.' }),
  tickets: t.field({
    type: TicketConnection,
    args: ticketListArgs(),
    resolve: ({ id }, args, context, info) => ticketPage(context, info, args, { organisationId: id }),
  }),
  clusters: t.field({
    type: ClusterConnection,
    args: forwardArgs(),
    resolve: ({ id }, args, context) => clusterPage(context, { ...args, organisationId: id }),
  }),
}))

const OrganisationConnection = connectionType<OrganisationRow>('Organisation', Organisation)

builder.queryField('organisations', (t) =>
  t.field({
    type: OrganisationConnection,
    description: "By name. The viewer's own; the team sees all.",
    args: forwardArgs(),
    resolve: async (_, args, context) => ({
      ...(await list(context, listOrganisations, args)),
      cursorOf: encodeNamePlace,
    }),
  }),
)

builder.queryField('teamMembers', (t) =>
  t.field({
    type: [TeamMember],
    description: 'Who is of the team now, by name. Only for the team.',
    resolve: (_, __, context) => list(context, listTeamMembers, {}),
  }),
)

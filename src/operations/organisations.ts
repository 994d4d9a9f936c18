// Who asks, which organisations there are for them, and who is of the team.

import { z } from 'zod'
import { organisationPage, teamMembers } from '../db/reads/directory.ts'
import { anyone, member, team } from './access.ts'
import { namePage } from './clusters.ts'
import { isProblem } from './errors.ts'
import { operation } from './execute.ts'
import { forwardPage } from './input.ts'

export const getViewer = operation({
  name: 'viewer',
  access: anyone,
  rate: 'read',
  input: z.strictObject({}),
  run: async (call) => call.viewer,
})

/** The viewer's own organisations; the team: all. */
export const listOrganisations = operation({
  name: 'organisations',
  access: member,
  rate: 'read',
  input: z.strictObject(forwardPage),

  async run(call, input) {
    const page = namePage(input)
    if (isProblem(page)) return page
    const { viewer } = call
    const own = viewer.via === 'token' ? [viewer.organisationId] : viewer.memberships.map((m) => m.organisationId)
    const ids = viewer.side === 'team' ? null : own.filter((id) => id !== null)
    return organisationPage(call.database, ids, page)
  },
})

export const listTeamMembers = operation({
  name: 'teamMembers',
  access: team,
  rate: 'read',
  input: z.strictObject({}),
  run: (call) => teamMembers(call.database),
})

// Who asks, and the API tokens they manage.

import type { Membership as MembershipShape, Viewer as ViewerShape } from '../context.ts'
import { getViewer } from '../operations/organisations.ts'
import { listTokens } from '../operations/tokens.ts'
import { builder } from './builder.ts'
import { Role, TokenScope } from './enums.ts'
import { ApiToken, Organisation } from './refs.ts'
import { list } from './run.ts'

builder.prismaObjectFields(ApiToken, (t) => ({
  name: t.exposeString('name'),
  prefix: t.exposeString('prefix', { description: 'How the secret begins, to know it again.' }),
  scopes: t.field({ type: [TokenScope], resolve: ({ scopes }) => scopes }),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
  expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true }),
  lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true, description: 'To the minute.' }),
  revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true }),
}))

const Membership = builder.objectRef<MembershipShape>('Membership').implement({
  description: 'An organisation that a person belongs to.',
  fields: (t) => ({
    organisation: t.field({
      type: Organisation,
      resolve: ({ organisationId }, _, { loaders }) => loaders.organisation.load(organisationId) as never,
    }),
    role: t.field({ type: Role, resolve: ({ role }) => role }),
  }),
})

const Viewer = builder.objectRef<ViewerShape>('Viewer').implement({
  description: 'Who asks: a person, or a program with a token.',
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    isTeam: t.boolean({ description: 'Of the support team.', resolve: ({ side }) => side === 'team' }),
    role: t.field({
      type: Role,
      nullable: true,
      description: 'In the organisation they act in; null for tokens and for the team.',
      resolve: (viewer) => (viewer.side === 'customer' ? viewer.role : null),
    }),
    organisation: t.field({
      type: Organisation,
      nullable: true,
      description: 'The one they act in. `X-Ankra-Organisation-Id` chooses it for a member of several.',
      resolve: ({ organisationId }, _, { loaders }) =>
        organisationId === null ? null : loaders.organisation.load(organisationId),
    }),
    memberships: t.field({
      type: [Membership],
      description: 'Oldest first; empty for tokens.',
      resolve: ({ memberships }) => [...memberships],
    }),
    apiTokens: t.field({
      type: [ApiToken],
      description: "The organisation's tokens, newest first, revoked ones too; empty for who is not its admin.",
      resolve: (_, __, context) => list(context, listTokens, {}),
    }),
  }),
})

builder.queryField('viewer', (t) =>
  t.field({ type: Viewer, resolve: (_, __, context) => list(context, getViewer, {}) }),
)

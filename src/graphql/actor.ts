// Who did something, as it was written beside what they did.

import type { Actor as ActorShape } from '../context.ts'
import { builder } from './builder.ts'
import { AuthorType } from './enums.ts'

export const Actor = builder.objectRef<ActorShape>('Actor').implement({
  description: 'Who wrote or did something. The label is their name as it was then.',
  fields: (t) => ({
    id: t.id({
      nullable: true,
      description: 'The person or the token, where there is one.',
      resolve: ({ id }) => id,
    }),
    type: t.field({ type: AuthorType, resolve: ({ type }) => type }),
    label: t.exposeString('label'),
  }),
})

// Connections: pages of a list by cursor, all of one form.

import type { GraphQLResolveInfo, SelectionSetNode } from 'graphql'
import type { Page } from '../db/reads/keyset.ts'
import { builder } from './builder.ts'

/** A page of a list, and how to name a place in it. */
export interface Listed<Row> extends Page<Row> {
  cursorOf(row: Row): string
}

const PageInfo = builder.objectRef<Listed<unknown>>('PageInfo').implement({
  description: 'Where a page stands in its list. Both flags are facts, whichever way you page.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage'),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage'),
    startCursor: t.string({ nullable: true, resolve: (page) => cursorAt(page, 0) }),
    endCursor: t.string({ nullable: true, resolve: (page) => cursorAt(page, -1) }),
  }),
})

function cursorAt(page: Listed<unknown>, index: number): string | null {
  return page.rows.length === 0 ? null : page.cursorOf(page.rows.at(index))
}

type NodeRef<Row> = ReturnType<typeof builder.objectRef<Row>>

/**
 * Defines `<name>Connection` and `<name>Edge`; further fields of the connection are added by its own file.
 */
export function connectionType<Row, Parent extends Listed<Row> = Listed<Row>>(name: string, node: unknown) {
  const ref = node as NodeRef<Row>
  const edge = builder.objectRef<{ page: Listed<Row>; node: Row }>(`${name}Edge`)
  edge.implement({
    fields: (t) => ({
      cursor: t.string({ resolve: ({ page, node }) => page.cursorOf(node) }),
      node: t.field({ type: ref, resolve: ({ node }) => node as never }),
    }),
  })
  const connection = builder.objectRef<Parent>(`${name}Connection`)
  connection.implement({
    fields: (t) => ({
      edges: t.field({ type: [edge], resolve: (page) => page.rows.map((node) => ({ page, node })) as never }),
      nodes: t.field({ type: [ref], resolve: (page) => page.rows as never }),
      pageInfo: t.field({ type: PageInfo, resolve: (page) => page as unknown as Listed<unknown> }),
    }),
  })
  return connection
}

const FIRST = 'From the start, how many: 1 to 100. 25 when neither first nor last is given.'
const AFTER = 'Only what comes after this cursor.'

/** `first` and `after`, for lists that go one way. */
export const forwardArgs = () =>
  builder.args((t) => ({ first: t.int({ description: FIRST }), after: t.string({ description: AFTER }) }))

/** The four arguments of a connection. */
export const pageArgs = () =>
  builder.args((t) => ({
    first: t.int({ description: FIRST }),
    after: t.string({ description: AFTER }),
    last: t.int({ description: 'From the end, how many: 1 to 100. Not together with first.' }),
    before: t.string({ description: 'Only what comes before this cursor; alone it means last: 25.' }),
  }))

/** Whether the document asks for one of these fields of the thing being resolved: what costs is not done unasked. */
export function selects(info: GraphQLResolveInfo, names: readonly string[]): boolean {
  const inSet = (set: SelectionSetNode | undefined): boolean =>
    (set?.selections ?? []).some((selection) => {
      if (selection.kind === 'Field') return names.includes(selection.name.value)
      if (selection.kind === 'InlineFragment') return inSet(selection.selectionSet)
      return inSet(info.fragments[selection.name.value]?.selectionSet)
    })
  return info.fieldNodes.some((node) => inSet(node.selectionSet))
}

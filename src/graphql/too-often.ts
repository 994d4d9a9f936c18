// The HTTP status of what was asked too often. A document of one operation that came to nothing else is 429, to who takes
// GraphQL's own media type, since of the older one it is agreed that it is always 200. With several operations some may
// have been done, and then the request has not failed.

import type { IncomingMessage } from 'node:http'
import { type ExecutionArgs, type GraphQLError, getOperationAST } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Context } from '../context.ts'
import { rootFieldsOf } from './limits.ts'
import type { Arrived } from './server.ts'

const single = new WeakSet<IncomingMessage>()

export const tooOften: Plugin<Context, Arrived> = {
  onExecute({ args }) {
    const { document, operationName, contextValue } = args as ExecutionArgs
    const operation = getOperationAST(document, operationName)
    if (operation && rootFieldsOf(document, operation) === 1) single.add((contextValue as Arrived).req)
  },
  onResultProcess({ result, serverContext: { req } }) {
    const { data, errors = [] } = result as { data?: object | null; errors?: GraphQLError[] }
    if (errors.length === 0 || !single.has(req) || Object.values(data ?? {}).some((value) => value !== null)) return
    const waits = errors.map(({ extensions }) => Number(extensions?.retryAfterSeconds))
    if (waits.some(Number.isNaN)) return
    const http = { status: 429, spec: true, headers: { 'retry-after': String(Math.max(...waits)) } }
    for (const { extensions } of errors) extensions.http ??= http
  },
}

// The JSON body of a request, and no more of it than allowed. Yoga's own limit would begin to read uploads as well.

import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { BrokenBody, readBody } from '../body.ts'
import type { Context } from '../context.ts'
import { isMultipart } from '../multipart.ts'
import type { Arrived } from './server.ts'

const MAX_BODY_BYTES = 1024 * 1024

export const bodyLimit: Plugin<Context, Arrived> = {
  onRequestParse({ request, serverContext, requestParser, setRequestParser, fetchAPI }) {
    if (!requestParser || request.method !== 'POST' || isMultipart(serverContext.req)) return
    setRequestParser(async ({ url, method, headers }) => {
      const body = await textOf(request)
      return requestParser(new fetchAPI.Request(url, { method, headers, body }))
    })
  },
}

async function textOf(request: Request): Promise<string> {
  const text = await readBody(request, MAX_BODY_BYTES).catch((error) => {
    throw error instanceof BrokenBody ? refused(error.message, 400) : error
  })
  if (text === null) throw refused('A body may have 1 MiB.', 413)
  return text
}

const refused = (message: string, status: number) =>
  new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', http: { status, spec: false } } })

// What yoga would answer wrongly, refused before it: foreign content types, broken parameters of a GET.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { isMultipart } from '../multipart.ts'

/** True when the request was answered. */
export function graphqlRefusal(req: IncomingMessage, res: ServerResponse, requestId: string): boolean {
  const problem = problemOf(req)
  if (problem === null && req.method === 'HEAD' && req.headers.accept?.includes('text/event-stream')) {
    // A stream has no end, so its head is told without following anything.
    res.writeHead(200, { 'content-type': 'text/event-stream' }).end()
    return true
  }
  if (problem === null) {
    // Node leaves out the body of an answer to HEAD by itself.
    if (req.method === 'HEAD') req.method = 'GET'
    return false
  }
  refuseGraphQL(res, { ...problem, code: 'BAD_USER_INPUT', requestId })
  return true
}

/** What is refused before yoga sees it, in the shape of its own errors. */
export function refuseGraphQL(res: ServerResponse, problem: HttpProblem & { code: string; requestId: string }): void {
  const { status, message, headers = {}, code, requestId } = problem
  res.writeHead(status, { ...headers, 'content-type': 'application/json' })
  res.end(JSON.stringify({ errors: [{ message, extensions: { code, requestId } }] }))
}

interface HttpProblem {
  status: number
  message: string
  headers?: Record<string, string>
}

function problemOf(req: IncomingMessage): HttpProblem | null {
  if (req.method === 'POST') return contentTypeProblem(req)
  if (req.method === 'GET' || req.method === 'HEAD') return parameterProblem(req)
  if (req.method === 'OPTIONS') return null
  return { status: 405, message: 'Use POST, or GET for queries.', headers: { allow: 'GET, HEAD, POST, OPTIONS' } }
}

function contentTypeProblem(req: IncomingMessage): HttpProblem | null {
  const [type] = (req.headers['content-type'] ?? '').split(';')
  if (type === 'application/json' || isMultipart(req)) return null
  const message = 'Send the request as application/json, or an upload as multipart/form-data.'
  return { status: 415, message, headers: { accept: 'application/json, multipart/form-data' } }
}

function parameterProblem(req: IncomingMessage): HttpProblem | null {
  const { searchParams } = new URL(req.url ?? '', 'http://host')
  const broken = ['variables', 'extensions'].find((name) => !isJsonObject(searchParams.get(name)))
  return broken ? { status: 400, message: `The parameter ${broken} must be a JSON object.` } : null
}

function isJsonObject(text: string | null): boolean {
  if (text === null || text === '' || text === 'null') return true
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && !Array.isArray(value)
  } catch {
    return false
  }
}

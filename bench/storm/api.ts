// Requests to whichever process answers: sent again, with the same idempotency key, until one does.

import type { Random } from './random.ts'
import type { Replica } from './replicas.ts'
import type { Tally } from './tally.ts'

export interface Api {
  /** Data of a GraphQL request that succeeded. @throws GaveUp when nobody answers for long. */
  graphql<Data>(random: Random, request: GraphQLRequest): Promise<Data>
  /** Status and body of a REST answer below 500. @throws GaveUp when nobody answers for long. */
  rest(random: Random, request: RestRequest): Promise<{ status: number; body: unknown }>
}

interface Asked {
  token: string
  key?: string
}

export interface GraphQLRequest extends Asked {
  query: string
  variables?: Record<string, unknown>
}

export interface RestRequest extends Asked {
  path: string
  body: object
}

export class GaveUp extends Error {}

const PATIENCE_MS = 60_000
const ANSWER_MS = 20_000
const PAUSE_MS = 50

/** Codes that ask to try again. */
const AGAIN = new Set(['UNAVAILABLE', 'INTERNAL'])

type Failed = { again: string }

/** `gone`: nobody waits for answers any more. */
export function makeApi(replicas: readonly Replica[], tally: Tally, gone: AbortSignal): Api {
  async function post(url: string, { token, key }: Asked, body: object): Promise<Response | Failed> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const keyed = key === undefined ? headers : { ...headers, 'idempotency-key': key }
    const signal = AbortSignal.any([AbortSignal.timeout(ANSWER_MS), gone])
    try {
      const response = await fetch(url, { method: 'POST', headers: keyed, body: JSON.stringify(body), signal })
      // The body is part of the answer: a process may be killed in the middle of it.
      const text = await response.text()
      return response.status >= 500 ? { again: `HTTP ${response.status}` } : new Response(text, response)
    } catch {
      return { again: signal.aborted ? 'no answer' : 'connection lost' }
    }
  }

  /** Until `attempt` gives something else than the reason why to try again. */
  async function persist<T extends object>(random: Random, attempt: (url: string) => Promise<T | Failed>): Promise<T> {
    const until = Date.now() + PATIENCE_MS
    for (;;) {
      const outcome = await attempt(random.pick(replicas).url)
      if (!('again' in outcome)) return outcome
      tally.add(`request: ${outcome.again}`)
      if (gone.aborted || Date.now() > until) throw new GaveUp(`nobody answers: ${outcome.again}`)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }

  async function ask(url: string, { query, variables, ...asked }: GraphQLRequest) {
    const response = await post(`${url}/graphql`, asked, { query, variables })
    if ('again' in response) return response
    const { data, errors = [] } = (await response.json()) as { data?: object; errors?: Failure[] }
    const code = errors[0]?.extensions?.code
    if (code && AGAIN.has(code)) return { again: code }
    if (!data || errors.length > 0) throw new Error(`GraphQL refused a request: ${JSON.stringify(errors)}`)
    return data
  }

  return {
    graphql: async <Data>(random: Random, request: GraphQLRequest) =>
      (await persist<object>(random, (url) => ask(url, request))) as Data,
    async rest(random, { path, body, ...asked }) {
      const response = await persist<Response>(random, (url) => post(`${url}${path}`, asked, body))
      return { status: response.status, body: await response.json() }
    },
  }
}

interface Failure {
  message: string
  extensions?: { code?: string }
}

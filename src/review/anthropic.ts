// The reviewer that asks a model. It begins with the local verdict, and of what the model says only that counts which
// can be checked: enums, short plain text, and indexes into the candidates that were found without it.

import Anthropic, { APIConnectionTimeoutError, APIError, type Middleware } from '@anthropic-ai/sdk'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import type { Logger } from 'pino'
import { z } from 'zod'
import { NO_TRACING, type Span, type Tracing } from '../telemetry/tracing.ts'
import { takeOver } from './answer.ts'
import { within } from './fallback.ts'
import { type KnownTicket, type ModelAnswer, message, modelAnswer, RULES } from './prompt.ts'
import type { Candidate, ReviewContext, Reviewer } from './reviewer.ts'
import { ModelError } from './reviewer.ts'
import { shorten } from './text.ts'

export interface AnthropicOptions {
  /** Sent as a header to `baseUrl` and nowhere else. */
  apiKey: string
  /** Null: Anthropic's own address. */
  baseUrl: string | null
  model: string
  /** How long a review may take, in milliseconds, the local one and a second attempt included. */
  timeoutMs: number
  /** Finds the candidates; what it says stands where the model says nothing. */
  local: Reviewer
  /** What whoever files in this organisation may read of these tickets; those that they may not are left out. */
  readTickets(ids: readonly string[], context: ReviewContext): Promise<KnownTicket[]>
  /** Gets warnings of the SDK. */
  logger?: Pick<Logger, 'error' | 'warn' | 'info' | 'debug'>
  /** Called for every answer of the model, also for one that cannot be used. */
  onUsage?(usage: ModelUsage): void
  tracing?: Tracing
}

export interface ModelUsage {
  model: string
  /** Tokens read at full price; those of the cache not included. */
  inputTokens: number
  outputTokens: number
  cacheReadTokens: number
  cacheWriteTokens: number
  /** From asking to the whole answer, in milliseconds, a second attempt included. */
  latencyMs: number
}

/** A full answer has some 400 tokens, in scripts that take several a letter three times as many. */
const MOST_TOKENS = 1500
/** The longest that the SDK waits before it tries again, where the server names no time. */
const SDK_DELAY_MS = 500

/** Rejects with a ModelError, or with the error of `local` or `readTickets`. */
export function makeAnthropicReviewer(options: AnthropicOptions): Reviewer {
  const { model, timeoutMs, local, readTickets } = options
  const ask = asker(options)
  return {
    name: model,
    review(draft, context, signal) {
      const endsAt = performance.now() + timeoutMs
      return within(timeoutMs, signal, async (ending) => {
        const verdict = await local.review(draft, context, ending)
        const tickets = await shownTickets(verdict.candidates, (ids) => readTickets(ids, context))
        const answer = await ask(message(draft, tickets), ending, endsAt)
        return takeOver(verdict, answer, draft, tickets)
      })
    },
  }
}

/** In the order of the candidates, which is the model's index. */
async function shownTickets(
  candidates: readonly Candidate[],
  read: (ids: readonly string[]) => Promise<KnownTicket[]>,
): Promise<KnownTicket[]> {
  if (candidates.length === 0) return []
  const ids = candidates.map(({ ticketId }) => ticketId)
  const tickets = new Map((await read(ids)).map((ticket) => [ticket.id, ticket]))
  return ids.flatMap((id) => tickets.get(id) ?? [])
}

/** What the API answers, as far as it is read; whatever stands at `baseUrl` may answer anything. */
const reply = z.object({
  stop_reason: z.string().nullable(),
  content: z.array(z.object({ type: z.string(), text: z.string().optional() })),
  usage: z.object({
    input_tokens: z.number(),
    output_tokens: z.number(),
    cache_read_input_tokens: z.number().nullish(),
    cache_creation_input_tokens: z.number().nullish(),
  }),
})
type Reply = z.output<typeof reply>

type Ask = (text: string, signal: AbortSignal, endsAt: number) => Promise<ModelAnswer>

function asker({ apiKey, baseUrl, model, timeoutMs, logger, onUsage, tracing = NO_TRACING }: AnthropicOptions): Ask {
  const client = new Anthropic({
    apiKey,
    baseURL: baseUrl,
    authToken: null,
    webhookKey: null,
    maxRetries: 1,
    timeout: timeoutMs,
    // More than warnings would put what people wrote into the log, and a span might.
    logLevel: logger ? 'warn' : 'off',
    ...(logger && { logger }),
    openTelemetry: false,
  })
  const { type, schema } = zodOutputFormat(modelAnswer)
  const fixed = {
    model,
    max_tokens: MOST_TOKENS,
    // A review is waited for: time goes into the answer.
    thinking: { type: 'disabled' as const },
    system: [{ type: 'text' as const, text: RULES, cache_control: { type: 'ephemeral' as const } }],
    output_config: { format: { type, schema } },
  }
  const ask = async (text: string, signal: AbortSignal, endsAt: number, span: Span) => {
    const started = performance.now()
    const answered = await client.messages
      .create(
        { ...fixed, messages: [{ role: 'user', content: text }] },
        { signal, middleware: [onlyRetriesThatFit(endsAt)] },
      )
      .catch((error: unknown) => {
        throw modelError(error, apiKey)
      })
    const said = reply.safeParse(answered)
    if (!said.success) throw new ModelError('invalid', 'not an answer of the Messages API')
    const usage = usageOf(model, said.data, performance.now() - started)
    onUsage?.(usage)
    span.set({ 'gen_ai.usage.input_tokens': usage.inputTokens, 'gen_ai.usage.output_tokens': usage.outputTokens })
    return readAnswer(said.data)
  }
  const step = { kind: 'client' as const, attributes: { ...CHAT, 'gen_ai.request.model': model } }
  return (text, signal, endsAt) => tracing.span(`chat ${model}`, step, (span) => ask(text, signal, endsAt, span))
}

/** By OpenTelemetry's conventions for generative AI. */
const CHAT = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'anthropic' }

function usageOf(model: string, { usage }: Reply, latencyMs: number): ModelUsage {
  return {
    model,
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    cacheReadTokens: usage.cache_read_input_tokens ?? 0,
    cacheWriteTokens: usage.cache_creation_input_tokens ?? 0,
    latencyMs,
  }
}

function readAnswer({ stop_reason, content }: Reply): ModelAnswer {
  if (stop_reason === 'refusal') throw new ModelError('refusal')
  if (stop_reason === 'max_tokens' || stop_reason === 'model_context_window_exceeded') throw new ModelError('truncated')
  const text = content.find((block) => block.type === 'text')?.text ?? ''
  const answer = modelAnswer.safeParse(parseJson(text))
  if (!answer.success) throw new ModelError('invalid', `${answer.error.issues[0]?.path.join('.') || 'no JSON object'}`)
  return answer.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The SDK waits as long as the server asks; a wait that leaves less than itself for the answer is not worth it. */
function onlyRetriesThatFit(endsAt: number): Middleware {
  return async (request, next) => {
    const response = await next(request)
    if (response.ok || 2 * retryDelay(response.headers) <= endsAt - performance.now()) return response
    const headers = new Headers(response.headers)
    headers.set('x-should-retry', 'false')
    return new Response(response.body, { status: response.status, headers })
  }
}

/** In milliseconds, as the SDK reads it. */
function retryDelay(headers: Headers): number {
  const exact = Number.parseFloat(headers.get('retry-after-ms') ?? '')
  if (exact > 0) return exact
  const after = headers.get('retry-after') ?? ''
  const seconds = Number.parseFloat(after)
  const wait = Number.isNaN(seconds) ? Date.parse(after) - Date.now() : seconds * 1000
  return wait > 0 ? wait : SDK_DELAY_MS
}

/** Of the SDK's error only what is safe to log: its cause and headers stay behind. */
function modelError(error: unknown, apiKey: string): ModelError {
  if (error instanceof APIConnectionTimeoutError) return new ModelError('timeout')
  if (error instanceof SyntaxError) return new ModelError('invalid', 'the answer is not JSON')
  if (!(error instanceof APIError) || error.status === undefined) return new ModelError('server', codeOf(error))
  const { status, apiMessage } = error
  if (status === 429 || status === 529) return new ModelError('overloaded', `${status}`)
  if (status >= 500 || status === 408 || status === 409) return new ModelError('server', `${status}`)
  // Which key or model is wrong is told in words; a proxy may repeat the key in them.
  const told = shorten(String(apiMessage ?? '').replaceAll(apiKey, '…'), 200)
  return new ModelError('rejected', `${status}${told && `: ${told}`}`)
}

/** "ECONNREFUSED" and the like, which stands some causes deep. */
function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code
  }
  return 'the connection failed'
}

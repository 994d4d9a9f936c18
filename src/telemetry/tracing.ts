// Traces: what a request did, and how long each step took. This is the port that the parts use; without a collector
// nothing stands behind it (NO_TRACING), with one otel.ts does, which is loaded only then.

/** Names, numbers and enum values only: nothing that a person wrote, no id, no address. */
export type Attributes = Record<string, string | number | boolean>

export interface Span {
  set(attributes: Attributes): void
  /** @param type the class of a failure, such as an error's code: never its message. */
  fail(type: string): void
}

export interface SpanOptions {
  kind?: 'internal' | 'client'
  attributes?: Attributes
  /** Begins a trace where none is under way; without it such work leaves no trace. */
  begins?: boolean
}

/** A request that has arrived: it ends when its answer does. */
export interface RequestSpan extends Span {
  /** 32 hexadecimal digits: the caller's own trace, where it has named one. */
  traceId: string
  /** Runs `work`, whose spans then belong to the request. */
  run<T>(work: () => T): T
  end(): void
}

export interface RequestOptions {
  attributes: Attributes
  /** W3C Trace Context. One that cannot be read is as none. */
  traceparent: string | undefined
  tracestate: string | undefined
}

export interface Tracing {
  /** Runs `work` as a step of whatever is under way. What it rejects with fails the step, and is passed on. */
  span<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T>
  /** Null where nothing is traced. */
  request(name: string, options: RequestOptions): RequestSpan | null
  /** Sends what has not been sent yet, for as long as a stop may wait for that. */
  stop(): Promise<void>
}

export const NO_SPAN: Span = { set() {}, fail() {} }

export const NO_TRACING: Tracing = {
  span: (_name, _options, work) => work(NO_SPAN),
  request: () => null,
  async stop() {},
}

/** The class of an error: its code, else its name. */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { code, reason } = error as { code?: unknown; reason?: unknown }
  const word = [code, reason].find((one) => typeof one === 'string' && /^\w{1,40}$/.test(one))
  return (word as string | undefined) ?? error.constructor.name
}

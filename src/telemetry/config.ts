// The variables of OpenTelemetry, by the names that every service has for them (the specification of its SDKs). Part of
// config.ts, which reads them; what concerns the way to the collector alone (headers, timeouts, certificates), the
// exporter reads by itself.

import { z } from 'zod'

/** Where traces go, as OTLP over HTTP. */
export interface TracingConfig {
  url: string
  serviceName: string
  /** Which traces are kept: `ratio` of those that begin here; `parentBased`: of others as whoever began them says. */
  sampler: { ratio: number; parentBased: boolean }
  /** How long spans are gathered before they are sent, in milliseconds. */
  sendEveryMs: number
}

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const
/** JSON is what is spoken, which whoever takes protobuf over HTTP takes at the same address. */
const PROTOCOLS = ['http/json', 'http/protobuf'] as const

const SHARE_EXPECTED = 'must be a number from 0 to 1'
const DELAY_EXPECTED = 'must be a whole number of milliseconds'

export const tracingVariables = {
  OTEL_SDK_DISABLED: z.string().default('false'),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none'], 'must be otlp or none').default('otlp'),
  OTEL_EXPORTER_OTLP_ENDPOINT: collector(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector(),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol(),
  OTEL_SERVICE_NAME: z.string().trim().max(100, 'must be at most 100 characters long').default('deskwire'),
  OTEL_TRACES_SAMPLER: z.enum(SAMPLERS, `must be one of ${SAMPLERS.join(', ')}`).default('parentbased_always_on'),
  OTEL_BSP_SCHEDULE_DELAY: z.coerce.number(DELAY_EXPECTED).int(DELAY_EXPECTED).min(1, DELAY_EXPECTED).default(5000),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number(SHARE_EXPECTED).min(0, SHARE_EXPECTED).max(1, SHARE_EXPECTED).default(1),
}

type Read = z.output<z.ZodObject<typeof tracingVariables>>

/** Null where no collector is named, or tracing is switched off. */
export function tracingOf(read: Read): TracingConfig | null {
  const own = read.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
  const shared = read.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/*$/, '/v1/traces')
  const url = own ?? shared
  const isOff = read.OTEL_SDK_DISABLED.trim().toLowerCase() === 'true' || read.OTEL_TRACES_EXPORTER === 'none'
  if (isOff || url === undefined) return null
  const { OTEL_SERVICE_NAME: serviceName, OTEL_BSP_SCHEDULE_DELAY: sendEveryMs } = read
  return { url, serviceName, sampler: samplerOf(read), sendEveryMs }
}

function samplerOf({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: share }: Read): TracingConfig['sampler'] {
  const ratio = name.endsWith('always_on') ? 1 : name.endsWith('always_off') ? 0 : share
  return { ratio, parentBased: name.startsWith('parentbased') }
}

function collector() {
  const expected = 'must be an http or https address, such as http://127.0.0.1:4318'
  return z
    .string()
    .trim()
    .refine((value) => /^https?:$/.test(URL.parse(value)?.protocol ?? ''), expected)
    .optional()
}

function protocol() {
  return z.enum(PROTOCOLS, 'must be http/json or http/protobuf: traces are sent over HTTP').optional()
}

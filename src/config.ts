// The environment, read once and checked: the only file of the service that knows the names of its variables, but for
// OpenTelemetry's, which stand in telemetry/config.ts.
// Each is described in .env.example and in the README.

import { resolve } from 'node:path'
import { z } from 'zod'
import type { AttachmentLimits } from './context.ts'
import { type TracingConfig, tracingOf, tracingVariables } from './telemetry/config.ts'

/** Something that keeps the process from starting, told in a plain sentence for whoever runs it: no stack is needed. */
export class StartError extends Error {}

/** One or more variables cannot be used; the message has one sentence for each, one a line. */
export class ConfigError extends StartError {}

export type LogLevel = (typeof LOG_LEVELS)[number]

export interface Config {
  host: string
  /** 0 takes any free port. */
  port: number
  /** Absolute. Holds the embedded database, attachments and demo.json. */
  dataDir: string
  /** Null: an embedded PostgreSQL in `dataDir`. */
  databaseUrl: string | null
  /** For migrations and LISTEN, where `databaseUrl` is a pooler; the same as `databaseUrl` unless set. */
  directDatabaseUrl: string | null
  /** Null: wake-ups go over the database. */
  redisUrl: string | null
  /** `file:` or `s3:`, where attachments are kept. Null: in a folder of `dataDir`. */
  attachmentsUrl: string | null
  attachments: AttachmentLimits
  /** How long a caller waits for a review. */
  reviewTimeoutMs: number
  /** Null: reviews are by rules alone. */
  anthropic: AnthropicConfig | null
  signUp: 'open' | 'closed'
  /** Origins of other sites whose pages may call the API with a browser's cookies. */
  allowedOrigins: string[]
  /** Whether X-Forwarded-* headers are believed. */
  trustProxy: boolean
  logLevel: LogLevel
  /** Null: seed the demonstration into an empty embedded database only. */
  demo: '1' | '0' | null
  rateLimits: boolean
  /** Null: a secret made on first start and kept in the database. */
  authSecret: string | null
  /** Without a slash at the end. Null: `http://HOST:PORT`. */
  publicUrl: string | null
  /** Null: `/metrics` answers this machine only. */
  metricsToken: string | null
  /** Null: nothing is traced. */
  tracing: TracingConfig | null
}

/** The model that reviews drafts. */
export interface AnthropicConfig {
  apiKey: string
  /** Without a slash at the end. Null: Anthropic's own. */
  baseUrl: string | null
  model: string
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
const MIB = 1024 * 1024
/** The size of an attachment is a 32-bit integer in the database. */
const LARGEST_FILE = 2 ** 31 - 1
const DATABASE_EXPECTED =
  'must look like postgresql://user:password@host:5432/database, with special characters percent-encoded'
const REDIS_EXPECTED =
  'must look like redis://user:password@host:6379 (rediss:// with TLS), with special characters percent-encoded'
const ANTHROPIC_EXPECTED = 'must be an http or https address without credentials, such as https://api.anthropic.com'
/** The small and fast one of today's: people wait for a review. */
const DEFAULT_MODEL = 'claude-haiku-5-5'
const ATTACHMENTS_EXPECTED =
  'must look like file:///srv/attachments, or like s3://bucket/folder?region=eu-central-1 with ' +
  '&endpoint=https://s3.example.com behind it where the bucket is not at AWS'
const ATTACHMENTS_SECRETS =
  'must hold no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or what else the AWS SDK reads'

/** Their values are never repeated in a message. */
const SECRET = new Set([
  'DATABASE_URL',
  'DIRECT_DATABASE_URL',
  'REDIS_URL',
  'ATTACHMENTS_URL',
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_BASE_URL',
  'AUTH_SECRET',
  'METRICS_TOKEN',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
])

const variables = z.object({
  HOST: check(isHost, 'must be a host name or an IP address, such as 127.0.0.1').default('127.0.0.1'),
  PORT: whole(0, 65_535, 4000),
  DATA_DIR: z.string().default('.data'),
  DATABASE_URL: check(isDatabaseUrl, DATABASE_EXPECTED).optional(),
  DIRECT_DATABASE_URL: check(isDatabaseUrl, DATABASE_EXPECTED).optional(),
  REDIS_URL: check(isRedisUrl, REDIS_EXPECTED).optional(),
  ATTACHMENTS_URL: z
    .string()
    .trim()
    .refine(hasNoCredentials, { error: ATTACHMENTS_SECRETS, abort: true })
    .refine(isAttachmentsUrl, ATTACHMENTS_EXPECTED)
    .optional(),
  ATTACHMENT_MAX_BYTES: whole(1, LARGEST_FILE, 25 * MIB),
  ATTACHMENT_MAX_FILES: whole(1, 1000, 10),
  ATTACHMENT_MAX_TICKET_BYTES: whole(1, Number.MAX_SAFE_INTEGER, 100 * MIB),
  REVIEW_TIMEOUT_MS: whole(1, 120_000, 8000),
  ANTHROPIC_API_KEY: check(isHeaderWord, 'must be the key alone, without spaces').optional(),
  ANTHROPIC_BASE_URL: check(isPlainUrl, ANTHROPIC_EXPECTED)
    .transform((value) => value.replace(/\/+$/, ''))
    .optional(),
  REVIEW_MODEL: check(isModel, `must be the id of a model, such as ${DEFAULT_MODEL}`).default(DEFAULT_MODEL),
  SIGN_UP: choice(['open', 'closed'], 'closed'),
  ALLOWED_ORIGINS: z.string().transform(listed).pipe(z.array(origin())).default([]),
  TRUST_PROXY: choice(['on', 'off'], 'off'),
  LOG_LEVEL: choice(LOG_LEVELS, 'info'),
  DEMO: z.enum(['1', '0'], 'must be 1 or 0').optional(),
  RATE_LIMITS: choice(['on', 'off'], 'on'),
  AUTH_SECRET: z.string().min(32, 'must be at least 32 characters long').optional(),
  PUBLIC_URL: origin().optional(),
  METRICS_TOKEN: check(isHeaderWord, 'must be one word, without spaces').optional(),
  ...tracingVariables,
})

/** Reads the configuration from `env`, where an empty variable counts as absent. Throws a ConfigError. */
export function loadConfig(env: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()))
  const result = variables.safeParse(given)
  if (!result.success) {
    const sentences = new Set(result.error.issues.map((issue) => sentence(issue, given)))
    throw new ConfigError([...sentences].join('\n'))
  }
  const read = result.data
  checkTogether(read)
  return {
    host: read.HOST,
    port: read.PORT,
    dataDir: resolve(read.DATA_DIR),
    databaseUrl: read.DATABASE_URL ?? null,
    directDatabaseUrl: read.DIRECT_DATABASE_URL ?? read.DATABASE_URL ?? null,
    redisUrl: read.REDIS_URL ?? null,
    attachmentsUrl: read.ATTACHMENTS_URL ?? null,
    attachments: {
      maxFileBytes: read.ATTACHMENT_MAX_BYTES,
      maxFiles: read.ATTACHMENT_MAX_FILES,
      maxTicketBytes: read.ATTACHMENT_MAX_TICKET_BYTES,
    },
    reviewTimeoutMs: read.REVIEW_TIMEOUT_MS,
    anthropic: anthropicOf(read),
    signUp: read.SIGN_UP,
    allowedOrigins: read.ALLOWED_ORIGINS,
    trustProxy: read.TRUST_PROXY === 'on',
    logLevel: read.LOG_LEVEL,
    demo: read.DEMO ?? null,
    rateLimits: read.RATE_LIMITS === 'on',
    authSecret: read.AUTH_SECRET ?? null,
    publicUrl: read.PUBLIC_URL ?? null,
    metricsToken: read.METRICS_TOKEN ?? null,
    tracing: tracingOf(read),
  }
}

/** The key decides: without it the other two mean nothing. */
function anthropicOf(read: z.output<typeof variables>): AnthropicConfig | null {
  if (read.ANTHROPIC_API_KEY === undefined) return null
  return { apiKey: read.ANTHROPIC_API_KEY, baseUrl: read.ANTHROPIC_BASE_URL ?? null, model: read.REVIEW_MODEL }
}

function checkTogether(read: z.output<typeof variables>): void {
  if (read.DIRECT_DATABASE_URL && !read.DATABASE_URL) {
    throw new ConfigError('DIRECT_DATABASE_URL is set but DATABASE_URL is not: set both, or neither.')
  }
  if (read.ATTACHMENT_MAX_BYTES > read.ATTACHMENT_MAX_TICKET_BYTES) {
    throw new ConfigError(
      `ATTACHMENT_MAX_BYTES (${read.ATTACHMENT_MAX_BYTES}) must not be more than ` +
        `ATTACHMENT_MAX_TICKET_BYTES (${read.ATTACHMENT_MAX_TICKET_BYTES}), the sum of a ticket's files.`,
    )
  }
}

/** The schemas' messages say what a variable "must be"; this puts its name before and what was given behind. */
function sentence(issue: z.core.$ZodIssue, given: Record<string, string | undefined>): string {
  const name = String(issue.path[0])
  const value = given[name] ?? ''
  const shown = JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value)
  return SECRET.has(name) ? `${name} ${issue.message}.` : `${name} ${issue.message}, but it is ${shown}.`
}

function check(isRight: (value: string) => boolean, expected: string) {
  return z.string().trim().refine(isRight, expected)
}

function choice<const Values extends readonly string[]>(values: Values, fallback: Values[number]) {
  const expected = `must be ${values.slice(0, -1).join(', ')} or ${values.at(-1)}`
  return z.enum(values, expected).default(fallback as never)
}

function whole(least: number, most: number, fallback: number) {
  const expected = `must be a whole number from ${least} to ${most}, such as ${fallback}`
  return z
    .string()
    .trim()
    .regex(/^\d{1,16}$/, expected)
    .transform(Number)
    .refine((value) => value >= least && value <= most, expected)
    .default(fallback)
}

function origin() {
  const expected = 'must be an address without a path, such as https://support.example.com'
  return check(isOrigin, expected).transform((value) => new URL(value).origin)
}

function listed(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function isOrigin(value: string): boolean {
  const url = URL.parse(value)
  return url !== null && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href
}

function isHost(value: string): boolean {
  return /^[\w.:%-]+$/.test(value)
}

/** As node-postgres reads it: the host may be missing, where a `host` parameter names a socket's folder. */
function isDatabaseUrl(value: string): boolean {
  return /^postgres(ql)?:\/\//.test(value) && URL.canParse(value.replace('@/', '@localhost/'))
}

/** As the client of Redis reads it: the path is the number of a database. */
function isRedisUrl(value: string): boolean {
  const url = URL.parse(value)
  if (url === null || !/^rediss?:$/.test(url.protocol) || url.hostname === '') return false
  return /^(\/\d*)?$/.test(url.pathname) && isEncoded(url.username + url.password)
}

/** Neither of the bucket nor of its endpoint, nor as a parameter. */
function hasNoCredentials(value: string): boolean {
  const url = URL.parse(value)
  const endpoint = URL.parse(url?.searchParams.get('endpoint') ?? '')
  const names = [...(url?.searchParams.keys() ?? [])].join(' ')
  return ![url, endpoint].some((part) => part?.username || part?.password) && !/key|secret|token|password/i.test(names)
}

function isAttachmentsUrl(value: string): boolean {
  const url = URL.parse(value)
  if (url?.protocol === 'file:') return isFolderUrl(url)
  if (url?.protocol !== 's3:' || !/^[\w.-]+$/.test(url.host) || url.hash || !isEncoded(url.pathname)) return false
  const { region, endpoint, ...others } = Object.fromEntries(url.searchParams)
  const isRight = region === undefined || /^[\w-]+$/.test(region)
  return isRight && (endpoint === undefined || isEndpoint(endpoint)) && Object.keys(others).length === 0
}

/** Absolute and on this machine; the root itself is a slip. */
function isFolderUrl({ host, pathname, search, hash }: URL): boolean {
  return host + search + hash === '' && /[^/]/.test(pathname) && !/%2f/i.test(pathname) && isEncoded(pathname)
}

/** A path is possible: some services have their S3 beside other things. */
function isEndpoint(value: string): boolean {
  const url = URL.parse(value)
  return url !== null && /^https?:$/.test(url.protocol) && url.search + url.hash === ''
}

/** What a header can carry as one word. */
function isHeaderWord(value: string): boolean {
  return /^[\x21-\x7e]+$/.test(value)
}

/** A path is possible: a gateway may have the API beside other things. */
function isPlainUrl(value: string): boolean {
  const url = URL.parse(value)
  return isEndpoint(value) && url?.username === '' && url.password === ''
}

/** It is stored and shown as the reviewer's name. */
function isModel(value: string): boolean {
  return /^[\w.:@/-]{1,100}$/.test(value)
}

function isEncoded(value: string): boolean {
  try {
    decodeURIComponent(value)
    return true
  } catch {
    return false
  }
}

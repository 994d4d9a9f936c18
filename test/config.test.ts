// What the environment may hold, and what is said of what it may not.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ConfigError, loadConfig } from '../src/config.ts'

const DEFAULTS = {
  host: '127.0.0.1',
  port: 4000,
  dataDir: resolve('.data'),
  databaseUrl: null,
  directDatabaseUrl: null,
  redisUrl: null,
  attachmentsUrl: null,
  attachments: { maxFileBytes: 25 * 1024 ** 2, maxFiles: 10, maxTicketBytes: 100 * 1024 ** 2 },
  reviewTimeoutMs: 8000,
  anthropic: null,
  signUp: 'closed',
  allowedOrigins: [],
  trustProxy: false,
  logLevel: 'info',
  demo: null,
  rateLimits: true,
  authSecret: null,
  publicUrl: null,
  metricsToken: null,
  tracing: null,
}

const TRACING = {
  url: 'http://collector:4318/v1/traces',
  serviceName: 'deskwire',
  sampler: { ratio: 1, parentBased: true },
  sendEveryMs: 5000,
}

test('an empty environment gives the defaults, and so do empty variables', () => {
  expect(loadConfig({})).toEqual(DEFAULTS)
  expect(loadConfig({ PORT: '', DATABASE_URL: ' ', DEMO: '', ALLOWED_ORIGINS: '' })).toEqual(DEFAULTS)
})

test('every variable is read', () => {
  const config = loadConfig({
    HOST: '::1',
    PORT: '0',
    DATA_DIR: '/srv/deskwire',
    DATABASE_URL: 'postgres://u:p%40ss@db:6432/d?sslmode=require',
    DIRECT_DATABASE_URL: 'postgresql:///d?host=/run/postgresql',
    REDIS_URL: 'rediss://u:p%40ss@cache:6380/1',
    ATTACHMENTS_URL: 's3://bucket/folder?region=eu-central-1',
    ATTACHMENT_MAX_BYTES: '10',
    ATTACHMENT_MAX_FILES: '2',
    ATTACHMENT_MAX_TICKET_BYTES: '20',
    REVIEW_TIMEOUT_MS: '100',
    ANTHROPIC_API_KEY: 'sk-ant-key',
    ANTHROPIC_BASE_URL: 'https://gateway.example.com/anthropic/',
    REVIEW_MODEL: 'claude-sonnet-5-5',
    SIGN_UP: 'open',
    ALLOWED_ORIGINS: 'https://a.example, http://localhost:3000/',
    TRUST_PROXY: 'on',
    LOG_LEVEL: 'debug',
    DEMO: '0',
    RATE_LIMITS: 'off',
    AUTH_SECRET: 'x'.repeat(32),
    PUBLIC_URL: 'https://support.example.com/',
    METRICS_TOKEN: 'let-me-in',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
  })
  expect(config).toEqual({
    host: '::1',
    port: 0,
    dataDir: '/srv/deskwire',
    databaseUrl: 'postgres://u:p%40ss@db:6432/d?sslmode=require',
    directDatabaseUrl: 'postgresql:///d?host=/run/postgresql',
    redisUrl: 'rediss://u:p%40ss@cache:6380/1',
    attachmentsUrl: 's3://bucket/folder?region=eu-central-1',
    attachments: { maxFileBytes: 10, maxFiles: 2, maxTicketBytes: 20 },
    reviewTimeoutMs: 100,
    anthropic: {
      apiKey: 'sk-ant-key',
      baseUrl: 'https://gateway.example.com/anthropic',
      model: 'claude-sonnet-5-5',
    },
    signUp: 'open',
    allowedOrigins: ['https://a.example', 'http://localhost:3000'],
    trustProxy: true,
    logLevel: 'debug',
    demo: '0',
    rateLimits: false,
    authSecret: 'x'.repeat(32),
    publicUrl: 'https://support.example.com',
    metricsToken: 'let-me-in',
    tracing: TRACING,
  })
})

test('without a DIRECT_DATABASE_URL of its own, DATABASE_URL is both', () => {
  const url = 'postgresql://u@db/d'
  expect(loadConfig({ DATABASE_URL: url })).toMatchObject({ databaseUrl: url, directDatabaseUrl: url })
})

test('a key is enough to have a model review, and without one there is none', () => {
  const anthropic = { apiKey: 'sk-ant-key', baseUrl: null, model: 'claude-haiku-5-5' }
  expect(loadConfig({ ANTHROPIC_API_KEY: ' sk-ant-key ' }).anthropic).toEqual(anthropic)
  expect(loadConfig({ REVIEW_MODEL: 'x', ANTHROPIC_BASE_URL: 'http://127.0.0.1:1' }).anthropic).toBeNull()
})

describe('tracing', () => {
  const traced = (env: Record<string, string>) => loadConfig(env).tracing
  const at = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' }

  test('goes to the address of the collector, or to one of its own', () => {
    expect(traced(at)).toEqual(TRACING)
    const own = 'https://traces.example.com/otlp?tenant=desk'
    expect(traced({ ...at, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own })?.url).toBe(own)
    expect(traced({ ...at, OTEL_SERVICE_NAME: 'desk-2' })?.serviceName).toBe('desk-2')
  })

  test('is off without an address, and where somebody has switched it off', () => {
    expect(traced({ OTEL_SERVICE_NAME: 'desk' })).toBeNull()
    expect(traced({ ...at, OTEL_SDK_DISABLED: 'True' })).toBeNull()
    expect(traced({ ...at, OTEL_TRACES_EXPORTER: 'none' })).toBeNull()
  })

  test.each([
    ['always_on', { ratio: 1, parentBased: false }],
    ['parentbased_always_off', { ratio: 0, parentBased: true }],
    ['parentbased_traceidratio', { ratio: 0.25, parentBased: true }],
  ])('keeps what the sampler %s says', (OTEL_TRACES_SAMPLER, sampler) => {
    expect(traced({ ...at, OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG: '0.25' })?.sampler).toEqual(sampler)
  })
})

describe('a malformed variable is refused with one sentence that says what it must be and what it is:', () => {
  test.each([
    ['HOST', 'http://x', 'must be a host name or an IP address, such as 127.0.0.1, but it is "http://x".'],
    ['PORT', '65536', 'must be a whole number from 0 to 65535, such as 4000, but it is "65536".'],
    ['PORT', '4e3', 'must be a whole number from 0 to 65535, such as 4000, but it is "4e3".'],
    ['ATTACHMENT_MAX_BYTES', '25MB', 'must be a whole number from 1 to 2147483647'],
    ['ATTACHMENT_MAX_FILES', '0', 'must be a whole number from 1 to 1000'],
    ['ATTACHMENT_MAX_TICKET_BYTES', '-1', 'must be a whole number from 1 to'],
    ['REVIEW_TIMEOUT_MS', '1.5', 'must be a whole number from 1 to 120000'],
    ['REVIEW_MODEL', 'the best', 'must be the id of a model, such as claude-haiku-5-5, but it is "the best".'],
    ['SIGN_UP', 'yes', 'must be open or closed, but it is "yes".'],
    ['ALLOWED_ORIGINS', 'https://a.example,b.example', 'must be an address without a path'],
    ['TRUST_PROXY', '2', 'must be on or off'],
    ['LOG_LEVEL', 'loud', 'must be trace, debug, info, warn, error, fatal or silent'],
    ['DEMO', 'yes', 'must be 1 or 0'],
    ['RATE_LIMITS', 'none', 'must be on or off'],
    ['PUBLIC_URL', 'https://example.com/desk', 'must be an address without a path'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'must be http/json or http/protobuf: traces are sent over HTTP'],
    ['OTEL_TRACES_EXPORTER', 'zipkin', 'must be otlp or none'],
    ['OTEL_TRACES_SAMPLER_ARG', '2', 'must be a number from 0 to 1'],
    ['OTEL_BSP_SCHEDULE_DELAY', '-1', 'must be a whole number of milliseconds'],
  ])('%s=%s', (name, value, sentence) => {
    const said = refusal({ [name]: value })
    expect(said).toContain(`${name} ${sentence}`)
    expect(said).toContain(JSON.stringify(value))
    expect(said).not.toContain('\n')
  })

  test.each([
    ['DATABASE_URL', 'mysql://u:hush@db/d'],
    ['DATABASE_URL', 'postgresql://u:hu#sh@db/d'],
    ['DIRECT_DATABASE_URL', 'hush'],
    ['REDIS_URL', 'http://u:hush@cache'],
    ['REDIS_URL', 'redis://u:hu#sh@cache'],
    ['REDIS_URL', 'redis://:hush%ff@cache'],
    ['REDIS_URL', 'redis://:hush@cache/sessions'],
    ['REDIS_URL', 'redis:hush'],
    ['AUTH_SECRET', 'hush'],
    ['ANTHROPIC_API_KEY', 'sk ant hush'],
    ['ANTHROPIC_API_KEY', 'sk-ant\nhush'],
    ['ANTHROPIC_BASE_URL', 'https://u:hush@api.example.com'],
    ['ANTHROPIC_BASE_URL', 'ftp://hush.example.com'],
    ['ANTHROPIC_BASE_URL', 'https://api.example.com?key=hush'],
    ['METRICS_TOKEN', 'two hush'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'hush:4318'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'grpc://u:hush@collector'],
    ['ATTACHMENTS_URL', 'hush'],
    ['ATTACHMENTS_URL', 'https://hush.s3.amazonaws.com'],
    ['ATTACHMENTS_URL', 'file://hush/share'],
    ['ATTACHMENTS_URL', 'file:///'],
    ['ATTACHMENTS_URL', 'file:///hush%2Fshare'],
    ['ATTACHMENTS_URL', 'file:///hush%ff'],
    ['ATTACHMENTS_URL', 's3:///hush'],
    ['ATTACHMENTS_URL', 's3://bucket/hush%ff'],
    ['ATTACHMENTS_URL', 's3://bucket:9000/hush'],
    ['ATTACHMENTS_URL', 's3://bucket?acl=hush'],
    ['ATTACHMENTS_URL', 's3://bucket?endpoint=hush:9000'],
  ])('%s, whose value is never repeated', (name, value) => {
    const said = refusal({ [name]: value })
    expect(said).toContain(`${name} must`)
    expect(said).not.toMatch(/hu#?sh/)
  })
})

test.each(['redis://cache', 'redis://127.0.0.1:6379/', 'redis://:a%2Fb@[::1]:6379/0', 'rediss://u:p@cache:6380'])(
  'REDIS_URL may be %s',
  (url) => expect(loadConfig({ REDIS_URL: url }).redisUrl).toBe(url),
)

test.each([
  's3://u:hush@bucket',
  's3://hush@bucket',
  's3://bucket?accessKeyId=AKIA&secretAccessKey=hush',
  's3://bucket?X-Amz-Security-Token=hush',
  's3://bucket?endpoint=https://u:hush@s3.example.com',
])('ATTACHMENTS_URL holds no credentials: %s', (url) => {
  const said = refusal({ ATTACHMENTS_URL: url })
  expect(said).toMatch(/^ATTACHMENTS_URL must hold no credentials: set AWS_ACCESS_KEY_ID .*\.$/)
  expect(said).not.toContain('hush')
})

test.each([
  'file:///srv/my%20attachments/',
  's3://bucket.of-ours',
  's3://bucket/a/b%20c?region=eu-central-1',
  's3://bucket?endpoint=http://127.0.0.1:9000',
  's3://bucket?region=auto&endpoint=https%3A%2F%2Fstorage.example.com%2Fv1%2Fs3',
])('ATTACHMENTS_URL may be %s', (url) => expect(loadConfig({ ATTACHMENTS_URL: url }).attachmentsUrl).toBe(url))

test('several malformed variables are told at once, a line each', () => {
  const said = refusal({ PORT: 'x', DEMO: 'x', ALLOWED_ORIGINS: 'x,y' }).split('\n')
  expect(said.map((line) => line.split(' ')[0])).toEqual(['PORT', 'ALLOWED_ORIGINS', 'DEMO'])
})

test('variables that contradict each other are refused', () => {
  expect(refusal({ DIRECT_DATABASE_URL: 'postgresql://db/d' })).toContain('DATABASE_URL is not')
  expect(refusal({ ATTACHMENT_MAX_BYTES: '200000000' })).toContain('ATTACHMENT_MAX_TICKET_BYTES')
})

test('.env.example names every variable, and what it gives for each is accepted', () => {
  const text = readFileSync('.env.example', 'utf8').replaceAll(/^#([A-Z_]+=)/gm, '$1')
  const given = parseEnv(text)
  const { DATABASE_URL: databaseUrl, DIRECT_DATABASE_URL: directDatabaseUrl } = given
  const { REDIS_URL: redisUrl, ATTACHMENTS_URL: attachmentsUrl } = given
  const urls = { databaseUrl, directDatabaseUrl, redisUrl, attachmentsUrl }
  expect(loadConfig(given)).toEqual({
    ...DEFAULTS,
    ...urls,
    demo: '1',
    tracing: { ...TRACING, url: 'http://127.0.0.1:4318/v1/traces' },
  })
  const source = ['src/config.ts', 'src/telemetry/config.ts'].map((file) => readFileSync(file, 'utf8')).join('\n')
  const known = [...source.matchAll(/^ {2}([A-Z_]+): /gm)].map((match) => match[1])
  expect(Object.keys(given).sort()).toEqual(known.sort())
})

function refusal(env: Record<string, string>): string {
  try {
    loadConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  throw new Error('It was accepted.')
}

// The log: one JSON line an event on standard output, or readable text where that is a terminal.

import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino'
import pretty from 'pino-pretty'
import type { LogLevel } from './config.ts'

const CREDENTIALS = ['authorization', 'cookie', '["set-cookie"]']

const CAUSES = 3

/**
 * Of an error what it is, what it says and where, and its causes. Its other fields stay behind: in those of PostgreSQL
 * stands the row that it is about, in those of HTTP clients whole answers.
 */
function described(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error
  const { code, cause } = error as { code?: unknown; cause?: unknown }
  const isWord = typeof code === 'string' || typeof code === 'number'
  const type = error.constructor.name
  const message = withoutValues(error.message)
  return {
    type,
    message,
    stack: [`${type}: ${message}`, ...placesIn(error)].join('\n'),
    ...(isWord && { code }),
    ...(cause !== undefined && depth < CAUSES && { cause: described(cause, depth + 1) }),
  }
}

const placesIn = ({ stack = '' }: Error) => stack.split('\n').filter((line) => line.startsWith('    at '))

/** What PostgreSQL says of data, of which it quotes what was sent. */
const DATA = /invalid input|out of range|invalid byte sequence|too long|malformed|does not exist|cannot/i

/** Prisma's messages begin with the call and its arguments, which are what people wrote; what is wrong stands last. */
function withoutValues(message: string): string {
  const last = /^\s*Invalid `/.test(message) ? (message.trim().split('\n\n').at(-1) ?? '') : message
  return DATA.test(last) ? last.replace(/"[^"]*"/g, '"…"') : last
}

const redact = {
  paths: CREDENTIALS.flatMap((name) => [name, `headers.${name}`, `*.headers.${name}`].map(asPath)),
  censor: '[redacted]',
}

export interface LogOptions {
  level: LogLevel
  /** Null: readable when standard output is a terminal. */
  pretty?: boolean | null
  /** Absent: standard output. */
  stream?: DestinationStream
}

export function makeLogger({ level, pretty: readable = null, stream }: LogOptions): Logger {
  const options: LoggerOptions = { level, redact, serializers: { err: described } }
  if (stream) return pino(options, stream)
  if (!(readable ?? process.stdout.isTTY)) return pino(options)
  // A stream in this process, not a worker: a worker would lose the last lines when the process ends.
  return pino(options, pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', singleLine: true }))
}

function asPath(path: string): string {
  return path.replace('.[', '[')
}

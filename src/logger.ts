// The log: one JSON line an event on standard output, or readable text where that is a terminal.

import { type Logger, type LoggerOptions, pino } from 'pino'
import pretty from 'pino-pretty'
import type { LogLevel } from './config.ts'

const CREDENTIALS = ['authorization', 'cookie', '["set-cookie"]']

const redact = {
  paths: CREDENTIALS.flatMap((name) => [name, `headers.${name}`, `*.headers.${name}`].map(asPath)),
  censor: '[redacted]',
}

/** `pretty` null: readable when standard output is a terminal. */
export function makeLogger({ level, pretty: readable = null }: { level: LogLevel; pretty?: boolean | null }): Logger {
  const options: LoggerOptions = { level, redact }
  if (!(readable ?? process.stdout.isTTY)) return pino(options)
  // A stream in this process, not a worker: a worker would lose the last lines when the process ends.
  return pino(options, pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', singleLine: true }))
}

function asPath(path: string): string {
  return path.replace('.[', '[')
}

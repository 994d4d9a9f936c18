// A log that keeps its lines, for the tests that read them.

import { PassThrough } from 'node:stream'
import type { Logger } from 'pino'
import type { LogLevel } from '../../src/config.ts'
import { makeLogger } from '../../src/logger.ts'

export interface Line extends Record<string, unknown> {
  level: number
  msg: string
}

export const WARN = 40

export function keepingLog(level: LogLevel = 'info'): { logger: Logger; lines: Line[] } {
  const lines: Line[] = []
  const stream = new PassThrough()
  stream.on('data', (chunk) => lines.push(...jsonOf(String(chunk))))
  return { logger: makeLogger({ level, pretty: false, stream }), lines }
}

const jsonOf = (text: string): Line[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

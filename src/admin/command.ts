// What a command of the operator is, how its arguments are read, and how its help is told.

import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { z } from 'zod'
import type { Config } from '../config.ts'
import type { Database } from '../db/client.ts'
import { UsageError } from './refusal.ts'

export const PROGRAM = 'npm run admin --'

/** Where a command speaks. */
export interface Io {
  /** What a script wants: ids, links, secrets, lists. Standard output, one line each. */
  out(line: string): void
  /** What a person wants to know besides. Standard error. */
  note(line: string): void
}

/** What a command is given that finds its database itself. */
export interface Outside {
  config: Config
  io: Io
}

export interface Run extends Outside {
  /** Migrated. */
  database: Database
}

export interface Flag {
  /** How its value is called in help; absent: the flag takes none. */
  value?: string
  help: string
}

interface Description {
  /** Two words, such as `token create`, or one. */
  name: string
  /** What follows the name on the command line. */
  usage: string
  /** One sentence. */
  summary: string
  /** Names of the arguments without a flag, as keys of the input. */
  positionals: readonly string[]
  /** By key of the input: `kubeVersion` is given as `--kube-version`. */
  flags: Readonly<Record<string, Flag>>
}

/** Checks the arguments and returns what is left to do. Throws a UsageError. */
type Prepare<Given> = (args: readonly string[]) => (given: Given) => Promise<void>

export type Command = Description &
  ({ findsDatabase: false; prepare: Prepare<Run> } | { findsDatabase: true; prepare: Prepare<Outside> })

type Definition<Input extends z.ZodType, Given> = Omit<Description, 'positionals' | 'flags'> & {
  positionals?: readonly string[]
  flags?: Readonly<Record<string, Flag>>
  input: Input
  run(given: Given, input: z.output<Input>): Promise<void>
}

/** A command from its definition: `input` judges everything that was given, by the same keys. */
export function command<Input extends z.ZodType>(definition: Definition<Input, Run>): Command {
  return { ...describe(definition), findsDatabase: false, prepare: preparation(definition) }
}

/** One that is not given the migrated database, but looks for it as it needs it. */
export function commandOutside<Input extends z.ZodType>(definition: Definition<Input, Outside>): Command {
  return { ...describe(definition), findsDatabase: true, prepare: preparation(definition) }
}

function describe({ name, usage, summary, positionals = [], flags = {} }: Definition<z.ZodType, never>): Description {
  return { name, usage, summary, positionals, flags }
}

function preparation<Input extends z.ZodType, Given>(definition: Definition<Input, Given>): Prepare<Given> {
  const { positionals = [], flags = {}, input, run } = definition
  return (args) => {
    const given = readArguments(args, positionals, flags)
    const result = input.safeParse(given)
    if (!result.success) throw new UsageError(sentence(result.error.issues[0], given, positionals))
    return (context) => run(context, result.data)
  }
}

/** The help of one command. */
export function commandHelp({ name, usage, summary, flags }: Command): string {
  const rows = Object.entries(flags).map(([key, { value, help }]) => [`--${kebab(key)} ${value ?? ''}`, help])
  return [`Usage: ${PROGRAM} ${name} ${usage}`.trimEnd(), '', summary, '', ...columns(rows, '  ')].join('\n').trimEnd()
}

/** The help of several commands: one line each. */
export function overview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }) => [name, summary])
  return [
    `Usage: ${PROGRAM} COMMAND …`,
    '',
    ...columns(rows, '  '),
    '',
    `"${PROGRAM} COMMAND --help" tells what a command takes.`,
  ].join('\n')
}

/** Rows of text in columns, two spaces apart. */
export function columns(rows: readonly (readonly string[])[], indent = ''): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  return rows.map((row) => (indent + row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')).trimEnd())
}

function readArguments(args: readonly string[], positionals: readonly string[], flags: Command['flags']) {
  const options: NonNullable<ParseArgsConfig['options']> = Object.fromEntries(
    Object.entries(flags).map(([key, { value }]) => [kebab(key), { type: value === undefined ? 'boolean' : 'string' }]),
  )
  const parsed = parsedOrRefused(args, options)
  const extra = parsed.positionals[positionals.length]
  if (extra !== undefined) throw new UsageError(`"${extra}" is one argument too many.`)
  const given = Object.entries(flags).map(([key]) => [key, parsed.values[kebab(key)]])
  return Object.fromEntries([...given, ...positionals.map((key, i) => [key, parsed.positionals[i]])])
}

function parsedOrRefused(args: readonly string[], options: NonNullable<ParseArgsConfig['options']>) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    // Node's first sentence says what is wrong; the rest is about dashes.
    const [first = ''] = (error as Error).message.split(/[.\n]/)
    throw new UsageError(`${first}.`)
  }
}

function sentence(issue: z.core.$ZodIssue | undefined, given: Record<string, unknown>, positionals: readonly string[]) {
  const key = issue?.path[0]
  if (key === undefined) return issue?.message ?? 'These arguments do not go together.'
  const name = positionals.includes(String(key)) ? String(key).toUpperCase() : `--${kebab(String(key))}`
  return given[String(key)] === undefined ? `${name} is missing.` : `${name} ${issue?.message}`
}

function kebab(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

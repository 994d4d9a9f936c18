// The operator's commands: `npm run admin -- COMMAND …`, beside a running server or without one.

import { existsSync } from 'node:fs'
import { type Command, commandHelp, type Io, overview, PROGRAM } from './admin/command.ts'
import { commands } from './admin/commands/index.ts'
import { withDatabase } from './admin/connect.ts'
import { Refusal, UsageError } from './admin/refusal.ts'
import { type Config, loadConfig, StartError } from './config.ts'

const SUCCESS = 0
const REFUSED = 1
const WRONG_USAGE = 2
const UNIQUE_VIOLATION = 'P2002'

const io: Io = {
  out: (line) => process.stdout.write(`${line}\n`),
  note: (line) => process.stderr.write(`${line}\n`),
}

process.exitCode = await main(process.argv.slice(2))

/** The exit code: 0, 1 when it was refused or failed, 2 when the command line is wrong. */
async function main(args: readonly string[]): Promise<number> {
  try {
    return await run(args)
  } catch (error) {
    io.note(sentence(error))
    return error instanceof UsageError ? WRONG_USAGE : REFUSED
  }
}

async function run(args: readonly string[]): Promise<number> {
  const command = commands.find(({ name }) => name === args.slice(0, wordsOf(name)).join(' '))
  const wantsHelp = args.includes('--help') || args.includes('-h')
  if (!command) return noCommand(args, wantsHelp)
  if (wantsHelp) {
    io.out(commandHelp(command))
    return SUCCESS
  }
  // Before the database is looked for: a mistyped command starts none.
  const run = prepare(command, args.slice(wordsOf(command.name)))
  // As the server reads it, so that both mean the same database.
  if (existsSync('.env')) process.loadEnvFile('.env')
  const config = loadConfig()
  await run(config)
  return SUCCESS
}

function wordsOf(name: string): number {
  return name.split(' ').length
}

/** What is left to do once the configuration is known. */
function prepare(command: Command, args: readonly string[]): (config: Config) => Promise<void> {
  try {
    if (command.findsDatabase) {
      const prepared = command.prepare(args)
      return (config) => prepared({ config, io })
    }
    const prepared = command.prepare(args)
    return (config) => withDatabase(config, io.note, (database) => prepared({ database, config, io }))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(`${error.message}\n"${PROGRAM} ${command.name} --help" tells what it takes.`)
  }
}

/** Help for what was asked: all commands, or those of a group such as `token`. */
function noCommand(args: readonly string[], wantsHelp: boolean): number {
  const [group] = args
  const some = commands.filter(({ name }) => name.startsWith(`${group} `))
  const isUnknown = group !== undefined && !group.startsWith('-') && (some.length === 0 || isWord(args[1]))
  if (isUnknown) io.note(`There is no command "${args.slice(0, 2).filter(isWord).join(' ')}".\n`)
  const help = overview(some.length > 0 ? some : commands)
  if (wantsHelp && !isUnknown) io.out(help)
  else io.note(help)
  return wantsHelp && !isUnknown ? SUCCESS : WRONG_USAGE
}

function isWord(arg: string | undefined): boolean {
  return arg !== undefined && !arg.startsWith('-')
}

function sentence(error: unknown): string {
  if (error instanceof Refusal || error instanceof UsageError || error instanceof StartError) return error.message
  const { code, message } = error as { code?: unknown; message?: string }
  if (code === UNIQUE_VIOLATION) return 'Somebody has just made the same: nothing was changed. Look, then try again.'
  // Prisma's messages quote the call; what went wrong is their last line.
  return `This failed, and nothing was changed: ${message?.trim().split('\n').at(-1) ?? String(error)}`
}

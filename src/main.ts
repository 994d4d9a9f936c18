// Starts and stops the process, nothing else: `npm start` runs it.

import { existsSync } from 'node:fs'
import type { Logger } from 'pino'
import { type Config, loadConfig, StartError } from './config.ts'
import { makeFolder, refuseHalfRestored } from './data-folder.ts'
import { type Database, openDatabase } from './db/client.ts'
import { startEmbedded } from './db/embedded.ts'
import { migrate } from './db/migrate.ts'
import { ensureLife, ensureSecret } from './db/prepare.ts'
import { seedDemo } from './db/seed.ts'
import { demoFile, moveDemo, writeDemo } from './demo-file.ts'
import { makeLogger } from './logger.ts'
import { startServer } from './server.ts'
import { openStore } from './storage/open.ts'
import { watchTrouble } from './telemetry/log-once.ts'
import type { Tracing } from './telemetry/tracing.ts'

/** One Ctrl-C arrives twice under npm: only a later one means that somebody has lost patience. */
const FORCE_AFTER_MS = 2000

/** The start was given up because somebody asked to stop. */
class Interrupted extends Error {}

/** What has been started, to be stopped in the opposite order. */
const started: { name: string; stop: () => Promise<void> }[] = []
const stopAsked = Promise.withResolvers<string>()
let stopAskedAt: number | null = null
let crashed = false
let logger: Logger | null = null

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => askToStop(signal))
process.on('uncaughtException', crash)
process.on('unhandledRejection', crash)
process.exit(await main())

async function main(): Promise<number> {
  try {
    await start()
    logger?.info(`Stopping, as ${await stopAsked.promise} asks.`)
    return 0
  } catch (error) {
    return report(error)
  } finally {
    await stopAll()
  }
}

async function start(): Promise<void> {
  const config = readConfig()
  const log = makeLogger({ level: config.logLevel })
  logger = log
  const tracing = await step(openTracing(config, log))
  await step(makeFolder(config.dataDir))
  refuseHalfRestored(config.dataDir)
  const url = config.databaseUrl ?? (await step(startOwnDatabase(config, log)))
  await step(applyMigrations(config.directDatabaseUrl ?? url, log))
  const database = openDatabase(url, {
    // A DIRECT_DATABASE_URL of its own means that the other leads to a pooler.
    preparedStatements: config.directDatabaseUrl === config.databaseUrl,
    ...(tracing && { tracing }),
  })
  started.push({ name: 'database connections', stop: () => database.close() })
  const life = await step(ensureLife(database))
  const secret = config.authSecret ?? (await step(ensureSecret(database)))
  await step(seed(config, database, life, log))
  const store = await step(openStore({ url: config.attachmentsUrl, dataDir: config.dataDir }))
  const server = await step(
    listen({ config, database, store, logger: log, life, secret, listenUrl: config.directDatabaseUrl ?? url, tracing }),
  )
  announce(config, server.url, log)
}

/** Waits for one step of the start, and gives up before the next when somebody asked to stop meanwhile. */
async function step<T>(work: Promise<T>): Promise<T> {
  const result = await work
  if (stopAskedAt !== null) throw new Interrupted()
  return result
}

function readConfig(): Config {
  try {
    if (existsSync('.env')) process.loadEnvFile('.env')
  } catch (error) {
    throw new StartError(`The file .env cannot be read: ${messageOf(error)}.`, { cause: error })
  }
  return loadConfig()
}

/** Loaded only where there is a collector: OpenTelemetry takes time to start, and memory. */
async function openTracing({ tracing }: Config, log: Logger): Promise<Tracing | null> {
  if (tracing === null) return null
  const { openTelemetry } = await import('./telemetry/otel.ts')
  const failing = 'The collector does not take traces: they are dropped until it does'
  const opened = openTelemetry(
    tracing,
    watchTrouble({ logger: log, failing, working: 'The collector takes traces again' }),
  )
  started.push({ name: 'traces', stop: () => opened.stop() })
  return opened
}

async function startOwnDatabase(config: Config, log: Logger): Promise<string> {
  const embedded = await startEmbedded({ dataDir: config.dataDir, log: (message) => log.info(message) })
  started.push({ name: 'PostgreSQL', stop: () => embedded.stop() })
  return embedded.url
}

/** Another process may hold the database for long: who asks to stop meanwhile need not wait for it. */
async function applyMigrations(url: string, log: Logger): Promise<void> {
  const interrupted = stopAsked.promise.then(() => Promise.reject(new Interrupted()))
  const applied = await Promise.race([migrate(url, { onNotice: (message) => log.warn(message) }), interrupted])
  if (applied.length > 0) log.info({ migrations: applied }, 'The tables of the database are up to date.')
}

async function seed(config: Config, database: Database, life: string, log: Logger): Promise<void> {
  if (!hasDemo(config)) return
  const url = `http://${config.host}:${config.port}`
  const seeded = await seedDemo({
    database,
    life,
    now: new Date(),
    onReady: async (demo) => writeDemo(config.dataDir, url, demo),
  })
  if (seeded) log.info('The database was empty: it holds a demonstration now (DEMO=0 leaves it empty).')
}

/** Whether an empty database is to be filled with the demonstration. */
function hasDemo(config: Config): boolean {
  return config.demo === '1' || (config.demo === null && config.databaseUrl === null)
}

async function listen(options: Parameters<typeof startServer>[0]): ReturnType<typeof startServer> {
  try {
    const server = await startServer(options)
    started.push({ name: 'server', stop: () => server.stop() })
    return server
  } catch (error) {
    throw listenProblem(error, options.config) ?? error
  }
}

function listenProblem(error: unknown, { host, port }: Config): StartError | null {
  const sentences: Record<string, string> = {
    EADDRINUSE: `Port ${port} of ${host} is taken by another program: stop that one, or set PORT to another.`,
    EACCES: `This user may not listen on port ${port}: set PORT to one above 1023.`,
    EADDRNOTAVAIL: `HOST is ${host}, which is not an address of this machine.`,
    ENOTFOUND: `HOST is ${host}, which is not a name that this machine knows.`,
    EAI_AGAIN: `HOST is ${host}, which is not a name that this machine can look up.`,
  }
  const sentence = sentences[(error as NodeJS.ErrnoException).code ?? '']
  return sentence ? new StartError(sentence, { cause: error }) : null
}

function announce(config: Config, url: string, log: Logger): void {
  const demo = hasDemo(config) && followUrl(config, url, log)
  // Whatever the level: who started the process waits for this line, and finds demo.json as it should be.
  log.child({}, { level: 'info' }).info(`Deskwire is listening on ${url}`)
  log.info(`GraphQL, with a page to try it on: ${url}/graphql; REST, with its documentation: ${url}/api/v1/docs`)
  if (config.databaseUrl !== null && config.attachmentsUrl === null) {
    log.info(`Attachments are kept in ${config.dataDir}: several replicas need one place for all, see ATTACHMENTS_URL.`)
  }
  if (demo) log.info(`Tokens and people of the demonstration: ${demoFile(config.dataDir)}`)
}

/** Whether there is a demo.json, which now names `url`. */
function followUrl(config: Config, url: string, log: Logger): boolean {
  try {
    return moveDemo(config.dataDir, url)
  } catch (error) {
    log.warn(`${demoFile(config.dataDir)} cannot be brought up to date: ${messageOf(error)}.`)
    return false
  }
}

function askToStop(signal: string): void {
  const now = Date.now()
  stopAskedAt ??= now
  stopAsked.resolve(signal)
  if (now - stopAskedAt > FORCE_AFTER_MS) process.exit(130)
}

async function stopAll(): Promise<void> {
  for (const { name, stop } of started.splice(0).reverse()) {
    await stop().catch((error) => logger?.error({ err: error }, `The ${name} did not stop in order.`))
  }
}

/** Says why the start failed, and returns the code to exit with. */
function report(error: unknown): number {
  if (error instanceof Interrupted) return 0
  if (error instanceof StartError) {
    process.stderr.write(`${error.message}\n`)
    return 1
  }
  process.stderr.write(`Deskwire could not start, and the fault is in Deskwire itself: ${messageOf(error)}\n`)
  logger?.debug({ err: error }, 'What happened.')
  return 1
}

/** Nobody knows what state the process is in: it ends, but the database first. Faults on the way out change nothing. */
function crash(error: unknown): void {
  if (crashed) return
  crashed = true
  logger?.fatal({ err: error }, 'Deskwire stops because of a fault of its own.')
  void stopAll().finally(() => process.exit(1))
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

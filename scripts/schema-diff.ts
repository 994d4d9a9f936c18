// The SQL between two Prisma schemas, from Prisma's own schema engine in its WebAssembly form: nothing is downloaded.
// Called by scripts/migration.ts (a new migration) and by the drift test.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'

// Not among Node's own types.
declare const WebAssembly: {
  instantiate(bytes: Buffer, imports: object): Promise<{ instance: { exports: Record<string, unknown> } }>
}

interface Engine {
  diff(input: object): Promise<{ stdout: string | null }>
}

/** What brings a database from schema `before` (null: an empty one) to `after`, as SQL; empty when nothing differs. */
export async function schemaDiff(databaseUrl: string, before: string | null, after: string): Promise<string> {
  const engine = await startEngine(databaseUrl, after)
  const asDatamodel = (content: string) => ({ tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }] })
  const result = await engine.diff({
    from: before === null ? { tag: 'empty' } : asDatamodel(before),
    to: asDatamodel(after),
    script: true,
    exitCode: true,
    shadowDatabaseUrl: null,
    filters: { externalTables: [], externalEnums: [] },
  })
  return result.stdout ?? ''
}

async function startEngine(databaseUrl: string, schema: string): Promise<Engine> {
  // The package's entry imports its .wasm as a module, which Node refuses: instantiate it by hand.
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const bindings = await import(entry)
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: (text: string) => console.error(text) } })
  const wasm = readFileSync(entry.replace(/\.js$/, '.wasm'))
  const { instance } = await WebAssembly.instantiate(wasm, { './schema_engine_bg.js': bindings })
  bindings.__wbg_set_wasm(instance.exports)
  const start = instance.exports.__wbindgen_start as () => void
  start()
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: databaseUrl }))
  return bindings.SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => {}, adapter)
}

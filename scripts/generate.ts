// `npm run generate` writes what is made from other files: schema.graphql from the code, and the tests' typed documents
// from schema.graphql. With --check nothing committed is written: it fails when schema.graphql is not what the code says.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { lexicographicSortSchema, printSchema } from 'graphql'
import { schema } from '../src/graphql/schema.ts'

const FILE = 'schema.graphql'
const HEADER = '# Made from src/graphql by `npm run generate`: change it there.\n\n'

const text = `${HEADER}${printSchema(lexicographicSortSchema(schema))}\n`
if (process.argv.includes('--check')) {
  if (read() !== text) {
    console.error(`${FILE} is not what src/graphql says: run \`npm run generate\` and commit it.`)
    process.exit(1)
  }
} else {
  writeFileSync(FILE, text)
}
execFileSync(process.execPath, ['node_modules/@graphql-codegen/cli/esm/bin.js', '--silent'], { stdio: 'inherit' })

function read(): string {
  try {
    return readFileSync(FILE, 'utf8')
  } catch {
    return ''
  }
}

// `DATABASE_URL=… npm run migration -- NAME` writes prisma/migrations/<time>_NAME/migration.sql: what has changed in
// schema.prisma since the last migration. Any reachable PostgreSQL will do; nothing is written to it.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { schemaDiff } from './schema-diff.ts'

const [name] = process.argv.slice(2)
const databaseUrl = process.env.DATABASE_URL
if (!name || !/^[a-z0-9_]+$/.test(name) || !databaseUrl) {
  console.error('Usage: DATABASE_URL=postgresql://… npm run migration -- name_in_lower_case')
  process.exit(1)
}

const last = 'prisma/migrations/schema.prisma'
const schema = readFileSync('prisma/schema.prisma', 'utf8')
const sql = await schemaDiff(databaseUrl, existsSync(last) ? readFileSync(last, 'utf8') : null, schema)
if (sql.trim() === '' || sql.includes('This is an empty migration')) {
  console.log('schema.prisma has not changed since the last migration.')
} else {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  const folder = `prisma/migrations/${stamp}_${name}`
  mkdirSync(folder)
  writeFileSync(`${folder}/migration.sql`, sql)
  writeFileSync(last, schema)
  console.log(`Wrote ${folder}/migration.sql: read it, and add by hand what Prisma cannot express.`)
}
process.exit(0)

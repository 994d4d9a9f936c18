// Called by run: `node .ci/servers.mjs postgres|redis ROLE` prints the address of that server on this machine, if it
// answers and the tests can use it. Else it says why on standard error, and exits with 1.

import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'

const PATIENCE_MS = 3000
const OLDEST_POSTGRES = 15
const EXTENSIONS = ['btree_gin', 'pg_trgm', 'unaccent']

const [kind = '', role = ''] = process.argv.slice(2)
const find = { postgres: findPostgres, redis: findRedis }[kind]
try {
  process.stdout.write(`${await find()}\n`)
} catch (error) {
  process.stderr.write(`No ${kind} of this machine is used: ${error.message || error.code || error}\n`)
  process.exitCode = 1
}

/** The tests make databases of their own: whether that works is tried, not guessed. */
async function findPostgres() {
  const { default: pg } = await import('pg')
  const address = `postgresql://${encodeURIComponent(role)}@127.0.0.1:5432/postgres`
  const client = new pg.Client({ connectionString: address, connectionTimeoutMillis: PATIENCE_MS })
  client.on('error', () => {})
  await client.connect()
  try {
    await judge(client)
    return address
  } finally {
    await client.end()
  }
}

async function judge(client) {
  const version = await client.query(`SELECT current_setting('server_version_num')::int / 10000 AS major`)
  const { major } = version.rows[0]
  if (major < OLDEST_POSTGRES) throw new Error(`it is version ${major}, and ${OLDEST_POSTGRES} is the oldest.`)
  const { rows } = await client.query('SELECT name FROM pg_available_extensions WHERE name = ANY ($1)', [EXTENSIONS])
  if (rows.length < EXTENSIONS.length) throw new Error(`it lacks some of the extensions ${EXTENSIONS.join(', ')}.`)
  const name = `deskwire_probe_${randomBytes(6).toString('hex')}`
  await client.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'`)
  await client.query(`DROP DATABASE ${name}`)
}

function findRedis() {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: 6379, timeout: PATIENCE_MS })
    socket.on('connect', () => socket.write('PING\r\n'))
    socket.on('data', (data) => {
      const answer = data.toString().trim()
      socket.destroy()
      if (answer === '+PONG') resolve('redis://127.0.0.1:6379')
      else reject(new Error(`it answers ${answer}`))
    })
    socket.on('timeout', () => socket.destroy(new Error('it does not answer.')))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('it closed the connection.')))
  })
}

// The files of a backup: written once, synced, for nobody else's eyes, each with its SHA-256; and read again.

import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'

/** What a file is known by. */
export interface Sum {
  bytes: number
  /** In hexadecimal. */
  sha256: string
}

/** Many small lines cost more than they hold. */
const CHUNK = 64 * 1024

/** Lines, compressed. Returns how many there were, too. */
export async function writeLines(path: string, lines: AsyncIterable<string>): Promise<Sum & { lines: number }> {
  let count = 0
  async function* chunks() {
    let chunk = ''
    for await (const line of lines) {
      count += 1
      chunk += `${line}\n`
      if (chunk.length < CHUNK) continue
      yield chunk
      chunk = ''
    }
    yield chunk
  }
  const sum = await writeFile(path, Readable.from(chunks()).pipe(createGzip()))
  return { lines: count, ...sum }
}

/** A line ends with a line feed and with nothing else that Unicode takes for one. */
export async function* readLines(path: string): AsyncGenerator<string> {
  let rest = ''
  const text = createReadStream(path).pipe(createGunzip()).setEncoding('utf8')
  for await (const chunk of text) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') throw new Error(`The last line of ${path} has no end.`)
}

/** A new file, in full and on the disk when this resolves. */
export async function writeFile(path: string, content: Readable): Promise<Sum> {
  const { through, sum } = measure()
  await pipeline(content, through, createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }))
  return sum()
}

export async function sumOf(path: string): Promise<Sum> {
  const { through, sum } = measure()
  await pipeline(createReadStream(path), through.resume())
  return sum()
}

function measure(): { through: Transform; sum(): Sum } {
  const hash = createHash('sha256')
  let bytes = 0
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  return { through, sum: () => ({ bytes, sha256: hash.digest('hex') }) }
}

/** The names in a folder, so that they outlive a power failure. */
export async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders, and keeps their entries by itself.
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

// Bodies of requests that are small: read whole, and never more than allowed.

/** How much of a body that is too long is still read and dropped: who sends it hears why, instead of a broken pipe. */
const DRAINED_BYTES = 16 * 1024 * 1024

/** A body that ends in the middle, or is not what it says it is. */
export class BrokenBody extends Error {}

/** A body with more in it than allowed. */
export class LongBody extends BrokenBody {}

/** The body as text, or null when it is longer than `maxBytes`. Throws BrokenBody when it never ends. */
export async function readBody(request: Request, maxBytes: number): Promise<string | null> {
  try {
    return await readAll(request, maxBytes)
  } catch (cause) {
    throw new BrokenBody('The body ended before it was complete.', { cause })
  }
}

async function readAll(request: Request, maxBytes: number): Promise<string | null> {
  if (!request.body) return ''
  if (Number(request.headers.get('content-length') ?? 0) > DRAINED_BYTES) return null
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body) {
    bytes += chunk.byteLength
    if (bytes > DRAINED_BYTES) return null
    if (bytes <= maxBytes) chunks.push(chunk)
  }
  if (bytes > maxBytes) return null
  return Buffer.concat(chunks).toString('utf8')
}

// Bodies of the small forms of authentication: read whole, and never more than allowed.

/** The body as text, or null when it is longer than `maxBytes`: then the rest is not read. */
export async function readBody(request: Request, maxBytes: number): Promise<string | null> {
  if (!request.body) return ''
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return null
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

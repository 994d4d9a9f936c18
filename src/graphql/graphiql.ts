// The page at /graphql to try the API on: GraphiQL, from the package and not from another host.

import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

const FIRST_QUERY = `# Deskwire's API. Ctrl-Space completes, Ctrl-Enter runs;
# the book on the left is the documentation.
#
# Send an API token: open "Headers" below and write
#   { "Authorization": "Bearer dw_…" }
# The demonstration's tokens are in .data/demo.json.

query FirstLook {
  viewer {
    name
    isTeam
    organisation { name }
  }
  tickets(first: 5, filter: { status: [OPEN] }) {
    totalCount
    nodes {
      number
      subject
      status
      severity
      cluster { name }
      comments(last: 1) {
        totalCount
        nodes { author { label } body }
      }
    }
  }
}

# mutation Comment($ticketId: ID!) {
#   addComment(input: { ticketId: $ticketId, body: "It works again, thank you." }) {
#     ... on AddCommentPayload { ticket { number status version } }
#     ... on Error { code message }
#   }
# }
`

interface Page {
  html: Buffer
  gzipped: Buffer
  etag: string
  policy: string
}

let page: Promise<Page> | null = null

/** Nine megabytes that most processes never send: made when first asked for, and compressed once. */
function graphiqlPage(): Promise<Page> {
  page ??= import('@graphql-yoga/render-graphiql').then(async ({ renderGraphiQL }) => {
    const text = renderGraphiQL({ title: 'Deskwire', defaultQuery: FIRST_QUERY, isHeadersEditorEnabled: true })
    const html = Buffer.from(text)
    const etag = `"${createHash('sha256').update(html).digest('base64url')}"`
    return { html, gzipped: await promisify(gzip)(html), etag, policy: policyOf(text) }
  })
  return page
}

/** Its own scripts, by what they are, and no others; its editor makes styles and workers as it goes. */
function policyOf(text: string): string {
  const scripts = [...text.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  )
  return [
    "default-src 'none'",
    `script-src ${scripts.join(' ')}`,
    "style-src 'unsafe-inline'",
    'font-src data:',
    "img-src 'self' data:",
    'worker-src blob: data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** A browser that opens the address, and no program that asks something. */
export const wantsGraphiql = ({ method, url = '', headers }: IncomingMessage): boolean =>
  (method === 'GET' || method === 'HEAD') && !url.includes('query=') && (headers.accept ?? '').includes('text/html')

export async function sendGraphiql(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { html, gzipped, etag, policy } = await graphiqlPage()
  const headers = {
    etag,
    'cache-control': 'no-cache',
    vary: 'Accept-Encoding',
    'content-security-policy': policy,
  }
  if (req.headers['if-none-match'] === etag) return void res.writeHead(304, headers).end()
  const compressed = /\bgzip\b/.test(String(req.headers['accept-encoding'] ?? ''))
  const encoding = compressed ? { 'content-encoding': 'gzip' } : {}
  res.writeHead(200, { ...headers, ...encoding, 'content-type': 'text/html; charset=utf-8' })
  res.end(compressed ? gzipped : html)
}

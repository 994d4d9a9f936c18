// The HTML of /set-password: one plain page that needs no script and loads nothing.

import { createHash } from 'node:crypto'
import { PASSWORD_MAX, PASSWORD_MIN } from './passwords.ts'

const STYLE = `
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 26rem; margin: 4rem auto; padding: 0 1rem; color: #1b1f24; }
  h1 { font-size: 1.4rem; }
  label { display: block; margin: 1rem 0; font-weight: 600; }
  input { display: block; box-sizing: border-box; width: 100%; margin-top: 0.25rem; padding: 0.5rem; font: inherit; }
  button { padding: 0.5rem 1.25rem; font: inherit; }
  .problem { border-left: 4px solid #b42318; padding-left: 0.75rem; }
`

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  // The address of the page holds the link's secret: it must reach no other site, cache or search engine.
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-robots-tag': 'noindex',
}

/** The form; it posts back to its own address, so the secret stands in no field. `problem` null: nothing is wrong. */
export function formPage(status: number, email: string, problem: string | null): Response {
  const notice = problem === null ? '' : `<p class="problem" role="alert">${escapeHtml(problem)}</p>`
  return page(
    status,
    'Choose a password',
    `<p>For ${escapeHtml(email)}. It must have ${PASSWORD_MIN} to ${PASSWORD_MAX} characters.
    You will be signed out wherever you are signed in.</p>
    ${notice}
    <form method="post">
      <input type="hidden" name="username" autocomplete="username" value="${escapeHtml(email)}">
      ${passwordField('password', 'Password')}
      ${passwordField('repeated', 'The same password again')}
      <button>Set password</button>
    </form>`,
  )
}

/** A page that only says something. */
export function messagePage(
  status: number,
  title: string,
  text: string,
  headers: Record<string, string> = {},
): Response {
  return page(status, title, `<p>${escapeHtml(text)}</p>`, headers)
}

/** No `maxlength`: a browser would cut a pasted password short without a word. */
function passwordField(name: string, label: string): string {
  return `<label>${label}
        <input type="password" name="${name}" required minlength="${PASSWORD_MIN}" autocomplete="new-password">
      </label>`
}

function page(status: number, title: string, content: string, headers: Record<string, string> = {}): Response {
  const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(title)} – Deskwire</title>
    <style>${STYLE}</style>
  </head>
  <body>
    <h1>${escapeHtml(title)}</h1>
    ${content}
  </body>
</html>
`
  return new Response(html, { status, headers: { ...HEADERS, ...headers } })
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

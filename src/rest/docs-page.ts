// The OpenAPI document as a page that reads well without scripts.

import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import type { OpenApi, OpenApiOperation } from './openapi.ts'

type Html = ReturnType<typeof html>

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #1c2330 }
  h2 { margin-top: 2.5rem } code, pre { font: 14px/1.45 ui-monospace, monospace }
  article { border: 1px solid #d5dae3; border-radius: 8px; padding: 1rem 1.25rem; margin: 1rem 0 }
  article h3 { margin: 0 } .method { display: inline-block; min-width: 3.2rem; font-weight: 600; color: #0b57d0 }
  table { border-collapse: collapse; width: 100% } td { padding: .25rem .75rem .25rem 0; vertical-align: top }
  pre { background: #f5f7fa; border-radius: 6px; padding: .75rem; overflow-x: auto } summary { cursor: pointer }
  @media (prefers-color-scheme: dark) { body { background: #14181f; color: #dfe4ec } pre { background: #1e242e }
    article { border-color: #333b48 } .method, a { color: #8ab4f8 } }`

/** It has no script and loads nothing. */
export const DOCS_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export function docsPage(document: OpenApi): Html {
  const { info, tags, paths } = document
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${info.title} REST API</title>
        <style>${raw(STYLE)}</style>
      </head>
      <body>
        <h1>${info.title} REST API</h1>
        <p>${info.description}</p>
        <p>For programs: <a href="/api/v1/openapi.json">openapi.json</a>. To try GraphQL: <a href="/graphql">/graphql</a>.</p>
        ${tags.map(
          ({ name, description }) =>
            html`<h2>${name}</h2>
              <p>${description}</p>
              ${operationsOf(paths, name)}`,
        )}
        <h2>shapes</h2>
        ${shapes(document)}
      </body>
    </html>`
}

function operationsOf(paths: OpenApi['paths'], tag: string): Html[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => article(method, path, operation)),
  )
}

function article(method: string, path: string, operation: OpenApiOperation): Html {
  const parameters = operation.parameters.map(
    (one) =>
      html`<tr>
        <td><code>${one.name}</code></td>
        <td>${one.in}</td>
        <td>${one.description ?? wording(one.schema)}</td>
      </tr>`,
  )
  const answers = Object.entries(operation.responses).map(
    ([status, answer]) =>
      html`<tr>
        <td><code>${status}</code></td>
        <td>${answer.description}</td>
        <td><code>${shapeName(answer)}</code></td>
      </tr>`,
  )
  const body = operation.requestBody ? fieldsOf(contentSchema(operation.requestBody)) : ''
  return html`<article>
    <h3>
      <code><span class="method">${method.toUpperCase()}</span> ${path}</code>
    </h3>
    <p>${operation.summary}.</p>
    <table>
      ${parameters}
    </table>
    ${body}
    <details>
      <summary>Answers</summary>
      <table>
        ${answers}
      </table>
    </details>
  </article>`
}

/** The fields of a body, the required ones marked. */
function fieldsOf({ properties, required }: Record<string, unknown>): Html {
  const names = Object.entries(properties as Record<string, Record<string, unknown>>)
  return html`<table>
    ${names.map(
      ([name, schema]) =>
        html`<tr>
          <td><code>${name}</code></td>
          <td>body${(required as string[]).includes(name) ? ', required' : ''}</td>
          <td>${wording(schema)}</td>
        </tr>`,
    )}
  </table>`
}

/** A schema in words: "text, 3 to 200 characters", "one of low, medium, high, critical", "list of …". */
function wording(schema: Record<string, unknown>): string {
  const { type, enum: values, items, minLength, maxLength, minimum, maximum, description, format } = schema
  if (typeof description === 'string') return description
  if (Array.isArray(values)) return `one of ${values.join(', ')}`
  if (type === 'array') return `list: ${wording(items as Record<string, unknown>)}`
  if (type === 'object') return `object with ${Object.keys(schema.properties ?? {}).join(', ')}`
  if (type === 'string') return `${format ?? 'text'}${range(minLength, maxLength, ' characters')}`
  return `${type ?? 'any value'}${range(minimum, maximum, '')}`
}

function range(least: unknown, most: unknown, unit: string): string {
  if (typeof most !== 'number' || most >= Number.MAX_SAFE_INTEGER) return ''
  return `, ${typeof least === 'number' ? `${least} to ` : 'up to '}${most.toLocaleString('en-GB')}${unit}`
}

function shapes({ components }: OpenApi): Html[] {
  return Object.entries(components.schemas as Record<string, unknown>).map(
    ([name, schema]) =>
      html`<details>
        <summary><code>${name}</code></summary>
        <pre>${json(schema)}</pre>
      </details>`,
  )
}

const json = (value: unknown) => JSON.stringify(value, null, 2)

/** Of the one type in which a body or an answer comes; an answer may have no body. */
function contentSchema({ content = {} }: Record<string, unknown>): Record<string, unknown> {
  const [media] = Object.values(content as Record<string, { schema: Record<string, unknown> }>)
  return media?.schema ?? {}
}

const shapeName = (answer: Record<string, unknown>) =>
  String(contentSchema(answer).$ref ?? '')
    .split('/')
    .at(-1)

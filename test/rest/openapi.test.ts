// The OpenAPI document: it is whole, it says what the routes say, and real answers are as it says. And the page of it.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { OpenApi, OpenApiOperation } from '../../src/rest/openapi.ts'
import { type Route, routes } from '../../src/rest/routes.ts'
import { bearer, type RestAnswer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { uploadByRest } from '../support/uploads.ts'
import { file, outage, review, vague } from './drafts.ts'

let app: TestApp
let document: OpenApi
beforeAll(async () => {
  app = await testApp()
  document = (await rest(app, {}, 'GET', '/api/v1/openapi.json')).body
})
afterAll(() => app.close())

type Json = Record<string, unknown>

const addressOf = ({ mount, path }: Route) => `${mount === 'api' ? '/api/v1' : TICKETS}${path}`
const operationOf = (route: Route): OpenApiOperation => {
  const operation = document.paths[addressOf(route)]?.[route.method]
  return operation ?? expect.fail(`${route.method} ${addressOf(route)} is not in the document`)
}
const schemaOf = (part: unknown): Json =>
  (part as { content: Record<string, { schema: Json }> }).content['application/json']?.schema ?? {}
const bodyOf = (method: string, path: string): Json => schemaOf(document.paths[path]?.[method]?.requestBody)
const propertiesOf = (schema: Json) => schema.properties as Record<string, Json>

describe('the document', () => {
  it('is OpenAPI 3.1 and needs no credentials to read', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d$/)
    expect(document.info).toMatchObject({ title: 'Deskwire', version: expect.any(String) })
    expect(document.servers).toEqual([{ url: app.url }])
    expect(document.security).toEqual([{ token: [] }])
    expect(document.components.securitySchemes).toEqual({ token: { type: 'http', scheme: 'bearer' } })
  })

  it('refers to nothing that is not in it', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference)
    expect(references.length).toBeGreaterThan(20)
    const known = Object.keys(document.components.schemas as Json).map((name) => `#/components/schemas/${name}`)
    expect([...new Set(references)].filter((reference) => !known.includes(reference as string))).toEqual([])
  })

  it('has every route, and no other, each under a name of its own', () => {
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    const streams = ['events', '{ticket_id}/events'].map((path) => `get ${TICKETS}/${path}`)
    const download = `get ${TICKETS}/{ticket_id}/attachments/{attachment_id}`
    const known = routes.map((route) => `${route.method} ${addressOf(route)}`)
    expect(documented.sort()).toEqual([...known, ...streams, download].sort())
    const names = routes.map((route) => operationOf(route).operationId)
    expect(new Set(names).size).toBe(names.length)
  })

  it('says of every route what it takes and how it answers', () => {
    for (const route of routes) {
      const { summary, tags, parameters, requestBody, responses } = operationOf(route)
      expect(summary.length).toBeGreaterThan(0)
      expect(document.tags.map(({ name }) => name)).toEqual(expect.arrayContaining(tags))
      for (const [status, answer] of Object.entries(responses)) {
        expect(status).toMatch(/^[2-5]\d\d$/)
        expect((answer.description as string).length).toBeGreaterThan(0)
        expect(schemaOf(answer)).toHaveProperty('$ref')
      }
      const inPath = parameters.filter((one) => one.in === 'path')
      expect(inPath.map(({ name }) => `{${name}}`)).toEqual(route.path.match(/\{\w+\}/g) ?? [])
      for (const one of inPath) expect(one.required).toBe(true)
      for (const { schema } of parameters) expect(schema).toHaveProperty('type')
      expect(requestBody !== undefined).toBe((route.body ?? route.file) !== undefined)
    }
  })

  it('states the limits of every request', () => {
    const drafted = propertiesOf(bodyOf('post', `${TICKETS}/review`))
    const text = { type: 'string', pattern: '^[^\\u0000]*$' }
    const limited = (minLength: number, maxLength: number) => ({ ...text, minLength, maxLength })
    expect(drafted.subject).toMatchObject(limited(3, 200))
    expect(drafted.description).toMatchObject(limited(10, 10_000))
    expect(drafted.source).toEqual({ type: 'string', enum: ['portal', 'api', 'cli', 'agent'] })
    expect(drafted.environment).toMatchObject({ type: 'object', description: expect.stringContaining('16 KiB') })
    expect(drafted.clarification_answers).toMatchObject({ type: 'array', maxItems: 20 })
    const { items } = drafted.clarification_answers as { items: Json }
    expect(propertiesOf(items)).toMatchObject({ question: limited(1, 1000), answer: limited(1, 5000) })
    expect(propertiesOf(bodyOf('post', `${TICKETS}/{ticket_id}/comments`))).toEqual({ body: limited(1, 10_000) })
    expect(propertiesOf(bodyOf('put', '/api/v1/clusters'))).toMatchObject({
      name: limited(1, 200),
      control_planes: { type: 'integer', minimum: 0 },
      nodes: { type: 'integer', minimum: 0 },
    })
    const list = document.paths[TICKETS]?.get?.parameters ?? []
    const parameter = (name: string) => list.find((one) => one.name === name)?.schema
    expect(parameter('page')).toMatchObject({ type: 'integer', minimum: 1 })
    expect(parameter('page_size')).toMatchObject({ type: 'integer', minimum: 1, maximum: 100 })
    expect(parameter('status')).toMatchObject({ type: 'array', items: { enum: expect.arrayContaining(['open']) } })
    expect(parameter('q')).toMatchObject({ ...text, maxLength: 500 })
  })

  it('says which fields a request must have and that it may have no others', () => {
    const required = (method: string, path: string) => {
      const schema = bodyOf(method, path)
      expect([path, schema.additionalProperties]).toEqual([path, false])
      return schema.required ?? []
    }
    expect(required('post', `${TICKETS}/review`)).toEqual(['subject', 'description'])
    expect(required('post', TICKETS)).toEqual([])
    expect(required('post', `${TICKETS}/{ticket_id}/comments`)).toEqual(['body'])
    expect(required('post', `${TICKETS}/{ticket_id}/link`)).toEqual(['review_id'])
    expect(required('put', '/api/v1/clusters')).toEqual(['name', 'state', 'control_planes', 'nodes'])
  })
})

describe('real answers', () => {
  it('are as the document says, for every route and every way that it answers', async () => {
    const seen = new Set<string>()
    for (const [method, path, answer] of await everyAnswer()) {
      const operation = document.paths[path]?.[method.toLowerCase()]
      const documented = operation?.responses[answer.status]
      if (!documented) expect.fail(`${method} ${path} answered ${answer.status}, which is not documented`)
      const parsed = validator(schemaOf(documented)).safeParse(answer.body)
      expect([method, path, answer.status, parsed.error?.issues ?? []]).toEqual([method, path, answer.status, []])
      seen.add(`${method.toLowerCase()} ${path} ${answer.status}`)
    }
    for (const route of routes) {
      const statuses = Object.keys(operationOf(route).responses).filter((status) => /^2|409/.test(status))
      for (const status of statuses) expect(seen).toContain(`${route.method} ${addressOf(route)} ${status}`)
    }
  })

  it('would be found out if they were not', async () => {
    const ticket = await file(app, app.acme.token)
    const check = validator({ $ref: '#/components/schemas/Ticket' })
    expect(check.safeParse(ticket).success).toBe(true)
    const { status, ...without } = ticket
    for (const wrong of [without, { ...ticket, status: 'new' }, { ...ticket, id: 7 }, { ...ticket, extra: true }]) {
      expect(check.safeParse(wrong).success).toBe(false)
    }
  })
})

/** A schema of the document with all that it may refer to. */
function validator(schema: Json): z.ZodType {
  const whole = { ...schema, $defs: document.components.schemas }
  return z.fromJSONSchema(JSON.parse(JSON.stringify(whole).replaceAll('#/components/schemas/', '#/$defs/')))
}

type Seen = [method: string, path: string, answer: RestAnswer]

/** Every route as it succeeds and as it fails, by its address in the document. */
async function everyAnswer(): Promise<Seen[]> {
  const { organisationId, token } = app.acme
  const platform = await app.token(organisationId, ['clusters_write'])
  const answers: Seen[] = []
  const seen = async (method: string, path: string, id = '', body?: unknown, as = token, headers = {}) => {
    const address = path.replace('{ticket_id}', id)
    const answer = await rest(app, { ...bearer(as), ...headers }, method, address, body)
    answers.push([method, path.split('?')[0] as string, answer])
    return answer.body
  }
  const [ONE, COMMENTS] = [`${TICKETS}/{ticket_id}`, `${TICKETS}/{ticket_id}/comments`]
  const [CLOSE, LINK, CLUSTERS] = [`${ONE}/close`, `${ONE}/link`, '/api/v1/clusters']

  const facts = { name: 'prod', state: 'online', control_planes: 3, nodes: 5 }
  const cluster = await seen('PUT', CLUSTERS, '', facts, platform)
  const { review_id } = await seen('POST', `${TICKETS}/review`, '', { ...outage, cluster_id: cluster.id })
  const { id } = await seen('POST', TICKETS, '', { review_id })
  await seen('POST', TICKETS, '', { review_id })
  await seen('POST', TICKETS, '', vague)
  await seen('POST', `${TICKETS}/review`, '', outage)
  await seen('POST', `${TICKETS}/review`, '', vague)
  const key = { 'idempotency-key': randomUUID() }
  for (let round = 0; round < 2; round++) await seen('POST', COMMENTS, id, { body: 'Hello' }, token, key)
  for (let round = 0; round < 2; round++) {
    const file = { name: 'node.log', bytes: 'NotReady' }
    answers.push(['POST', `${ONE}/attachments`, await uploadByRest(app, { ...bearer(token), ...key }, id, file)])
  }
  const joining = await review(app, token, vague)
  await seen('POST', LINK, id, { review_id: joining.review_id })
  await seen('POST', CLOSE, id)
  for (const path of [ONE, TICKETS, CLUSTERS, '/api/v1/org/organisation', `${TICKETS}/limits`])
    await seen('GET', path, id)

  for (const route of routes) {
    const [method, path] = [route.method.toUpperCase(), addressOf(route)]
    await seen(method, path, id, route.body ? {} : undefined, 'dw_nonsense')
    const foreign = { 'x-ankra-organisation-id': app.globex.organisationId }
    await seen(method, path, id, route.body ? {} : undefined, token, foreign)
    await seen(method, `${path}?bogus=1`, id, route.body ? {} : undefined, route.method === 'put' ? platform : token)
  }
  await seen('POST', COMMENTS, id, { body: 'Too late' })
  await seen('PUT', CLUSTERS, '', facts)
  await seen('GET', ONE, randomUUID())
  return answers
}

describe('/api/v1/docs', () => {
  it('is a page that names every route in words, and works without scripts', async () => {
    const answer = await fetch(`${app.url}/api/v1/docs`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8'])
    const page = await answer.text()
    expect(page).toMatch(/^<!doctype html>\s*<html lang="en">/)
    expect(page).not.toMatch(/<script|undefined|\[object Object\]|NaN/)
    expect(page).toContain('href="/api/v1/openapi.json"')
    const text = page.replace(/<[^>]*>/g, '').replace(/\s+/g, ' ')
    for (const route of routes) {
      expect(text).toContain(`${route.method.toUpperCase()} ${addressOf(route)} ${route.summary}.`)
    }
    for (const name of Object.keys(document.components.schemas as Json)) expect(text).toContain(name)
  })
})

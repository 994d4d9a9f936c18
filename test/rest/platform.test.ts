// What the client needs beside tickets: clusters, organisations, and the limits of attachments.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, rest, type TestApp, TICKETS, testApp } from '../support/app.ts'
import { problems } from './drafts.ts'

let app: TestApp
let platform: Record<string, string>
beforeAll(async () => {
  app = await testApp()
  platform = bearer(await app.token(app.acme.organisationId, ['clusters_write']))
})
afterAll(() => app.close())

const CLUSTERS = '/api/v1/clusters'
const put = (body: unknown, headers = {}) => rest(app, { ...platform, ...headers }, 'PUT', CLUSTERS, body)
const list = (query = '', headers = bearer(app.acme.token)) => rest(app, headers, 'GET', `${CLUSTERS}${query}`)
const names = async (query: string) => (await list(query)).body.result.map(({ name }: { name: string }) => name)

const facts = { state: 'online', control_planes: 3, nodes: 5 }
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

describe('PUT /api/v1/clusters', () => {
  it('tells all that is known of a cluster; what is absent becomes null', async () => {
    const full = { kind: 'eks', description: 'The shop', environment: 'production', kube_version: '1.31.2' }
    const first = await put({ name: 'Prod', ...facts, ...full })
    expect(first.status).toBe(200)
    expect(first.body).toEqual({
      id: expect.any(String),
      name: 'Prod',
      ...full,
      ...facts,
      organisation_id: app.acme.organisationId,
      created_at: TIME,
      observed_at: TIME,
    })
    const second = await put({ name: 'prod', state: 'offline', control_planes: 0, nodes: 0 })
    expect(second).toMatchObject({ status: 200, body: { id: first.body.id, state: 'offline', nodes: 0 } })
    expect(second.body).toMatchObject({ kind: null, description: null, environment: null, kube_version: null })
    expect((await list()).body.pagination.total_count).toBe(1)
  })

  it('says what is missing and what cannot be', async () => {
    expect(problems(await put({}))).toEqual([
      'body.name: missing',
      'body.state: missing',
      'body.control_planes: missing',
      'body.nodes: missing',
    ])
    expect(problems(await put({ name: ' ', ...facts, nodes: -1 }))).toEqual([
      'body.name: missing',
      'body.nodes: value_error',
    ])
    expect(problems(await put({ name: 'a\nb', ...facts, nodes: 1.5 }))).toEqual([
      'body.name: value_error',
      'body.nodes: value_error',
    ])
    expect(problems(await put({ name: 'x'.repeat(201), ...facts }))).toEqual(['body.name: string_too_long'])
    expect(problems(await put({ name: 'other', ...facts, organisation_id: randomUUID() }))).toEqual([
      'body.organisation_id: value_error',
    ])
  })

  it('sent twice under one key happens once', async () => {
    const key = { 'idempotency-key': randomUUID() }
    const first = await put({ name: 'once', ...facts }, key)
    await put({ name: 'once', ...facts, nodes: 9 })
    const again = await put({ name: 'once', ...facts }, key)
    expect(again).toMatchObject({ status: 200, body: { id: first.body.id, nodes: 9 } })
    expect(problems(await put({ name: 'twice', ...facts }, key))).toEqual(['header.Idempotency-Key: value_error'])
  })
})

describe('GET /api/v1/clusters', () => {
  it('lists by name, in pages whose figures count them all', async () => {
    const { organisationId } = app.globex
    const robot = bearer(await app.token(organisationId, ['clusters_write']))
    for (const name of ['beta', 'Alpha', 'gamma']) await rest(app, robot, 'PUT', CLUSTERS, { name, ...facts })
    const { status, body } = await list('?page=1&page_size=2', robot)
    expect([status, body.result.map(({ name }: { name: string }) => name)]).toEqual([200, ['Alpha', 'beta']])
    expect(body.pagination).toEqual({ page: 1, page_size: 2, total_pages: 2, total_count: 3 })
    expect((await list('?page=2&page_size=2', robot)).body.result).toMatchObject([{ name: 'gamma' }])
    const beyond = await list('?page=50&page_size=100', robot)
    expect(beyond.body).toEqual({
      result: [],
      pagination: { page: 50, page_size: 100, total_pages: 1, total_count: 3 },
    })
    expect((await list('', robot)).body.pagination.page_size).toBe(25)
  })

  it('finds one by id or by name in any case, and never another organisation’s', async () => {
    const { body } = await put({ name: 'Zürich', ...facts })
    expect(await names(`?cluster_name=${encodeURIComponent('ZÜRICH')}`)).toEqual(['Zürich'])
    expect(await names(`?cluster_id=${body.id}`)).toEqual(['Zürich'])
    expect(await names('?cluster_name=alpha')).toEqual([])
    expect(await names(`?cluster_id=${randomUUID()}`)).toEqual([])
    expect((await list(`?cluster_id=${body.id}`, bearer(app.globex.token))).body.result).toEqual([])
  })

  it('refuses a name that no cluster can have', async () => {
    expect(problems(await list(`?cluster_name=${encodeURIComponent('a\u0000b')}`))).toEqual([
      'query.cluster_name: value_error',
    ])
  })

  it('refuses pages that cannot be and keys that it does not know', async () => {
    for (const query of ['page=0', 'page=x', 'page_size=101', 'page_size=0']) {
      expect(problems(await list(`?${query}`))).toEqual([`query.${query.split('=')[0]}: value_error`])
    }
    for (const key of ['name', 'clusterName', 'organisation_id', 'first']) {
      expect(problems(await list(`?${key}=x`))).toEqual([`query.${key}: value_error`])
    }
  })
})

describe('GET /api/v1/org/organisation', () => {
  const get = (headers: Record<string, string>) => rest(app, headers, 'GET', '/api/v1/org/organisation')

  it('is a bare array: a token’s own organisation', async () => {
    const { status, body } = await get(bearer(app.acme.token))
    expect(status).toBe(200)
    const acme = { organisation_id: app.acme.organisationId, name: 'Acme', slug: 'acme' }
    expect(body).toEqual([{ ...acme, user_current: true, status: 'active', role: 'token' }])
    const named = { ...bearer(app.acme.token), 'x-ankra-organisation-id': app.acme.organisationId }
    expect((await get(named)).body).toEqual(body)
  })

  it('lists all of them to the team, more than a page too, and marks the one it named', async () => {
    const many = Array.from({ length: 120 }, (_, index) => ({
      id: randomUUID(),
      name: `Customer ${String(index).padStart(3, '0')}`,
      slug: `customer-${index}`,
    }))
    await app.database.prisma.organisation.createMany({ data: many })
    const all = await get(bearer(app.team.token))
    expect(all.body).toHaveLength(122)
    const listed = all.body.map(({ name }: { name: string }) => name)
    expect(listed).toEqual([...listed].sort())
    expect(all.body.every((one: object) => 'role' in one && one.role === 'team')).toBe(true)
    expect(all.body.filter((one: { user_current: boolean }) => one.user_current)).toEqual([])
    const named = await get({ ...bearer(app.team.token), 'x-ankra-organisation-id': app.globex.organisationId })
    expect(named.body).toHaveLength(122)
    expect(named.body.filter((one: { user_current: boolean }) => one.user_current)).toMatchObject([{ name: 'Globex' }])
  })
})

it('GET /limits says the same as GraphQL', async () => {
  const { attachmentLimits: limits } = await ask<{ attachmentLimits: Record<string, unknown> }, object>(
    app,
    bearer(app.acme.token),
    '{ attachmentLimits { maxFileBytes maxFiles maxTicketBytes contentTypes } }',
  )
  expect((await rest(app, bearer(app.acme.token), 'GET', `${TICKETS}/limits`)).body).toEqual({
    max_file_bytes: limits.maxFileBytes,
    max_files: limits.maxFiles,
    max_ticket_bytes: limits.maxTicketBytes,
    content_types: limits.contentTypes,
  })
})

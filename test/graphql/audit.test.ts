// GraphQL over HTTP as its specification has it: the audits of graphql-http against a running server.

import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app.close())

// They ask for { __typename }, which needs no credentials.
const audits = serverAudits({ url: () => `${app.url}/graphql` })

describe('GraphQL over HTTP', () => {
  it('has 61 audits', () => {
    expect(audits).toHaveLength(61)
  })

  it.each(audits.map(({ id, name, fn }) => ({ id, name, fn })))('$id $name', async ({ fn }) => {
    const result = await fn()
    expect('reason' in result ? result.reason : null).toBeNull()
    expect(result.status).toBe('ok')
  })
})

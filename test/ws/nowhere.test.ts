// Who belongs to no organisation is somebody all the same: their socket lives as long as their session.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { dial, holdTime, releaseTime, statementsOfTwoSeconds, subscribe } from './sockets.ts'

let app: TestApp

beforeAll(async () => {
  holdTime()
  app = await testApp()
})
afterAll(async () => {
  await app.close()
  releaseTime()
})

it('a socket of who belongs nowhere stays open when rights are checked, until the session ends', async () => {
  const { id } = app.acme.member
  await app.database.prisma.member.deleteMany({ where: { userId: id } })
  const client = await dial(app, { headers: await app.acme.member.signIn() })
  client.send({ type: 'connection_init' })
  await client.first(({ type }) => type === 'connection_ack')
  await statementsOfTwoSeconds(app)
  client.send(subscribe('me', '{ viewer { name organisation { id } } }'))
  const { payload } = await client.about('me', 'next')
  expect(payload.data).toEqual({ viewer: { name: 'Max of Acme', organisation: null } })

  await app.database.prisma.session.deleteMany({ where: { userId: id } })
  await statementsOfTwoSeconds(app)
  expect(await client.closed).toEqual({ code: 4401, reason: 'Your access ended.' })
})

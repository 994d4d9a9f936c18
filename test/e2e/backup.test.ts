// A service that loses all it had, and gets it back from a backup: what an operator types, and what clients see of it.

import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { follow } from '../../src/client/follow.ts'
import { refuseHalfRestored } from '../../src/data-folder.ts'
import { type Outcome, runAdmin, spawnAdmin } from '../support/admin.ts'
import { ask, bearer, rest, TICKETS } from '../support/app.ts'
import {
  postgresOf,
  type Running,
  removeFolder,
  runProcess,
  startProcess,
  temporaryFolder,
} from '../support/process.ts'
import { uploadByRest } from '../support/uploads.ts'

const DRAFT = { subject: 'Nodes lost', description: 'Two nodes are NotReady since 10:00.', acknowledged: true }
const EVENTS = 'subscription ($after: String) { ticketEvents(after: $after) { cursor type ticketId } }'

/** One sentence, no stack, and exit code 1. */
function refusal({ code, out, err }: Outcome): string {
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).not.toMatch(/^ +at /m)
  return err.trim()
}

describe('a service with its own database', () => {
  let dataDir: string
  let away: string
  let running: Running
  let acme: string
  let ticketId: string
  let backup: string

  beforeAll(async () => {
    dataDir = await temporaryFolder()
    away = await temporaryFolder()
    backup = join(away, 'monday')
    running = await startProcess({ dataDir })
    acme = JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8')).tokens.acme
    ticketId = (await rest(running, bearer(acme), 'POST', TICKETS, DRAFT)).body.id
    await uploadByRest(running, bearer(acme), ticketId, { name: 'node.log', bytes: 'worker-3 is NotReady\n' })
  })
  afterAll(async () => {
    await running?.stop()
    await removeFolder(dataDir)
    await removeFolder(away)
  })

  const admin = (...args: string[]) => runAdmin({ DATA_DIR: dataDir }, args)
  const asOf = async () =>
    (await ask<{ tickets: { asOf: string } }, object>(running, bearer(acme), '{ tickets { asOf } }')).tickets.asOf

  it('is backed up while it serves, into a folder for nobody else’s eyes', async () => {
    const { code, out, err } = await admin('backup', backup)
    expect({ code, out }).toEqual({ code: 0, out: `${backup}\n` })
    expect(err).toMatch(/^Backed up \d+ tickets and 1 attachment\./)
    const files = await readdir(backup, { recursive: true, withFileTypes: true })
    const modes = await Promise.all(files.map(async (one) => (await stat(join(one.parentPath, one.name))).mode & 0o77))
    expect([(await stat(backup)).mode & 0o77, ...modes].every((mode) => mode === 0)).toBe(true)
    expect(await readdir(away)).toEqual(['monday'])
  })

  it('is not backed up onto a disk that takes no more, and nothing there looks like a backup', async () => {
    // Files of two kilobytes at most: a limit that any user can set, and node is told as it is of a full disk.
    const { outcome } = spawnAdmin({ DATA_DIR: dataDir }, ['backup', join(away, 'full')], 'ulimit -f 4')
    expect(refusal(await outcome)).toMatch(/could not be written .*may not write files as large.*Nothing is left of it/)
    expect(await readdir(away)).toEqual(['monday'])
  })

  it('is not restored into while it runs, which is told with whom to stop', async () => {
    const message = refusal(await admin('restore', backup, '--replace'))
    expect(message).toContain(`in use by another Deskwire process, with the pid ${running.child.pid}: stop that one`)
    expect((await rest(running, {}, 'GET', '/readyz')).status).toBe(200)
  })

  it('comes back after everything was lost, and a client that follows reads again and goes on', async () => {
    const seen: string[] = []
    let resyncs = 0
    const after = await asOf()
    const following = follow<{ cursor: string; ticketId: string }>({
      url: () => `${running.url.replace('http', 'ws')}/graphql`,
      authorization: `Bearer ${acme}`,
      query: EVENTS,
      after,
      onEvent: (event) => void seen.push(event.ticketId),
      async onResync() {
        resyncs += 1
        return asOf()
      },
    })
    const late = (await rest(running, bearer(acme), 'POST', TICKETS, DRAFT)).body.id
    await expect.poll(() => seen).toContain(late)
    await loseEverything()

    const restored = await admin('restore', backup)
    expect(restored).toMatchObject({ code: 0, out: '' })
    expect(restored.err).toContain('The service can be started now.')
    running = await startProcess({ dataDir, env: { PORT: new URL(running.url).port } })
    expect(await rest(running, {}, 'GET', '/readyz')).toMatchObject({ status: 200, body: { status: 'ready' } })
    expect((await rest(running, bearer(acme), 'GET', `${TICKETS}/${late}`)).status).toBe(404)
    await expect.poll(() => resyncs, { timeout: 15_000 }).toBe(1)
    await rest(running, bearer(acme), 'POST', `${TICKETS}/${ticketId}/comments`, { body: 'And now?' })
    await expect.poll(() => seen.at(-1), { timeout: 15_000 }).toBe(ticketId)
    following.stop()
    await following.ended
  })

  it('has its attachments, tokens and people as before, and numbers tickets on', async () => {
    const { body } = await rest(running, bearer(acme), 'GET', `${TICKETS}/${ticketId}`)
    const path = `${TICKETS}/${ticketId}/attachments/${body.attachments[0].id}`
    const file = await fetch(running.url + path, { headers: bearer(acme) })
    expect(await file.text()).toBe('worker-3 is NotReady\n')
    const next = (await rest(running, bearer(acme), 'POST', TICKETS, DRAFT)).body
    expect(next.number).toBe(body.number + 1)
    const { people, url } = JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8'))
    expect(url).toBe(running.url)
    const signedIn = await fetch(`${running.url}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: running.url },
      body: JSON.stringify(people[0]),
    })
    expect(signedIn.status).toBe(200)
  })

  it('keeps what it has, where --replace is not said, and gives it up where it is', async () => {
    const late = (await rest(running, bearer(acme), 'POST', TICKETS, DRAFT)).body.id
    await running.stop()
    expect(refusal(await admin('restore', backup))).toContain('say --replace to put this backup in its place')
    expect(await admin('restore', backup, '--replace')).toMatchObject({ code: 0 })
    running = await startProcess({ dataDir })
    expect((await rest(running, bearer(acme), 'GET', `${TICKETS}/${late}`)).status).toBe(404)
  })

  it('is restored again, where that broke off after the database was there', async () => {
    await running.stop()
    await writeFile(join(dataDir, 'restore.unfinished'), `${backup}\n`)
    expect(await admin('restore', backup)).toMatchObject({ code: 0 })
    expect(() => refuseHalfRestored(dataDir)).not.toThrow()
  })

  it('does not start on a folder that a restore has not come to its end in', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'restore.unfinished'), `${backup}\n`)
    expect(() => refuseHalfRestored(folder)).toThrow(`run "npm run admin -- restore ${backup}" again`)
    const { code, output } = await runProcess({ dataDir: folder })
    expect([code, existsSync(join(folder, 'postgres'))]).toEqual([1, false])
    expect(output).toContain('A restore of')
    await removeFolder(folder)
  })

  /** node and PostgreSQL at once, and all files. */
  async function loseEverything(): Promise<void> {
    await running.kill9()
    await removeFolder(dataDir)
    expect(await postgresOf(dataDir)).toBeNull()
    await mkdir(dataDir, { mode: 0o711 })
  }
})

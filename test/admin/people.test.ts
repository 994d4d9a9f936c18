import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOrganisation } from '../../src/admin/organisations.ts'
import {
  addMember,
  addTeamMember,
  changeRole,
  createPerson,
  findPerson,
  removeMember,
  removeTeamMember,
  setPassword,
} from '../../src/admin/people.ts'
import type { Auth } from '../../src/auth/auth.ts'
import type { Tx } from '../../src/db/client.ts'
import { getSession, PASSWORD, post, signIn, signUp, testAuth } from '../auth/people.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { raisedBy } from './fixtures.ts'

let test: TestDatabase
let auth: Auth
let acme: string
let globex: string

beforeAll(async () => {
  test = await testDatabase()
  auth = testAuth(test.database)
  acme = (await write((tx) => createOrganisation(tx, { name: 'Acme', slug: 'acme' }))).id
  globex = (await write((tx) => createOrganisation(tx, { name: 'Globex', slug: 'globex' }))).id
})
afterAll(() => test.close())

const write = <T>(body: (tx: Tx) => Promise<T>) => test.database.write(body)
const raised = (change: () => Promise<unknown>) => raisedBy(test.database, [acme, globex], change)
const UNTOUCHED = [0, 0]
const RAISED = [1, 1]

let people = 0

async function person() {
  const email = `person${++people}@acme.test`
  return write((tx) => createPerson(tx, { email, name: 'Ann' }))
}

const join = (userId: string, organisationId = acme, role: 'admin' | 'member' = 'admin') =>
  write((tx) => addMember(tx, { organisationId, userId, role }))

describe('a person', () => {
  it('is known by the address in whatever case', async () => {
    const made = await write((tx) => createPerson(tx, { email: 'Zoe@ACME.test', name: 'Zoë' }))
    expect(made.email).toBe('zoe@acme.test')
    expect((await findPerson(test.database.prisma, 'zOE@acme.test')).id).toBe(made.id)
    await expect(write((tx) => createPerson(tx, { email: 'ZOE@acme.test', name: 'Zoë' }))).rejects.toThrow(
      'zoe@acme.test exists already',
    )
    await expect(findPerson(test.database.prisma, 'no@acme.test')).rejects.toThrow('There is nobody with the address')
  })

  it('cannot be signed up as by somebody else, nor sign in before the password is set', async () => {
    const { email } = await person()
    const answer = await post(auth, '/sign-up/email', { email, name: 'Mallory', password: PASSWORD })
    expect(answer.status).toBe(422)
    expect(await signIn(auth, email)).toBeNull()
  })

  it('whose password is set by the operator is verified and can sign in; older sessions end', async () => {
    const { cookie, id } = await signUp(auth, 'reset@acme.test')
    await write((tx) => setPassword(tx, id, 'set by the operator'))
    expect(await getSession(auth, cookie)).toBeNull()
    expect(await signIn(auth, 'reset@acme.test')).toBeNull()
    expect(await signIn(auth, 'reset@acme.test', 'set by the operator')).not.toBeNull()
    expect((await findPerson(test.database.prisma, 'reset@acme.test')).emailVerified).toBe(true)
  })
})

describe('an address that somebody registered and nobody proved', () => {
  it('gets no membership, no place in the team, and cannot be made again', async () => {
    const { id } = await signUp(auth, 'squatted@acme.test')
    const advice = /nobody has proved.*person link squatted@acme\.test/
    await expect(join(id)).rejects.toThrow(advice)
    await expect(write((tx) => addTeamMember(tx, id))).rejects.toThrow(advice)
    await expect(write((tx) => createPerson(tx, { email: 'squatted@acme.test', name: 'A' }))).rejects.toThrow(advice)
    expect(await test.database.prisma.member.count({ where: { userId: id } })).toBe(0)
    expect(await test.database.prisma.teamMember.count({ where: { userId: id } })).toBe(0)
  })

  it('gets them once it is proved', async () => {
    const { id } = await signUp(auth, 'proved@acme.test')
    await write((tx) => setPassword(tx, id, 'set behind a link'))
    await join(id)
    await write((tx) => addTeamMember(tx, id))
    expect(await test.database.prisma.member.count({ where: { userId: id } })).toBe(1)
  })
})

describe('a membership', () => {
  it('raises the revisions of its organisation when it begins, changes and ends', async () => {
    const { id: userId } = await person()
    const place = { organisationId: acme, userId }
    expect(await raised(() => join(userId))).toEqual([RAISED, UNTOUCHED])
    expect(await raised(() => write((tx) => changeRole(tx, { ...place, role: 'member' })))).toEqual([RAISED, UNTOUCHED])
    expect(await raised(() => write((tx) => removeMember(tx, place)))).toEqual([RAISED, UNTOUCHED])
  })

  it('is refused, changing nothing, when it is there already or is not there', async () => {
    const { id: userId } = await person()
    const place = { organisationId: acme, userId }
    const refused = async (change: (tx: Tx) => Promise<unknown>, message: string) =>
      expect(await raised(() => expect(write(change)).rejects.toThrow(message))).toEqual([UNTOUCHED, UNTOUCHED])
    await refused((tx) => removeMember(tx, place), 'no member')
    await refused((tx) => changeRole(tx, { ...place, role: 'admin' }), 'no member')
    await join(userId)
    await refused((tx) => addMember(tx, { ...place, role: 'member' }), 'a member already, with the role admin')
    await refused((tx) => changeRole(tx, { ...place, role: 'admin' }), 'have the role admin already')
  })

  it('says when the last admin is gone', async () => {
    const [first, second, third] = [await person(), await person(), await person()]
    for (const { id } of [first, second]) await join(id, globex)
    await join(third.id, globex, 'member')
    const place = (userId: string) => ({ organisationId: globex, userId })
    expect(await write((tx) => removeMember(tx, place(third.id)))).toEqual({ lastAdminGone: false })
    expect(await write((tx) => removeMember(tx, place(first.id)))).toEqual({ lastAdminGone: false })
    expect(await write((tx) => changeRole(tx, { ...place(second.id), role: 'member' }))).toEqual({
      lastAdminGone: true,
    })
    expect(await write((tx) => removeMember(tx, place(second.id)))).toEqual({ lastAdminGone: false })
  })
})

describe('the support team', () => {
  it('keeps the row of who left, and takes them back', async () => {
    const { id: userId } = await person()
    const row = () => test.database.prisma.teamMember.findUniqueOrThrow({ where: { userId } })
    await write((tx) => addTeamMember(tx, userId))
    await expect(write((tx) => addTeamMember(tx, userId))).rejects.toThrow('already')
    await write((tx) => removeTeamMember(tx, userId))
    expect((await row()).removedAt).toBeInstanceOf(Date)
    await expect(write((tx) => removeTeamMember(tx, userId))).rejects.toThrow('not of the support team')
    await write((tx) => addTeamMember(tx, userId))
    expect((await row()).removedAt).toBeNull()
  })

  it('raises the revisions of every organisation that its person belongs to', async () => {
    const { id } = await person()
    await join(id, globex)
    await join(id, acme)
    expect(await raised(() => write((tx) => addTeamMember(tx, id)))).toEqual([RAISED, RAISED])
    expect(await raised(() => write((tx) => removeTeamMember(tx, id)))).toEqual([RAISED, RAISED])
  })
})

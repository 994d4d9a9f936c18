// Bodies that no client of ours sends: broken, cut, out of order, hostile. Each gets an answer that says what is wrong,
// at once, on a connection that answers the next request too; nothing of them is kept, and the server lives.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { leftovers, ticketAt } from '../operations/attachments.world.ts'
import { bearer, send, type TestApp, testApp } from '../support/app.ts'
import {
  type Answer,
  BOUNDARY,
  connectTo,
  END,
  field,
  file,
  map,
  operations,
  part,
  QUERY,
  restDoor,
  upload,
} from './multipart.ts'

let app: TestApp
let ticketId: string
let token: Record<string, string>
const faults: unknown[] = []
const onFault = (fault: unknown) => faults.push(fault)

beforeAll(async () => {
  process.on('uncaughtException', onFault)
  process.on('unhandledRejection', onFault)
  app = await testApp()
  ticketId = await ticketAt(app)
  token = bearer(app.acme.token)
})
afterEach(async () => {
  expect(faults.splice(0)).toEqual([])
  expect(await leftovers(app)).toEqual([])
})
afterAll(async () => {
  process.off('uncaughtException', onFault)
  process.off('unhandledRejection', onFault)
  await app.close()
})

const attached = () => app.database.prisma.attachment.count({ where: { ticketId } })

/** Sends a body, and a second request on the same connection. */
async function answerTo(path: string, body: string, headers: Record<string, string> = {}): Promise<Answer> {
  const connection = await connectTo(app)
  await connection.send(upload(path, { Authorization: `Bearer ${app.acme.token}`, ...headers }, body))
  const answer = await connection.answer()
  expect(answer.ms).toBeLessThan(2000)
  expect(await connection.isAlive()).toBe(true)
  connection.socket.destroy()
  return answer
}

const byGraphQL = (body: string, headers?: Record<string, string>) => answerTo('/graphql', body, headers)
const byRest = (body: string, headers?: Record<string, string>) => answerTo(restDoor(ticketId).path, body, headers)

interface Errors {
  errors: { message: string; extensions: { code: string; requestId: string } }[]
}

/** The whole request was refused, and GraphQL's answer says why. */
function expectRefused({ status, json }: Answer, expected: number, sentence: RegExp): void {
  const { errors } = json as Errors
  expect(status, JSON.stringify(json)).toBe(expected)
  expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['BAD_USER_INPUT']))
  expect(errors[0]?.message).toMatch(sentence)
}

const NAMELESS = part('Content-Disposition: form-data', 'nobody')

describe('GraphQL', () => {
  const op = () => operations(ticketId)
  const right = file('0', 'a line\n')
  const close = right + END
  const broken: [string, () => string, number, RegExp][] = [
    ['without parts', () => END, 400, /./],
    ['without a byte', () => '', 400, /./],
    ['of something else', () => '{"query":"{ __typename }"}', 400, /./],
    ['without operations', () => map({}) + END, 400, /operations/],
    ['without a map', () => op() + END, 400, /map/],
    ['with the map before the operations', () => map() + op() + close, 400, /order/],
    ['with the file before the map', () => op() + right + map() + END, 400, /order/],
    ['with operations that are no JSON', () => field('operations', '{') + map() + close, 400, /JSON.*operations/],
    ['with operations that are a number', () => field('operations', '7') + map() + close, 400, /operations/],
    ['with operations that are null', () => field('operations', 'null') + map() + close, 400, /operations/],
    ['with a map that is no JSON', () => op() + field('map', '{') + close, 400, /JSON.*map/],
    ['with a map that is a list', () => op() + map([]) + close, 400, /map/],
    ['with a map that is null', () => op() + map(null) + close, 400, /map/],
    ['with a map of texts', () => op() + map({ 0: 'variables.file' }) + close, 400, /map/],
    ['with a map of numbers', () => op() + map({ 0: [7] }) + close, 400, /map/],
    ['with a path that leads nowhere', () => op() + map({ 0: ['variables.a.b'] }) + close, 400, /path/],
    ['with a path into a text', () => op() + map({ 0: ['query.0'] }) + close, 400, /path|must not be null/],
    ['with a path to __proto__', () => op() + map({ 0: ['__proto__.polluted'] }) + close, 400, /path/],
    ['with a path below', () => op() + map({ 0: ['variables.__proto__.polluted'] }) + close, 400, /path/],
    ['with a path to a prototype', () => op() + map({ 0: ['constructor.prototype.polluted'] }) + close, 400, /path/],
    ['with two files in the map', () => op() + map({ 0: ['variables.file'], 1: ['variables.id'] }) + END, 413, /file/],
    ['with too long operations', () => field('operations', `"${'x'.repeat(2 ** 20)}"`) + map() + END, 413, /size/],
    ['with a nameless part behind an empty map', () => op() + field('map', '') + NAMELESS + END, 400, /map/],
    ['with a nameless part behind a map of nothing', () => op() + map({}) + NAMELESS + END, 400, /./],
    [
      'with a part without headers behind an empty map',
      () => `${op()}${field('map', '')}--${BOUNDARY}\r\n\r\n\r\n`,
      400,
      /map/,
    ],
    [
      'with a broken header behind an empty map',
      () => `${op()}${field('map', '')}--${BOUNDARY}\r\n:\r\n\r\nx`,
      400,
      /map/,
    ],
    ['with a list of requests', () => field('operations', '[{"query":"{ __typename }"}]') + map({}) + END, 400, /./],
  ]
  it.each(broken)('refuses a body %s', async (_, body, status, sentence) => {
    expectRefused(await byGraphQL(body()), status, sentence)
    expect(await attached()).toBe(0)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('lets no map write into what all objects share', async () => {
    const shared = Object.prototype.hasOwnProperty as { written?: unknown }
    const body = op() + map({ 0: ['hasOwnProperty.written'] }) + close
    const { json } = await byGraphQL(body)
    const written = Object.hasOwn(shared, 'written')
    delete shared.written
    expect(written).toBe(false)
    expect((json as Errors).errors[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })

  const inField: [string, () => string, number, RegExp][] = [
    ['that was announced and never comes', () => op() + map() + END, 400, /missing/],
    ['that comes under another name', () => op() + map() + file('1', 'a line\n') + END, 400, /missing/],
    ['that is a text', () => op() + map() + field('0', 'a line\n') + END, 400, /missing/],
    ['that is not whole', () => `${op() + map()}${right.slice(0, -2)}`, 400, /whole|[Uu]nexpected end/],
    ['that nobody announced', () => op() + map({}) + close, 400, /must not be null/],
    ['that has another behind it', () => op() + map() + right + file('1', 'another\n') + END, 413, /max file/],
    [
      'behind a header of 100 KB',
      () => op() + map() + part(`X-Long: ${'x'.repeat(100_000)}`, 'x') + END,
      400,
      /header/,
    ],
    ['that stands where a text should', () => op() + map({ 0: ['variables.id'] }) + close, 400, /ID cannot represent/],
  ]
  it.each(inField)('refuses a file %s', async (_, body, status, sentence) => {
    expectRefused(await byGraphQL(body()), status, sentence)
    expect(await attached()).toBe(0)
  })

  it('takes one mutation with a file, which can be read once', async () => {
    const own = await ticketAt(app)
    const upload = 'uploadAttachment(ticketId: $id, file: $file) { __typename }'
    const query = `mutation ($id: ID!, $file: Upload!) { ${['a', 'b'].map((name) => `${name}: ${upload}`).join(' ')} }`
    expectRefused(await byGraphQL(operations(own, query) + map() + close), 400, /one mutation/)
    expect(await app.database.prisma.attachment.count({ where: { ticketId: own } })).toBe(0)
  })

  it.each([
    ['does not parse', 'mutation {'],
    ['asks for what is not there', 'mutation ($file: Upload!) { nope(file: $file) }'],
  ])('refuses a document that %s as it does without a file', async (_, query) => {
    const { status, json } = await byGraphQL(operations(ticketId, query) + map() + close)
    const without = await send(app, token, query, { file: null })
    const told = ({ message, extensions: { code } }: Errors['errors'][number]) => ({ message, code })
    expect(without.errors).toHaveLength(1)
    expect([status, (json as Errors).errors.map(told)]).toEqual([
      without.status,
      without.errors.map((error) => told(error as Errors['errors'][number])),
    ])
    expect(await attached()).toBe(0)
  })

  it('answers a document that does not want the file', async () => {
    const wanted = operations(ticketId, '{ __typename }')
    for (const body of [wanted + map() + close, wanted + map({}) + END, wanted + map({}) + close]) {
      expect(await byGraphQL(body)).toMatchObject({ status: 200, json: { data: { __typename: 'Query' } } })
    }
  })

  it.each(['a text', { name: 'node.log' }, 7, null])('takes no file from JSON: %j', async (value) => {
    const { errors, status } = await send(app, token, QUERY, { id: ticketId, file: value })
    expect(status).toBeLessThan(500)
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT'])
  })
})

describe('REST', () => {
  const right = file('file', 'a line\n')
  const broken: [string, string, number, RegExp][] = [
    ['without parts', END, 422, /file/],
    ['without a byte', '', 400, /multipart/],
    ['of something else', '{"file":"a line"}', 400, /multipart/],
    ['with the file in another part', file('attachment', 'a line\n') + END, 400, /part file/],
    ['with a text where the file should be', field('file', 'a line\n') + END, 422, /file/],
    [
      'with a nameless file',
      part('Content-Disposition: form-data; filename="a.log"', 'a line\n') + END,
      400,
      /part file/,
    ],
    ['with two files', right + right + END, 400, /one file/],
    ['with a file that is not whole', right.slice(0, -2), 400, /complete/],
    ['that ends in a header', `--${BOUNDARY}\r\nContent-Disposition: form-data; na`, 400, /complete|multipart/],
    ['with a broken header behind the file', `${right}--${BOUNDARY}\r\n:\r\n\r\nx`, 400, /multipart/],
    ['with a nameless part behind an empty one', field('map', '') + NAMELESS + END, 422, /file/],
    ['with a header of 100 KB', part(`X-Long: ${'x'.repeat(100_000)}`, 'x') + END, 400, /multipart/],
    ['of a thousand texts', field('a', 'b').repeat(1000) + END, 422, /file/],
  ]
  it.each(broken)('refuses a body %s', async (_, body, status, sentence) => {
    const answer = await byRest(body)
    expect([answer.status, answer.body]).toEqual([status, expect.stringMatching(sentence)])
    expect(answer.body).not.toContain('undefined')
    expect(await attached()).toBe(0)
  })
})

describe.each([
  ['GraphQL', () => '/graphql'],
  ['REST', () => restDoor(ticketId).path],
])('the content type of an upload by %s', (door, path) => {
  const body = () =>
    (door === 'REST' ? '' : operations(ticketId) + map()) + file(door === 'REST' ? 'file' : '0', 'a line\n')

  it.each(['multipart/mixed; boundary=the-boundary', 'application/x-www-form-urlencoded', 'text/plain', 'image/png'])(
    'is not %s',
    async (type) => expect((await answerTo(path(), body() + END, { 'Content-Type': type })).status).toBe(415),
  )

  it.each([
    'multipart/form-data',
    'multipart/form-data;',
    'multipart/form-data; boundary=',
    'multipart/form-data; x=y',
  ])('says the boundary, unlike %s', async (type) =>
    expect((await answerTo(path(), body() + END, { 'Content-Type': type })).status).toBe(400),
  )

  it.each(['MultiPart/Form-Data; boundary=the-boundary', 'multipart/form-data ;boundary="the-boundary"'])(
    'may be written as %s',
    async (type) =>
      expect((await answerTo(path(), `${body()}${END}`, { 'Content-Type': type })).status).toBeLessThan(202),
  )
})

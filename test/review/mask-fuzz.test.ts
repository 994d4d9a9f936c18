// Masking on texts that nobody thought of: whatever the secret and the notation, it goes, and a second time changes
// nothing.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskJson, maskSecrets } from '../../src/review/mask.ts'
import { base64, jwt, letters, pem } from './mask-support.ts'

const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789']
const word = (least: number, most: number) =>
  fc.array(fc.constantFrom(...LETTERS), { minLength: least, maxLength: most }).map((all) => all.join(''))
/** A password as people choose them: a letter first, then a digit and any of the signs that need no quotes. */
const password = fc
  .tuple(word(3, 8), fc.nat(99), fc.array(fc.constantFrom(...LETTERS, ...'!#$%*+-./:=?@^_~'), { maxLength: 12 }))
  .map(([start, number, rest]) => `q${start}${number}${rest.join('')}x`)
const token = word(24, 60).map((text) => `q7R${text}`)

const FORMATS: ((secret: string) => string)[] = [
  (secret) => `password: ${secret}`,
  (secret) => `DB_PASSWORD=${secret}\nDEBUG=1`,
  (secret) => `export API_TOKEN="${secret}"`,
  (secret) => `{"a": 1, "client_secret": "${secret}", "b": [true]}`,
  (secret) => JSON.stringify({ body: JSON.stringify({ password: secret }) }),
  (secret) =>
    `apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  k: ${base64(secret)}\nstringData:\n  s: ${secret}`,
  (secret) => JSON.stringify({ kind: 'Secret', data: { 'any.key': secret } }, null, 2),
  (secret) => `users:\n- name: a\n  user:\n    token: "${secret}"\n`,
  (secret) => `env:\n- name: SMTP_PASSWORD\n  value: '${secret}'\n- name: X\n  value: y`,
  (secret) => `password = "${secret}" # main\nregion = "eu"`,
  (secret) => `settings:\n  password: |\n    ${secret}\n  user: app`,
  (secret) => `psql "host=db user=app password=${secret} dbname=shop"`,
  (secret) => `curl -u 'admin:${secret}' https://example.com`,
  (secret) => `helm install web ./web --set auth.password=${secret}`,
  (secret) => `kubectl create secret generic db --from-literal=any=${secret}`,
  (secret) => `Our password is "${secret}", please help.`,
  (secret) => `**Password:** \`${secret}\``,
  (secret) => `<password>${secret}</password>`,
  (secret) => `Server=db;User Id=sa;Password=${secret};Encrypt=true`,
]
const TOKENS: ((secret: string) => string)[] = [
  (secret) => `curl -H "Authorization: Bearer ${secret}" https://example.com`,
  (secret) => `X-Api-Key: ${secret}`,
  (secret) => `https://example.com/x?access_token=${secret}&page=2`,
  (secret) => `https://robot:${secret}@git.example.com/x.git`,
  (secret) => `postgres://app:${secret}@db:5432/shop`,
  (secret) => `glpat-${secret} and hvs.${secret}`,
  (secret) => `//registry.npmjs.org/:_authToken=${secret}`,
  (secret) => `the token is ${secret}`,
  (secret) => `kubeadm join 10.0.0.1:6443 --token ${secret}`,
]
const AROUND: ((text: string) => string)[] = [
  (text) => text,
  (text) => `Hello,\n\n\`\`\`\n${text}\n\`\`\`\n\nthanks`,
  (text) => text.replaceAll('\n', '\r\n'),
  (text) => text.replaceAll(/^/gm, '    '),
  (text) => text.replaceAll(/^/gm, '> '),
]

/** Pieces that rules begin, end or stumble with. */
const PIECE = fc.oneof(
  fc.constantFrom(
    ...[
      'password',
      'Secret',
      'token',
      'kind: Secret',
      'data:',
      'stringData:',
      '{',
      '}',
      '"',
      "'",
      '\\"',
      '`',
      '\\',
      ': ',
    ],
    ...[
      '=',
      '\n',
      '\r\n',
      '  ',
      '- ',
      '|',
      '>',
      '#',
      '@',
      '://',
      '--',
      '[password removed]',
      ' removed]',
      '[token',
      '&',
    ],
    ...['"kind": "Secret"', '"data": {', 'authorization: ', 'Bearer ', 'Basic ', 'cookie: a=', 'name: ', 'value: '],
    ...[
      '-----BEGIN PRIVATE KEY-----',
      '-----END PRIVATE KEY-----',
      ' is ',
      '; ',
      ', ',
      '-p',
      ' -u ',
      'mysql',
      'curl ',
      '<',
      '>',
    ],
    ...[
      letters(20),
      letters(40),
      'ghp_',
      'xoxb-',
      'eyJ',
      '.',
      '/',
      '?sig=',
      'é',
      '🔑',
      'пароль',
      '“',
      '”',
      '$',
      '(',
      ')',
    ],
  ),
  fc.string({ maxLength: 6 }),
)
const mess = fc.array(PIECE, { maxLength: 40 }).map((pieces) => pieces.join(''))

describe('maskSecrets on any text', () => {
  const places = fc.tuple(fc.constantFrom(...FORMATS), fc.constantFrom(...AROUND))

  it('takes a password out of every notation', () => {
    fc.assert(
      fc.property(places, password, ([format, around], secret) => {
        const masked = maskSecrets(around(format(secret)))
        expect(masked).not.toContain(secret)
        expect(masked).not.toContain(base64(secret))
        expect(maskSecrets(masked)).toBe(masked)
      }),
      { numRuns: 2_000 },
    )
  })

  it('takes a token out of every notation', () => {
    const formats = fc.tuple(fc.constantFrom(...FORMATS, ...TOKENS), fc.constantFrom(...AROUND))
    fc.assert(
      fc.property(formats, token, ([format, around], secret) => {
        const masked = maskSecrets(around(format(secret)))
        expect(masked).not.toContain(secret)
        expect(maskSecrets(masked)).toBe(masked)
      }),
      { numRuns: 2_000 },
    )
  })

  it('takes whole keys and web tokens out of any surroundings', () => {
    fc.assert(
      fc.property(mess, mess, fc.constantFrom(pem('PRIVATE KEY'), jwt), (before, after, secret) => {
        const masked = maskSecrets(`${before}\n${secret}\n${after}`)
        expect(masked).not.toContain(secret.slice(30, 80))
      }),
      { numRuns: 1_000 },
    )
  })

  it('never fails, and done twice is done once', () => {
    fc.assert(
      fc.property(mess, (text) => {
        const masked = maskSecrets(text)
        expect(maskSecrets(masked)).toBe(masked)
      }),
      { numRuns: 5_000 },
    )
  })
})

describe('maskJson on any value', () => {
  it('never fails, and done twice is done once', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(PIECE, fc.constantFrom('password', 'kind', 'data')), fc.jsonValue()),
        (value) => {
          const masked = maskJson(value)
          expect(maskJson(masked)).toEqual(masked)
        },
      ),
      { numRuns: 200 },
    )
  })
})

// What a credential looks like: one rule a kind. Used by mask.ts only.
//
// Every pattern is anchored on a literal or a keyword and its repetitions are bounded or end at a character that they
// exclude, so that no text of any shape takes more than linear time (test/review/mask.test.ts holds a clock to it).

import { pattern } from './pattern.ts'

export type SecretKind = 'private key' | 'access key' | 'token' | 'password' | 'secret'

export interface MaskRule {
  kind: SecretKind
  /** Global. With a group named `secret` only that part is replaced, else the whole match. */
  find: RegExp
  /** Says no to what only looks alike; gets the secret part and the whole text. */
  accept?: (secret: string, text: string) => boolean
}

/** What stands in for a secret. */
export function maskFor(kind: SecretKind): string {
  return `[${kind} removed]`
}

const PEM_BREAK = String.raw`(?:\s|\\[nr])+`

const PRIVATE_KEYS: MaskRule[] = [
  {
    kind: 'private key',
    find: pattern('g')`
      -----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----
      [\s\S]{0,20000}?-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----`,
  },
  {
    // Cut off before its end: the header and the lines of base64 that follow.
    kind: 'private key',
    find: new RegExp(`-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----(?:${PEM_BREAK}[A-Za-z0-9+/=]{16,})+`, 'g'),
  },
]

/** Tokens that say whose they are by their first letters. */
const PREFIXED = [
  'gh[oprsu]_[A-Za-z0-9]{30,255}',
  'github_pat_[A-Za-z0-9_]{22,255}',
  'gl(?:pat|dt|rt|ptt|cbt)-[A-Za-z0-9_-]{20,255}',
  'xox[abeoprs]-[A-Za-z0-9-]{10,255}',
  'xapp-[A-Za-z0-9-]{10,255}',
  '[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}',
  'whsec_[A-Za-z0-9+/=]{24,255}',
  'sk-ant-[A-Za-z0-9_-]{20,255}',
  'npm_[A-Za-z0-9]{36}',
  'AIza[A-Za-z0-9_-]{35}',
  'hf_[A-Za-z0-9]{30,64}',
  'dckr_pat_[A-Za-z0-9_-]{20,64}',
  'do[op]_v1_[a-f0-9]{64}',
  'hv[sb]\\.[A-Za-z0-9_-]{24,255}',
  'SG\\.[A-Za-z0-9_-]{16,32}\\.[A-Za-z0-9_-]{32,64}',
  'pypi-AgEI[A-Za-z0-9_-]{50,255}',
]

const TOKENS: MaskRule[] = [
  { kind: 'token', find: new RegExp(`(?<![A-Za-z0-9_-])(?:${PREFIXED.join('|')})`, 'g') },
  { kind: 'token', find: /(?<![A-Za-z0-9_-])(?:dw_|sk-(?:proj-)?)[A-Za-z0-9_-]{20,255}/g, accept: looksRandom },
  { kind: 'token', find: /hooks\.slack\.com\/services\/(?<secret>[A-Za-z0-9/_-]{20,100})/g },
  {
    kind: 'token',
    find: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{4,4000}\.[A-Za-z0-9_-]{0,1000}/g,
  },
  { kind: 'access key', find: /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/g },
  { kind: 'access key', find: /(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g, accept: isAwsSecretKey },
]

const HEADERS: MaskRule[] = [
  {
    kind: 'token',
    find: pattern('gi')`
      authorization["']?[ \t]{0,3}[:=][ \t]{0,3}["']?(?:(?:bearer|basic|token|digest|
      apikey)[ \t]+)?(?<secret>[^\s"',[]{6,4000})`,
    accept: (secret) => !/^(?:bearer|basic|token|digest|header|required|missing|failed|error|denied)\b/i.test(secret),
  },
  {
    kind: 'token',
    find: /\bbearer[ \t]{1,3}(?<secret>[A-Za-z0-9._~+/=-]{16,4000})/gi,
    accept: (value) => /\d/.test(value),
  },
  { kind: 'password', find: /\bbasic[ \t]{1,3}(?<secret>[A-Za-z0-9+/]{8,400}={0,2})/gi, accept: isUserAndPassword },
  { kind: 'secret', find: /^(?:[<>*] )?(?:set-)?cookie:[ \t]*(?<secret>[\w.-]{1,100}=[^\n]{4,4000})/gim },
]

/** Names whose value is a password: whatever stands there is taken for one. */
const PASSWORD_NAME = 'passw(?:or)?d|passwort|passphrase|pwd|mot de passe|contraseña|пароль'
/** Names whose value may also be a harmless name or number: what stands there has to look like a secret. */
const SECRET_NAME =
  '(?<!pull)(?:secret(?:[_-]?(?:access[_-]?)?key)?|' +
  '(?:api|access|account|private|sharedaccess|encryption)[_-]?key|token|api[_-]?secret|client[_-]?key[_-]?data)'
const QUOTED = String.raw`\\?"(?<double>(?:[^"\n\\]|\\(?!"))+)|\\?'(?<single>(?:[^'\n\\]|\\(?!'))+)`
/** A comma, semicolon or ampersand belongs to the value unless the text or the next `name=` comes after it. */
const BARE = String.raw`(?<bare>(?:[^\s"',;&<>]|[,;&](?!\s|$|[\w.-]{1,40} ?[=:]))+)`

/** `name = value`, `"name": "value"`, `--name value`, in the notations of YAML, JSON, shells and connection strings. */
export const ASSIGNMENTS: { kind: SecretKind; find: RegExp }[] = [
  { kind: 'password', find: assignment(PASSWORD_NAME) },
  { kind: 'secret', find: assignment(SECRET_NAME) },
]

function assignment(name: string): RegExp {
  const flag = String.raw`--[a-z-]{0,30}(?:${name})(?:[ \t]+|=)`
  const pair = String.raw`(?:${name})\\?["'\x60]?[ \t]{0,4}(?<separator>=>|:=|[:=])[ \t]{0,20}`
  return new RegExp(`(?<before>${flag}|${pair})(?:${QUOTED}|${BARE})`, 'gi')
}

const IN_PLACE: MaskRule[] = [
  // postgres://user:password@host: the last @ before a slash ends it.
  {
    kind: 'password',
    find: /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/]{0,100}:(?<secret>[^\s/"'<>]{1,200})@/gi,
  },
  {
    kind: 'password',
    find: /[ \t](?:-u|--user)[ \t=]["']?[^\s:"']{1,100}:(?<secret>[^\s"']{1,200})/g,
    accept: notAnId,
  },
  { kind: 'password', find: /\bmysql[a-z]{0,8}\b[^\n]{0,200}?[ \t]-p(?<secret>[^\s-][^\s]{2,100})/g },
  {
    kind: 'password',
    find: /\b(?:password|passphrase|passwort|pw)[ \t]{1,3}(?:is|was|ist)[ \t]{1,3}["']?(?<secret>[^\s"']{4,100})/gi,
    accept: (secret) => /\d/.test(secret) && /[a-z]/i.test(secret),
  },
  { kind: 'password', find: /<(?:[a-z]{1,20}:)?(?:password|secret|token|apikey)>(?<secret>[^<\n]{1,500})</gi },
  // A container's environment: the name on one line, the value on the next.
  {
    kind: 'secret',
    find: pattern('gi')`
      name:[ \t]*["']?[\w.-]{0,60}(?:password|passwd|secret|token|
      api_?key)[\w.-]{0,20}["']?[ \t]*\r?\n[ \t]*value:[ \t]*["']?(?<secret>[^\s"']{1,500})`,
  },
]

/** In this order: the most telling first, so that a token in a header is called a token. */
export const RULES: readonly MaskRule[] = [...PRIVATE_KEYS, ...TOKENS, ...HEADERS, ...IN_PLACE]

/** Random letters hold digits, and capitals or nothing but hexadecimal; a name such as dw_orders_by_day does not. */
function looksRandom(token: string): boolean {
  const body = token.replace(/^[a-z]+[_-]/, '')
  return /\d/.test(body) && (/[A-Z]/.test(body) || /^[a-f0-9]{32,}$/.test(body))
}

/** Forty letters of base64 are only one where the text speaks of AWS: a digest or a path may be as long. */
function isAwsSecretKey(secret: string, text: string): boolean {
  return (
    /[A-Z]/.test(secret) && /[a-z]/.test(secret) && /\d/.test(secret) && /aws|access key|secret.?access/i.test(text)
  )
}

function isUserAndPassword(secret: string): boolean {
  return /^[\x20-\x7e]{1,100}:[\x20-\x7e]{1,200}$/.test(Buffer.from(secret, 'base64').toString('latin1'))
}

/** `docker run -u 1000:1000` names ids. */
function notAnId(secret: string): boolean {
  return !/^\d{1,6}$/.test(secret)
}

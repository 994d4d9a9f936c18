// What a credential looks like in headers and URLs; what it does elsewhere stands in the files beside this one. Used by
// mask*.ts only. For this there is no rule set to take: those on npm find tokens by their shape (mask-providers.ts asks
// the best kept one), redact objects by their keys (redact-secrets, fast-redact), or start a binary (gitleaks).
//
// Every pattern is anchored on a literal or a keyword and its repetitions are bounded or end at a character that they
// exclude, so that no text of any shape takes more than linear time (test/review/mask.test.ts holds a clock to it).

import { isHarmless, isMixed } from './mask-values.ts'
import { pattern } from './pattern.ts'

export type SecretKind = 'private key' | 'access key' | 'token' | 'password' | 'secret'

export interface MaskRule {
  kind: SecretKind
  /** Global. With a group named `secret` only that part is replaced, else the whole match. */
  find: RegExp
  /** Says no to what only looks alike. */
  accept?: (secret: string) => boolean
  /** What the text has to hold somewhere for the rule to make sense, and to be worth its time. */
  where?: RegExp
}

/** What stands in for a secret. */
export function maskFor(kind: SecretKind): string {
  return `[${kind} removed]`
}

const SCHEME = '(?:bearer|basic|token|apikey|negotiate|splunk)'
const AUTHORIZATION = String.raw`authorization["']?[ \t]{0,3}[:=][ \t]{0,3}(?:\[\]string)?[[{]?["']?`

export const HEADERS: MaskRule[] = [
  {
    kind: 'token',
    find: new RegExp(String.raw`${AUTHORIZATION}${SCHEME}[ \t]{1,3}(?:token=)?(?<secret>[^\s"',[\]]{6,})`, 'gi'),
    accept: (secret) => !/^(?:header|required|missing|failed|error|denied|token|auth)/i.test(secret),
  },
  {
    // Under a scheme of their own, or none.
    kind: 'token',
    find: new RegExp(
      String.raw`${AUTHORIZATION}(?!${SCHEME}[ \t])(?:[a-z][\w-]{2,24}[ \t]{1,3})?(?![\w-]{2,30}[ \t]{1,3}\[)` +
        String.raw`(?<secret>(?:\[[a-z ]{5,11} removed\]|[^\s"',[\]]){6,})`,
      'gi',
    ),
    accept: (secret) => secret.length >= 20 || /\d/.test(secret),
  },
  { kind: 'token', find: /\bbearer[ \t]{1,3}(?<secret>[A-Za-z0-9._~+/=-]{16,})/gi, accept: isMixed },
  { kind: 'password', find: /\bbasic[ \t]{1,3}(?<secret>[A-Za-z0-9+/]{8,}={0,2})/gi, accept: isUserAndPassword },
  {
    // What docker and npm keep.
    kind: 'password',
    find: /(?<![a-z0-9])_?auth\\?["']?[ \t]{0,3}[:=][ \t]{0,3}\\?["']?(?<secret>[A-Za-z0-9+/]{6,}={0,2})/gi,
    accept: isUserAndPassword,
  },
  {
    kind: 'secret',
    find: pattern('gi')`
      \b(?:set-)?cookie["']?[ \t]{0,3}[:=][ \t]{0,3}\[?["']?(?<secret>[\w.-]{1,100}=[^\n\r"']{3,})`,
  },
  { kind: 'secret', find: /\bresponse="(?<secret>[a-f0-9]{32,64})"/g },
  { kind: 'token', find: /\bsignature=(?<secret>[A-Za-z0-9%+/=_-]{20,1000})/gi },
]

export const URLS: MaskRule[] = [
  // postgres://user:password@host: the last @ before a slash ends it.
  {
    kind: 'password',
    find: /(?<=[a-z]\d?):\/\/[^\s:@/]{0,100}:(?<secret>[^\s/"'<>]{1,200})@/gi,
  },
  {
    // A password in base64 may hold a slash: the URL of a database is often put together by hand.
    kind: 'password',
    find: pattern('gi')`
      \b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?):\/\/
      [^\s:@/]{0,100}:(?<secret>[^\s"'<>@]{1,200})@`,
    accept: (secret) => !/^\d{1,5}\//.test(secret),
  },
  {
    kind: 'token',
    find: /(?<=[a-z]\d?):\/\/(?<secret>[A-Za-z0-9_-]{20,200})@/gi,
    accept: isMixed,
  },
  { kind: 'password', find: /\bjdbc:oracle:thin:[^/\s]{1,60}\/(?<secret>[^\s@]{1,100})@/gi },
  {
    kind: 'password',
    where: /@(?:tcp|unix)\(/,
    find: /(?<![\w.-])[\w.-]{1,60}:(?<secret>[^\s@"':]{1,100})@(?:tcp|unix)\(/g,
  },
  {
    kind: 'token',
    find: pattern('gi')`
      [?&](?:sig|key|auth|jwt|sid|session|x-(?:amz|goog)-(?:signature|security-token))=(?<secret>[^&\s"'<>#)]{8,2000})`,
    accept: (secret) => isMixed(secret) && !isHarmless(secret, true),
  },
  { kind: 'token', find: /[?&]code=(?<secret>[^?&\s"'<>#)]{8,2000})(?=&state=)/gi },
]

function isUserAndPassword(secret: string): boolean {
  return /^[\x20-\x7e]{1,100}:[\x20-\x7e]{1,200}$/.test(Buffer.from(secret, 'base64').toString('latin1'))
}

// Tokens that say by their shape whose they are. Used by mask.ts only.
//
// Secretlint keeps such rules (MIT, a release a month, no dependencies). Its own runner is asynchronous, its rules are
// not, so they are called as they are, for what stands here and is not told better by a rule of ours.

import { rules } from '@secretlint/secretlint-rule-preset-recommend'
import type { MaskRule } from './mask-rules.ts'

/**
 * Not asked: these report a whole URL, line or file where only a part is secret, or spare what says "example"; and the
 * last one is no rule, but lets a comment switch the others off.
 */
const NOT_ASKED = /-(?:aws|gcp|privatekey|npm|basicauth|sendgrid|database-connection-string|filter-comments)$/

interface Report {
  range: readonly [start: number, end: number]
}

interface Rule {
  meta: { id: string }
  create(context: object, options: object): { file?(source: object): unknown }
}

let reports: Report[] = []

const context = {
  sharedOptions: {},
  createTranslator: () => (messageId: string) => ({ messageId, message: messageId }),
  report: (report: Report) => reports.push(report),
  ignore: () => undefined,
}

const scanners = (rules as unknown as Rule[])
  .filter(({ meta }) => !NOT_ASKED.test(meta.id))
  .map((rule) => rule.create(context, {}))

/** The text with what Secretlint's rules report replaced by `mark`. */
export function maskReported(text: string, mark: string): string {
  reports = []
  const source = { content: text, filePath: 'text', ext: '', contentType: 'text' }
  for (const scanner of scanners) scanner.file?.(source)
  if (reports.length === 0) return text
  let masked = ''
  let at = 0
  for (const { range } of reports.toSorted((one, other) => one.range[0] - other.range[0])) {
    if (range[0] < at) continue
    masked += text.slice(at, startOfRun(text, range[0], at)) + mark
    at = range[1]
  }
  return masked + text.slice(at)
}

/** A rule that bounds its length reports the end of a longer run: what is before it would be the next one's. */
function startOfRun(text: string, start: number, floor: number): number {
  let first = start
  while (first > floor && /[\w-]/.test(text.charAt(first - 1))) first -= 1
  return first
}

/**
 * What Secretlint does not know, or wants longer than a token that was cut off. The last run has no upper bound, or
 * what is beyond it would stay.
 */
const PREFIXED = [
  'gh[oprsu]_[A-Za-z0-9_]{30,}',
  'github_pat_[A-Za-z0-9_]{22,}',
  'gl(?:pat|dt|rt|ptt|cbt|ft|imt|agent|soat|oas)-[A-Za-z0-9_.-]{20,}',
  'xox[abceoprs]-[A-Za-z0-9-]{10,}',
  'xapp-[A-Za-z0-9-]{10,}',
  '[rs]k_(?:live|test)_[A-Za-z0-9]{16,}',
  'whsec_[A-Za-z0-9+/=]{24,}',
  'sk-ant-[A-Za-z0-9_-]{20,}',
  'npm_[A-Za-z0-9]{36}',
  'pypi-AgEI[A-Za-z0-9_-]{50,}',
  'AIza[A-Za-z0-9_-]{35}',
  'GOCSPX-[A-Za-z0-9_-]{24,}',
  'ya29\\.[A-Za-z0-9_-]{30,}',
  'hf_[A-Za-z0-9]{30,}',
  'dckr_[op]at_[A-Za-z0-9_-]{20,}',
  'do[opr]_v1_[a-f0-9]{64}',
  'hv[bsr]\\.[A-Za-z0-9_-]{24,}',
  'SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{32,}',
  'SK[a-f0-9]{32}',
  'key-[a-f0-9]{32}',
  'NRAK-[A-Z0-9]{27}',
  'PMAK-[a-f0-9]{24}-[a-f0-9]{34}',
  'pul-[a-f0-9]{40}',
  'dp\\.(?:pt|st|ct|sa|scim|audit)\\.[A-Za-z0-9._-]{40,}',
  'sq0[a-z]{3}-[A-Za-z0-9_-]{22,}',
  'AT(?:ATT|CTT|BB)[A-Za-z0-9_=-]{20,}',
  'sntry[su]_[A-Za-z0-9+/=_-]{60,}',
  'sbp_[a-f0-9]{40}',
  'pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.-]{32,}',
  'rubygems_[a-f0-9]{48}',
  'ABSK[A-Za-z0-9+/=]{40,}',
  'sha256~[A-Za-z0-9_-]{43}',
  '(?:token|kubeconfig)-[a-z0-9-]{3,40}:[a-z0-9]{54}',
  'K10[a-f0-9]{64}::[a-z0-9]{1,}:[A-Za-z0-9.]{16,}',
  '[MNO][A-Za-z0-9_-]{23,27}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,}',
]

export const PROVIDERS: MaskRule[] = [
  { kind: 'token', find: new RegExp(`(?<![A-Za-z0-9_-])(?:${PREFIXED.join('|')})`, 'g') },
  { kind: 'token', find: /(?<![A-Za-z0-9_-])(?:dw_|sk-(?:proj-)?)[A-Za-z0-9_-]{20,}/g, accept: looksRandom },
  { kind: 'token', find: /(?<![\w-])(?:bot)?(?<secret>\d{8,10}:AA[A-Za-z0-9_-]{33})/g },
  { kind: 'secret', find: /(?<![\w~.-])[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}/g },
  { kind: 'secret', find: /(?<![A-Za-z0-9+/])AQ[A-Za-z0-9+/]{36}==/g },
  { kind: 'token', where: /\.atlasv1\./, find: /(?<![\w-])[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}/g },
  { kind: 'token', where: /NRAL/, find: /(?<![A-Za-z0-9])[a-f0-9]{36}NRAL/g },
  { kind: 'private key', find: /AGE-SECRET-KEY-1[A-Z0-9]{50,60}/g },
  { kind: 'token', find: /hooks\.slack\.com\/services\/(?<secret>[A-Za-z0-9/_-]{20,100})/g },
  { kind: 'token', find: /discord(?:app)?\.com\/api\/webhooks\/\d{10,25}\/(?<secret>[\w-]{40,100})/g },
  { kind: 'token', find: /webhook\.office\.com\/webhookb2\/(?<secret>[\w@/-]{40,300})/g },
  {
    kind: 'token',
    find: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{4,4000}\.[A-Za-z0-9_-]*/g,
  },
  {
    kind: 'token',
    where: /token|kubeadm|bootstrap/i,
    find: /(?<![\w.:/-])[a-z0-9]{6}\.[a-z0-9]{16}(?![\w.:/-])/g,
    accept: isBootstrapToken,
  },
  { kind: 'access key', find: /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/g },
  {
    // Forty letters of base64 are only one where the text speaks of AWS: a digest or a path may be as long.
    kind: 'access key',
    where: /aws|access key|secret.?access/i,
    find: /(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g,
    accept: (secret) => /[A-Z]/.test(secret) && /[a-z]/.test(secret) && /\d/.test(secret),
  },
]

/** Random letters hold digits, and capitals or nothing but hexadecimal; a name such as dw_orders_by_day does not. */
function looksRandom(token: string): boolean {
  const body = token.replace(/^[a-z]+[_-]/, '')
  return /\d/.test(body) && (/[A-Z]/.test(body) || /^[a-f0-9]{32,}$/.test(body))
}

/** An event of Kubernetes is named alike, by the time in hexadecimal: `mypod1.17a3b2c4d5e6f708`. */
function isBootstrapToken(secret: string): boolean {
  return /\d/.test(secret) && !/\.1[a-f0-9]{15}$/.test(secret)
}

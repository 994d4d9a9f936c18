// Whether what stands beside the name of a secret is one. Used by mask*.ts only.

import { pattern } from './pattern.ts'

const MASKED = /^\[(?:private key|access key|token|password|secret)(?: removed\]|$)/

/** Begins with what stands in for a secret, or is the first or the last word of it. */
export const isMasked = (text: string) => MASKED.test(text) || /^\[(?:private|access)$|^removed\]/.test(text)

/** Stands for a value that is elsewhere: `$PASSWORD`, `{{ .Values.x }}`, `<your password>`, `****`, a path, a URL. */
const REFERENCE = pattern()`
  ^\$[A-Z_]{2,}\w*$|^\$[{(]|^\{\{|^<[^<>]*>?$|^%[A-Z_]+%$|^[*•]+$|^[xX]{3,}$|^\.{3}$|^…$|^(?:~|\.{1,2})?\/[\w./-]+$|
  ^[A-Za-z]:\\|^https?:\/\/[^@]*$|^[\w./-]+\.(?:key|pem|crt|txt|json|ya?ml|env)$|
  ^!(?:vault|Ref|Sub|secret|env|include)$|^[|>][-+\d]{0,2}$|^[{[]["']|^\[[A-Z_ ]+\]?$|^\([a-z]+\)?$|^%[svdqxT]$|
  ^arn:|^ENC\[|^@Microsoft|
  ^(?:op|vault|ssm|ref\+\w+|env|file|secretsmanager):|^(?:YOUR|MY|THE|CHANGE|INSERT|ENTER)[_-][A-Z_-]+$`
/** Code that fetches it: `var.password`, `process.env.TOKEN`, `random_password.db.result`, `getToken(user)`. */
const CODE = pattern()`
  ^(?:var|local|data|module|each|self|this|process|os|env|environ|config|settings|secrets|inputs|params|args|opts|
  options|req|request|models|[a-z]+_[a-z_]+)\.[A-Za-z_]|
  ^(?:await|new|get|fetch|read|load|create|make|generate|decrypt|lookup|find|request|env|getpass)[\w.]*\(`

export const isReference = (secret: string) => REFERENCE.test(secret) || CODE.test(secret)

/** Words that are said of a password or a token, and types of it. */
const STATUS = pattern('i')`
  ^(?:expired|invalid|valid|missing|required|wrong|incorrect|correct|changed|unchanged|rejected|accepted|unknown|
  forgotten|lost|empty|null|nil|none|true|false|yes|no|not|is|was|set|unset|ok|okay|the|and|reset|redacted|hidden|
  masked|removed|undefined|optional|string|str|text|bytes?|number|boolean|any|await|enabled|disabled|n\/a|tbd|
  abgelaufen|ungültig|falsch|geändert|incorrecta?|inválid[oa]|invalide|expirée?)$`

export const isStatus = (secret: string) => STATUS.test(secret)

/** The text without marks at its end that belong to the sentence around it. */
export function trimmed(secret: string, marks: string): string {
  let end = secret.length
  while (end > 0 && marks.includes(secret.charAt(end - 1)) && !secret.endsWith(' removed]', end)) end -= 1
  return secret.slice(0, end)
}

/** Nothing more, a comment, or the next `name:` comes after the value. */
const VALUE_ENDS =
  /^[\s.)}\]*`”’]*(?:$|#|\/\/|\|)|^["'](?:[\s,;)}\]]|$)|^[\s)}\]]*[,;][ \t]*["']?[\w.-]{1,40}["']?[ \t]*[:=]/

/** After a colon prose may follow ("password: the page says…"): the value needs a digit, a sign, or the line's end. */
export function standsAlone(secret: string, rest: string, least: number): boolean {
  if (/^\d{1,3}$/.test(secret) && /^[ \t]+\p{L}/u.test(rest)) return false
  if (/^\(\p{L}*$/u.test(secret)) return false
  if (/\d/.test(secret) || /[^\p{L}\p{N}]/u.test(secret.slice(0, -1).replace(/-/g, ''))) return true
  if (/[a-z][A-Z]|[A-Z]{2}[a-z]/.test(secret) && secret.length >= 12) return true
  return secret.length >= least && VALUE_ENDS.test(rest)
}

/** A date, a version, a duration, a count. */
const MEASURE = /^\d{1,6}$|^\d{4}-\d\d-\d\d|^v?\d{1,3}(?:\.\d{1,3}){0,3}(?:[a-z]{1,5}\d{0,2})?$/
const WORDS = /^[a-z]{2,}(?:[-./](?:[a-z]{2,}|\d{1,3}))*$/
/** As Kubernetes names things: words, and between them a version or the random end of a name. */
const OBJECT = /^(?=(?:[^-]*-)?[a-z]{2,}[-./])[a-z]{2,}(?:[-./](?:[a-z]+|v?\d{1,4}|[a-z0-9]{5,6}))+$/

/** What stands beside `secret:` or `token:` without being one. */
export function isHarmless(secret: string, ofSecret: boolean): boolean {
  if (secret.length >= 60) return false
  if (MEASURE.test(secret)) return true
  if (WORDS.test(secret)) return secret.length < 40 && !/^[a-z]{16,}$/.test(secret)
  return ofSecret && OBJECT.test(secret)
}

/** Digits and letters, as no word of prose has them; a name with a number at its end is too short for it. */
export function isMixed(secret: string): boolean {
  return (
    /\d/.test(secret) && /\p{L}/u.test(secret) && !/^(?:sha|md|base|utf|oauth|v|x)-?\d|^\d+\p{L}{1,3}$/iu.test(secret)
  )
}

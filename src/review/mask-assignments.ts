// `name = value` in the notations of YAML, JSON, shells, code and connection strings, and said in words. Used by
// mask.ts only.

import { isNamed, isWord, NAME } from './mask-names.ts'
import { maskFor, type SecretKind } from './mask-rules.ts'
import { isHarmless, isMasked, isMixed, isReference, isStatus, standsAlone, trimmed } from './mask-values.ts'

const QUOTED = [
  String.raw`\\{1,3}"(?<escaped>(?:[^"\n\\]|\\(?!\\{0,2}"))+)`,
  String.raw`[$@bfru]?"(?<double>(?:[^"\n\\]|\\.)+)`,
  String.raw`[$@bfru]?\\?'(?<single>(?:[^'\n\\]|\\.|'')+)`,
  '`(?<ticked>[^`\\n]+)',
  '[“„‘‚«](?<curly>[^”“’‘»\\n]+)',
].join('|')
/** A comma, semicolon or ampersand belongs to the value unless the text or the next `name=` comes after it. */
const BARE = String.raw`(?<bare>(?:\[[a-z ]{5,11} removed\]|[^\s"',;&<>]|["'](?=[^\s"',;&<>)}\]\\])|
  [,;&](?!\s|$|[\w.-]{1,40} ?[=:]))+)`.replace(/\n\s*/, '')
const VALUE = `(?:${QUOTED}|${BARE})`

/** What may stand between the name and the sign: its end quote, "(staging)", "for db-1", "is". */
const BETWEEN =
  '\\\\{0,3}["\'`*\\]]{0,4}(?:[ \\t]+\\([^)\\n]{1,40}\\))?' +
  '(?:[ \\t]+(?:for|of|für|von|de|del|pour|para)[ \\t]+[^\\s:=]{1,40})?(?:[ \\t]+(?:is|ist|lautet|es|est))?[ \\t]{0,4}'
const SUFFIX = String.raw`(?<suffix>\d{1,2}|_\w{1,40})?`
const SIGN = String.raw`(?<sign>=>|:=|={1,3}|[:：])[ \t]{0,20}\*{0,2}[ \t]?(?:(?:bearer|basic)[ \t]+)?`

const PAIR = new RegExp(`${NAME}${SUFFIX}${BETWEEN}${SIGN}${VALUE}`, 'gi')
/** After an option: also on the next line, or as the next of a list in JSON or YAML. */
const NEXT = String.raw`(?:=|[ \t]+(?:\\\r?\n[ \t]*)?|["'],[ \t\r\n]*|,[ \t]+|\r?\n[ \t]*-[ \t]+)(?!-)`
const FLAG = new RegExp(`--[a-z-]{0,30}?${NAME}${NEXT}${VALUE}`, 'gi')
const IS =
  '(?<is>[ \\t]+(?:is|was|ist|war|lautet|est|es|è|é|→|->|-|(?:changed[ \\t]+|set[ \\t]+|reset[ \\t]+)?(?:from|to)))?'
const SAID = new RegExp(String.raw`${NAME}["'\x60*]{0,3}${IS}[ \t]+${VALUE}`, 'gi')

/** One that was found, and what stands around it. */
interface Found {
  sort: 'password' | 'key' | 'word'
  name: string
  suffix: string
  before: string
  /** What links the name to the value: a sign, a word. */
  sign: string | undefined
  value: string
  quoted: boolean
  rest: string
}

/** The text with what is assigned to the name of a secret, or said to be it, replaced. */
export function maskAssignments(text: string): string {
  return replaceValues(replaceValues(replaceValues(text, FLAG, isFlag), PAIR, isPair), SAID, isSaid)
}

function replaceValues(text: string, find: RegExp, isSecret: (found: Found) => boolean): string {
  let masked = ''
  let at = 0
  find.lastIndex = 0
  for (let match = find.exec(text); match; match = find.exec(text)) {
    const { found, start } = read(match, text)
    if (isSecret(found)) {
      masked += text.slice(at, start) + maskFor(kindOf(found))
      at = start + found.value.length
      // What was taken for a value may be a name itself. Only for short ones, or it would take quadratic time.
    } else if (find.lastIndex - start < 200) find.lastIndex = start
  }
  return masked + text.slice(at)
}

function read(match: RegExpExecArray, text: string): { found: Found; start: number } {
  const groups = match.groups ?? {}
  const { password, key, bare } = groups
  const quoted = groups.escaped ?? groups.double ?? groups.single ?? groups.ticked ?? groups.curly
  const value = quoted ?? trimmed(bare ?? '', '.)]}`*”’“')
  const end = match.index + match[0].length
  const start = end - (quoted ?? bare ?? '').length
  const found: Found = {
    sort: password !== undefined ? 'password' : key !== undefined ? 'key' : 'word',
    name: password ?? key ?? groups.word ?? '',
    suffix: groups.suffix ?? '',
    before: text.charAt(match.index - 1),
    sign: groups.sign ?? groups.is,
    value,
    quoted: quoted !== undefined,
    rest: text.slice(start + value.length, end + 60).split('\n', 1)[0] ?? '',
  }
  return { found, start }
}

const kindOf = ({ sort }: Found): SecretKind => (sort === 'password' ? 'password' : 'secret')

/** Neither taken out before, nor a reference, nor a word about it. */
function isValue({ value, suffix, name, before }: Found): boolean {
  if (value === '' || isMasked(value) || isReference(value) || isStatus(value)) return false
  return isNamed(suffix) && isWord(name, before)
}

function isFlag(found: Found): boolean {
  if (!isValue(found) || found.value.startsWith('-')) return false
  return found.sort !== 'word' || !isHarmless(found.value, /secret/i.test(found.name))
}

function isPair(found: Found): boolean {
  if (!isValue(found)) return false
  const { sort, name, suffix, sign, value, quoted, rest } = found
  const isVariable = sign === '=' && name === name.toUpperCase()
  if (/^={2,3}$/.test(sign ?? '') && !quoted) return false
  if (name === 'PASS' && sign === ':') return false
  if (sign === '=' && value === name && !isVariable) return false
  if (sort === 'word' && !isVariable && isHarmless(value, /secret/i.test(name))) return false
  if (sort === 'key' && /^\d{1,6}$/.test(value)) return false
  if (quoted || isVariable || (sign !== ':' && sign !== '：')) return true
  return standsAlone(value, rest, sort === 'password' ? 1 : sort === 'key' ? 6 : 12) && suffix.length < 3
}

/** In a sentence a word is only one when it is no word: "the password is hunter2". */
function isSaid(found: Found): boolean {
  const { sort, quoted, name, sign } = found
  if (!quoted) found.value = trimmed(found.value, ':,;')
  const { value } = found
  if (!isValue(found) || (sort === 'word' && isHarmless(value, true))) return false
  if (/\s/.test(value)) return sort === 'password' && sign !== undefined
  if (quoted && (sign !== undefined || name === 'PASSWORD')) return true
  const least = sort === 'password' ? 4 : quoted ? 8 : 12
  return isMixed(value) && value.length >= least + (sign === undefined ? 2 : 0) && (sign !== undefined || !isId(value))
}

/** A UUID or a digest: what stands beside `secret` and `token` without more may name the object. */
const isId = (value: string) => /^[a-f0-9-]+$|^[a-z0-9]+:/i.test(value)

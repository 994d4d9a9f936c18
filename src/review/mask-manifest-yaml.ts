// Secrets in YAML, by its lines: what is pasted is seldom whole enough for a parser. Beside them, values of several
// lines under a telling name. Used by mask-manifests.ts only.

import { isSecretKey, isSecretType } from './mask-names.ts'

interface Line {
  text: string
  /** Columns before the key or the text; -1 for an empty line or a comment, which says nothing of the structure. */
  indent: number
  /** What begins the line, up to the value. */
  head: string
  isItem: boolean
  key: string | undefined
  value: string
}

const LINE = /^((?:>[ \t]?){0,5})([ \t]*)((?:- +){0,5})(?:("[^"]*"|'[^']*'|[\w./-]+):(?:[ \t]+|(?=\r?$)))?(.*)$/s

function parsed(text: string): Line {
  const [, , space = '', dashes = '', key, value = ''] = LINE.exec(text) ?? []
  const bare = value.trimEnd()
  const silent = key === undefined && (bare === '' || bare.startsWith('#'))
  const head = text.slice(0, text.length - value.length)
  const indent = silent ? -1 : space.length + dashes.length
  return { text, indent, head, isItem: dashes !== '', key: key && unquoted(key), value: bare }
}

const unquoted = (text: string) => text.replace(/\s+#.*$/, '').replace(/^["']|["'],?$/g, '')

/** A mapping that the lines are in: what it says of itself, and the lines where its data begins. */
interface Mapping {
  indent: number
  seen: Set<string>
  isSecret: boolean
  data: number[]
}

const TELLING = new Set(['apiVersion', 'kind', 'metadata', 'type', 'data', 'stringData'])

/** The lines after which the data of a Secret stands. */
function dataOfSecrets(lines: Line[]): Set<number> {
  const found = new Set<number>()
  const open: Mapping[] = []
  const close = () => {
    const mapping = open.pop()
    if (mapping?.isSecret) for (const start of mapping.data) found.add(start)
  }
  for (const [index, line] of lines.entries()) {
    if (line.indent < 0) continue
    while (open.length > 0 && isOver(open.at(-1) as Mapping, line)) close()
    if (line.key !== undefined) note(open, line, index)
  }
  while (open.length > 0) close()
  return found
}

/** Whether a mapping ends before this line: by its indentation, or since another object begins. */
function isOver(mapping: Mapping, line: Line): boolean {
  if (line.indent !== mapping.indent) return line.indent < mapping.indent
  return line.key === undefined || line.isItem || (TELLING.has(line.key) && mapping.seen.has(line.key))
}

function note(open: Mapping[], { indent, key = '', value }: Line, index: number): void {
  if ((open.at(-1)?.indent ?? -1) < indent) open.push({ indent, seen: new Set(), isSecret: false, data: [] })
  const mapping = open.at(-1)
  if (!mapping || !TELLING.has(key)) return
  mapping.seen.add(key)
  if (key === 'stringData' || (key === 'kind' && unquoted(value) === 'Secret')) mapping.isSecret = true
  if (key === 'type' && isSecretType(unquoted(value))) mapping.isSecret = true
  if (key.endsWith('ata') && key !== 'metadata' && !value.endsWith('{')) mapping.data.push(index)
}

/** The text with the values of every Secret, and blocks under a telling name, replaced by `mark`. */
export function maskInYaml(text: string, mark: string): string {
  const lines = text.split('\n').map(parsed)
  const data = dataOfSecrets(lines)
  const written: string[] = []
  let index = 0
  while (index < lines.length) {
    const line = lines[index] as Line
    index += 1
    written.push(data.has(index - 1) ? line.head + maskFlow(line.text.slice(line.head.length), mark) : line.text)
    if (data.has(index - 1)) index = maskData(lines, index, line.indent, mark, written)
    else if (isBlock(line) && isSecretKey(line.key ?? '')) index = maskBlock(lines, index, line.indent, mark, written)
  }
  return written.join('\n')
}

const isBlock = ({ value }: Line) => /^[|>][-+\d]{0,2}$/.test(value)

/** The values of a mapping that begins at `index` and is indented by more than `indent`; where it ends. */
function maskData(lines: Line[], index: number, indent: number, mark: string, written: string[]): number {
  let next = index
  for (let line = lines[next]; line && (line.indent < 0 || line.indent > indent); line = lines[next]) {
    next += 1
    if (line.indent < 0 || line.value === '' || /^(?:""|'')$/.test(line.value)) written.push(line.text)
    else if (isBlock(line)) {
      written.push(line.text)
      next = maskBlock(lines, next, line.indent, mark, written)
    } else {
      written.push(line.head + mark + lineEnd(line))
      next = endOfBlock(lines, next, line.indent)
    }
  }
  return next
}

/** One mark in place of all lines that are indented by more than `indent`; where they end. */
function maskBlock(lines: Line[], index: number, indent: number, mark: string, written: string[]): number {
  const end = endOfBlock(lines, index, indent)
  const first = lines.slice(index, end).find((line) => line.text.trim() !== '')
  if (first) written.push((/^(?:>[ \t]?)*[ \t]*/.exec(first.text)?.[0] ?? '') + mark + lineEnd(first))
  return first ? end : index
}

/** Where lines that are indented by more than `indent` end; empty lines after them are not theirs. */
function endOfBlock(lines: Line[], index: number, indent: number): number {
  let end = index
  for (let next = index; next < lines.length; next += 1) {
    const { text, indent: own } = lines[next] as Line
    const column = own < 0 && text.trim() !== '' ? text.search(/[^\s>]/) : own
    if (column >= 0 && column <= indent) break
    if (column >= 0) end = next + 1
  }
  return end
}

const lineEnd = ({ text }: Line) => (text.endsWith('\r') ? '\r' : '')

/** `{user: admin, pin: "1 2"}`. */
function maskFlow(value: string, mark: string): string {
  if (!value.startsWith('{')) return value
  const entry = /([\w."'/-]{1,100}:[ \t]*)("[^"\n]*"|'[^'\n]*'|\[[a-z ]+ removed\]|[^,{}\s"'[][^,{}]*)/g
  return value.replace(entry, (_, key: string) => key + mark)
}

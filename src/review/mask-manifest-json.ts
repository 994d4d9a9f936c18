// Secrets in JSON, by its braces: pasted JSON is seldom whole enough for a parser. Used by mask-manifests.ts only.

import { isSecretType } from './mask-names.ts'

interface Edit {
  start: number
  end: number
  text: string
}

interface Braces {
  isSecret: boolean
  /** Whether these are the braces of `data` or `stringData`. */
  isData: boolean
  /** What goes if this is a Secret, or in one. */
  values: Edit[]
}

/** Masks what is quoted within: a manifest as a text in JSON, as `kubectl apply` notes it. */
type MaskInner = (text: string, mark: string) => string

const TOKEN = /"(?:[^"\\\n]|\\.)*"|[{}]/g
const NESTED = /\\"(?:kind|stringData)\\"|\\n(?:kind: Secret|stringData:)|^"(?:kind: Secret|stringData:)/

/** The text with the values of every Secret replaced by `mark`. */
export function maskInJson(text: string, mark: string, maskInner: MaskInner): string {
  const reading = new Reading(mark, maskInner)
  for (const { index, 0: token } of text.matchAll(TOKEN)) {
    if (token === '{') reading.open()
    else if (token === '}') reading.close()
    else if (isKey(text, index + token.length)) reading.key = token.slice(1, -1)
    else reading.value(index, token)
  }
  return applied(text, reading.finish())
}

/** Where in the JSON one is. The outermost braces may have been cut off, so there are always some. */
class Reading {
  key = ''
  readonly #edits: Edit[] = []
  readonly #open: Braces[] = [{ isSecret: false, isData: false, values: [] }]
  readonly #mark: string
  readonly #maskInner: MaskInner

  constructor(mark: string, maskInner: MaskInner) {
    this.#mark = mark
    this.#maskInner = maskInner
  }

  get #top(): Braces {
    return this.#open.at(-1) as Braces
  }

  open(): void {
    if (this.key === 'stringData') this.#top.isSecret = true
    this.#open.push({ isSecret: false, isData: /^(?:data|stringData)$/.test(this.key), values: [] })
    this.key = ''
  }

  close(): void {
    const { isData, isSecret, values } = this.#open.pop() as Braces
    if (this.#open.length === 0) this.#open.push({ isSecret: false, isData: false, values: [] })
    if (isData) for (const value of values) this.#top.values.push(value)
    else if (isSecret) for (const value of values) this.#edits.push(value)
  }

  value(start: number, token: string): void {
    const [top, value, end] = [this.#top, token.slice(1, -1), start + token.length]
    const inner = NESTED.test(token) ? this.#masked(token) : token
    if (inner !== token) this.#edits.push({ start, end, text: inner })
    else if (top.isData && value !== '') top.values.push({ start: start + 1, end: end - 1, text: this.#mark })
    else if (this.key === 'kind' ? value === 'Secret' : this.key === 'type' && isSecretType(value)) top.isSecret = true
    this.key = ''
  }

  finish(): Edit[] {
    for (const _ of [...this.#open]) this.close()
    return this.#edits.sort((one, other) => one.start - other.start)
  }

  #masked(token: string): string {
    try {
      const inner = JSON.parse(token) as string
      const masked = this.#maskInner(inner, this.#mark)
      return masked === inner ? token : JSON.stringify(masked)
    } catch {
      return token
    }
  }
}

function isKey(text: string, end: number): boolean {
  const colon = /[ \t]{0,20}:/y
  colon.lastIndex = end
  return colon.test(text)
}

function applied(text: string, edits: Edit[]): string {
  let written = ''
  let at = 0
  for (const edit of edits) {
    written += text.slice(at, edit.start) + edit.text
    at = edit.end
  }
  return written + text.slice(at)
}

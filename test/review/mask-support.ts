// How the tests of masking write a text: what has to go stands between « and », and all the rest has to stay.

import { expect } from 'vitest'
import { maskSecrets } from '../../src/review/mask.ts'

/** Letters and digits as a token has them. Put together here, so that no scanner takes the tests for a leak. */
export const letters = (length: number) => 'aB3dE5gH7jK9mN1pQ4'.repeat(30).slice(0, length)
export const hex = (length: number) => '9f86d081884c7d659a2feaa0c55ad015'.repeat(8).slice(0, length)
export const base64 = (text: string) => Buffer.from(text).toString('base64')
export const jwt = `eyJ${letters(20)}.eyJ${letters(40)}.${letters(43)}`
export const pem = (kind: string, lines = 3) =>
  `-----BEGIN ${kind}-----\n${`${letters(64)}\n`.repeat(lines)}-----END ${kind}-----`

/** A tag: the template's lines without the indentation that all of them have; a value's lines get that of its place. */
export function lines({ raw }: TemplateStringsArray, ...values: string[]): string {
  const margin = /\n *(?=\S)/.exec(raw.join('x'))?.[0] ?? '\n'
  const parts = raw.map((part) => part.replaceAll(margin, '\n'))
  const text = parts.reduce((before, part, index) => before + indented(before, values[index - 1] ?? '') + part)
  return text.replace(/^\n|\n *$/g, '')
}

function indented(before: string, value: string): string {
  const indentation = /(?:^|\n)([ >]*)[^\n]*$/.exec(before)?.[1] ?? ''
  return value.replaceAll('\n', `\n${indentation}`)
}

export const plain = (text: string) => text.replace(/[«»]/g, '')

/** Exactly what stands between « and » is taken out, and doing it again changes nothing. */
export function expectMasked(text: string): void {
  const masked = maskSecrets(plain(text))
  expect(masked.replace(/\[[a-z ]+ removed\]/g, '[…]')).toBe(text.replace(/«[^»]*»/g, '[…]'))
  expect(maskSecrets(masked)).toBe(masked)
}

// How the local reviewer reads a text: folded, in words, lines and sentences, whatever the language.

import { ENGLISH } from './common-words.ts'

/** Lower case without accents: what `fold()` does in the database. */
export function fold(text: string): string {
  if (/^\p{ASCII}*$/u.test(text)) return text.toLowerCase()
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
}

/** Runs of letters and digits. Scripts that write no spaces give two characters a word. */
export function words(text: string): string[] {
  return text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{1,2}|[\p{L}\p{N}]+/gu) ?? []
}

export function lines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** Cuts at a word's end and says so. */
export function shorten(text: string, longest: number): string {
  const characters = [...text]
  if (characters.length <= longest) return text
  const cut = characters.slice(0, longest - 1).join('')
  const end = cut.lastIndexOf(' ')
  return `${(end > longest / 2 ? cut.slice(0, end) : cut).replace(/[\s,;:.–-]+$/, '')}…`
}

/** Whether the rules below, which know English, can say that something is missing from a text. */
export function looksEnglish(text: string): boolean {
  const all = words(text.slice(0, 4000).toLowerCase())
  if (all.length === 0) return false
  return all.filter((word) => ENGLISH.has(word)).length / all.length >= (all.length < 8 ? 0.1 : 0.15)
}

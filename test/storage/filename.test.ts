// Names of attachments: safe anywhere, and still what people called their file.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cleanFilename, contentDisposition } from '../../src/storage/filename.ts'

describe('a name is cleaned:', () => {
  test.each([
    ['pods.log', 'pods.log'],
    ['Отчёт 日本語 تقرير 😀.tar.gz', 'Отчёт 日本語 تقرير 😀.tar.gz'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\me\\pods.log', 'pods.log'],
    ['a/b\\c/', 'file'],
    ['photo\u202egnp.exe', 'photognp.exe'],
    ['po\u200bds\ufeff\u2060.log', 'pods.log'],
    ['po\0d\x1b\x7fs\x85.log', 'pods.log'],
    ['a\ud800b\udc00.log', 'ab.log'],
    ['e\u0301te\u0301.txt', '\u00e9t\u00e9.txt'],
    ['  a \t\r\n b\u00a0\u2003 c .log  ', 'a b c .log'],
    ['..hidden.log', 'hidden.log'],
    ['.env', 'env'],
    ['pods.log. . ', 'pods.log'],
    ['a<b>c:d"e|f?g*h.log', 'a_b_c_d_e_f_g_h.log'],
    ['con', '_con'],
    ['Nul.tar.gz', '_Nul.tar.gz'],
    ['COM1 .log', '_COM1 .log'],
    ['console.log', 'console.log'],
    ['', 'file'],
    ['..', 'file'],
    [' \u200b ', 'file'],
  ])('%j becomes %j', (name, cleaned) => expect(cleanFilename(name)).toBe(cleaned))
})

describe('a long name is cut before its extension:', () => {
  test.each([
    ['x'.repeat(300), 'x'.repeat(200)],
    [`${'x'.repeat(300)}.log`, `${'x'.repeat(196)}.log`],
    [`x.${'y'.repeat(300)}`, `x.${'y'.repeat(198)}`],
    [`${'日'.repeat(100)}.log`, `${'日'.repeat(83)}.log`],
    [`${'😀'.repeat(100)}.log`, `${'😀'.repeat(62)}.log`],
    [`${'🇺🇦'.repeat(100)}.log`, `${'🇺🇦'.repeat(31)}.log`],
    [`a${'\u0301'.repeat(300)}.log`, 'file.log'],
  ])('%j', (name, cut) => expect(cleanFilename(name)).toBe(cut))
})

const names = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc.string({ unit: fc.constantFrom(...'./\\ \0\t\u202e\u200d\ud800:<con1é日😀'), maxLength: 40 }),
)

test('whatever comes, a clean name is short, visible and stays as it is', () => {
  fc.assert(
    fc.property(names, (name) => {
      const clean = cleanFilename(name)
      expect(clean.length).toBeGreaterThan(0)
      expect(clean.length).toBeLessThanOrEqual(200)
      expect(Buffer.byteLength(clean)).toBeLessThanOrEqual(255)
      expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}/\\<>:"|?*]|^[. ]|[. ]$| {2}/u)
      expect(clean).toBe(clean.normalize('NFC'))
      expect(cleanFilename(clean)).toBe(clean)
    }),
    { numRuns: 1000 },
  )
})

describe('the header says', () => {
  test.each([
    ['pods.log', `attachment; filename="pods.log"; filename*=UTF-8''pods.log`],
    ["it's (1).log", `attachment; filename="it's (1).log"; filename*=UTF-8''it%27s%20%281%29.log`],
    ['50%41.log', `attachment; filename="50_41.log"; filename*=UTF-8''50%2541.log`],
    ['Зü日.log', `attachment; filename="___.log"; filename*=UTF-8''%D0%97%C3%BC%E6%97%A5.log`],
    ['😀.log', `attachment; filename="_.log"; filename*=UTF-8''%F0%9F%98%80.log`],
  ])('%s', (filename, header) => expect(contentDisposition(filename)).toBe(header))

  test('of any name one line that reads back as that name, and nothing shown', () => {
    fc.assert(
      fc.property(names, (name) => {
        const header = contentDisposition(name)
        const parts = header.match(/^attachment; filename="[^"%\\]*"; filename\*=UTF-8''([\w.!#$&+^`|~%-]*)$/)
        expect(header).toMatch(/^[ -~]*$/)
        expect(decodeURIComponent(parts?.[1] ?? '-')).toBe(name.toWellFormed())
      }),
    )
  })
})

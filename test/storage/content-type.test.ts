// What files are taken as: their bytes decide, whatever they are called and however they come.

import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { CONTENT_TYPES, sniffer, UNCLEAN_TEXT } from '../../src/storage/content-type.ts'

/** In chunks of `step` bytes. */
function typeOf(content: Buffer | string, filename = 'pods.log', step = 65_536): Promise<string | null> {
  const bytes = Buffer.from(content)
  const sniff = sniffer(bytes.length)
  for (let at = 0; at < bytes.length; at += step) sniff.add(bytes.subarray(at, at + step))
  return sniff.verdict(filename)
}

const hex = (...parts: string[]) => Buffer.from(parts.join('').replaceAll(' ', ''), 'hex')
const bigEndian = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()
const littleEndian = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')
const NOISE = Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919 + (index >> 3)) % 256))

/** The header of a file in the form that tar writes today, or of an older one with its checksum only. */
function tar(form: 'ustar' | 'old'): Buffer {
  const header = Buffer.alloc(1024)
  header.write('pods.log\0', 0)
  header.fill(' ', 148, 156)
  if (form === 'ustar') header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

const PNG = hex('89504e470d0a1a0a 0000000d 49484452 00000001 00000001 0806000000 1f15c489')
const ZIP = hex('504b0304 1400 0000 0800')

const BINARIES: [string, Buffer, string][] = [
  ['a PNG', PNG, 'image/png'],
  ['a PNG that is broken behind its first bytes', Buffer.concat([PNG.subarray(0, 8), NOISE]), 'image/png'],
  ['a JPEG', Buffer.concat([hex('ffd8ffe0 0010 4a464946 00'), NOISE]), 'image/jpeg'],
  ['a GIF', hex('474946383961 0100 0100 80 00 00'), 'image/gif'],
  ['a WebP', Buffer.concat([Buffer.from('RIFF\x24\0\0\0WEBPVP8 '), NOISE]), 'image/webp'],
  ['a PDF', Buffer.concat([Buffer.from('%PDF-1.7\n'), NOISE]), 'application/pdf'],
  ['a PDF that is all letters', Buffer.from('%PDF-1.4\n1 0 obj <<>> endobj\n'), 'application/pdf'],
  ['a gzip', gzipSync('a line\n'), 'application/gzip'],
  ['a gzip of a page', gzipSync('<html>'), 'application/gzip'],
  ['a gzip of a tar', gzipSync(tar('ustar')), 'application/gzip'],
  ['a zip', Buffer.concat([ZIP, NOISE]), 'application/zip'],
  ['an empty zip', Buffer.concat([hex('504b0506'), Buffer.alloc(18)]), 'application/zip'],
  ['a document of Word', Buffer.concat([ZIP, Buffer.from('\0\0[Content_Types].xml word/'), NOISE]), 'application/zip'],
  ['a tar', tar('ustar'), 'application/x-tar'],
  ['an old tar', tar('old'), 'application/x-tar'],
]

describe('what is known by its first bytes, in chunks of any size and by any name:', () => {
  test.each(BINARIES)('%s', async (_, bytes, type) => {
    expect(await typeOf(bytes)).toBe(type)
    expect(await typeOf(bytes, 'pods.json', 1)).toBe(type)
    expect(CONTENT_TYPES).toContain(type)
  })
})

describe('text is what its name says, where that makes a difference:', () => {
  test.each([
    ['pods.log', 'text/plain'],
    ['pods', 'text/plain'],
    ['pods.png', 'text/plain'],
    ['pods.html', 'text/plain'],
    ['deploy.sh', 'text/plain'],
    ['.env', 'text/plain'],
    ['pod.JSON', 'application/json'],
    ['pod.yaml', 'application/yaml'],
    ['pod.log.yml', 'application/yaml'],
    ['pods.csv', 'text/csv'],
  ])('%s', async (filename, type) => {
    expect(await typeOf('{"a": 1}\n', filename)).toBe(type)
    expect(CONTENT_TYPES).toContain(type)
  })
})

describe('text is clean:', () => {
  test.each([
    ['in every script', 'naïve Ω Ж 日本語 عربي 😀\n'],
    ['with a byte order mark', '\ufeffa line\n'],
    ['with the colours of a terminal', '\x1b[31mError\x1b[0m\tat line 1\r\n\f'],
    ['with replacement characters that are written in it', 'a \ufffd b\n'],
    ['that begins like a bitmap', 'BM is short for bare metal\n'],
    ['that begins like a program', 'MZ: what the header of a program says\n'],
    ['that begins like a picture', 'GIF loader started\n'],
    ['that is a script', '#!/bin/sh\nrm -rf build\n'],
    ['that is PHP', '<?php echo "<b>"; ?>\n'],
    [
      'that is XML',
      '<?xml version="1.0"?>\n<!-- <svg> once -->\n<project xmlns="http://maven.apache.org/POM/4.0.0"/>\n',
    ],
    ['that speaks of pages', 'GET / 200\n<html><script>alert(1)</script>\n'],
    ['that begins with what is nearly a tag', '<header-like> <pod> <34>Oct 11 <b2>\n'],
    ['of blanks', ' \n\t\n'],
  ])('%s', async (_, text) => {
    expect(await typeOf(text)).toBe('text/plain')
    expect(await typeOf(text, 'pods.log', 1)).toBe('text/plain')
  })
})

describe('text that is not quite clean is only ever a download:', () => {
  const lines = Buffer.from('a line of a log\n'.repeat(1000))
  test.each([
    ['with a few bytes that are no UTF-8', Buffer.concat([lines, hex('ff c0 80 0a')])],
    ['with a few zeros, as a crash leaves them', Buffer.concat([lines, Buffer.alloc(50)])],
    ['that ends in the middle of a character', Buffer.concat([lines, hex('e697')])],
    ['in UTF-16, little end first', littleEndian('Zeile 1, süß 😀\r\n')],
    ['in UTF-16, big end first', bigEndian('Zeile 1, süß 😀\r\n')],
  ])('%s', async (_, bytes) => {
    expect(await typeOf(bytes, 'pods.json')).toBe(UNCLEAN_TEXT)
    expect(await typeOf(bytes, 'pods.json', 1)).toBe(UNCLEAN_TEXT)
  })

  it('up to one fault in 200 bytes', async () => {
    const marred = (faults: number) => Buffer.concat([Buffer.alloc(20_000 - faults, 'a'), Buffer.alloc(faults)])
    expect(await typeOf(marred(100))).toBe(UNCLEAN_TEXT)
    expect(await typeOf(marred(101))).toBeNull()
    expect(await typeOf(marred(101), 'pods.log', 7)).toBeNull()
  })
})

const PAGES = [
  '<html>',
  '<!DOCTYPE html><p>',
  '<!doctype\nHTML>',
  '<HtMl lang="en">',
  '<script>alert(1)</script>',
  '<body onload=alert(1)>',
  '<a href="javascript:alert(1)">',
  '<IFRAME src=x>',
  '<!-- a comment --><html>',
  ' \t\r\n\f<html>',
  '\0<html>',
  '\ufeff\ufeff\u200b <html>',
  '<svg xmlns="http://www.w3.org/2000/svg"/>',
  '<SVG onload=alert(1)>',
  '<x:svg xmlns:x="http://www.w3.org/2000/svg"/>',
  '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x"><svg/>',
  '<?xml version="1.0"?><svg/>',
  '<?xml version="1.0"?>\n<!-- a comment -->\n<!DOCTYPE svg []>\n<svg>',
  '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>',
  '<?xml version="1.0"?><x xmlns="http://www.w3.org/1999/xhtml"/>',
  `<?xml version="1.0"?><!-- ${'long '.repeat(2000)} --><svg/>`,
]

describe('pages and drawings that a browser would run are refused, by any name and in any encoding:', () => {
  test.each(PAGES)('%j', async (page) => {
    const rest = '\nand then lines, as in a log'.repeat(100)
    for (const bytes of [Buffer.from(page + rest), littleEndian(page + rest), bigEndian(page + rest)]) {
      expect(await typeOf(bytes, 'shot.png')).toBeNull()
      expect(await typeOf(bytes, 'pods.log', 1)).toBeNull()
    }
  })

  it('even with faults', async () => {
    expect(await typeOf(Buffer.concat([hex('ff80'), Buffer.from(`<html>${'a line\n'.repeat(1000)}`)]))).toBeNull()
    expect(await typeOf(Buffer.concat([Buffer.from(`<html>${'a line\n'.repeat(1000)}`), hex('80')]))).toBeNull()
  })
})

describe('what is neither text nor of a type that is taken is refused:', () => {
  const text = Buffer.from('a line\n'.repeat(2000))
  test.each([
    ['an ELF program', Buffer.concat([hex('7f454c46 02010100'), NOISE])],
    ['an ELF program with much text in it', Buffer.concat([hex('7f454c46 02010100'), text])],
    ['a program of Windows', Buffer.concat([hex('4d5a9000 0300'), NOISE])],
    ['a program of Windows with much text in it', Buffer.concat([hex('4d5a9000 0300'), text])],
    ['a program of macOS', Buffer.concat([hex('cffaedfe 07000001'), NOISE])],
    ['WebAssembly', hex('0061736d 01000000')],
    ['a class of Java', Buffer.concat([hex('cafebabe 0000 0041'), NOISE])],
    ['a film', Buffer.concat([hex('00000018 66747970 6d703432'), NOISE])],
    ['a bitmap', Buffer.concat([hex('424d 36000000'), NOISE])],
    ['bzip2', Buffer.concat([Buffer.from('BZh91AY&SY'), NOISE])],
    ['a database', Buffer.concat([Buffer.from('SQLite format 3\0'), NOISE])],
    ['noise', NOISE],
    ['a single zero', hex('00')],
    ['UTF-16 without its mark', Buffer.from('Zeile 1\r\n', 'utf16le')],
    ['a mark of UTF-16 that is not one', Buffer.concat([hex('ff00'), text])],
    ['noise behind a mark of UTF-16', Buffer.concat([hex('fffe'), Buffer.alloc(500)])],
  ])('%s', async (_, bytes) => {
    expect(await typeOf(bytes)).toBeNull()
    expect(await typeOf(bytes, 'notes.txt', 1)).toBeNull()
  })
})

test('any bytes have one answer, however they are cut', async () => {
  const starts = ['', '%PDF-', 'RIFF', '<', 'PK\x03\x04', '\x1f\x8b\x08'].map((start) => Buffer.from(start, 'latin1'))
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 600 }).map((array) => Buffer.from(array)),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }).map((text) => Buffer.from(text)),
  )
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...starts), bytes, fc.integer({ min: 1, max: 50 }), async (start, rest, step) => {
      const file = Buffer.concat([start, rest])
      const type = await typeOf(file)
      expect(await typeOf(file, 'pods.log', step)).toBe(type)
      expect([null, UNCLEAN_TEXT, ...CONTENT_TYPES]).toContain(type)
    }),
  )
})

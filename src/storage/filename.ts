// Names of attachments: what a stranger called their file, made safe for any screen, disk and header, and readable in any
// script.

import { parse } from 'node:path'

const MAX_CHARACTERS = 200
const MAX_BYTES = 255
/** What follows a dot and is longer is no extension. */
const MAX_EXTENSION = 20

const SPACES = '\\t\\n\\v\\f\\r'
/** Control characters, direction overrides, zero-width and other invisible ones, lone surrogates; spaces come later. */
const INVISIBLE = new RegExp(`(?![${SPACES}])[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Default_Ignorable_Code_Point}]`, 'gu')
/** Windows has devices of these names, whatever the extension. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)/i

/** At most 200 UTF-16 units and 255 bytes of UTF-8, never empty. Cleaning a clean name changes nothing. */
export function cleanFilename(name: string): string {
  const segment = name.split(/[/\\]/).at(-1) ?? ''
  const visible = segment
    .replace(INVISIBLE, '')
    .normalize('NFC')
    .replace(/\s+/g, ' ')
    .replace(/[<>:"|?*]/g, '_')
  const trimmed = trim(visible)
  const safe = DEVICE.test(trimmed) ? `_${trimmed}` : trimmed
  return trim(shorten(safe)) || 'file'
}

/** The header by which browsers save a file under `filename` and never show it (RFC 6266, RFC 8187). */
export function contentDisposition(filename: string): string {
  // A percent sign would be decoded by some browsers in the one, and is exact in the other.
  const fallback = filename.replace(/[^ -~]|["%\\]/gu, '_')
  const exact = encodeURIComponent(filename.toWellFormed()).replace(/['()*]/g, percent)
  return `attachment; filename="${fallback}"; filename*=UTF-8''${exact}`
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

function trim(name: string): string {
  return name.replace(/^[. ]+|[. ]+$/g, '')
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Cuts between what readers see as characters, and leaves the extension. */
function shorten(name: string): string {
  if (fits(name)) return name
  const { ext } = parse(name)
  const ending = ext.length <= MAX_EXTENSION ? ext : ''
  let kept = ''
  for (const { segment } of graphemes.segment(name.slice(0, name.length - ending.length))) {
    if (!fits(kept + segment + ending)) break
    kept += segment
  }
  return (kept || 'file') + ending
}

function fits(name: string): boolean {
  return name.length <= MAX_CHARACTERS && Buffer.byteLength(name) <= MAX_BYTES
}

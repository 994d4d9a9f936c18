// Whether bytes are text, told from all of them as they come, wherever the chunks are cut.

/**
 * What the MIME Sniffing Standard calls binary data bytes; escape is not among them, since coloured logs are normal.
 * The second pattern also finds what a decoder puts in the place of bytes that are wrong in the encoding.
 */
const CONTROLS = '\\0-\\x08\\x0b\\x0e-\\x1a\\x1c-\\x1f'
const BINARY = new RegExp(`[${CONTROLS}]`, 'g')
const BINARY_OR_REPLACED = new RegExp(`[${CONTROLS}\\ufffd]`, 'g')

/** A log with a few broken places is still a log. */
const TOLERATED = 0.005

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be'

export interface TextCheck {
  add(chunk: Uint8Array): void
  /** After the last chunk: `clean` has no fault at all, `marred` few enough. */
  end(): 'clean' | 'marred' | 'binary'
}

/** Gives up counting where files of `maxBytes` could not be text any more. */
export function textCheck(encoding: Encoding, maxBytes: number): TextCheck {
  let decoder = new TextDecoder(encoding, { fatal: true })
  let bytes = 0
  let faults = 0

  function look(chunk: Uint8Array, stream: boolean) {
    try {
      // A decoder that is strict lets only such replacement characters through as are written in the file.
      const pattern = decoder.fatal ? BINARY : BINARY_OR_REPLACED
      faults += decoder.decode(chunk, { stream }).match(pattern)?.length ?? 0
    } catch {
      faults++
      decoder = new TextDecoder(encoding)
      look(chunk, stream)
    }
  }

  return {
    add(chunk) {
      bytes += chunk.length
      if (faults <= maxBytes * TOLERATED) look(chunk, true)
    },
    end() {
      look(new Uint8Array(), false)
      if (faults === 0) return 'clean'
      return faults <= bytes * TOLERATED ? 'marred' : 'binary'
    },
  }
}

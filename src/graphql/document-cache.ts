// Parsed documents by their text, bounded by the size of the texts: dashboards send the same few documents for ever,
// and whoever sends ten thousand different ones fills no memory.

import type { DocumentNode } from 'graphql'

/** Characters of all texts kept; a parsed document takes about ten times as many bytes. */
const BUDGET = 2_000_000
/** A longer one is comments or data, and hardly the same twice. */
const LONGEST = 20_000

export interface DocumentCache {
  get(text: string): DocumentNode | undefined
  set(text: string, document: DocumentNode): void
}

export function makeDocumentCache(budget = BUDGET): DocumentCache {
  /** In the order of use, the latest last. */
  const documents = new Map<string, DocumentNode>()
  let size = 0

  function drop(text: string): void {
    if (documents.delete(text)) size -= text.length
  }

  return {
    get(text) {
      const document = documents.get(text)
      if (document === undefined) return undefined
      documents.delete(text)
      documents.set(text, document)
      return document
    },
    set(text, document) {
      if (text.length > LONGEST) return
      drop(text)
      documents.set(text, document)
      size += text.length
      for (const oldest of documents.keys()) {
        if (size <= budget) break
        drop(oldest)
      }
    },
  }
}

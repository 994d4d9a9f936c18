// DATA_DIR/demo.json: where the demonstration is served and who may sign in to it. main.ts keeps it true.

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Demo } from './db/seed.ts'

export function demoFile(dataDir: string): string {
  return join(dataDir, 'demo.json')
}

/** Whole or not at all, and for nobody else's eyes: it holds tokens and passwords. */
export function writeDemo(dataDir: string, url: string, demo: Demo): void {
  const file = demoFile(dataDir)
  const unfinished = `${file}.new`
  const { tokens, people } = demo
  writeFileSync(unfinished, `${JSON.stringify({ url, tokens, people }, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(unfinished, file)
}

/** Another PORT or HOST than at the last start: the file follows. Returns whether there is a demo.json. */
export function moveDemo(dataDir: string, url: string): boolean {
  if (!existsSync(demoFile(dataDir))) return false
  const demo = JSON.parse(readFileSync(demoFile(dataDir), 'utf8')) as Demo & { url: string }
  if (demo.url !== url) writeDemo(dataDir, url, demo)
  return true
}

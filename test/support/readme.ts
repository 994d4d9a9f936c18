// What README.md says to type and what it says is printed: the blocks of a section, for the test that follows it.

import { readFileSync } from 'node:fs'

export interface Step {
  /** The bold words before it: what the reader is told that this does. */
  title: string
  /** To paste into a shell. */
  code: string
  /** What it prints, with `…` for whatever may differ; null where the README shows nothing. */
  prints: string | null
}

const FENCED = /^(?:\*\*(?<title>[^*]+)\*\*|```(?<language>bash|text)\n(?<body>[\s\S]*?)^```$)/gm

/** The `bash` blocks of one section (by its `##` heading), each with the `text` block that follows it. */
export function stepsOf(heading: string): Step[] {
  const steps: Step[] = []
  let title = 'Before all'
  for (const { groups = {} } of sectionOf(heading).matchAll(FENCED)) {
    const { language, body = '' } = groups
    const last = steps.at(-1)
    if (groups.title) title = groups.title
    else if (language === 'bash') steps.push({ title, code: body, prints: null })
    else if (last) last.prints = body
  }
  return steps
}

/** Whether what was printed is what the README shows: word for word, but for `…`. */
export function asPattern(prints: string): RegExp {
  const literal = prints.trim().split('…').map(literally)
  return new RegExp(`^${literal.join('[\\s\\S]*?')}$`)
}

const literally = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

function sectionOf(heading: string): string {
  const text = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`))
  if (!section) throw new Error(`README.md has no section "${heading}"`)
  return section
}

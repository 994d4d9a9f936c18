// How much text one answer may hold. Its cost bounds the number of texts, and this their length: or a caller who has
// written many long ones could have them all at once, in everybody's memory.

import type { Context } from '../context.ts'
import { Refusal } from '../operations/errors.ts'

const MAX_CHARACTERS = 8_000_000

const lengths = new WeakMap<Context, number>()

/** @throws Refusal COST_LIMIT where the answer to this request gets too long. */
export function longText(text: string, context: Context): string {
  const length = (lengths.get(context) ?? 0) + text.length
  lengths.set(context, length)
  if (length <= MAX_CHARACTERS) return text
  throw new Refusal(
    'COST_LIMIT',
    'The texts in this answer have more than 8,000,000 characters, which is all that one may have. Ask for fewer rows.',
  )
}

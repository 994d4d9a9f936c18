// Tells the stories of the demonstration: everything in the order of time, by the operations that real requests run,
// with the clock set to when it happened.

import { closeTicket, updateTicket } from '../../operations/changes.ts'
import { addComment } from '../../operations/comments.ts'
import { linkTicket } from '../../operations/linking.ts'
import { reviewTicket } from '../../operations/reviews.ts'
import type { Tx } from '../client.ts'
import type { Cast } from './cast.ts'
import { moment } from './clock.ts'
import { file } from './file.ts'
import { CUSTOMERS, type Customer } from './people.ts'
import { act, contextOf, makeStage, type Stage } from './stage.ts'
import type { Step, Story, Update } from './story.ts'

export interface Telling {
  life: string
  now: Date
  cast: Cast
  stories: Record<Customer, readonly Story[]>
}

/** One thing that somebody did. */
interface Act {
  at: Date
  run(): Promise<void>
}

/** Throws when a story breaks the rules that hold for requests, or is not told in the order of time. */
export async function tell(tx: Tx, { life, now, cast, stories }: Telling): Promise<void> {
  const stage = makeStage(tx, life, cast)
  const acts = CUSTOMERS.flatMap((of) => stories[of].flatMap((story) => actsOf(stage, of, story, now)))
  // What stands later in the event log happened later.
  acts.sort((a, b) => a.at.getTime() - b.at.getTime())
  for (const { run } of acts) await run()
}

function actsOf(stage: Stage, of: Customer, story: Story, now: Date): Act[] {
  let ticketId = ''
  const filedAt = withSeconds(moment(story.at, now), story.subject)
  const filing = async () => {
    ticketId = await file(stage, of, story, filedAt)
  }
  const steps = (story.after ?? []).map((step) => {
    const at = withSeconds(moment(step.at, now), step.at + story.subject)
    return { at, run: () => perform(stage, step, ticketId, at) }
  })
  const acts = [{ at: filedAt, run: filing }, ...steps]
  if (acts.some(({ at }, index) => at <= (acts[index - 1]?.at ?? 0))) {
    throw new Error(`the story "${story.subject}" is not told in the order of time`)
  }
  return acts
}

const MINUTE_MS = 60_000

/** Nobody writes on the full minute; the same text always gets the same seconds. */
function withSeconds(minute: Date, text: string): Date {
  const sum = [...text].reduce((total, letter) => (total * 31 + (letter.codePointAt(0) ?? 0)) % MINUTE_MS, 0)
  return new Date(minute.getTime() + sum)
}

async function perform(stage: Stage, step: Step, ticketId: string, at: Date): Promise<void> {
  const context = contextOf(stage, step.by, at)
  if ('say' in step) await act(context, addComment, { ticketId, body: step.say })
  else if ('note' in step) await act(context, addComment, { ticketId, body: step.note, internal: true })
  else if ('close' in step) await act(context, closeTicket, { ticketId })
  else if ('update' in step) await act(context, updateTicket, { ticketId, ...changesOf(stage, step.update) })
  else {
    const { stillHappening, ...draft } = step.join
    const { review } = await act(context, reviewTicket, draft)
    await act(context, linkTicket, { ticketId, reviewId: review.id, stillHappening })
  }
}

function changesOf({ cast }: Stage, { assignee, ...changes }: Update) {
  return assignee === undefined ? changes : { ...changes, assigneeId: assignee && cast.viewers[assignee].id }
}

// `events …`: the log of events, after the database has come back from elsewhere.

import { z } from 'zod'
import { type Command, command } from '../command.ts'
import { beginNewLife } from '../events.ts'

const restored = command({
  name: 'events restored',
  usage: '',
  summary: 'Begins a new life of the event log: after a restored dump, or a failover that may lose commits.',
  input: z.object({}),
  async run({ database, io }) {
    const { life, events } = await beginNewLife(database)
    io.note(`The event log has begun a new life; ${earlier(events)}.`)
    io.note('Cursors given before are refused with RESYNC_REQUIRED: clients read again and follow from there.')
    io.note('Servers that are running notice within a few seconds, end their streams, and need no restart.')
    io.out(life)
  },
})

function earlier(events: number): string {
  if (events === 0) return 'no event had to be moved'
  return events === 1 ? 'the one event there is comes before it' : `the ${events} events there are come before it`
}

export const eventsCommands: readonly Command[] = [restored]

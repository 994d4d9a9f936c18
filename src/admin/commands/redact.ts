// `redact …`: takes a text or a file away for good, with every copy of it.

import { z } from 'zod'
import { makeFolder } from '../../data-folder.ts'
import { openStore } from '../../storage/open.ts'
import { type Command, command } from '../command.ts'
import { findToRedact, type Kind } from '../redaction.ts'
import { Refusal } from '../refusal.ts'

const SUMMARIES: Record<Kind, string> = {
  ticket: "Replaces a ticket's text by [redacted], and its review; comments and attachments stay.",
  comment: "Replaces a comment's text by [redacted]; of one made by joining, the reviewed draft too.",
  attachment: 'Removes the bytes and the name of an attachment, which stays listed.',
  review: 'Replaces a draft that was reviewed and became nothing, by [redacted].',
}

const redact = (kind: Kind): Command =>
  command({
    name: `redact ${kind}`,
    usage: 'ID [--yes]',
    summary: SUMMARIES[kind],
    positionals: ['id'],
    flags: { yes: { help: 'does it; without it, this only says what would be redacted' } },
    input: z.object({ id: z.string(), yes: z.boolean().default(false) }),
    async run({ database, config, io }, { id, yes }) {
      const { dataDir, attachmentsUrl: url } = config
      const open = () => makeFolder(dataDir).then(() => openStore({ url, dataDir }))
      const { what, isRedacted, redact } = await findToRedact({ database, openStore: open }, kind, id)
      if (!isRedacted && !yes) {
        throw new Refusal(`This would redact ${what}, and cannot be undone. Nothing was changed: say --yes to do so.`)
      }
      await redact()
      if (isRedacted) return io.note(`It was redacted already: ${what}.`)
      io.note(`Redacted ${what}.`)
      io.note('Backups from before still hold it, and so may the log of whoever followed the events.')
    },
  })

export const redactCommands: readonly Command[] = (['ticket', 'comment', 'attachment', 'review'] as const).map(redact)
